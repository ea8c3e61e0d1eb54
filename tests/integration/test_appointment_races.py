"""Many want one seat: exactly one gets it, the others are told in words, and nothing breaks."""

import asyncio
from collections import Counter

from sqlalchemy import func, select

from bot.domain.errors import SlotTaken
from bot.services.appointments import BookingRequest
from bot.storage.appointments import Appointment
from bot.storage.calendars import Seat
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.calendars import booking, local

AT_ONCE = 400


async def test_four_hundred_want_one_seat_and_one_gets_it(database: Database, keyring: Keyring, clock: Clock) -> None:
    made = await booking(database, keyring, clock, [("甲站", [ServiceKind.LEGAL], 0.0)])
    service, starts_at = made.services["甲站 legal"], local("2026-11-27 09:00")

    async def book(number: int) -> str:
        try:
            await made.appointments.book(BookingRequest(f"她 {number}", ((service, starts_at),)))
        except SlotTaken as taken:
            return "offered others" if taken.free else "taken"
        return "booked"

    outcomes = Counter(await asyncio.gather(*(book(number) for number in range(AT_ONCE))))
    assert outcomes == {"booked": 1, "offered others": AT_ONCE - 1}
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Appointment)) == 1
        assert await session.scalar(select(func.count()).select_from(Seat)) == 9  # 40 minutes and a pause of 5
