"""The client of the dialogue engine: one request a turn, and one error for everything that can go wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from bot.domain.errors import EngineUnavailable
from bot.domain.geography import Point
from bot.domain.messages import Choice, Entity, Link, PlaceCard, Reply, Understanding

ALIVE_WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class EngineAnswer:
    """Replies, and what was understood. `needs`: intents of a message that asks for several things, main one first."""

    replies: tuple[Reply, ...]
    understanding: Understanding
    needs: tuple[str, ...] = field(default=())


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
            replies = _replies(answer["messages"])
            understanding, needs = _understanding(answer["nlu"]), tuple(answer["nlu"]["needs"])
        except (KeyError, TypeError, ValueError) as odd:
            raise EngineUnavailable from odd
        if not replies:
            raise EngineUnavailable
        return EngineAnswer(replies, understanding, needs)

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
