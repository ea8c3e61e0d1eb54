"""The sample: something of every kind in every district for the next six weeks, said to be invented wherever it is read."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.domain.activities import ActivityQuery, ActivityTopic, is_evening, is_weekend
from bot.language.places import Gazetteer
from bot.services.sample_activities import load_sample_activities
from bot.services.sample_directory import PLACES
from bot.storage.activities import ActivitySignUp
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.inviting import ZONE, Inviting


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@pytest.fixture
async def inviting(database: Database, keyring: Keyring, gazetteer: Gazetteer, clock: Clock) -> Inviting:
    await load_sample_activities(database, gazetteer, clock=clock, zone=ZONE)
    return Inviting(database, keyring, gazetteer, clock)


async def test_there_is_something_of_every_kind_in_every_district(inviting: Inviting, gazetteer: Gazetteer) -> None:
    cards = await inviting.activities.announced()
    assert {card.topic for card in cards} == set(ActivityTopic)
    assert {card.area[:6] for card in cards} == {district.code[:6] for district in gazetteer.districts()}
    assert all(card.synthetic and "示例" in card.title and "示例" in card.place for card in cards)
    assert any(is_weekend(card.starts_at) for card in cards)
    assert any(is_evening(card.starts_at) and not is_weekend(card.starts_at) for card in cards)
    assert {card.free == 0 for card in cards} == {True, False}
    assert {card.seats is None for card in cards} == {True, False}
    last = max(card.starts_at for card in cards)
    assert timedelta(days=35) < last - inviting.clock() < timedelta(days=49)


async def test_she_may_sign_up_for_one_and_wait_for_a_full_one(inviting: Inviting) -> None:
    cards = await inviting.activities.find(ActivityQuery(limit=100))
    free, full = next(card for card in cards if card.free), next(card for card in cards if card.free == 0)
    hers = await inviting.woman()
    assert (await inviting.activities.sign_up(hers, free.id)).seat == 1
    assert (await inviting.activities.sign_up(hers, full.id, wait=True)).waits


async def test_loading_it_again_replaces_it_with_those_who_hold_its_seats(
    inviting: Inviting, gazetteer: Gazetteer
) -> None:
    before = await counted(inviting)
    count = await load_sample_activities(inviting.database, gazetteer, clock=inviting.clock, zone=ZONE)
    assert len(await inviting.activities.announced()) == count
    assert await counted(inviting) == before


async def test_nothing_is_loaded_where_the_office_has_its_own(inviting: Inviting, gazetteer: Gazetteer) -> None:
    await inviting.announce(title="自己的课")
    assert await load_sample_activities(inviting.database, gazetteer, clock=inviting.clock, zone=ZONE) == 0
    assert [card.title for card in await inviting.activities.announced()] == ["自己的课"]
    assert await counted(inviting) == (0, 0)


async def counted(inviting: Inviting) -> tuple[int, int]:
    """(sign-ups, conversations)"""
    async with inviting.database.read() as session:
        return (
            await session.scalar(select(func.count()).select_from(ActivitySignUp)) or 0,
            await session.scalar(select(func.count()).select_from(Conversation)) or 0,
        )
