"""Her copy over the web API, and a page that learns that its conversation is gone."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from types import SimpleNamespace

import httpx
import pytest

from bot.app import create_app
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.forgetting import WORD, World
from tests.integration.test_chat_api import app_settings, message
from tests.serving import served


@pytest.fixture
async def world(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[World]:
    made = World(database, keyring, clock)
    yield made
    await made.close()


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    services = SimpleNamespace(
        conversations=world.work.talk, record_copies=world.copies, jobs=lambda: (), close=world.close
    )
    app = create_app(app_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    async with served(app) as made:
        yield made


async def begin(client: httpx.AsyncClient, words: str) -> str:
    return str((await client.post("/chat/api/messages", json=message(words))).json()["conversation"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_copy_is_given_once_to_whoever_has_ticket_and_token(client: httpx.AsyncClient, world: World) -> None:
    hers, other = await begin(client, f"我的{WORD}"), await begin(client, "别人的话")
    page, data = await world.copies.offer(await world.conversation(0)) or ("", "")
    path = f"/chat/api/copies/{page}.html"
    assert (await client.get(path)).status_code == 401
    assert (await client.get(f"{path}?conversation={hers}")).status_code == 401  # addresses land in histories
    assert (await client.get(path, headers=bearer(other))).status_code == 404
    assert (await client.get(f"/chat/api/copies/{page}.exe", headers=bearer(hers))).status_code == 404
    assert (await client.get("/chat/api/copies/.html", headers=bearer(hers))).status_code == 404
    got = await client.get(path, headers=bearer(hers))
    assert got.status_code == 200
    assert WORD in got.text
    assert "别人的话" not in got.text
    assert got.headers["content-disposition"] == 'attachment; filename="notes.html"'
    assert got.headers["cache-control"] == "no-store"
    again = await client.get(path, headers=bearer(hers))
    assert (again.status_code, "已经用过" in again.json()["detail"]) == (404, True)
    lines = (await client.get(f"/chat/api/copies/{data}.json", headers=bearer(hers))).json()["lines"]
    assert [line["author"] for line in lines] == ["woman", "bot"]


async def test_an_open_page_is_told_and_a_later_one_finds_nothing(client: httpx.AsyncClient, world: World) -> None:
    hers = await begin(client, "你好")
    told: list[str] = []

    async def listen() -> None:
        async with client.stream("GET", "/chat/api/events", headers=bearer(hers)) as response:
            told.extend([line async for line in response.aiter_lines()])

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(10):
        while not (await world.work.talk.history("web", "web", hers))[1]:
            await asyncio.sleep(0)
        await world.forget(await world.conversation())
        await listening
    assert "event: gone" in told
    gone = await client.get("/chat/api/messages", headers=bearer(hers))
    assert (gone.status_code, "已经删除" in gone.json()["detail"]) == (404, True)
    sent = await client.post("/chat/api/messages", json=message("还在吗", hers))
    assert sent.status_code == 404
