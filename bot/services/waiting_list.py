"""Her side of the waiting list: come, leave, say yes or no to a seat that became free."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.appointments import Actor, AppointmentStatus, BookedAppointment
from bot.domain.errors import BadInput, NotChangeable, NotFound
from bot.services.appointments import CALLED, LONGEST_CALLED, PHONE, Appointments
from bot.services.availability import Availability, SlotWish
from bot.services.offers import Offers
from bot.storage.appointments import AppointmentStore
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.waiting_list import OPEN, WaitingEntry, WaitingListStore, WaitingStatus

AT_MOST = 3
"""Entries that one woman may have."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry as she sees it; times are local. `offered`: a seat is kept for her now."""

    id: str
    kinds: tuple[str, ...]
    first: datetime
    last: datetime
    service: str = ""
    division: str = ""
    may_message: bool = False
    offered: bool = False


class WaitingList:
    """Public ids in. Offers are BookedAppointments with status HELD and `held_until`."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        appointments: Appointments,
        availability: Availability,
        offers: Offers,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._appointments = appointments
        self._availability = availability
        self._offers = offers
        self._clock = clock

    async def join(
        self, conversation: str, wish: SlotWish, *, called: str = "", phone: str = "", may_message: bool = False
    ) -> Waiting:
        """Wait for what `wish` names: kinds, first, last, hours, together, and `service` or else `division` (a code).

        Her exact point is not kept. The same wish twice is one entry. Raises BadInput (no place, or the time is over),
        NotChangeable (she waits for as much as she may), NotFound.
        """
        now = self._clock()
        if not (wish.service or wish.division):
            raise BadInput("请告诉我在哪一带等，比如“北辰区”。")
        if wish.last <= now:
            raise BadInput("这段时间已经过去了，请换个时间。")
        async with self._database.write() as session:
            number = await AppointmentStore(session).lock_conversation(conversation)
            if number is None:
                raise NotFound
            entry = self._entry(number, wish, now)
            entry.sealed_called = self._keyring.seal(called[:LONGEST_CALLED], CALLED) if called else None
            entry.sealed_phone = self._keyring.seal(phone, PHONE) if phone else None
            entry.may_message = may_message
            store = WaitingListStore(session)
            standing = await store.entries(number)
            same = next((known for known in standing if _wish_of(known) == _wish_of(entry)), None)
            if same is not None:
                return self._seen(same)
            if len(standing) >= AT_MOST:
                raise NotChangeable(f"您已经在排 {len(standing)} 个队了，先退出一个再排。")
            await store.add(entry)
            return self._seen(entry)

    async def entries(self, conversation: str) -> tuple[Waiting, ...]:
        """What she waits for, the oldest first."""
        async with self._database.read() as session:
            number = await AppointmentStore(session).conversation_id(conversation)
            if number is None:
                return ()
            return tuple(self._seen(entry) for entry in await WaitingListStore(session).entries(number))

    async def leave(self, conversation: str, entry: str = "") -> int:
        """Leave one entry, or all of them; a seat kept for her goes to the next. Returns how many were left."""
        async with self._database.write() as session:
            number = await AppointmentStore(session).lock_conversation(conversation)
            if number is None:
                return 0
            store, now = WaitingListStore(session), self._clock()
            left = [row.id for row in await store.entries(number) if entry in ("", row.public_id)]
            offers = await store.open_offers(conversation_id=number)
            held = [offer.appointment.public_id for offer in offers if offer.entry_id in left]
            for entry_id in left:
                await store.turn(entry_id, OPEN, WaitingStatus.LEFT, now)
        for appointment in held:
            await self._appointments.give_back(appointment, conversation=conversation, actor=Actor.WOMAN)
            await self._offers.settle(appointment)
        return len(left)

    async def offers(self, conversation: str) -> tuple[BookedAppointment, ...]:
        """Seats kept for her now, the soonest first: to be told whenever she writes or asks."""
        coming = await self._appointments.coming(conversation)
        return tuple(one for one in coming if one.status is AppointmentStatus.HELD)

    async def accept(self, appointment: str, *, conversation: str, remind: bool | None = None) -> BookedAppointment:
        """Yes. Saying it again books nothing more. Raises NotChangeable (gone, or too many), NotFound."""
        booked = await self._appointments.confirm(appointment, conversation=conversation, remind=remind)
        await self._offers.settle(appointment)
        return booked

    async def decline(self, appointment: str, *, conversation: str) -> None:
        """No: the seat goes to the next, and she keeps her place in the queue. Saying it again is no error.

        Raises NotChangeable when she has said yes before: that is cancelled like any appointment.
        """
        given = await self._appointments.give_back(appointment, conversation=conversation, actor=Actor.WOMAN)
        await self._offers.settle(appointment)
        known = await self._appointments.one(appointment, conversation=conversation)
        if not given and known.status is not AppointmentStatus.CANCELLED:
            raise NotChangeable("这个时间已经约好了，不去的话请说“取消预约”。")

    def _entry(self, conversation_id: int, wish: SlotWish, now: datetime) -> WaitingEntry:
        hours_from, hours_to = wish.hours or (None, None)
        return WaitingEntry(
            conversation_id=conversation_id,
            status=WaitingStatus.WAITING,
            kinds=",".join(wish.kinds),
            service_id=wish.service,
            division="" if wish.service else wish.division,
            first=wish.first,
            last=wish.last,
            hours_from=hours_from,
            hours_to=hours_to,
            together=wish.together,
            missed=0,
            queued_at=now,
            joined_at=now,
        )

    def _seen(self, row: WaitingEntry) -> Waiting:
        zone = self._availability.now().tzinfo
        return Waiting(
            id=row.public_id,
            kinds=tuple(row.kinds.split(",")),
            first=row.first.astimezone(zone),
            last=row.last.astimezone(zone),
            service=row.service_id,
            division=row.division,
            may_message=row.may_message,
            offered=row.status is WaitingStatus.OFFERED,
        )


def _wish_of(row: WaitingEntry) -> tuple[object, ...]:
    """What makes two entries the same."""
    return (row.kinds, row.service_id, row.division, row.first, row.last, row.hours_from, row.hours_to, row.together)
