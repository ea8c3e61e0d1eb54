"""The console's first page: entered once by a link, masked, and closed to everybody else."""

import uuid
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.app import create_app
from bot.console.guard import COOKIE, FIELD, form_token
from bot.services.accounts import Accounts
from bot.services.review import Review
from tests.integration.conftest import Talk
from tests.integration.test_chat_api import TalkServices, app_settings
from tests.serving import served


@pytest.fixture
async def accounts(talk: Talk) -> Accounts:
    return Accounts(talk.database, talk.keyring, clock=talk.clock)


@pytest.fixture
async def client(talk: Talk, accounts: Accounts) -> AsyncIterator[httpx.AsyncClient]:
    services = TalkServices(talk)
    services.accounts, services.review = accounts, Review(talk.database)  # type: ignore[attr-defined]
    app = create_app(app_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    async with served(app) as client:
        yield client


async def enter(client: httpx.AsyncClient, secret: str) -> httpx.Response:
    response = await client.post("/console/enter", data={"secret": secret})
    client.cookies.update(response.cookies)
    return response


async def test_a_link_opens_the_console_once(client: httpx.AsyncClient, accounts: Accounts) -> None:
    secret = await accounts.make_link()
    response = await enter(client, secret)
    assert (response.status_code, response.headers["location"]) == (303, "/console")
    assert "HttpOnly" in response.headers["set-cookie"]
    assert "SameSite=Strict" in response.headers["set-cookie"]
    assert (await client.get("/console/")).status_code == 200
    client.cookies.clear()
    assert (await enter(client, secret)).headers["location"] == "/console/enter"


async def test_an_old_link_and_an_old_session_open_nothing(
    client: httpx.AsyncClient, accounts: Accounts, talk: Talk
) -> None:
    old = await accounts.make_link()
    talk.clock.pass_by(minutes=31)
    assert (await enter(client, old)).headers["location"] == "/console/enter"
    await enter(client, await accounts.make_link())
    talk.clock.pass_by(hours=9)
    assert (await client.get("/console/")).status_code == 303


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/?risky=1"])
async def test_without_a_session_nothing_is_shown(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path, follow_redirects=False)
    assert response.status_code == 303
    assert "/console/enter" in response.headers["location"]


async def test_the_log_shows_masked_words_and_what_was_understood(
    client: httpx.AsyncClient,
    accounts: Accounts,
    talk: Talk,
) -> None:
    await talk.say("我叫王小花<b>电话13800000000", message_id="1")
    await talk.say("救命他正在打我", message_id="2")
    await enter(client, await accounts.make_link())
    page = (await client.get("/console/")).text
    assert "王小花" not in page
    assert "13800000000" not in page
    assert "［姓名］" in page
    assert "<b>" not in page
    assert "危险" in page
    risky = (await client.get("/console/?risky=1")).text
    assert "救命" in risky
    assert "［姓名］" not in risky


async def test_leaving_ends_the_session(client: httpx.AsyncClient, accounts: Accounts) -> None:
    await enter(client, await accounts.make_link())
    cookie = dict(client.cookies)
    await client.post("/console/leave", data={FIELD: form_token(cookie[COOKIE])})
    client.cookies.clear()
    client.cookies.update(cookie)
    assert (await client.get("/console/")).status_code == 303
