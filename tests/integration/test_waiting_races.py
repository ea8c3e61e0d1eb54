"""The waiting list under many workers, many answers and sudden deaths: one seat, one offer, one appointment."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.appointments import AppointmentStatus, BookedAppointment
from bot.domain.errors import NotChangeable
from bot.services.appointments import Limits
from bot.services.availability import SlotWish
from bot.services.offers import LEASE, Offers
from bot.storage.calendars import Seat
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.sealing import Keyring
from bot.storage.waiting_list import OfferOutcome, WaitingEntry, WaitingListStore, WaitingStatus
from tests.conftest import Clock
from tests.integration.calendars import booking, local
from tests.integration.waiting import FRIDAY, QUARTER, Office


@pytest.fixture
async def office(database: Database, keyring: Keyring, clock: Clock) -> Office:
    return Office(await booking(database, keyring, clock, [("甲站", [ServiceKind.LEGAL], 0.0)]))


async def test_many_workers_offer_one_seat_once(office: Office) -> None:
    booked = await office.book()
    for number in range(5):
        await office.join(f"她 {number}")
    await office.made.appointments.cancel(booked.id)
    others = [Database(office.made.database.url.render_as_string(hide_password=False)) for _ in range(3)]
    workers = [office.worker() for _ in range(9)]
    for number, worker in enumerate(workers):
        worker._database = others[number % 3]
    await asyncio.gather(*(worker.tend() for worker in workers))
    await asyncio.gather(*(worker.tend() for worker in workers))
    assert await office.outcomes() == [OfferOutcome.OPEN]
    assert len(await office.held("她 0")) == 1
    assert len(await office.standing()) == 1
    for other in others:
        await other.close()


async def test_fifty_times_yes_is_one_appointment(office: Office) -> None:
    joined = await office.join("甲")
    await office.offers.tend()
    (held,) = await office.held("甲")
    woman = await office.woman("甲")
    answers = await asyncio.gather(
        *(office.waiting.accept(held.id, conversation=woman, remind=True) for _ in range(50))
    )
    assert {(booked.id, booked.status, booked.sequence) for booked in answers} == {
        (held.id, AppointmentStatus.BOOKED, 1)
    }
    entry = await office.entry(joined)
    assert (entry.status, entry.sealed_called, entry.sealed_phone) == (WaitingStatus.SERVED, None, None)
    assert await office.outcomes() == [OfferOutcome.ACCEPTED]
    assert await office.waiting.entries(woman) == ()
    with pytest.raises(NotChangeable):
        await office.waiting.decline(held.id, conversation=woman)
    assert len(await office.standing()) == 1


async def test_her_yes_and_the_end_of_the_offer_at_once_agree(office: Office) -> None:
    await office.join("甲")
    await office.offers.tend()
    (held,) = await office.held("甲")
    woman = await office.woman("甲")
    office.made.clock.pass_by(hours=2, seconds=1)

    async def yes() -> bool:
        try:
            await office.waiting.accept(held.id, conversation=woman)
        except NotChangeable:
            return False
        return True

    said_yes, _ = await asyncio.gather(yes(), office.offers.tend())
    while await office.offers.tend():
        pass
    known = await office.made.appointments.one(held.id)
    assert known.status is (AppointmentStatus.BOOKED if said_yes else AppointmentStatus.CANCELLED)
    assert await office.outcomes() == [OfferOutcome.ACCEPTED if said_yes else OfferOutcome.MISSED]
    async with office.made.database.read() as session:
        assert len((await session.scalars(select(Seat.id))).all()) == (9 if said_yes else 0)


async def test_a_worker_killed_after_it_took_the_seat_leaves_it_for_the_same_woman(office: Office) -> None:
    class DiesBeforeTelling(Offers):
        async def _tell(self, entry: WaitingEntry, held: BookedAppointment) -> bool:
            raise SystemExit

    await office.join("甲")
    with pytest.raises(SystemExit):
        await office.worker(DiesBeforeTelling).tend()
    assert await office.outcomes() == []
    assert await office.offers.tend() == 0  # the dead worker's lease
    office.made.clock.pass_by(seconds=LEASE.total_seconds())
    assert await office.offers.tend() == 1
    assert len(await office.standing()) == 1
    assert len(await office.said_to("甲")) == 1


async def test_a_worker_killed_and_nobody_for_hours_makes_a_new_offer(office: Office) -> None:
    class DiesBeforeTelling(Offers):
        async def _tell(self, entry: WaitingEntry, held: BookedAppointment) -> bool:
            raise SystemExit

    await office.join("甲")
    with pytest.raises(SystemExit):
        await office.worker(DiesBeforeTelling).tend()
    office.made.clock.pass_by(hours=3)
    while await office.offers.tend():
        pass
    (held,) = await office.held("甲")
    assert held.held_until == local("2026-11-24 15:00:01")
    assert len(await office.standing()) == 1


async def test_a_worker_killed_between_taking_back_and_telling_has_it_told_by_the_next(office: Office) -> None:
    joined = await office.join("甲")
    await office.offers.tend()
    (held,) = await office.held("甲")
    office.made.clock.pass_by(hours=2, seconds=1)
    assert await office.made.appointments.give_back(held.id)
    await office.offers.tend()
    assert (await office.entry(joined)).missed == 1
    assert len([words for words in await office.said_to("甲") if "让给下一位" in words]) == 1


async def test_she_who_left_while_the_seat_was_being_taken_gets_no_offer(office: Office) -> None:
    class LeavesMeanwhile(Offers):
        async def _tell(self, entry: WaitingEntry, held: BookedAppointment) -> bool:
            await office.waiting.leave(await office.woman("甲"))
            return await super()._tell(entry, held)

    await office.join("甲")
    await office.worker(LeavesMeanwhile).tend()
    assert (await office.standing(), await office.said_to("甲")) == ([], [])


async def test_many_joins_at_once_are_one_entry(office: Office) -> None:
    woman = await office.woman("甲")
    wish = SlotWish((ServiceKind.LEGAL,), FRIDAY, FRIDAY + QUARTER, service=office.service)
    joined = await asyncio.gather(*(office.waiting.join(woman, wish) for _ in range(20)))
    assert len({entry.id for entry in joined}) == 1


async def test_whatever_happens_at_once_no_seat_is_given_twice(
    database: Database, keyring: Keyring, clock: Clock
) -> None:
    made = await booking(database, keyring, clock, [("甲站", [ServiceKind.LEGAL], 0.0)], limits=Limits(at_once=9))
    office = Office(made)
    starts = [FRIDAY + timedelta(minutes=45 * at) for at in range(3)]
    booked = [await office.book(start, f"先 {at}") for at, start in enumerate(starts)]
    names = [f"她 {number}" for number in range(8)]
    for name in names:
        await office.join(name, length=timedelta(hours=2, minutes=10))

    async def answer(name: str, yes: bool) -> None:
        woman = await office.woman(name)
        for held in await office.waiting.offers(woman):
            try:
                if yes:
                    await office.waiting.accept(held.id, conversation=woman)
                else:
                    await office.waiting.decline(held.id, conversation=woman)
            except NotChangeable:
                pass

    for turn in range(6):
        cancel = [made.appointments.cancel(one.id) for one in booked[turn : turn + 1]]
        answers = [answer(name, (at + turn) % 3 != 0) for at, name in enumerate(names)]
        await asyncio.gather(*cancel, *answers, *(office.worker().tend() for _ in range(4)))
        clock.pass_by(minutes=50)
        await office.offers.tend()
    async with database.read() as session:
        seats = (await session.scalars(select(Seat.quantum))).all()
        open_offers = await WaitingListStore(session).open_offers()
    standing = await office.standing()
    assert len(seats) == len(set(seats)) == 9 * len(standing)
    held = {row.id for row in standing if row.status is AppointmentStatus.HELD}
    assert {offer.appointment_id for offer in open_offers} >= held
