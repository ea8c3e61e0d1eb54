"""A reminder on its whole way: into a page that lies open, and back from WeChat when it did not arrive."""

import asyncio
import json
import uuid
from dataclasses import dataclass, field

import pytest

from bot.app import create_app
from bot.channels.wechat.xml import failed_template
from bot.services.appointments import BookingRequest
from bot.services.reminders import Reminders
from bot.storage.directory import ServiceKind
from tests.integration.calendars import booking, local
from tests.integration.conftest import Talk
from tests.integration.test_chat_api import TalkServices, app_settings, message
from tests.integration.test_wechat import now, post, wechat_settings
from tests.serving import served

FRIDAY = local("2026-11-27 09:00")


@dataclass
class Heard:
    """Reminders that only hear what a channel says afterwards."""

    failures: list[tuple[str, str, str]] = field(default_factory=list)

    async def not_received(self, via: str, receipt: str, failure: str) -> None:
        self.failures.append((via, receipt, failure))


async def test_an_open_page_gets_it_by_itself(talk: Talk) -> None:
    made = await booking(talk.database, talk.keyring, talk.clock, [("甲站", [ServiceKind.LEGAL], 0.0)])
    reminders = Reminders(talk.database, talk.keyring, made.directory, {}, clock=talk.clock, zone="Asia/Shanghai")
    services = TalkServices(talk)
    services.jobs = lambda: (reminders.send_due,)  # type: ignore[method-assign]
    app = create_app(app_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    async with served(app) as client:
        token = (await client.post("/chat/api/messages", json=message("你好"))).json()["conversation"]
        conversation = await talk.conversations.name_of("web", "web", token)
        visits = ((made.services["甲站 legal"], FRIDAY),)
        await made.appointments.book(BookingRequest("k", visits, conversation, remind=True))
        headers = {"Authorization": f"Bearer {token}"}
        async with client.stream("GET", "/chat/api/events", headers=headers) as stream, asyncio.timeout(15):
            lines = stream.aiter_lines()
            assert await anext(lines) == ": open"
            talk.clock.now = local("2026-11-26 09:00")
            data = [line async for line in _until_data(lines)]
        heard = json.loads(data[-1].removeprefix("data: "))
        assert heard["text"] == "提醒您：您预约的事项，时间是 11月27日（周五）09:00。回复“我的预约”查看。"
        assert (heard["author"], heard["choices"], heard["calendar"]) == ("bot", [], None)


async def _until_data(lines):
    async for line in lines:
        yield line
        if line.startswith("data: "):
            return


def finished(status: str, number: str = "200163836") -> str:
    return (
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[openid]]></FromUserName>"
        f"<CreateTime>{now()}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>{number}</MsgID><Status><![CDATA[{status}]]></Status></xml>"
    )


@pytest.mark.parametrize(
    ("status", "heard"),
    [
        ("success", []),  # she has it
        ("failed:user block", [("template", "200163836", "failed:user block")]),  # she turned us off
        ("failed: system failed", [("template", "200163836", "failed: system failed")]),  # WeChat's own trouble
    ],
)
async def test_wechat_reports_what_became_of_a_template(talk: Talk, status: str, heard: list) -> None:
    services = TalkServices(talk)
    services.database, services.keyring, services.reminders = talk.database, talk.keyring, Heard()  # type: ignore[attr-defined]
    app = create_app(wechat_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    async with served(app) as client:
        response = await post(client, finished(status))
    assert (response.status_code, response.text) == (200, "success")
    assert services.reminders.failures == heard  # type: ignore[attr-defined]


def test_other_events_are_no_report() -> None:
    event = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": "1", "Status": "failed:user block"}
    assert failed_template(event) == ("1", "failed:user block")
    assert failed_template(event | {"Event": "MASSSENDJOBFINISH"}) is None
    assert failed_template(event | {"MsgID": ""}) is None
    assert failed_template(event | {"MsgType": "text"}) is None
