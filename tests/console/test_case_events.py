"""The stream that keeps the queue live: what it says, what it never says, when it ends, and what it costs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event as sql_event
from sqlalchemy import select

from bot.console import case_events
from bot.domain.accounts import Role
from bot.domain.case_filter import CaseFilter
from bot.services.case_watch import CaseWatch, standing_of
from bot.storage.console_sessions import ConsoleSession
from bot.storage.database import Database
from tests.console.caseroom import CaseRoom, Desk
from tests.integration.casework import CITY, COMMUNITY, DISTRICT, HERE, NOW, OTHER_TOWN, TOWN
from tests.integration.staffing import HOME

EVENTS = "/console/cases/events"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, room: CaseRoom) -> None:
    """A second of a stream passes at once."""
    monkeypatch.setattr(case_events, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(case_events, "CHECK_EVERY", 0.02)
    room.work.office.watch._every = 0.0


class Heard:
    """What comes out of a stream, an event at a time."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.raw = ""
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, dict[str, Any]]:
        """(kind, data) of the next event."""
        kind = ""
        async for line in self._lines:
            self.raw += line + "\n"
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return kind, json.loads(line.removeprefix("data: "))
        return "closed", {}


@asynccontextmanager
async def listening(desk: Desk, **headers: str) -> AsyncIterator[Heard]:
    async with desk.client.stream("GET", EVENTS, headers=headers) as response:
        yield Heard(response)


async def test_it_tells_how_the_queue_stands_and_what_waits_for_her(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    async with listening(desk) as heard:
        assert heard.response.headers["content-type"].startswith("text/event-stream")
        assert heard.response.headers["cache-control"] == "no-store"
        _, before = await heard.next()
        assert before["asked"] == []
        await room.work.say(HERE)
        kind, data = await heard.next()
        case = await room.work.case()
        assert kind == "cases"
        assert data["asked"] == [{"case": case.public_id, "level": "orange", "until": case.due_at.isoformat()}]
        assert data["counts"] == {"overdue": 0, "mine": 0, "unanswered": 0, "alerted": 1, "orange": 1}
        assert data["version"] != before["version"]


async def test_no_word_of_hers_and_no_name_is_in_it(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    async with listening(desk) as heard:
        await heard.next()
        await room.work.say("我叫李红，我老公打我，我在娘家")
        await room.work.say(HERE)
        _, data = await heard.next()
        assert set(data) == {"version", "counts", "asked"}
        assert [set(one) for one in data["asked"]] == [{"case", "level", "until"}]
        assert heard.raw.isascii()


async def test_another_officer_who_takes_it_ends_the_alert(room: CaseRoom) -> None:
    desk, path = await room.asked()
    other = await room.desk("王芳")
    async with listening(desk) as heard:
        _, data = await heard.next()
        assert len(data["asked"]) == 1
        await other.post(f"{path}/take")
        _, data = await heard.next()
        assert data["asked"] == []
        assert data["counts"]["taken"] == 1


async def test_who_comes_back_and_knows_how_it_stands_is_told_only_what_is_new(room: CaseRoom) -> None:
    desk, _ = await room.asked()
    async with listening(desk) as heard:
        _, known = await heard.next()
    async with listening(desk, **{"last-event-id": known["version"]}) as heard:
        await room.work.say(NOW, sender="另一个")
        _, data = await heard.next()
        assert data["version"] != known["version"]
        assert data["counts"]["red"] == 1
    async with listening(desk, **{"last-event-id": "something old"}) as heard:
        _, again = await heard.next()
        assert again["version"] == data["version"]


async def test_time_alone_makes_a_case_overdue(room: CaseRoom) -> None:
    desk = await room.desk("张敏", there=False)
    await room.work.say(HERE)
    async with listening(desk) as heard:
        _, data = await heard.next()
        assert data["counts"]["overdue"] == 0
        room.work.clock.pass_by(minutes=16)
        _, data = await heard.next()
        assert data["counts"]["overdue"] == 1


async def test_it_ends_when_she_signs_out(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    async with listening(desk) as heard:
        await heard.next()
        await desk.post("/console/leave")
        assert await heard.next() == ("ended", {})
        assert await heard.next() == ("closed", {})


async def test_it_ends_when_her_account_is_disabled(room: CaseRoom) -> None:
    desk, admin = await room.desk("张敏"), await room.desk("钱进", Role.ADMIN, "", there=False)
    async with listening(desk) as heard:
        await heard.next()
        await room.staffed.staff.disable(desk.officer.id, by=admin.officer, source=HOME)
        assert (await heard.next())[0] == "ended"


async def test_it_ends_with_the_idle_limit_which_it_does_not_move(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    async with room.work.database.read() as session:
        before = await session.scalar(select(ConsoleSession.seen_at))
    async with listening(desk) as heard:
        await heard.next()
        room.work.clock.pass_by(days=20)
        await room.work.say(HERE)
        await heard.next()
        async with room.work.database.read() as session:
            assert await session.scalar(select(ConsoleSession.seen_at)) == before
        room.work.clock.pass_by(days=11)
        kinds = [(await heard.next())[0] for _ in range(2)]
        assert "ended" in kinds


async def test_a_closed_session_gets_no_stream(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    desk.client.cookies.clear()
    response = await desk.client.get(EVENTS)
    assert (response.status_code, response.headers["location"]) == (303, "/console/enter")


async def test_the_stream_counts_what_the_list_shows(room: CaseRoom) -> None:
    """Two ways to say who may see what; they have to say the same."""
    places = {"市": CITY, "区": DISTRICT, "街": TOWN, "社": COMMUNITY, "别": OTHER_TOWN}
    desks = [await room.desk(f"{name}里人", area=area, there=name in "街别") for name, area in places.items()]
    desks.append(await room.desk("李四", area=TOWN, there=False))
    for number, text in enumerate(
        ("别找我们社区的人", HERE, "我想找姓李的以外的人，别找姓李的", NOW, "我在石桥街道，转人工", "转人工")
    ):
        await room.work.say(text, sender=f"她{number}")
        await room.work.say("转人工", sender=f"她{number}")
    snapshot = await room.work.office.watch.latest(fresh=True)
    seen = []
    for desk in desks:
        rows = await room.work.office.reading.page(desk.officer, CaseFilter(closed=False), limit=200)
        counts = standing_of(snapshot, desk.officer).counts
        assert counts["waiting"] + counts["alerted"] + counts["taken"] == len(rows), desk.officer.name
        mine = {row.id for row in rows if row.alerted == desk.officer.id}
        assert {one.case for one in standing_of(snapshot, desk.officer).asked} == mine
        seen.append(len(rows))
    assert len(set(seen)) > 2  # they do not all see the same


async def test_however_many_listen_the_database_is_asked_once(database: Database, room: CaseRoom) -> None:
    await room.asked()
    watch, asked = CaseWatch(database, clock=room.work.clock, every=60), []
    sql_event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    snapshots = await asyncio.gather(*(watch.latest() for _ in range(50)))
    assert len({id(one) for one in snapshots}) == 1
    assert len([statement for statement in asked if "SELECT" in statement]) == 2


async def test_two_processes_see_the_same(database: Database, room: CaseRoom) -> None:
    desk, _ = await room.asked()
    one, other = (CaseWatch(database, clock=room.work.clock, every=0) for _ in range(2))
    assert standing_of(await one.latest(), desk.officer) == standing_of(await other.latest(), desk.officer)
    room.work.clock.now += timedelta(minutes=16)
    assert standing_of(await one.latest(), desk.officer).counts["overdue"] == 1


async def test_nothing_new_is_the_very_same(room: CaseRoom) -> None:
    await room.asked()
    watch = room.work.office.watch
    first = await watch.latest(fresh=True)
    assert await watch.latest(fresh=True) is first
