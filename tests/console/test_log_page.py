"""The console's first page: masked, and closed to everybody without a session."""

import uuid
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.app import create_app
from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.accounts import Role
from bot.services.review import Review
from tests.integration.conftest import Talk
from tests.integration.staffing import Staffed
from tests.integration.test_chat_api import TalkServices, app_settings
from tests.serving import served


@pytest.fixture
def staffed(talk: Talk) -> Staffed:
    return Staffed(talk.database, talk.keyring, talk.clock)


@pytest.fixture
async def client(talk: Talk, staffed: Staffed) -> AsyncIterator[httpx.AsyncClient]:
    services = TalkServices(talk)
    services.accounts, services.audit, services.review = staffed.accounts, staffed.audit, Review(talk.database)  # type: ignore[attr-defined]
    app = create_app(app_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    async with served(app) as client:
        yield client


async def enter(client: httpx.AsyncClient, staffed: Staffed) -> None:
    await staffed.hire("zhaoyun", Role.REVIEWER, "")
    client.cookies.set("console", (await staffed.sign_in("zhaoyun")).token)


async def test_an_old_session_opens_nothing(client: httpx.AsyncClient, staffed: Staffed) -> None:
    await enter(client, staffed)
    assert (await client.get("/console/log")).status_code == 200
    staffed.clock.pass_by(hours=9)
    assert (await client.get("/console/log")).status_code == 303


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/log", "/console/log?risky=1"])
async def test_without_a_session_nothing_is_shown(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path, follow_redirects=False)
    assert response.status_code == 303
    assert "/console/enter" in response.headers["location"]


async def test_the_log_shows_masked_words_and_what_was_understood(
    client: httpx.AsyncClient, staffed: Staffed, talk: Talk
) -> None:
    await talk.say("我叫王小花<b>电话13800000000", message_id="1")
    await talk.say("救命他正在打我", message_id="2")
    await enter(client, staffed)
    page = (await client.get("/console/log")).text
    assert "王小花" not in page
    assert "13800000000" not in page
    assert "［姓名］" in page
    assert "<b>" not in page
    assert "危险" in page
    risky = (await client.get("/console/log?risky=1")).text
    assert "救命" in risky
    assert "［姓名］" not in risky


async def test_leaving_ends_the_session(client: httpx.AsyncClient, staffed: Staffed) -> None:
    await enter(client, staffed)
    cookie = dict(client.cookies)
    await client.post("/console/leave", data={FIELD: form_token(cookie[COOKIE])})
    client.cookies.clear()
    client.cookies.update(cookie)
    assert (await client.get("/console/log")).status_code == 303
