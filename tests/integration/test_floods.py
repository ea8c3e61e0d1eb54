"""Every door that anybody may knock at has a limit by address, and none of them ever silences a cry for help."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from sanic import Sanic

from bot.app import ENTRIES_A_MINUTE, SLOWEST_REQUEST, create_app
from bot.domain.errors import SignInRefused, TooMany
from bot.domain.flood import ADDRESS_SHARE, OpenStreams
from bot.doors import READS_A_MESSAGE
from bot.wiring import build
from tests.integration.conftest import Talk
from tests.integration.test_chat_api import TalkServices, app_settings, message
from tests.integration.test_sharing_api import Quiet
from tests.serving import served

HELP = "他正在打我，救命"
URGENT = "我老公昨天又打我了"
READ_DOORS = (
    "/chat", "/chat/static/chat.js", "/suggestions", "/readyz", "/api/v1/", "/api/v1/openapi.json", "/api/v1/services",
    "/chat/api/messages", "/chat/api/events", "/chat/api/appointments/x.ics", "/chat/api/copies/x.html",
)  # fmt: skip


def through(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


@pytest.fixture
async def app(talk: Talk, request: pytest.FixtureRequest) -> Sanic:
    """One message a minute, behind a proxy on this machine unless a test says otherwise."""
    more: dict[str, Any] = getattr(request, "param", {"trusted_proxies": "127.0.0.1"})
    settings = app_settings(messages_per_minute=1, **more)
    return create_app(settings, name=f"test_{uuid.uuid4().hex}", make_services=lambda _: TalkServices(talk))


@pytest.fixture
async def client(app: Sanic) -> AsyncIterator[httpx.AsyncClient]:
    async with served(app) as client:
        yield client


async def write(client: httpx.AsyncClient, text: str, token: str | None = None, address: str = "203.0.113.9") -> Any:
    return await client.post("/chat/api/messages", json=message(text, token), headers=through(address))


async def test_every_public_door_is_closed_to_who_reads_without_end_and_open_to_others(migrated_url: str) -> None:
    settings = app_settings(database_url=migrated_url, messages_per_minute=1, trusted_proxies="127.0.0.1")
    app = create_app(settings, name=f"test_{uuid.uuid4().hex}", make_services=lambda settings: Quiet(build(settings)))
    async with served(app) as client:
        for _ in range(ADDRESS_SHARE * READS_A_MESSAGE):
            assert (await client.get("/suggestions", headers=through("203.0.113.9"))).status_code == 200
        for door in READ_DOORS:
            assert (await client.get(door, headers=through("203.0.113.9"))).status_code == 429, door
            assert (await client.get(door, headers=through("203.0.113.10"))).status_code != 429, door
        assert (await client.get("/healthz", headers=through("203.0.113.9"))).status_code == 200
        heard = await write(client, HELP)
        assert "110" in heard.json()["messages"][0]["text"]


async def test_many_conversations_from_one_address_share_a_limit_and_danger_passes_it(
    client: httpx.AsyncClient,
) -> None:
    tokens = []
    for number in range(ADDRESS_SHARE):  # each opened at another address, then all from one
        opened = await write(client, "你好", address=f"198.51.100.{number}")
        tokens.append(opened.json()["conversation"])
    assert {(await write(client, URGENT, token)).status_code for token in tokens} == {200}
    statuses = [(await write(client, "在吗", uuid.uuid4().hex)).status_code for _ in range(ADDRESS_SHARE + 1)]
    assert statuses == [404] * ADDRESS_SHARE + [429]  # guessed tokens count too
    for text in (HELP, URGENT):
        assert (await write(client, text)).status_code == 200
        assert (await write(client, text, tokens[0])).status_code == 200


async def test_a_conversation_has_its_own_limit_wherever_she_writes_from(client: httpx.AsyncClient) -> None:
    token = (await write(client, "你好")).json()["conversation"]
    assert (await write(client, "在吗", token, "198.51.100.1")).status_code == 200
    assert (await write(client, "在吗", token, "198.51.100.2")).status_code == 429
    assert (await write(client, HELP, token, "198.51.100.3")).status_code == 200


@pytest.mark.parametrize("app", [{}], indirect=True)
async def test_nobody_gets_another_limit_by_claiming_another_address(client: httpx.AsyncClient) -> None:
    statuses = [(await write(client, "你好", address=f"198.51.100.{number}")).status_code for number in range(3)]
    assert statuses == [200, 429, 429]


class Refusing:
    """Accounts that let nobody in."""

    async def sign_in(self, *_: object, **__: object) -> None:
        raise SignInRefused


async def test_signing_in_is_limited_by_address_and_by_the_network_of_ipv6(
    client: httpx.AsyncClient, app: Sanic
) -> None:
    app.ctx.services.accounts = Refusing()
    fields = {"login": "x", "password": "y", "code": "1"}
    statuses = [
        (await client.post("/console/enter", data=fields, headers=through(f"2001:db8::{number:x}"))).status_code
        for number in range(ENTRIES_A_MINUTE + 1)
    ]
    assert statuses == [401] * ENTRIES_A_MINUTE + [429]


async def test_one_stream_too_many_of_a_conversation_ends_its_oldest() -> None:
    streams = OpenStreams(per_conversation=2, per_address=3)
    async with AsyncExitStack() as open_:
        first, second = (open_.enter_context(streams.one("她", "a")) for _ in range(2))
        assert not first.is_set()
        third = open_.enter_context(streams.one("她", "a"))
        assert (first.is_set(), second.is_set(), third.is_set()) == (True, False, False)
        with pytest.raises(TooMany):
            open_.enter_context(streams.one("另一个", "a"))
        open_.enter_context(streams.one("另一个", "b"))
    with streams.one("她", "a"), streams.one("另一个", "a"):
        assert not streams._of["她"][0].is_set()
    assert not streams._of
    assert not streams._from


async def test_a_stream_that_gave_way_ends_and_loses_nothing(client: httpx.AsyncClient, app: Sanic) -> None:
    app.ctx.streams = OpenStreams(per_conversation=1)
    token = (await write(client, "你好")).json()["conversation"]
    headers = {"Authorization": f"Bearer {token}"} | through("203.0.113.50")

    async def read(stream: httpx.Response) -> str:
        return "".join([line async for line in stream.aiter_lines()])

    async with (
        client.stream("GET", "/chat/api/events", headers=headers) as first,
        client.stream("GET", "/chat/api/events", headers=headers) as second,
    ):
        await asyncio.wait_for(read(first), 20)  # it ends by itself
        assert second.status_code == 200


async def test_a_request_that_never_comes_whole_is_given_up(app: Sanic) -> None:
    assert app.config.REQUEST_TIMEOUT == SLOWEST_REQUEST <= 30
    app.config.REQUEST_TIMEOUT = 0.3
    async with served(app) as client:
        reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        writer.write(b"POST /chat/api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
        await writer.drain()
        answered = await asyncio.wait_for(reader.read(), 20)  # till the other side closes
        writer.close()
    assert answered.startswith((b"HTTP/1.1 408", b"HTTP/1.1 503")) or not answered
