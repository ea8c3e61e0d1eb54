"""Small worlds, counted by hand: whose month it is at midnight, what a woman asked about, how long she waited."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.accounts import Officer, Role
from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import CaseAct, CaseOutcome, CaseStatus, Helped, OpenReason
from bot.domain.errors import BadInput, NotFound
from bot.domain.figures import TOTAL
from bot.domain.messages import InboundKind
from bot.domain.periods import Period, Span, month_named, period_of
from bot.domain.risk import RiskKind, RiskLevel
from bot.domain.workdays import is_workday
from bot.domain.working_hours import WorkingHours
from bot.language.places import Division, Gazetteer
from bot.services.figure_words import sentences
from bot.services.figures import FigureOffice, Figures
from bot.services.place_search import Outcome, PlaceAnswer
from bot.services.unmet import UnmetPlaces
from bot.storage.cases import Case, CaseEvent
from bot.storage.conversations import Conversation, InboundMessage, InboundStatus
from bot.storage.database import Database
from bot.storage.records import new_public_id
from bot.storage.review_entries import ReviewEntry
from tests.conftest import Clock
from tests.integration.casework import DIVISIONS

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = WorkingHours.read("08:30-12:00,14:00-18:00", ZONE, is_workday)
NOVEMBER = month_named("2026-11")
NORTH, OTHER, WILLOW, STONE = "120113", "120114", "120113001", "120113002"
SECOND = Division("120114000000", "南河区", "district", "120100000000", "南河")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass
class World:
    """Women who wrote, and who counts them."""

    database: Database
    clock: Clock
    office: FigureOffice
    women: int = 0

    async def wrote(
        self, *sent: tuple[str, str], area: str = "", channel: str = "web", status: str = "answered", attempts: int = 1,
        risk: RiskLevel = RiskLevel.NONE, kind: RiskKind | None = None, text: str = "话", what: InboundKind = InboundKind.TEXT,
    ) -> int:  # fmt: skip
        """A woman and her messages, each (local time, intent) → her conversation."""
        self.women += 1
        first = local(sent[0][0])
        async with self.database.write() as session:
            talk = Conversation(
                channel=channel, account="main", sender_digest=new_public_id(), sealed_sender=b"-", created_at=first,
                last_inbound_at=first,
            )  # fmt: skip
            session.add(talk)
            await session.flush()
            session.add(ReviewEntry(conversation_id=talk.id, channel=channel, first_at=first, last_at=first, area=area))
            for at, intent in sent:
                session.add(
                    InboundMessage(
                        conversation_id=talk.id, message_key=new_public_id(), kind=what, sealed=b"-", masked=text,
                        status=InboundStatus(status), attempts=attempts, intent=intent or None, confidence=0.9, risk=risk,
                        risk_kind=kind, sent_at=local(at), received_at=local(at),
                    )
                )  # fmt: skip
            await session.flush()
            return talk.id

    async def many(self, count: int, at: str, intent: str, **more) -> list[int]:
        return [await self.wrote((at, intent), **more) for _ in range(count)]

    async def case(
        self, opened: str, taken: str = "", *, level: CaseLevel = CaseLevel.ORANGE, area: str = "", conversation: int | None = None,
        closed: str = "", helped: Helped | None = None, reason: OpenReason = OpenReason.ASKED,
    ) -> None:  # fmt: skip
        at = local(opened)
        async with self.database.write() as session:
            case = Case(
                conversation_id=conversation, level=level, reason=reason, topic=Topic.MARRIAGE, area=area,
                due_at=at, opened_at=at, routing_since=at, helped=helped,
                status=CaseStatus.CLOSED if closed else CaseStatus.WAITING,
                closed_at=local(closed) if closed else None, outcome=CaseOutcome.ADVISED if closed else None,
            )  # fmt: skip
            session.add(case)
            await session.flush()
            if taken:
                session.add(CaseEvent(case_id=case.id, at=local(taken), actor="她", act=CaseAct.TAKEN))
                # It was released and taken again an hour later: she waited for the first one.
                session.add(
                    CaseEvent(case_id=case.id, at=local(taken) + timedelta(hours=1), actor="她", act=CaseAct.TAKEN)
                )

    async def count(self, period: Period | None = None, area: str = "") -> Figures:
        return await self.office.count(period or NOVEMBER, area)


@pytest.fixture
async def world(database: Database, clock: Clock) -> World:
    clock.now = local("2026-12-03 09:00")
    gazetteer = Gazetteer((*DIVISIONS, SECOND), {}, (), (), ())
    return World(database, clock, FigureOffice(database, gazetteer, clock=clock, zone="Asia/Shanghai", hours=HOURS))


def seen(figures: Figures, table: str) -> dict[str, str]:
    """The rows that are not nought."""
    return {row.key: str(row.cell) for row in figures.tables[table].rows if not row.cell.is_zero}


async def test_a_month_begins_and_ends_at_midnight_in_shanghai(world: World) -> None:
    for at in ("2026-10-31 23:59:59", "2026-12-01 00:00:00"):
        await world.many(30, at, "greet")
    await world.many(21, "2026-11-01 00:00:00", "greet")
    await world.many(22, "2026-11-30 23:59:59", "greet")
    figures = await world.count()
    assert str(figures.women) == "43"
    assert str(figures.before) == "30"
    assert figures.change == 43
    assert seen(figures, "hour") == {"0": "21", "23": "22"}
    assert seen(figures, "weekday") == {"6": "21", "0": "22"}  # a Sunday and a Monday


async def test_topics_are_compared_with_the_month_before_once_the_month_is_over(world: World) -> None:
    await world.many(20, "2026-10-03 10:00", "ask_wages")
    await world.many(25, "2026-11-03 10:00", "ask_wages")
    assert (await world.count()).tables["topic"].row("work").change == 25
    world.clock.now = local("2026-11-30 23:59")
    running = await world.count()
    assert running.is_running
    assert (running.change, running.tables["topic"].row("work").change) == (None, None)


async def test_every_woman_is_counted_once_however_much_she_wrote(world: World) -> None:
    for _ in range(25):
        await world.wrote(*((f"2026-11-{day:02d} 10:00", "ask_wages") for day in range(3, 9)))
    figures = await world.count()
    assert str(figures.women) == "25"
    for table in ("topic", "answer", "channel", "handed", "hour", "weekday"):
        assert [row.cell.count for row in figures.tables[table].rows if row.cell.count] == [25], table


async def test_her_topic_is_the_gravest_then_the_newest_need_then_an_errand(world: World) -> None:
    for _ in range(20):
        await world.wrote(
            ("2026-11-03 10:00", "ask_wages"), ("2026-11-04 10:00", "ask_divorce"), ("2026-11-05 10:00", "greet")
        )
        await world.wrote(("2026-11-03 10:00", "find_place"), ("2026-11-04 10:00", "thank"))
        await world.wrote(("2026-11-03 10:00", "greet"))
        await world.wrote(("2026-11-03 10:00", "ask_wages"), risk=RiskLevel.URGENT, kind=RiskKind.SUICIDE)
        await world.wrote(("2026-11-03 10:00", "ask_wages"), risk=RiskLevel.WATCH, kind=RiskKind.SUICIDE)
    assert seen(await world.count(), "topic") == {
        "marriage": "20", "errand": "20", "unknown": "20", "suicide": "20", "work": "20",
    }  # fmt: skip


async def test_what_became_of_her_words(world: World) -> None:
    await world.many(20, "2026-11-03 10:00", "ask_wages")
    await world.many(21, "2026-11-03 10:00", "nlu_fallback")
    await world.many(22, "2026-11-03 10:00", "ask_wages", attempts=2)
    await world.many(23, "2026-11-03 10:00", "", status="waiting", channel="wechat")
    await world.many(30, "2026-11-03 10:00", "", what=InboundKind.EVENT)  # a channel's event is nobody's question
    figures = await world.count()
    assert seen(figures, "answer") == {"answered": "20", "unclear": "21", "late": "22", "open": "23"}
    assert seen(figures, "channel") == {"web": "63", "wechat": "23"}


async def test_a_branch_counts_what_lies_below_it(world: World) -> None:
    await world.many(40, "2026-11-03 10:00", "ask_wages", area=WILLOW)
    await world.many(30, "2026-11-03 10:00", "ask_wages", area="120113002")
    await world.many(25, "2026-11-03 10:00", "ask_divorce", area=NORTH)
    await world.many(50, "2026-11-03 10:00", "ask_divorce", area=OTHER)
    await world.many(20, "2026-11-03 10:00", "ask_divorce")
    whole, north, willow = await world.count(), await world.count(area=NORTH), await world.count(area=WILLOW)
    assert [(row.name, str(row.cell)) for row in whole.areas] == [
        ("北河区", "95"),
        ("南河区", "50"),
        ("不知道在哪个区", "20"),
    ]
    assert str(north.women) == "95"
    assert [(row.key, str(row.cell)) for row in north.areas] == [(WILLOW, "40"), (STONE, "30"), ("120113?", "25")]
    assert seen(north, "topic") == {"work": "70", "marriage": "25"}
    assert (str(willow.women), seen(willow, "topic")) == ("40", {"work": "40"})
    assert [(row.key, str(row.cell)) for row in willow.areas] == [("120113001?", "40")]


async def test_a_small_town_is_not_had_from_its_district(world: World) -> None:
    await world.many(40, "2026-11-03 10:00", "ask_wages", area=WILLOW)
    await world.many(3, "2026-11-03 10:00", "report_suicide", area=STONE)
    north, stone = await world.count(area=NORTH), await world.count(area=STONE)
    assert str(north.women) == "43"
    assert {row.key: str(row.cell) for row in north.areas} == {WILLOW: "※", STONE: "<5"}
    assert seen(north, "topic") == {"work": "※", "suicide": "<5"}
    assert str(stone.women) == "<5"
    assert not stone.tables["topic"].is_told
    assert "3" not in "".join(sentences(stone))


async def test_fewer_than_twenty_are_not_broken_down(world: World) -> None:
    await world.many(19, "2026-11-03 10:00", "ask_wages")
    figures = await world.count()
    assert str(figures.women) == "19"
    assert set(seen(figures, "hour").values()) == {"※"}
    assert all(row.share is None for row in figures.tables["topic"].rows)


async def test_time_to_a_person_is_counted_from_opening_to_the_first_who_took_it(world: World) -> None:
    minutes = (1, 2, 3, 4, 5, 6, 7, 8, 9, 60)
    for wait in minutes:
        await world.case("2026-11-03 10:00", f"2026-11-03 {10 + wait // 60}:{wait % 60:02d}")
    await world.case("2026-11-03 10:00", "2026-11-03 10:30", level=CaseLevel.RED)
    for _ in range(20):
        await world.case("2026-11-04 10:00")
    waits = {row.key: row for row in (await world.count()).waits}
    assert (waits["orange"].p50, waits["orange"].p90) == (5.0, 9.0)  # the 5th and the 9th of ten
    assert (waits["red"].p50, waits["red"].p90) == (None, None)  # one case is somebody
    assert seen(await world.count(), "taken") == {"taken": "11", "waiting": "20"}


async def test_women_whose_case_was_opened_are_handed_over(world: World) -> None:
    for conversation in await world.many(25, "2026-11-03 10:00", "ask_human"):
        await world.case("2026-11-03 10:01", conversation=conversation)
    await world.many(30, "2026-11-03 10:00", "greet")
    [earlier] = await world.many(1, "2026-11-03 10:00", "greet")
    await world.case("2026-10-20 10:00", conversation=earlier)  # not in this month
    assert seen(await world.count(), "handed") == {"yes": "25", "no": "31"}


async def test_satisfaction_is_of_cases_closed_in_the_month(world: World) -> None:
    for helped, count in ((Helped.YES, 12), (Helped.PARTLY, 6), (Helped.NO, 7), (None, 5)):
        for _ in range(count):
            await world.case("2026-10-03 10:00", closed="2026-11-03 10:00", helped=helped)
    for _ in range(30):
        await world.case("2026-11-03 10:00", closed="2026-12-01 00:00", helped=Helped.NO)
    await world.many(40, "2026-11-03 10:00", "greet")
    figures = await world.count()
    assert seen(figures, "helped") == {"yes": "12", "partly": "6", "no": "7", "unsaid": "5"}
    assert any("25 位，其中 48% 说有帮助，28% 说没帮上" in one for one in sentences(figures))


async def test_a_search_that_found_nothing_is_kept_without_her_words(world: World) -> None:
    unmet = UnmetPlaces(world.database, clock=lambda: local("2026-11-05 10:00"))
    nothing = PlaceAnswer(Outcome.NOTHING, "legal", place="120113001000")
    for number in await world.many(21, "2026-11-05 10:00", "find_place"):
        async with world.database.read() as session:
            name = (await session.get_one(Conversation, number)).public_id
        assert await unmet.note(name, nothing, "我在柳林街道王家楼 3 号想找律师")
        assert await unmet.note(name, nothing, "还是没有")  # the same woman again
        assert not await unmet.note(name, PlaceAnswer(Outcome.FOUND, "legal"), "律师")
    assert not await unmet.note("nobody", nothing, "律师")
    figures = await world.count(area=WILLOW)
    assert seen(figures, "misses") == {"legal": "21"}
    assert seen(await world.count(), "misses") == {"legal": "21"}


async def test_a_phrase_is_shown_when_five_women_wrote_it(world: World) -> None:
    await world.many(5, "2026-11-03 10:00", "nlu_fallback", text="怎么领补贴")
    await world.many(4, "2026-11-03 10:00", "nlu_fallback", text="他藏了我的身份证")
    await world.wrote(*(("2026-11-03 10:00", "nlu_fallback"),) * 9, text="只有我写")
    await world.many(12, "2026-11-03 10:00", "ask_wages", text="听懂了的")
    assert (await world.count()).phrases == (("怎么领补贴", "5–9 位"),)


async def test_days_chosen_freely_are_rounded_and_not_too_few(world: World) -> None:
    await world.many(23, "2026-11-03 10:00", "ask_wages")
    week = Period(Span.RANGE, date(2026, 11, 1), date(2026, 11, 7))
    assert str((await world.count(week)).women) == "25"
    with pytest.raises(BadInput):
        await world.count(Period(Span.RANGE, date(2026, 11, 1), date(2026, 11, 6)))
    with pytest.raises(BadInput):
        await world.count(Period(Span.RANGE, date(2026, 11, 7), date(2026, 11, 1)))


async def test_an_officer_sees_her_branch_and_no_other(world: World) -> None:
    await world.many(40, "2026-11-03 10:00", "ask_wages", area=WILLOW)
    await world.many(50, "2026-11-03 10:00", "ask_wages", area=OTHER)
    officer = Officer("id", "li", "李", Role.OFFICER, NORTH, world.clock())
    assert str((await world.office.of(officer, NOVEMBER)).women) == "40"
    assert str((await world.office.of(officer, NOVEMBER, WILLOW)).women) == "40"
    for area in (OTHER, "12", "120113999", "乱写"):  # another's, above hers, no such town, no code
        with pytest.raises(NotFound):
            await world.office.of(officer, NOVEMBER, area)
    with pytest.raises(NotFound):
        await world.office.of(Officer("id", "li", "李", Role.AUDITOR, "", world.clock()), NOVEMBER)


@pytest.mark.parametrize(
    ("span", "day", "first", "last", "words"),
    [
        (Span.MONTH, "2026-02-10", "2026-02-01", "2026-02-28", "2026年2月"),
        (Span.MONTH, "2028-02-29", "2028-02-01", "2028-02-29", "2028年2月"),  # a leap year
        (Span.MONTH, "2026-12-31", "2026-12-01", "2026-12-31", "2026年12月"),
        (Span.QUARTER, "2026-12-31", "2026-10-01", "2026-12-31", "2026年第四季度"),
        (Span.QUARTER, "2026-03-31", "2026-01-01", "2026-03-31", "2026年第一季度"),
        (Span.WEEK, "2026-11-29", "2026-11-23", "2026-11-29", "2026年11月23日至2026年11月29日"),  # a Sunday
    ],
)
def test_periods_begin_and_end_where_people_expect(span: Span, day: str, first: str, last: str, words: str) -> None:
    period = period_of(span, date.fromisoformat(day))
    assert (period.first.isoformat(), period.last.isoformat(), period.words) == (first, last, words)
    assert period.before().last == period.first - timedelta(1)
    assert period.after().first == period.last + timedelta(1)
    assert period.after().before() == period


def test_the_key_of_a_sum_is_no_key_of_a_table() -> None:
    from bot.services.figure_words import KEYS

    assert all(TOTAL not in keys for keys in KEYS.values())


async def test_who_wrote_while_offices_were_closed_is_told_by_band_and_topic(world: World) -> None:
    await world.many(10, "2026-11-03 10:00", "ask_wages")  # in office hours
    await world.many(8, "2026-11-03 19:00", "ask_divorce")
    await world.many(7, "2026-11-04 03:00", "feel_distressed")
    await world.many(6, "2026-11-07 10:00", "ask_divorce")  # a Saturday
    await world.many(5, "2026-11-05 07:00", "ask_wages")
    for _ in range(9):  # first by day, then in the evening: she counts with the evening
        await world.wrote(("2026-11-03 11:00", "ask_divorce"), ("2026-11-03 21:59", "greet"))
    figures = await world.count()
    assert seen(figures, "after_hours") == {"office": "10", "evening": "17", "night": "7", "morning": "5", "free": "6"}
    assert str(figures.tables["after_hours"].total) == str(figures.women) == "45"
    assert seen(figures, "after_topic") == {"marriage": "23", "mind": "7", "work": "5"}
    assert any(one.startswith("下班以后写来过的有 35 位，问得最多的是婚姻财产") for one in sentences(figures))


async def test_what_would_tell_how_few_wrote_by_day_is_withheld(world: World) -> None:
    await world.many(20, "2026-11-03 19:00", "ask_divorce")
    await world.many(3, "2026-11-03 10:00", "ask_divorce")  # 23 beside 20 would tell of these three
    await world.many(20, "2026-11-03 19:00", "ask_wages")
    await world.many(20, "2026-11-03 10:00", "ask_wages")
    figures = await world.count()
    assert seen(figures, "topic") == {"marriage": "23", "work": "40"}
    after = seen(figures, "after_topic")
    assert after["marriage"] == "※"
    assert "20" not in after.values() or str(figures.tables["after_topic"].total) == "※"


async def test_a_saturday_that_is_worked_is_no_free_day(world: World) -> None:
    await world.many(25, "2026-10-10 10:00", "ask_wages")
    assert seen(await world.count(month_named("2026-10")), "after_hours") == {"office": "25"}
