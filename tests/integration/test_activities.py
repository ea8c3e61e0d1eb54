"""Activities from both sides: found, seats that nobody has twice, a waiting list that moves, words that give nothing away."""

import asyncio
from collections import Counter

import pytest

from bot.domain.activities import ActivityQuery, ActivityStatus, ActivityTopic, SignUpStatus
from bot.domain.errors import BadInput, NotChangeable, NotFound, NotPossibleNow, SlotTaken
from bot.domain.geography import Point
from bot.language.places import Gazetteer
from bot.services.late_answers import DeliveryRefused
from bot.services.sample_directory import PLACES
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.calendars import local
from tests.integration.inviting import DISTRICT, OTHER, SECRET, Inviting, plan

AT_ONCE = 60


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@pytest.fixture
def inviting(database: Database, keyring: Keyring, gazetteer: Gazetteer, clock: Clock) -> Inviting:
    return Inviting(database, keyring, gazetteer, clock)


async def test_of_many_who_want_the_last_seats_exactly_as_many_get_one_as_there_are(inviting: Inviting) -> None:
    activity = await inviting.announce(seats=3)
    women = [await inviting.woman(f"她 {number}") for number in range(AT_ONCE)]

    async def sign_up(woman: str) -> str:
        try:
            await inviting.activities.sign_up(woman, activity)
        except SlotTaken:
            return "full"
        return "seated"

    outcomes = Counter(await asyncio.gather(*(sign_up(woman) for woman in women)))
    assert outcomes == {"seated": 3, "full": AT_ONCE - 3}
    assert sorted(row.seat for row in await inviting.sign_ups()) == [1, 2, 3]
    assert (await inviting.activities.card(activity)).free == 0


async def test_signing_up_twice_at_once_is_one_seat(inviting: Inviting) -> None:
    activity, woman = await inviting.announce(), await inviting.woman()
    made = await asyncio.gather(*(inviting.activities.sign_up(woman, activity) for _ in range(5)))
    assert len({one.id for one in made}) == 1
    assert len(await inviting.sign_ups()) == 1


async def test_the_waiting_list_moves_up_in_order_when_somebody_cancels_and_she_is_told(inviting: Inviting) -> None:
    activity = await inviting.announce(seats=1)
    first, second, third = [await inviting.woman(name) for name in ("甲", "乙", "丙")]
    seat = await inviting.activities.sign_up(first, activity)
    waits = await inviting.activities.sign_up(second, activity, wait=True)
    assert (waits.status, waits.ahead) == (SignUpStatus.WAITING, 0)
    assert (await inviting.activities.sign_up(third, activity, wait=True)).ahead == 1
    gone = await inviting.activities.cancel(first, seat.id)
    assert gone.status is SignUpStatus.CANCELLED
    [hers] = await inviting.activities.mine(second)
    assert (hers.status, hers.seat) == (SignUpStatus.SIGNED_UP, 1)
    [told] = await inviting.told(second)
    assert "排到了" in told
    assert "11月28日（周六）10:00" in told
    assert SECRET not in told
    assert await inviting.told(third) == []
    assert (await inviting.activities.mine(third))[0].ahead == 0


async def test_who_comes_anew_does_not_overtake_who_waits(inviting: Inviting) -> None:
    activity = await inviting.announce(seats=1)
    first, second, third = [await inviting.woman(name) for name in ("甲", "乙", "丙")]
    await inviting.activities.sign_up(first, activity)
    await inviting.activities.sign_up(second, activity, wait=True)
    await inviting.delete(first)  # a seat is free, and the round has not looked yet
    with pytest.raises(SlotTaken):
        await inviting.activities.sign_up(third, activity)
    assert (await inviting.activities.card(activity)).free == 0


async def test_a_deleted_conversation_frees_its_seat_for_who_waits(inviting: Inviting) -> None:
    activity = await inviting.announce(seats=1)
    first, second = await inviting.woman("甲"), await inviting.woman("乙")
    await inviting.activities.sign_up(first, activity)
    await inviting.activities.sign_up(second, activity, wait=True)
    await inviting.delete(first)
    assert await inviting.rounds.pass_on() == 1
    assert await inviting.rounds.pass_on() == 0
    [hers] = await inviting.activities.mine(second)
    assert hers.status is SignUpStatus.SIGNED_UP


async def test_rounds_of_many_workers_give_one_seat_once(inviting: Inviting) -> None:
    activity = await inviting.announce(seats=1)
    first, *others = [await inviting.woman(f"她 {number}") for number in range(4)]
    await inviting.activities.sign_up(first, activity)
    for woman in others:
        await inviting.activities.sign_up(woman, activity, wait=True)
    await inviting.delete(first)
    assert sum(await asyncio.gather(*(inviting.rounds.pass_on() for _ in range(4)))) == 1
    statuses = Counter(row.status for row in await inviting.sign_ups())
    assert statuses == {SignUpStatus.SIGNED_UP: 1, SignUpStatus.WAITING: 2}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (ActivityQuery(), ["周四晚", "周六", "远处", "下周"]),  # the soonest first
        (ActivityQuery(topic=ActivityTopic.DATING), ["周六"]),
        (ActivityQuery(weekend=True), ["周六"]),
        (ActivityQuery(evening=True), ["周四晚"]),
        (ActivityQuery(area=DISTRICT), ["周四晚", "周六", "下周"]),
        (ActivityQuery(first=local("2026-11-28 00:00"), last=local("2026-11-30 00:00")), ["周六"]),
        (ActivityQuery(words="插花"), ["下周"]),  # in its description
        (ActivityQuery(words="没有这个"), []),
        (ActivityQuery(point=Point(39.1100, 117.2500)), ["远处", "周四晚", "周六", "下周"]),  # what is near comes first
        (ActivityQuery(limit=2), ["周四晚", "周六"]),
    ],
)
async def test_she_finds_what_she_asks_for(inviting: Inviting, query: ActivityQuery, found: list[str]) -> None:
    await inviting.announce("2026-12-02 14:00", title="下周", description="学插花")
    await inviting.announce("2026-11-28 10:00", title="周六", topic=ActivityTopic.DATING)
    await inviting.announce("2026-11-26 18:30", title="周四晚")
    await inviting.announce("2026-11-30 10:00", title="远处", area=OTHER, point=Point(39.1105, 117.2505))
    await inviting.desk.create(plan(title="草稿"), inviting.officer())
    cards = await inviting.activities.find(ActivityQuery(**{**{"limit": 9}, **_given(query)}))
    assert [card.title for card in cards] == found


def _given(query: ActivityQuery) -> dict[str, object]:
    empty = ActivityQuery()
    names = ActivityQuery.__dataclass_fields__
    return {name: getattr(query, name) for name in names if getattr(query, name) != getattr(empty, name)}


async def test_full_ones_stand_behind_those_with_a_seat(inviting: Inviting) -> None:
    full = await inviting.announce("2026-11-26 10:00", title="满了", seats=1)
    await inviting.announce("2026-11-28 10:00", title="有空")
    await inviting.activities.sign_up(await inviting.woman(), full)
    assert [card.title for card in await inviting.activities.find(ActivityQuery())] == ["有空", "满了"]


async def test_what_has_begun_or_was_cancelled_is_not_found_and_takes_nobody(inviting: Inviting) -> None:
    begun, off = await inviting.announce("2026-11-24 11:00"), await inviting.announce()
    await inviting.desk.cancel(off, inviting.officer(), "老师病了")
    inviting.at("2026-11-24 11:01")
    assert await inviting.activities.find(ActivityQuery()) == []
    woman = await inviting.woman()
    for activity, words in ((begun, "已经开始"), (off, "取消了")):
        with pytest.raises(NotChangeable, match=words):
            await inviting.activities.sign_up(woman, activity)
    with pytest.raises(NotFound):
        await inviting.activities.sign_up(woman, await inviting.desk.create(plan(), inviting.officer()))


async def test_she_is_reminded_once_by_day_and_the_words_name_nothing(inviting: Inviting) -> None:
    activity = await inviting.announce("2026-11-28 07:30")
    woman, quiet = await inviting.woman(), await inviting.woman("乙")
    await inviting.activities.sign_up(woman, activity, remind=True)
    await inviting.activities.sign_up(quiet, activity, remind=False)
    inviting.at("2026-11-27 07:45")  # a day before would have been half past seven in the morning
    assert await inviting.rounds.remind_due() == 0
    inviting.at("2026-11-27 08:00")
    assert sum(await asyncio.gather(*(inviting.rounds.remind_due() for _ in range(4)))) == 1
    assert await inviting.rounds.remind_due() == 0
    [told] = await inviting.told(woman)
    assert "11月28日（周六）07:30" in told
    assert not any(word in told for word in (SECRET, "甲妇女之家", "妇联", "亲子"))
    assert await inviting.told(quiet) == []


async def test_a_reminder_on_wechat_goes_by_the_way_that_is_open_and_once(inviting: Inviting) -> None:
    activity, woman = await inviting.announce(), await inviting.woman("她", "wechat")
    await inviting.activities.sign_up(woman, activity, remind=True)
    inviting.at("2026-11-27 10:00")
    assert await inviting.rounds.remind_due() == 1
    assert len(inviting.phone.heard) == 1
    [row] = await inviting.outbox()
    assert (row.delivered_at, row.next_attempt_at) == (local("2026-11-27 10:00"), None)


async def test_a_reminder_that_no_way_carries_waits_for_her_and_never_comes_late(inviting: Inviting) -> None:
    activity, woman = await inviting.announce(), await inviting.woman("她", "wechat")
    await inviting.activities.sign_up(woman, activity, remind=True)
    inviting.phone.refusal = DeliveryRefused("no_way", retry=False)
    inviting.at("2026-11-27 10:00")
    assert await inviting.rounds.remind_due() == 1
    [row] = await inviting.outbox()
    assert (row.failure, row.next_attempt_at) == ("no_way", None)
    inviting.at("2026-11-28 10:01")
    await inviting.rounds.remind_due()
    assert await inviting.outbox() == []


async def test_no_reminder_for_who_cancelled_or_signed_up_when_it_was_near(inviting: Inviting) -> None:
    activity = await inviting.announce(seats=5)
    early, late = await inviting.woman("甲"), await inviting.woman("乙")
    seat = await inviting.activities.sign_up(early, activity, remind=True)
    await inviting.activities.cancel(early, seat.id)
    inviting.at("2026-11-27 12:00")
    await inviting.activities.sign_up(late, activity, remind=True)
    assert await inviting.rounds.remind_due() == 0


async def test_a_change_of_time_or_place_is_told_and_other_changes_are_not(inviting: Inviting) -> None:
    activity = await inviting.announce()
    woman, gone = await inviting.woman(), await inviting.woman("乙")
    await inviting.activities.sign_up(woman, activity, remind=True)
    left = await inviting.activities.sign_up(gone, activity)
    await inviting.activities.cancel(gone, left.id)
    assert await inviting.desk.change(activity, plan(title="改个名字"), inviting.officer()) == 0
    assert await inviting.desk.change(activity, plan(place="乙处"), inviting.officer()) == 1
    assert await inviting.desk.change(activity, plan("2026-11-29 14:00", place="乙处"), inviting.officer()) == 1
    first, second = await inviting.told(woman)
    assert "换了地方" in first
    assert "原来是 11月28日（周六）10:00，现在是 11月29日（周日）14:00" in second
    assert not any(word in first + second for word in (SECRET, "乙处"))
    assert await inviting.told(gone) == []
    inviting.at("2026-11-28 14:00")  # a day before the new time
    assert await inviting.rounds.remind_due() == 1


async def test_a_cancelled_activity_is_told_and_its_reason_stands_in_her_list(inviting: Inviting) -> None:
    activity, woman = await inviting.announce(), await inviting.woman()
    await inviting.activities.sign_up(woman, activity)
    assert await inviting.desk.cancel(activity, inviting.officer(), "下雪") == 1
    [told] = await inviting.told(woman)
    assert "取消了" in told
    assert "下雪" not in told
    [hers] = await inviting.activities.mine(woman)
    assert (hers.card.status, hers.card.reason) == (ActivityStatus.CANCELLED, "下雪")
    with pytest.raises(NotPossibleNow):
        await inviting.desk.cancel(activity, inviting.officer(), "下雪")


async def test_where_her_phone_would_ring_it_waits_for_the_morning_or_her_next_message(inviting: Inviting) -> None:
    activity = await inviting.announce()
    agreed, silent = await inviting.woman("甲", "wechat"), await inviting.woman("乙", "wechat")
    await inviting.activities.sign_up(agreed, activity, remind=True)
    await inviting.activities.sign_up(silent, activity, remind=False)
    inviting.at("2026-11-24 23:00")
    await inviting.desk.cancel(activity, inviting.officer(), "下雪")
    first, second = await inviting.outbox()
    assert (first.next_attempt_at, first.failure) == (local("2026-11-25 08:00"), None)
    assert (second.next_attempt_at, second.failure) == (None, "not_agreed")


async def test_she_signs_in_with_the_code_of_the_day(inviting: Inviting) -> None:
    activity, woman = await inviting.announce(), await inviting.woman()
    await inviting.activities.sign_up(woman, activity)
    assert await inviting.code(activity) == ""  # not the day yet
    inviting.at("2026-11-28 09:40")
    code = await inviting.code(activity)
    assert len(code) == 6
    assert code.isdecimal()
    there = await inviting.activities.sign_in(woman, code)
    assert there.status is SignUpStatus.ATTENDED
    assert (await inviting.activities.sign_in(woman, code)).status is SignUpStatus.ATTENDED
    wrong = f"{(int(code) + 1) % 10**6:06}"
    with pytest.raises(BadInput, match="签到码"):
        await inviting.activities.sign_in(woman, wrong)


async def test_who_comes_unannounced_gets_a_free_seat_and_no_more_than_there_are(inviting: Inviting) -> None:
    activity = await inviting.announce(seats=1)
    inviting.at("2026-11-28 10:00")
    code = await inviting.code(activity)
    assert (await inviting.activities.sign_in(await inviting.woman("甲"), code)).seat == 1
    with pytest.raises(SlotTaken, match="现场"):
        await inviting.activities.sign_in(await inviting.woman("乙"), code)


async def test_who_waits_and_comes_gets_the_seat_that_is_free_on_the_day(inviting: Inviting) -> None:
    activity = await inviting.announce(seats=1)
    first, second = await inviting.woman("甲"), await inviting.woman("乙")
    await inviting.activities.sign_up(first, activity)
    await inviting.activities.sign_up(second, activity, wait=True)
    inviting.at("2026-11-28 10:05")
    await inviting.delete(first)
    there = await inviting.activities.sign_in(second, await inviting.code(activity))
    assert (there.status, there.seat) == (SignUpStatus.ATTENDED, 1)


async def test_whoever_came_is_asked_once_by_day_and_answers_with_one_tap(inviting: Inviting) -> None:
    activity = await inviting.announce("2026-11-28 18:00", hours=2.5)
    came, away = await inviting.woman("甲"), await inviting.woman("乙")
    await inviting.activities.sign_up(came, activity)
    await inviting.activities.sign_up(away, activity)
    inviting.at("2026-11-28 18:00")
    await inviting.activities.sign_in(came, await inviting.code(activity))
    inviting.at("2026-11-28 22:00")
    assert await inviting.rounds.ask_feedback() == 0  # nobody is asked by night
    inviting.at("2026-11-29 08:00")
    assert sum(await asyncio.gather(*(inviting.rounds.ask_feedback() for _ in range(4)))) == 1
    assert await inviting.rounds.ask_feedback() == 0
    assert await inviting.told(away) == []
    [told] = await inviting.told(came)
    assert SECRET not in told
    assert len(await inviting.offered(came)) == 5
    [hers] = await inviting.activities.mine(came)
    await inviting.activities.feedback(came, hers.id, rating=5)
    rated = await inviting.activities.feedback(came, words="老师姓李，电话13900001234，讲得好")
    assert rated.rating == 5
    with pytest.raises(NotFound):
        await inviting.activities.feedback(away, rating=3)
    [entry, *_] = await inviting.desk.attendees(activity, inviting.officer())
    assert "13900001234" not in entry.words
    assert "讲得好" in entry.words


async def test_what_she_did_not_sign_up_for_is_not_hers(inviting: Inviting) -> None:
    activity = await inviting.announce()
    hers = await inviting.activities.sign_up(await inviting.woman("甲"), activity)
    stranger = await inviting.woman("乙")
    with pytest.raises(NotFound):
        await inviting.activities.cancel(stranger, hers.id)
    with pytest.raises(NotFound):
        await inviting.activities.set_remind(stranger, hers.id, wanted=True)
