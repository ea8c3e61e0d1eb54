"""「妇女下班我上班」: she asks when everything near by is closed, and is told what is open, what opens next, what can be done."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.services.after_hours import Closed, closed_words
from bot.services.place_search import Outcome, PlaceRequest, PlaceSearch
from bot.services.shared_points import SharedPoints
from bot.storage.database import Database
from bot.storage.directory import Location
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.test_directory import GAZETTEER, directory, place

HERE = "北辰区集贤里街道附近的妇女之家"
NINE_IN_THE_EVENING = {"hours": 11}  # the tests' clock stands at ten in the morning, on a Tuesday


async def asked(database: Database, clock: Clock, keyring: Keyring, *places: Location) -> Closed | None:
    search = PlaceSearch(
        GAZETTEER, await directory(database, clock, *places), SharedPoints(database, keyring, clock=clock)
    )
    answer = await search.find(PlaceRequest(HERE))
    assert answer.outcome is Outcome.FOUND
    return answer.closed


async def test_while_something_is_open_nothing_is_added(database: Database, clock: Clock, keyring: Keyring) -> None:
    assert await asked(database, clock, keyring, place(1, 100), place(2, 200)) is None


async def test_in_the_evening_she_hears_of_the_place_that_is_open_and_of_what_opens_first(
    database: Database, clock: Clock, keyring: Keyring
) -> None:
    clock.pass_by(**NINE_IN_THE_EVENING)
    late = place(9, 5_000, closes=22)
    closed = await asked(database, clock, keyring, *[place(number, 100 * number) for number in (1, 2, 3)], late)
    assert closed is not None
    assert closed.open_now is not None
    assert closed.open_now.name == "9号"
    words = closed_words(closed)
    assert "“9号”（约 " in words
    assert "明天（周三） 9:00" in words
    assert "110" in words


async def test_when_all_are_closed_no_place_is_sent_her_to(database: Database, clock: Clock, keyring: Keyring) -> None:
    clock.pass_by(**NINE_IN_THE_EVENING)
    closed = await asked(database, clock, keyring, place(1, 100))
    assert closed is not None
    assert closed.open_now is None
    assert "还开着" not in closed_words(closed)


async def test_on_friday_night_the_next_opening_is_on_monday(
    database: Database, clock: Clock, keyring: Keyring
) -> None:
    clock.pass_by(days=3, **NINE_IN_THE_EVENING)
    closed = await asked(database, clock, keyring, place(1, 100))
    assert closed is not None
    assert "11月30日（周一） 9:00" in closed_words(closed)


async def test_before_it_opens_it_is_today(database: Database, clock: Clock, keyring: Keyring) -> None:
    clock.pass_by(hours=-2)
    closed = await asked(database, clock, keyring, place(1, 100))
    assert closed is not None
    assert "今天 9:00" in closed_words(closed)


@pytest.mark.parametrize("opens_at", [None, datetime(2026, 11, 25, 1, tzinfo=UTC)])
def test_what_is_not_known_is_not_said(opens_at: datetime | None) -> None:
    words = closed_words(Closed(datetime(2026, 11, 24, tzinfo=UTC) + timedelta(hours=1), None, None, opens_at))
    assert "最早开门" not in words
    assert "找工作人员" in words
