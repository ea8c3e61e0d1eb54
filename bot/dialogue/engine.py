"""The client of the dialogue engine: one request a turn, and one error for everything that can go wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx

from bot.domain.errors import EngineUnavailable
from bot.domain.geography import Point
from bot.domain.messages import Choice, Entity, Link, PlaceCard, Reply, Understanding

ALIVE_WITHIN = 2.0
MODEL_WITHIN = 120.0
"""Seconds in which another model is read; turns go on meanwhile."""


@dataclass(frozen=True, slots=True)
class EngineAnswer:
    """Replies, and what was understood. `needs`: intents of a message that asks for several things, main one first.

    `sources`: where the replies came from: actions and responses by their names, checked answers as 「answer:<id>」.
    """

    replies: tuple[Reply, ...]
    understanding: Understanding
    needs: tuple[str, ...] = field(default=())
    sources: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ModelSwap:
    """The ids of the models that answer now and answered before, and the seconds that reading took beside the turns."""

    model: str
    former: str
    seconds: float


class EngineClient:
    """One per process; keeps its connections open. `timeout` is seconds for one turn."""

    def __init__(
        self, base_url: str, secret: str, timeout: float, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{base_url.rstrip('/')}/webhooks/bot",
            headers={"X-Engine-Secret": secret},
            timeout=httpx.Timeout(timeout, connect=min(timeout, ALIVE_WITHIN)),
            transport=transport,
            trust_env=False,
        )

    async def turn(
        self,
        conversation: str,
        text: str,
        *,
        payload: str | None = None,
        metadata: Mapping[str, object] | None = None,
    ) -> EngineAnswer:
        """One message of hers → what to say. Raises EngineUnavailable, also when there is nothing to say."""
        body = {"conversation": conversation, "text": text, "metadata": dict(metadata or {})}
        if payload is not None:
            body["payload"] = payload
        answer = await self._post("/turn", body)
        try:
            messages = answer["messages"]
            replies = _replies([message for message in messages if not _spoke_itself(message)])
            understanding, needs = _understanding(answer["nlu"]), tuple(answer["nlu"]["needs"])
            sources = tuple(str(source) for source in answer.get("sources") or ())
        except (KeyError, TypeError, ValueError) as odd:
            raise EngineUnavailable from odd
        if not messages:
            raise EngineUnavailable
        return EngineAnswer(replies, understanding, needs, sources)

    async def understand(self, texts: Sequence[str]) -> list[Understanding]:
        """Parse without a conversation; as many results as texts."""
        found = await self._post("/understand", {"texts": list(texts)})
        try:
            return [_understanding(nlu) for nlu in found]
        except (KeyError, TypeError, ValueError) as odd:
            raise EngineUnavailable from odd

    async def reset(self, conversation: str) -> None:
        """Leave the form that is under way, if any."""
        await self._post("/reset", {"conversation": conversation})

    async def forget(self, conversation: str) -> None:
        """Delete what the engine keeps of a conversation."""
        await self._post("/forget", {"conversation": conversation})

    async def purge(self, before: datetime, *, limit: int = 500, dry: bool = False) -> int:
        """Delete (or only count) what the engine keeps of conversations that were silent since then; how many there were."""
        told = await self._post("/purge", {"before": before.timestamp(), "limit": limit, "dry": dry})
        try:
            return int(told["purged"])
        except (KeyError, TypeError, ValueError) as odd:
            raise EngineUnavailable from odd

    async def use_model(self, name: str) -> ModelSwap:
        """Put the model that is kept under this name in the place of the one that answers; no turn waits for it.

        Raises EngineUnavailable with words: it does not answer, or it cannot use the model and goes on with the former one.
        """
        try:
            response = await self._client.post("/model", json={"model": name}, timeout=MODEL_WITHIN)
            told = response.json()
            if response.is_error:
                raise EngineUnavailable(
                    f"对话引擎不能用这个模型（{told.get('error', response.status_code)}），仍用原来的。"
                )
            return ModelSwap(str(told["model"]), str(told["former"]), float(told["seconds"]))
        except (httpx.HTTPError, ValueError, KeyError, AttributeError) as down:
            raise EngineUnavailable("对话引擎没有回应，模型没有换。") from down

    async def model(self) -> str | None:
        """The id of the model that answers; "" when there is none, None when the engine does not answer."""
        try:
            told = (await self._client.get("/ready", timeout=ALIVE_WITHIN)).json()
        except (httpx.HTTPError, ValueError):
            return None
        return str(told.get("model") or "") if isinstance(told, dict) else None

    async def is_ready(self) -> bool:
        """Whether a model is loaded."""
        return (await self.parts())["engine"]

    async def parts(self) -> dict[str, bool]:
        """Whether the engine has a model, and whether the action server answers it."""
        try:
            response = await self._client.get("/ready", timeout=ALIVE_WITHIN)
            told = response.json()
        except (httpx.HTTPError, ValueError):
            told = {}
        told = told if isinstance(told, dict) else {}
        return {"engine": told.get("ready") is True, "actions": told.get("actions") is True}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _post(self, path: str, body: Mapping[str, object]) -> Any:
        try:
            response = await self._client.post(path, json=body)
            response.raise_for_status()
            return response.json()
        except (httpx.HTTPError, ValueError) as down:
            raise EngineUnavailable from down


def _spoke_itself(message: Mapping[str, Any]) -> bool:
    """Whether an action says that a service has told her everything already (`actions.cases`)."""
    return (message.get("custom") or {}).get("spoke_itself") is True


def _replies(messages: Sequence[Mapping[str, Any]]) -> tuple[Reply, ...]:
    """One reply a message; cards without words belong to the words before them (Rasa sends them apart)."""
    replies: list[Reply] = []
    for message in messages:
        reply = _reply(message)
        if replies and not reply.text and not reply.choices:
            before = replies[-1]
            replies[-1] = replace(
                before,
                places=before.places + reply.places,
                links=before.links + reply.links,
                calendar=before.calendar or reply.calendar,
            )
        else:
            replies.append(reply)
    return tuple(replies)


def _reply(message: Mapping[str, Any]) -> Reply:
    custom = message.get("custom") or {}
    return Reply(
        text=str(message.get("text") or custom.get("text") or ""),
        choices=tuple(Choice(str(button["title"]), str(button["payload"])) for button in message.get("buttons") or ()),
        links=tuple(Link(str(link["title"]), str(link["url"])) for link in custom.get("links") or ()),
        places=tuple(_place(place) for place in custom.get("places") or ()),
        calendar=str(custom.get("calendar") or ""),
    )


def _place(fields: Mapping[str, Any]) -> PlaceCard:
    values = dict(fields)
    point = values.pop("point", None)
    facilities = tuple(values.pop("facilities", None) or ())
    return PlaceCard(**values, facilities=facilities, point=Point(**point) if point else None)


def _understanding(nlu: Mapping[str, Any]) -> Understanding:
    return Understanding(
        intent=nlu["intent"]["name"] or "",
        confidence=float(nlu["intent"]["confidence"]),
        ranking=tuple((rank["name"], float(rank["confidence"])) for rank in nlu["ranking"]),
        entities=tuple(
            Entity(
                name=entity["entity"],
                value=str(entity["value"]),
                text=str(entity.get("text") or entity["value"]),
                start=int(entity["start"] or 0),
                end=int(entity["end"] or 0),
            )
            for entity in nlu["entities"]
        ),
        needs=tuple(str(need) for need in nlu.get("needs") or ()),
    )
