"""The file for her own calendar: hers alone, neutral, and a newer one replaces the one before."""

import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from icalendar import Calendar, Event

from bot.app import create_app
from bot.channels.wechat.text import flatten
from bot.chat.api import message_json
from bot.dialogue.engine import EngineClient
from bot.domain.appointments import Actor, BookedAppointment
from bot.domain.messages import Author, Message, Reply
from bot.services.appointments import BookingRequest
from bot.services.calendar_file import calendar_file
from bot.storage.directory import ServiceKind
from bot.storage.replies import read_reply, write_reply
from tests.integration.calendars import Booking, booking, local
from tests.integration.conftest import Talk
from tests.integration.reminding import FORBIDDEN
from tests.integration.test_chat_api import TalkServices, app_settings, message
from tests.serving import served

FRIDAY = local("2026-11-27 09:00")


@dataclass
class Page:
    """A chat page with its token, and the calendar behind it."""

    client: httpx.AsyncClient
    made: Booking
    token: str
    conversation: str

    async def book(
        self, starts_at: datetime = FRIDAY, *, remind: bool = False, joint: bool = False
    ) -> BookedAppointment:
        visits = [(self.made.services["甲站 legal"], starts_at)]
        if joint:
            visits.append((self.made.services["甲站 psychological"], starts_at + timedelta(hours=1)))
        request = BookingRequest(f"{starts_at}", tuple(visits), self.conversation, "王姐", "13000000000", remind)
        return await self.made.appointments.book(request)

    async def file(self, appointment: BookedAppointment, query: str = "", token: str | None = None) -> httpx.Response:
        return await self.client.get(
            f"/chat/api/appointments/{appointment.id}.ics{query}",
            headers={"Authorization": f"Bearer {token or self.token}"},
        )

    async def event(self, appointment: BookedAppointment, query: str = "") -> Event:
        return the_event((await self.file(appointment, query)).content)


def the_event(file: bytes) -> Event:
    calendar = Calendar.from_ical(file)
    assert (calendar["method"], calendar["version"]) == ("PUBLISH", "2.0")
    (event,) = calendar.walk("VEVENT")
    return event


@pytest.fixture
async def page(talk: Talk) -> AsyncIterator[Page]:
    made = await booking(talk.database, talk.keyring, talk.clock, [("甲站", list(ServiceKind), 0.0)])
    services = TalkServices(talk)
    services.appointments = made.appointments  # type: ignore[attr-defined]
    app = create_app(app_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    app.ctx.now = talk.clock
    async with served(app) as client:
        token = (await client.post("/chat/api/messages", json=message("你好"))).json()["conversation"]
        yield Page(client, made, token, await talk.conversations.name_of("web", "web", token))


async def test_it_is_a_file_with_the_hour_and_nothing_else_about_her(page: Page) -> None:
    booked = await page.book()
    response = await page.file(booked)
    assert (response.status_code, response.headers["content-disposition"]) == (200, 'attachment; filename="event.ics"')
    assert response.headers["content-type"].startswith("text/calendar; charset=utf-8")
    assert response.headers["cache-control"] == "no-store"
    event = the_event(response.content)
    assert event["dtstart"].dt == datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
    assert event["dtend"].dt == datetime(2026, 11, 27, 1, 40, tzinfo=UTC)
    assert (event["summary"], event["status"], event["sequence"]) == ("您预约的事项", "CONFIRMED", 0)
    assert not {"location", "description", "organizer", "attendee", "url"} & {name.lower() for name in event}
    assert event.walk("VALARM") == []
    words = response.text.replace("\r\n ", "")
    assert not [word for word in (*FORBIDDEN, booked.number, booked.id, "banbiantian") if word in words]


async def test_the_place_stands_in_it_only_when_she_asks(page: Page) -> None:
    event = await page.event(await page.book(), "?place=1")
    assert event["location"] == "甲站，（示例地址）甲站"
    assert event["summary"] == "您预约的事项"


async def test_an_alarm_only_if_she_wants_to_be_reminded(page: Page) -> None:
    (alarm,) = (await page.event(await page.book(remind=True))).walk("VALARM")
    assert (alarm["trigger"].dt, alarm["description"]) == (timedelta(hours=-2), "您预约的事项")


async def test_every_change_keeps_the_uid_and_counts_the_sequence_up(page: Page) -> None:
    booked = await page.book(remind=True)
    events = [await page.event(booked)]
    for days in (3, 4):
        where = [(booked.visits[0].service, FRIDAY + timedelta(days=days))]
        await page.made.appointments.move(booked.id, where, actor=Actor.OFFICER)
        events.append(await page.event(booked))
    await page.made.appointments.cancel(booked.id)
    events.append(await page.event(booked))
    assert len({event["uid"] for event in events}) == 1
    assert [event["sequence"] for event in events] == [0, 1, 2, 3]
    assert [event["status"] for event in events] == ["CONFIRMED"] * 3 + ["CANCELLED"]
    assert events[2]["dtstart"].dt == FRIDAY + timedelta(days=4)
    assert events[3].walk("VALARM") == []
    assert (await page.event(await page.book(FRIDAY + timedelta(days=5))))["uid"] != events[0]["uid"]


async def test_a_joint_visit_is_one_entry_from_the_first_door_to_the_last(page: Page) -> None:
    event = await page.event(await page.book(joint=True))
    assert (event["dtstart"].dt, event["dtend"].dt) == (FRIDAY, FRIDAY + timedelta(hours=1, minutes=50))


@pytest.mark.parametrize(
    ("starts_at", "start", "end"),
    [
        ("2026-12-31T23:40", "20261231T154000Z", "20261231T162000Z"),  # over midnight and the year's end
        ("2027-01-01T00:00", "20261231T160000Z", "20261231T164000Z"),  # still the year before in UTC
        ("2026-11-30T07:59", "20261129T235900Z", "20261130T003900Z"),  # the UTC day before
    ],
)
async def test_midnight_and_years_end_are_moments_and_not_days(
    page: Page, starts_at: str, start: str, end: str
) -> None:
    booked = await page.book()
    moment = datetime.fromisoformat(starts_at).replace(tzinfo=FRIDAY.tzinfo)
    visit = replace(booked.visits[0], starts_at=moment, ends_at=moment + timedelta(minutes=40))
    file = calendar_file(replace(booked, visits=(visit,)), FRIDAY).decode()
    assert re.findall(r"DT(?:START|END):(\S+)", file) == [start, end]


async def test_nobody_elses_token_opens_it_and_none_stands_in_the_address(page: Page) -> None:
    booked = await page.book()
    other = (await page.client.post("/chat/api/messages", json=message("我是别人"))).json()["conversation"]
    assert (await page.file(booked, token=other)).status_code == 404
    assert (await page.file(booked, token="made up")).status_code == 404
    bare = f"/chat/api/appointments/{booked.id}.ics"
    assert (await page.client.get(bare)).status_code == 401
    assert (await page.client.get(bare, params={"conversation": page.token})).status_code == 401
    authorized = {"Authorization": f"Bearer {page.token}"}
    assert (await page.client.get(bare.removesuffix(".ics"), headers=authorized)).status_code == 404
    assert (await page.client.get("/chat/api/appointments/nothing.ics", headers=authorized)).status_code == 404


async def test_a_booked_message_carries_the_files_address_to_the_page_and_not_to_wechat(page: Page) -> None:
    booked = await page.book()
    answer = await _answer({"text": "约好了。", "custom": {"calendar": booked.id}})
    assert answer.calendar == booked.id
    assert read_reply(write_reply(answer)) == answer
    shown = Message("m", Author.BOT, answer, FRIDAY)
    assert flatten(shown) == "约好了。"
    assert message_json(shown)["calendar"] == f"/chat/api/appointments/{booked.id}.ics"
    assert message_json(Message("m", Author.BOT, Reply("好"), FRIDAY))["calendar"] is None


async def _answer(sent: dict) -> Reply:
    """What the engine's client makes of one message, sent by Rasa in two parts."""
    parts = [{"text": sent["text"]}, {"custom": sent["custom"]}]
    nlu = {"intent": {"name": "x", "confidence": 1.0}, "ranking": [], "entities": [], "needs": []}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"messages": parts, "nlu": nlu}))
    engine = EngineClient("http://engine.test", "s", 5, transport=transport)
    try:
        (reply,) = (await engine.turn("c", "t")).replies
    finally:
        await engine.close()
    return reply


def test_an_older_row_has_no_file() -> None:
    assert read_reply('{"text":"好","choices":[],"links":[],"places":[]}') == Reply("好")
