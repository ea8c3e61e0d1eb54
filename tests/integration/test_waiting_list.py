"""A seat that becomes free is offered to the first who waits for it, to nobody else, and passed on when she is silent."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from bot.domain.appointments import Actor, AppointmentStatus
from bot.domain.errors import BadInput, NotChangeable, NotFound
from bot.services.calendars import Calendars
from bot.services.offers import MOST_MISSED, NO, YES, within
from bot.services.waiting_list import AT_MOST
from bot.storage.conversations import OfferedChoice
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.outbox import OutboxStore
from bot.storage.sealing import Keyring
from bot.storage.waiting_list import OfferOutcome, WaitingStatus
from tests.conftest import Clock
from tests.integration.calendars import booking, local
from tests.integration.reminding import FORBIDDEN
from tests.integration.waiting import FRIDAY, Office


@pytest.fixture
async def office(database: Database, keyring: Keyring, clock: Clock) -> Office:
    return Office(await booking(database, keyring, clock, [("甲站", [ServiceKind.LEGAL], 0.0)]))


async def test_a_freed_seat_is_offered_to_the_first_who_waits_and_only_to_her(office: Office) -> None:
    booked = await office.book()
    await office.join("甲")
    await office.join("乙")
    assert await office.offers.tend() == 0
    await office.made.appointments.cancel(booked.id)
    while await office.offers.tend():
        pass
    (held,) = await office.held("甲")
    assert (held.starts_at, held.status, held.called) == (FRIDAY, AppointmentStatus.HELD, "王姐")
    assert await office.held("乙") == ()
    assert await office.said_to("甲") == [
        "您等的时间有空了：11月27日（周五）09:00。给您留到今天 12:00，要吗？（回复“我的预约”看详情）"
    ]
    assert await office.said_to("乙") == []
    async with office.made.database.read() as session:
        choices = (await session.scalars(select(OfferedChoice).order_by(OfferedChoice.position))).all()
    assert [(choice.title, choice.payload) for choice in choices] == [
        (YES, f'/accept_offer{{"appointment":"{held.id}"}}'),
        (NO, f'/decline_offer{{"appointment":"{held.id}"}}'),
    ]


async def test_nothing_unasked_says_what_it_is_about(office: Office) -> None:
    booked = await office.book()
    await office.join("甲", length=timedelta(minutes=15))
    await office.made.appointments.cancel(booked.id)
    await office.offers.tend()
    for _ in range(4):
        office.made.clock.pass_by(hours=2, seconds=1)
        await office.offers.tend()
    office.made.clock.now = FRIDAY
    await office.offers.tend()
    said = await office.said_to("甲")
    assert len(said) == 3  # the offer, that it went on, that the time is over
    assert not [word for word in FORBIDDEN if word in "".join(said)]


async def test_no_answer_passes_the_seat_on_and_she_is_told_once_and_waits_at_the_end(office: Office) -> None:
    first, second = await office.join("甲"), await office.join("乙")
    await office.offers.tend()
    office.made.clock.pass_by(hours=2, seconds=1)
    for _ in range(4):
        await office.offers.tend()
    assert await office.held("甲") == ()
    assert len(await office.held("乙")) == 1
    assert await office.said_to("甲") == [
        "您等的时间有空了：11月27日（周五）09:00。给您留到今天 12:00，要吗？（回复“我的预约”看详情）",
        "刚才给您留的时间没有等到您的回复，已经让给下一位。没关系，您还在排队，有空了再告诉您。",
    ]
    assert (await office.entry(first)).queued_at > (await office.entry(second)).queued_at
    assert await office.outcomes() == [OfferOutcome.MISSED, OfferOutcome.OPEN]


async def test_after_missing_three_she_leaves_the_list(office: Office) -> None:
    joined = await office.join("甲", length=timedelta(hours=8))
    for _ in range(MOST_MISSED):
        await office.offers.tend()
        assert len(await office.held("甲")) == 1
        office.made.clock.pass_by(hours=2, seconds=1)
    while await office.offers.tend():
        pass
    assert await office.outcomes() == [OfferOutcome.MISSED] * MOST_MISSED
    assert (await office.entry(joined)).status is WaitingStatus.LEFT
    assert "先不打扰了" in (await office.said_to("甲"))[-1]
    assert await office.standing() == []


async def test_no_keeps_her_place_and_that_hour_is_not_offered_to_her_again(office: Office) -> None:
    first = await office.join("甲", length=timedelta(hours=1))  # 9:00 or 9:45
    await office.join("乙")
    await office.offers.tend()
    (held,) = await office.held("甲")
    await office.waiting.decline(held.id, conversation=await office.woman("甲"))
    await office.waiting.decline(held.id, conversation=await office.woman("甲"))  # pressed twice
    while await office.offers.tend():
        pass
    (again,), (passed_on,) = await office.held("甲"), await office.held("乙")
    assert (again.starts_at, passed_on.starts_at) == (FRIDAY + timedelta(minutes=45), FRIDAY)
    assert (await office.entry(first)).missed == 0
    assert await office.outcomes() == [OfferOutcome.DECLINED, OfferOutcome.OPEN, OfferOutcome.OPEN]


async def test_an_offer_is_hers_alone(office: Office) -> None:
    await office.join("甲")
    await office.offers.tend()
    (held,) = await office.held("甲")
    other = await office.woman("乙")
    with pytest.raises(NotFound):
        await office.waiting.accept(held.id, conversation=other)
    with pytest.raises(NotFound):
        await office.waiting.decline(held.id, conversation=other)
    assert await office.outcomes() == [OfferOutcome.OPEN]


async def test_without_leave_to_message_she_hears_it_when_she_writes(office: Office) -> None:
    await office.join("甲", may_message=False)
    await office.offers.tend()
    assert await office.said_to("甲") == []
    assert [held.starts_at for held in await office.held("甲")] == [FRIDAY]
    office.made.clock.pass_by(hours=2, seconds=1)
    await office.offers.tend()
    assert (await office.held("甲"), await office.said_to("甲")) == ((), [])


@pytest.mark.parametrize(("left", "said"), [(5, 1), (0, 0)])
async def test_on_wechat_it_is_said_while_messages_are_left(office: Office, left: int, said: int) -> None:
    office.reach.left = left
    await office.join("甲", channel="wechat")
    await office.offers.tend()
    assert len(await office.said_to("甲", "wechat")) == said
    assert len(await office.held("甲", "wechat")) == 1
    async with office.made.database.read() as session:
        assert len(await OutboxStore(session).due(office.made.clock())) == said
    office.reach.left = 0
    office.made.clock.pass_by(hours=2, seconds=1)
    await office.offers.tend()
    assert await office.said_to("甲", "wechat") == []  # what had not reached her is too late now


async def test_at_night_nothing_is_offered(office: Office) -> None:
    office.made.clock.now = local("2026-11-24 21:00")
    await office.join("甲")
    assert await office.offers.tend() == 0
    office.made.clock.now = local("2026-11-25 07:59")
    assert await office.offers.tend() == 0
    office.made.clock.now = local("2026-11-25 08:00")
    assert await office.offers.tend() == 1


async def test_what_begins_before_an_offer_would_end_is_for_whoever_comes(office: Office) -> None:
    await office.join("甲", starts_at=local("2026-11-24 12:00"), length=timedelta(minutes=1))
    office.made.clock.now = local("2026-11-24 10:01")
    await office.offers.tend()
    assert await office.held("甲") == ()


async def test_hours_that_an_officer_opens_are_offered(office: Office) -> None:
    evening = local("2026-11-27 19:00")
    calendars = Calendars(
        office.made.database, office.made.keyring, office.made.directory, office.made.availability,
        clock=office.made.clock, zone="Asia/Shanghai",
    )  # fmt: skip
    await office.join("甲", starts_at=evening)
    await office.offers.tend()
    assert await office.held("甲") == ()
    await calendars.open(office.service, evening, evening + timedelta(hours=1))
    await office.offers.tend()
    assert [held.starts_at for held in await office.held("甲")] == [evening]


async def test_when_her_time_is_over_she_is_told_and_the_entry_closed(office: Office) -> None:
    booked = await office.book()
    joined = await office.join("甲")
    office.made.clock.now = FRIDAY - timedelta(minutes=30)
    assert await office.offers.tend() == 1
    assert await office.offers.tend() == 0
    assert (await office.entry(joined)).status is WaitingStatus.OVER
    assert await office.said_to("甲") == ["您等的那段时间已经过了，没有等到空位。想换个时间，直接告诉我就行。"]
    assert (await office.made.appointments.one(booked.id)).status is AppointmentStatus.BOOKED


async def test_an_offer_does_not_count_against_her_limit_before_her_yes(office: Office) -> None:
    await office.join("甲")
    await office.offers.tend()
    (held,) = await office.held("甲")
    starts = [FRIDAY + timedelta(days=3, minutes=45 * at) for at in range(4)]
    for starts_at in starts[:3]:
        await office.book(starts_at, "甲")
    with pytest.raises(NotChangeable, match="3 个预约"):
        await office.book(starts[3], "甲")
    woman = await office.woman("甲")
    with pytest.raises(NotChangeable, match="3 个预约"):
        await office.waiting.accept(held.id, conversation=woman)
    await office.made.appointments.cancel((await office.made.appointments.coming(woman))[1].id)
    assert (await office.waiting.accept(held.id, conversation=woman)).status is AppointmentStatus.BOOKED
    with pytest.raises(NotChangeable):
        await office.book(starts[3], "甲")


async def test_she_who_could_not_say_yes_is_passed_over_until_she_can(office: Office) -> None:
    for at in range(3):
        await office.book(FRIDAY + timedelta(days=3, minutes=45 * at), "甲")
    await office.join("甲")
    await office.offers.tend()
    assert await office.held("甲") == ()
    await office.made.appointments.cancel((await office.made.appointments.coming(await office.woman("甲")))[0].id)
    await office.offers.tend()
    assert len(await office.held("甲")) == 1


async def test_an_offer_that_an_officer_cancels_puts_her_back(office: Office) -> None:
    joined = await office.join("甲")
    await office.offers.tend()
    (held,) = await office.held("甲")
    await office.made.appointments.cancel(held.id, actor=Actor.OFFICER)
    await office.offers.tend()
    assert await office.outcomes() == [OfferOutcome.DECLINED]
    assert (await office.entry(joined)).status is WaitingStatus.WAITING


async def test_leaving_gives_the_kept_seat_to_the_next(office: Office) -> None:
    await office.join("甲")
    await office.join("乙")
    await office.offers.tend()
    woman = await office.woman("甲")
    assert await office.waiting.leave(woman) == 1
    assert await office.waiting.leave(woman) == 0
    await office.offers.tend()
    assert await office.held("甲") == ()
    assert len(await office.held("乙")) == 1
    assert await office.outcomes() == [OfferOutcome.DECLINED, OfferOutcome.OPEN]


async def test_the_same_wish_twice_is_one_entry_and_she_may_have_three(office: Office) -> None:
    joined = await office.join("甲")
    assert (await office.join("甲")).id == joined.id
    for at in range(1, AT_MOST):
        await office.join("甲", starts_at=FRIDAY + timedelta(days=at))
    with pytest.raises(NotChangeable):
        await office.join("甲", starts_at=FRIDAY + timedelta(days=9))
    woman = await office.woman("甲")
    assert [entry.first for entry in await office.waiting.entries(woman)] == [
        FRIDAY + timedelta(days=at) for at in range(3)
    ]
    assert await office.waiting.leave(woman, joined.id) == 1
    assert len(await office.waiting.entries(woman)) == 2


@pytest.mark.parametrize(
    "wish",
    [
        {"service": ""},  # nowhere
        {"starts_at": local("2026-11-23 09:00")},  # over
    ],
)
async def test_a_wish_without_place_or_future_is_refused(office: Office, wish: dict) -> None:
    with pytest.raises(BadInput):
        await office.join("甲", **wish)


async def test_the_part_of_the_day_and_the_area_are_kept_to(database: Database, keyring: Keyring, clock: Clock) -> None:
    office = Office(await booking(database, keyring, clock, [("甲站", [ServiceKind.LEGAL], 0.0)]))
    afternoon = (time(14), time(18))
    await office.join("甲", service="", division="120101001000", length=timedelta(hours=12), hours=afternoon)
    await office.join("乙", service="", division="120113101000", length=timedelta(hours=12))
    await office.offers.tend()
    assert [held.starts_at.time() >= time(14) for held in await office.held("甲")] == [True]
    assert await office.held("乙") == ()  # no door in that town


@pytest.mark.parametrize(
    ("division", "prefix"),
    [
        ("120113101201", "120113101"),  # a village: its town
        ("120113101000", "120113101"),  # a town
        ("120113000000", "120113"),  # a district
        ("120100000000", "1201"),  # a city
        ("120000000000", "12"),  # a province
    ],
)
def test_about_where_she_waits(division: str, prefix: str) -> None:
    assert within(division) == prefix
