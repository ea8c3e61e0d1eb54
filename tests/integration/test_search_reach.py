"""How far the search for a slot goes: past what is closed, but not past scores of full places."""

from datetime import timedelta

from bot.services.appointments import BookingRequest
from bot.services.availability import FULL_ENOUGH, SlotWish
from bot.services.calendars import Calendars
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.calendars import CENTRE, Booking, booking, local

FRIDAY = local("2026-11-27 09:00")
WISH = SlotWish((ServiceKind.LEGAL,), FRIDAY, FRIDAY + timedelta(minutes=15), point=CENTRE)
PLACES = 70


async def street(database: Database, keyring: Keyring, clock: Clock) -> Booking:
    """Places one after the other, each a little farther away; the names count them."""
    places = [(f"{number}", [ServiceKind.LEGAL], number / 1000) for number in range(PLACES)]
    return await booking(database, keyring, clock, places)


async def test_closed_places_are_passed_by_however_many(database: Database, keyring: Keyring, clock: Clock) -> None:
    made = await street(database, keyring, clock)
    calendars = Calendars(database, keyring, made.directory, made.availability, clock=clock, zone="Asia/Shanghai")
    for number in range(PLACES - 2):
        await calendars.close(made.services[f"{number} legal"], FRIDAY, FRIDAY + timedelta(hours=8))
    found = await made.availability.find(WISH)
    assert (found.widened, [slot.visits[0].place for slot in found.slots]) == (False, ["68", "69"])


async def test_when_scores_are_full_a_later_hour_near_by_is_offered(
    database: Database, keyring: Keyring, clock: Clock
) -> None:
    made = await street(database, keyring, clock)
    for number in range(PLACES - 2):
        visit = (made.services[f"{number} legal"], FRIDAY)
        await made.appointments.book(BookingRequest(f"{number}", (visit,)))
    found = await made.availability.find(WISH)
    assert PLACES - 2 > 64 > FULL_ENOUGH
    assert (found.widened, found.slots[0].visits[0].place) == (True, "0")


async def test_a_few_full_ones_are_passed_by_too(database: Database, keyring: Keyring, clock: Clock) -> None:
    made = await street(database, keyring, clock)
    for number in range(20):
        visit = (made.services[f"{number} legal"], FRIDAY)
        await made.appointments.book(BookingRequest(f"{number}", (visit,)))
    found = await made.availability.find(WISH)
    assert (found.widened, [slot.visits[0].place for slot in found.slots]) == (False, ["20", "21"])
