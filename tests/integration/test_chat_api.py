"""The web channel's contract, as any client sees it."""

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from sanic import Sanic
from sqlalchemy import func, select

from bot.app import create_app
from bot.domain.messages import Choice
from bot.settings import Settings
from bot.storage.conversations import InboundMessage
from tests.integration.conftest import Talk
from tests.serving import served


@dataclass
class TalkServices:
    """The part of the services that the web channel uses."""

    talk: Talk

    def __post_init__(self) -> None:
        self.conversations = self.talk.conversations
        self.late_answers = self.talk.late

    def jobs(self):
        return (self.late_answers.answer_open_turns, self.late_answers.deliver_due)

    async def ready(self) -> dict[str, bool]:
        return {"database": True, "engine": not self.talk.engine.down}

    async def close(self) -> None:
        await self.conversations.finish_running()


def app_settings(**changes: object) -> Settings:
    values = {"data_key": base64.b64encode(b"k" * 32).decode(), "engine_secret": "s", "late_retry_every": 0.2}
    return Settings(_env_file=None, **(values | changes))  # type: ignore[call-arg]


@pytest.fixture
async def client(talk: Talk) -> AsyncIterator[httpx.AsyncClient]:
    app: Sanic = create_app(app_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: TalkServices(talk))
    async with served(app) as client:
        yield client


def message(text: str | None = None, conversation: str | None = None, **more: object) -> dict[str, object]:
    body: dict[str, object] = {"conversation": conversation, "message_id": str(uuid.uuid4()), **more}
    return body if text is None else body | {"text": text}


async def recorded(talk: Talk) -> int:
    async with talk.database.read() as session:
        return await session.scalar(select(func.count()).select_from(InboundMessage)) or 0


async def test_a_first_message_opens_a_conversation_and_the_token_continues_it(client: httpx.AsyncClient) -> None:
    first = (await client.post("/chat/api/messages", json=message("你好"))).json()
    assert first["owner"] == "bot"
    assert first["messages"][0]["text"] == "答：你好"
    second = await client.post("/chat/api/messages", json=message("在吗", first["conversation"]))
    assert second.json()["conversation"] == first["conversation"]
    assert len(first["conversation"]) >= 32


async def test_a_first_message_sent_again_gives_the_same_conversation(client: httpx.AsyncClient, talk: Talk) -> None:
    body = message("你好")
    answers = [(await client.post("/chat/api/messages", json=body)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(talk.engine.asked) == 1


async def test_choices_carry_ids_and_never_payloads(client: httpx.AsyncClient, talk: Talk) -> None:
    talk.engine.choices = (Choice("和平区", "/find_place"),)
    response = await client.post("/chat/api/messages", json=message("妇女之家"))
    assert "/find_place" not in response.text.replace("答：", "")
    choice = response.json()["messages"][0]["choices"][0]
    assert set(choice) == {"id", "title"}
    token = response.json()["conversation"]
    chosen = await client.post("/chat/api/messages", json=message(None, token, choice=choice["id"]))
    assert chosen.json()["messages"][0]["text"] == "答：/find_place"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),  # nothing
        (b"[1]", 400),  # not an object
        (b"{" * 5000, 400),  # deep junk
        (json.dumps(message()).encode(), 400),  # neither text nor location nor choice
        (json.dumps(message("x", choice="y")).encode(), 400),  # two at once
        (json.dumps(message("x") | {"message_id": "1"}).encode(), 400),  # not a UUID
        (json.dumps(message() | {"text": 5}).encode(), 400),  # text that is not text
        (json.dumps(message(None, location={"latitude": 99, "longitude": 1})).encode(), 400),  # no such latitude
        (json.dumps(message(None, location={"latitude": True, "longitude": 1})).encode(), 400),  # not a number
        (b'{"message_id":"%s","location":{"latitude":NaN,"longitude":1}}' % str(uuid.uuid4()).encode(), 400),  # NaN
        (json.dumps(message(None, location={"latitude": 1, "longitude": 1, "crs": "bd09"})).encode(), 400),  # system
        (json.dumps(message("字" * 20_001)).encode(), 413),  # too long
        (b"x" * 300_000, 413),  # larger than any request
        (json.dumps(message("x", "guess")).encode(), 404),  # a token nobody has
        (json.dumps(message("x") | {"conversation": 5}).encode(), 400),  # a token that is not one
    ],
)
async def test_what_cannot_be_used_is_refused_in_words_and_nothing_is_written(
    client: httpx.AsyncClient, talk: Talk, body: bytes, status: int
) -> None:
    response = await client.post("/chat/api/messages", content=body)
    assert response.status_code == status
    assert set(response.json()) == {"error", "detail"}
    assert "Traceback" not in response.text
    assert await recorded(talk) == 0


async def test_half_a_character_does_not_break_anything(client: httpx.AsyncClient) -> None:
    body = b'{"message_id":"%s","text":"\\ud83d \\u0000 hi"}' % str(uuid.uuid4()).encode()
    response = await client.post("/chat/api/messages", content=body)
    assert response.status_code == 200


async def test_too_many_messages_are_told_to_wait_but_a_cry_for_help_is_heard(talk: Talk) -> None:
    settings = app_settings(messages_per_minute=2)
    app = create_app(settings, name=f"test_{uuid.uuid4().hex}", make_services=lambda _: TalkServices(talk))
    async with served(app) as client:
        token = (await client.post("/chat/api/messages", json=message("你好"))).json()["conversation"]
        for _ in range(2):
            await client.post("/chat/api/messages", json=message("你好", token))
        refused = await client.post("/chat/api/messages", json=message("你好", token))
        assert (refused.status_code, refused.json()["error"]) == (429, "too_many")
        heard = await client.post("/chat/api/messages", json=message("他正在打我，救命", token))
        assert heard.status_code == 200
        assert "110" in heard.json()["messages"][0]["text"]


async def events(client: httpx.AsyncClient, token: str, after: str | None, wanted: int) -> list[dict]:
    found: list[dict] = []
    query = {"after": after} if after else {}
    async with client.stream(
        "GET", "/chat/api/events", params=query, headers={"Authorization": f"Bearer {token}"}
    ) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))
            if len(found) >= wanted:
                break
    return found


async def test_a_late_answer_arrives_on_the_stream_and_again_for_who_was_away(
    client: httpx.AsyncClient, talk: Talk
) -> None:
    talk.engine.down = True
    held = (await client.post("/chat/api/messages", json=message("问离婚"))).json()
    assert held["late"]
    talk.engine.down = False
    talk.clock.pass_by(minutes=1)
    for _ in range(2):  # the second reader was away and comes back with the same last message
        arrived = await asyncio.wait_for(events(client, held["conversation"], held["messages"][-1]["id"], 1), 10)
        assert [event["text"] for event in arrived] == ["答：问离婚"]


async def test_a_page_that_was_loaded_again_sees_the_whole_talk(client: httpx.AsyncClient) -> None:
    token = (await client.post("/chat/api/messages", json=message("你好"))).json()["conversation"]
    shown = (await client.get("/chat/api/messages", headers={"Authorization": f"Bearer {token}"})).json()["messages"]
    assert [(line["author"], line["text"]) for line in shown] == [("woman", "你好"), ("bot", "答：你好")]


@pytest.mark.parametrize("path", ["/chat/api/messages", "/chat/api/events"])
async def test_without_the_token_nothing_is_shown(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers={"Authorization": "Bearer guess"})).status_code == 404


async def test_every_response_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/chat", "/chat/static/chat.js", "/nothing"):
        headers = (await client.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


async def test_readiness_follows_the_engine(client: httpx.AsyncClient, talk: Talk) -> None:
    assert (await client.get("/readyz")).status_code == 200
    talk.engine.down = True
    assert (await client.get("/readyz")).status_code == 503


async def test_an_unknown_page_and_a_wrong_method_are_answered_in_words(client: httpx.AsyncClient) -> None:
    for response in (await client.get("/nothing"), await client.put("/chat/api/messages")):
        assert response.status_code in {404, 405}
        assert set(response.json()) == {"error", "detail"}
