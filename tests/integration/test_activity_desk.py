"""Activities from the officers' side: her branch alone, repeated by the week, seats that are not taken away, who came."""

import pytest

from bot.domain.accounts import Role
from bot.domain.activities import ActivityFilter, ActivityStatus, SignUpStatus
from bot.domain.errors import BadInput, NotFound, NotPossibleNow
from bot.language.places import Gazetteer
from bot.services.record_copies import RecordCopies
from bot.services.sample_directory import PLACES
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.calendars import local
from tests.integration.inviting import OTHER, SECRET, TOWN, ZONE, Inviting, plan


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@pytest.fixture
def inviting(database: Database, keyring: Keyring, gazetteer: Gazetteer, clock: Clock) -> Inviting:
    return Inviting(database, keyring, gazetteer, clock)


async def test_an_officer_sees_and_changes_only_what_lies_in_her_branch(inviting: Inviting) -> None:
    activity = await inviting.announce()
    stranger, reviewer = inviting.officer(OTHER), inviting.officer("", Role.REVIEWER)
    for by in (stranger, reviewer):
        with pytest.raises(NotFound):
            await inviting.desk.one(activity, by)
        with pytest.raises(NotFound):
            await inviting.desk.attendees(activity, by)
        with pytest.raises(NotFound):
            await inviting.desk.cancel(activity, by, "试试")
        with pytest.raises(NotFound):
            await inviting.desk.copy(activity, by, local("2026-12-05 10:00"))
    with pytest.raises(NotFound):
        await inviting.desk.page(reviewer, ActivityFilter())
    assert await inviting.desk.page(stranger, ActivityFilter()) == []
    with pytest.raises(BadInput, match="管辖范围"):
        await inviting.desk.change(activity, plan(area=OTHER), inviting.officer())
    assert (await inviting.activities.card(activity)).status is ActivityStatus.PUBLISHED
    assert [one.card.id for one in await inviting.desk.page(inviting.officer(TOWN), ActivityFilter())] == [activity]


async def test_a_weekly_class_is_repeated_at_the_same_hour_and_published_like_the_first(inviting: Inviting) -> None:
    activity = await inviting.announce()
    made = await inviting.desk.repeat(activity, inviting.officer(), 3)
    rows = await inviting.desk.page(inviting.officer(), ActivityFilter(), newest=False)
    assert [row.card.when for row in rows] == [
        "11月28日（周六）10:00–12:00", "12月5日（周六）10:00–12:00", "12月12日（周六）10:00–12:00", "12月19日（周六）10:00–12:00",
    ]  # fmt: skip
    assert [row.card.id for row in rows] == [activity, *made]
    assert len({row.series for row in rows}) == 1
    assert {row.card.status for row in rows} == {ActivityStatus.PUBLISHED}
    copied = await inviting.desk.copy(activity, inviting.officer(), local("2026-12-06 14:00"))
    entry = await inviting.desk.one(copied, inviting.officer())
    assert (entry.card.status, entry.card.when, entry.series) == (
        ActivityStatus.DRAFT, "12月6日（周日）14:00–16:00", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "  "},  # no name
        {"place": ""},
        {"ends_at": local("2026-11-28 10:00")},  # as long as nothing
        {"seats": 0},
        {"description": "长" * 601},
        {"area": "12"},  # a province that is no branch of hers
        {"area": "北辰"},  # no code
    ],
)
async def test_a_plan_that_cannot_be_is_refused_in_words(inviting: Inviting, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        await inviting.desk.create(plan(**wrong), inviting.officer())


async def test_seats_are_not_taken_from_who_has_one_and_more_seats_go_to_who_waits(inviting: Inviting) -> None:
    activity = await inviting.announce(seats=2)
    for name in ("甲", "乙"):
        await inviting.activities.sign_up(await inviting.woman(name), activity)
    waits = await inviting.woman("丙")
    await inviting.activities.sign_up(waits, activity, wait=True)
    with pytest.raises(BadInput, match="已经有 2 人"):
        await inviting.desk.change(activity, plan(seats=1), inviting.officer())
    await inviting.desk.change(activity, plan(seats=None), inviting.officer())
    assert await inviting.rounds.pass_on() == 1
    assert (await inviting.activities.mine(waits))[0].seat == 3


async def test_the_list_says_who_came_and_figures_below_five_are_not_told(inviting: Inviting) -> None:
    activity, woman = await inviting.announce(), await inviting.woman()
    await inviting.activities.sign_up(woman, activity, called="李秀英")
    [one] = await inviting.desk.attendees(activity, inviting.officer())
    assert (one.number, one.called, one.status) == (1, "李**", SignUpStatus.SIGNED_UP)
    with pytest.raises(NotPossibleNow):
        await inviting.desk.mark(activity, one.id, inviting.officer(), SignUpStatus.ATTENDED)
    inviting.at("2026-11-28 10:30")
    await inviting.desk.mark(activity, one.id, inviting.officer(), SignUpStatus.NO_SHOW)
    entry = await inviting.desk.one(activity, inviting.officer())
    assert (entry.seated, entry.no_show, entry.attended) == (1, 1, 0)
    figures = await inviting.desk.counts(inviting.officer())
    assert (figures.activities, figures.seated, figures.attended) == (1, "少于5", "0")
    assert (await inviting.desk.counts(inviting.officer(OTHER))).activities == 0


async def test_her_copy_names_what_she_signed_up_for_and_the_words_she_wrote(inviting: Inviting) -> None:
    activity, woman = await inviting.announce(), await inviting.woman()
    inviting.at("2026-11-28 10:00")
    await inviting.activities.sign_in(woman, await inviting.code(activity))
    await inviting.activities.feedback(woman, rating=4, words="李老师讲得好")
    copies = RecordCopies(inviting.database, inviting.keyring, inviting.audit, clock=inviting.clock, zone=ZONE)
    [hers] = (await copies.for_office(woman, "本人要求")).activities
    assert (hers.title, hers.status, hers.rating, hers.words) == (SECRET, "到了", 4, "李老师讲得好")
