"""The engine's only door: `/webhooks/bot/…`, on loopback, behind a shared secret.

`turn` answers one message with one parse; `understand` only parses; `reset` and `forget` clear a conversation; `purge` clears
those that were silent for long; `model` puts another model in the place of the one that answers.
"""

import asyncio
import hmac
import json
import logging
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text

from aiohttp import ClientError, ClientSession, ClientTimeout
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet
from sanic import Blueprint, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from engine import action_client, forgetting
from engine.asides import aside
from engine.forgetting import forget_conversation, purge_silent, purge_wish
from engine.models import Models, Unusable, model_of
from engine.sources import SourcedChannel

logger = logging.getLogger(__name__)

HEADER = "x-engine-secret"
LONGEST_TEXT = 4000
MOST_TEXTS = 500
LARGEST_BODY = 1024 * 1024
RANKING = 5
EMPTY_TRACKER = {"sender_id": "ready", "slots": {}, "latest_message": {}, "events": [], "active_loop": {}}

action_client.install()
forgetting.install()


class Refused(Exception):
    """A request that is answered with a status and a code."""

    def __init__(self, status: int, code: Text) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class TurnChannel(InputChannel):
    """Named `bot` in credentials.yml as `engine.channel.TurnChannel`."""

    def __init__(self, secret: Text) -> None:
        if not secret or secret.startswith("${"):
            raise ValueError("BOT_ENGINE_SECRET is missing; `python -m bot setup` writes one into .env")
        self._secret = secret.encode()

    @classmethod
    def name(cls) -> Text:
        """As it stands in addresses and trackers."""
        return "bot"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "TurnChannel":
        """Reads `secret`."""
        return cls(str((credentials or {}).get("secret", "")))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes. Every refusal is JSON `{"error": code}`; a stack trace goes to the log only."""
        blueprint = Blueprint("bot_turns", __name__)

        def route(name: Text, handle: Callable[[Agent, Dict[Text, Any]], Awaitable[Any]]) -> None:
            async def handler(request: Request) -> HTTPResponse:
                try:
                    body = self._body(request)
                    agent = self._agent(request)
                    if agent is None or not agent.is_ready():
                        raise Refused(503, "no_model")
                    return response.json(await handle(agent, body), ensure_ascii=False, dumps=json.dumps)
                except Refused as refused:
                    return response.json({"error": refused.code}, status=refused.status)
                except SanicException:
                    raise
                except Exception:
                    logger.exception("%s failed", name)
                    return response.json({"error": "failed"}, status=500)

            blueprint.add_route(handler, f"/{name}", methods=["POST"], name=name)

        handlers = {"turn": turn, "understand": understand, "reset": reset, "forget": forget, "purge": purge}
        for name, handle in handlers.items():
            route(name, handle)

        self._add_model(blueprint, Models())

        @blueprint.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            agent = self._agent(request)
            up = agent is not None and agent.is_ready()
            actions = up and await actions_answer(agent)
            told = {"ready": up, "actions": actions, "model": model_of(agent)}
            return response.json(told, status=200 if up else 503)

        return blueprint

    def _add_model(self, blueprint: Blueprint, models: Models) -> None:
        @blueprint.post("/model")
        async def model(request: Request) -> HTTPResponse:
            try:
                return response.json(await models.use(request.app, self._body(request).get("model")))
            except (Refused, Unusable) as refused:
                logger.warning("the model stays: %s", refused.code, exc_info=refused.__cause__)
                return response.json({"error": refused.code}, status=refused.status)

    def _agent(self, request: Request) -> Optional[Agent]:
        """The agent that answers now; it shows the action server the secret that our own callers show us."""
        agent: Optional[Agent] = request.app.ctx.agent
        if agent is not None and agent.action_endpoint is not None:
            agent.action_endpoint.headers[HEADER] = self._secret.decode()
        return agent

    def _body(self, request: Request) -> Dict[Text, Any]:
        given = request.headers.get(HEADER, "").encode(errors="replace")
        if not hmac.compare_digest(given, self._secret):
            raise Refused(401, "secret")
        if len(request.body) > LARGEST_BODY:
            raise Refused(413, "too_long")
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            raise Refused(400, "not_json") from None
        if not isinstance(body, dict):
            raise Refused(400, "not_an_object")
        return body


async def actions_answer(agent: Agent) -> bool:
    """Whether the action server would answer her; asking makes it read the directory, so that no message waits for that."""
    if agent.action_endpoint is None:
        return False
    call = {"next_action": "action_ready", "sender_id": "ready", "tracker": EMPTY_TRACKER, "domain": {}}
    try:
        session = ClientSession(headers=agent.action_endpoint.headers, timeout=ClientTimeout(total=1))
        async with session, session.post(agent.action_endpoint.url, json=call) as answer:
            return answer.status == 200
    except (ClientError, asyncio.TimeoutError):
        return False


async def turn(agent: Agent, body: Dict[Text, Any]) -> Dict[Text, Any]:
    """One message → replies and what was understood."""
    conversation, text = _string(body, "conversation"), _string(body, "text", empty=True)
    payload = body.get("payload")
    if payload is None:
        payload = await aside(agent, conversation, text)
    parse = read_payload(payload, text) if payload is not None else await parse_text(agent, text)
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise Refused(400, "metadata")
    collector = SourcedChannel()
    message = UserMessage(text, collector, conversation, parse_data=parse, input_channel="bot", metadata=metadata)
    await agent.handle_message(message)
    messages = [_message(sent) for sent in collector.messages]
    return {"messages": messages, "nlu": _nlu(parse), "sources": collector.sources}


async def understand(agent: Agent, body: Dict[Text, Any]) -> List[Dict[Text, Any]]:
    """Texts → what each is understood as; no conversation is touched."""
    texts = body.get("texts")
    if not isinstance(texts, list) or len(texts) > MOST_TEXTS or not all(isinstance(text, str) for text in texts):
        raise Refused(400, "texts")
    return [_nlu(await parse_text(agent, text[:LONGEST_TEXT])) for text in texts]


async def reset(agent: Agent, body: Dict[Text, Any]) -> Dict[Text, Any]:
    """Leave whatever form was under way."""
    conversation = _string(body, "conversation")
    async with agent.lock_store.lock(conversation):
        tracker = await agent.tracker_store.get_or_create_tracker(conversation)
        for event in (ActiveLoop(None), SlotSet(REQUESTED_SLOT, None), ActionExecuted(ACTION_LISTEN_NAME)):
            tracker.update(event, agent.domain)
        await agent.tracker_store.save(tracker)
    return {"reset": True}


async def forget(agent: Agent, body: Dict[Text, Any]) -> Dict[Text, Any]:
    """Delete everything the engine knows of a conversation."""
    return {"forgotten": await forget_conversation(agent, _string(body, "conversation"))}


async def purge(agent: Agent, body: Dict[Text, Any]) -> Dict[Text, Any]:
    """Delete the conversations that were silent since `before`; with `dry` only count them."""
    wish = purge_wish(body)
    if wish is None:
        raise Refused(400, "before")
    return {"purged": await purge_silent(agent, *wish)}


async def parse_text(agent: Agent, text: Text) -> Dict[Text, Any]:
    """Parse what a person typed. A leading slash is hers, never a payload of ours."""
    guarded = f"／{text[1:]}" if text.startswith("/") else text
    if agent.processor is None:
        raise Refused(503, "no_model")
    return await agent.processor.parse_message(UserMessage(guarded))


def read_payload(payload: Any, text: Text) -> Dict[Text, Any]:
    """`/intent{"entity": "value"}` → a parse that is certain."""
    if not isinstance(payload, str) or not payload.startswith("/"):
        raise Refused(400, "payload")
    if len(payload) > LONGEST_TEXT:
        raise Refused(413, "payload")
    name, brace, rest = payload[1:].partition("{")
    try:
        values = json.loads(brace + rest) if brace else {}
    except (ValueError, RecursionError):
        raise Refused(400, "payload") from None
    intent = {"name": name, "confidence": 1.0}
    entities = [
        {"entity": entity, "value": value, "start": 0, "end": len(text), "extractor": "choice"}
        for entity, value in values.items()
    ]
    return {"text": text, "intent": intent, "intent_ranking": [intent], "entities": entities, "needs": [name]}


def _string(body: Dict[Text, Any], name: Text, empty: bool = False) -> Text:
    value = body.get(name)
    if not isinstance(value, str) or not (value or empty):
        raise Refused(400, name)
    if len(value) > LONGEST_TEXT:
        raise Refused(413, name)
    return value


def _message(sent: Dict[Text, Any]) -> Dict[Text, Any]:
    return {key: sent[key] for key in ("text", "buttons", "custom") if sent.get(key)}


def _nlu(parse: Dict[Text, Any]) -> Dict[Text, Any]:
    return {
        "intent": {"name": parse["intent"].get("name"), "confidence": float(parse["intent"].get("confidence") or 0.0)},
        "ranking": [
            {"name": rank["name"], "confidence": float(rank["confidence"])}
            for rank in parse.get("intent_ranking", [])[:RANKING]
        ],
        "entities": [
            {key: entity.get(key) for key in ("entity", "value", "start", "end")}
            for entity in parse.get("entities", [])
        ],
        "needs": parse.get("needs", []),
        "answers": parse.get("answers", []),
    }
