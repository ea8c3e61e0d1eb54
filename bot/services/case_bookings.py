"""What the directory has for the woman of a case: the nearest services, her appointments, and a seat booked for her.

The seat is hers: it stands in her own conversation, where she is told of it and can move or cancel it like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from bot.domain.accounts import CODE_DIGITS, Officer
from bot.domain.appointments import Actor, BookedAppointment
from bot.domain.errors import BadInput, NotFound, NotPossibleNow
from bot.domain.geography import Point
from bot.domain.messages import PlaceCard
from bot.language.places import Gazetteer
from bot.services.appointments import LONGEST_CALLED, Appointments, BookingRequest
from bot.services.availability import Availability, FreeSlot, SlotWish
from bot.services.case_access import held_as_hers, seen
from bot.services.directory import Directory, Door, PlaceQuery
from bot.storage.case_bookings import appointments_of
from bot.storage.database import Database
from bot.storage.directory import ServiceKind

NEAR_EACH = 2
PLACES = 4
STARTS = 40
JOINT = 12
SHOWN = 10
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HerAppointment:
    """One of her appointments; `links`: for each visit whether the officer keeps the calendar of its place."""

    booked: BookedAppointment
    links: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A place and when she could come on the day: local starts that are free."""

    door: Door
    metres: int
    starts: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be booked for her. `instead`: nothing is free on the day, these come after it. `known`: her area is.

    `together`: joint visits on the day; then no places are told apart.
    """

    places: tuple[PlaceChoice, ...]
    instead: tuple[FreeSlot, ...]
    known: bool
    together: tuple[FreeSlot, ...] = ()


@dataclass(frozen=True, slots=True)
class ForHer:
    """What the officer wrote: (service, local start), how to call her, a number that is safe, whether she wants reminders."""

    key: str
    visits: tuple[tuple[str, datetime], ...]
    called: str = ""
    phone: str = field(default="", repr=False)
    remind: bool = False


class CaseBookings:
    """Every method raises NotFound for a case that is not the officer's to see."""

    def __init__(
        self,
        database: Database,
        gazetteer: Gazetteer,
        directory: Directory,
        availability: Availability,
        appointments: Appointments,
    ) -> None:
        self._database = database
        self._gazetteer = gazetteer
        self._directory = directory
        self._availability = availability
        self._appointments = appointments

    async def near(self, area: str) -> list[tuple[ServiceKind, PlaceCard]]:
        """The nearest services of each kind for a case's area; none when it is not known."""
        point = self._centre(area)
        if point is None:
            return []
        found = []
        for kind in ServiceKind:
            query = PlaceQuery(point, kind, approximate=True, division=_code(area), limit=NEAR_EACH)
            found += [(kind, place) for place in (await self._directory.nearest(query)).places]
        return found

    async def of_case(self, case_id: str, by: Officer) -> list[HerAppointment]:
        """Her appointments: those that stand first, then the others, the last made first."""
        async with self._database.read() as session:
            case = await seen(session, case_id, by)
            known = [] if case.conversation_id is None else await appointments_of(session, case.conversation_id, SHOWN)
        return [await self._hers(await self._appointments.one(name), by) for name in known]

    async def choices(self, case_id: str, by: Officer, kind: str, day: date) -> Choices:
        """What is free on a day at the places nearest to her, or to the officer's own office when her area is not known.

        `kind`: a value of ServiceKind, or two with a plus between for a joint visit.
        """
        async with self._database.read() as session:
            case = await seen(session, case_id, by)
        area = case.area if self._centre(case.area) else by.area
        point = self._centre(area)
        if point is None:
            return Choices((), (), known=False)
        wanted = tuple(ServiceKind(one) for one in kind.split("+"))
        if len(wanted) > 1:
            return await self._joint(point, area, wanted, day, known=area == case.area)
        query = PlaceQuery(point, wanted[0], division=_code(area), limit=PLACES)
        places = [
            PlaceChoice(door, round(metres), await self._starts(door, day))
            for door, metres in await self._directory.doors_near(query)
        ]
        instead = () if any(place.starts for place in places) else await self._later(point, area, wanted, day)
        return Choices(tuple(places), instead, known=area == case.area)

    async def book(self, case_id: str, by: Officer, wanted: ForHer) -> BookedAppointment:
        """Book it in her name and tell her; sent twice it is booked once.

        Raises SlotTaken, SlotClosed, BadInput, AlreadyTaken, NotPossibleNow (nobody has the case, or she never wrote here).
        """
        if not wanted.called or len(wanted.called) > LONGEST_CALLED:
            raise BadInput(f"请写怎么称呼她，最多 {LONGEST_CALLED} 个字。")
        conversation = await self._conversation(case_id, by)
        sent = "\0".join(("case", case_id, wanted.key, repr(wanted.visits), wanted.called, wanted.phone))
        return await self._appointments.book(
            BookingRequest(
                sent, wanted.visits, conversation=conversation, called=wanted.called, phone=wanted.phone,
                remind=wanted.remind, actor=Actor.OFFICER, account=by.id,
            )
        )  # fmt: skip

    async def still_free(self, visits: Sequence[tuple[str, datetime]]) -> FreeSlot:
        """These very visits, to be read back before they are booked. Raises NotFound for a place that is not there."""
        for service, _ in visits:
            if await self._directory.door(service) is None:
                raise NotFound("没有这个地方。")
        free = await self._availability.still_free(visits)
        if free is None:
            raise NotPossibleNow("这个时间刚刚被约走了，请另选一个。")
        return free

    async def _conversation(self, case_id: str, by: Officer) -> str:
        async with self._database.write() as session:
            _, conversation = await held_as_hers(session, case_id, by)
            if conversation is None:
                raise NotPossibleNow("她没有在这里写过话，请从日历里代约，再打电话告诉她。")
            return conversation.public_id

    async def _hers(self, booked: BookedAppointment, by: Officer) -> HerAppointment:
        doors = [await self._directory.door(visit.service) for visit in booked.visits]
        return HerAppointment(booked, tuple(door is not None and by.covers(door.division) for door in doors))

    async def _starts(self, door: Door, day: date) -> tuple[datetime, ...]:
        first = self._midnight(day)
        wish = SlotWish((door.kind,), first, first + A_DAY, service=door.card.id, limit=STARTS)
        return tuple(free.starts_at for free in await self._availability.free(wish))

    async def _joint(
        self, point: Point, area: str, kinds: tuple[ServiceKind, ...], day: date, *, known: bool
    ) -> Choices:
        """Both services one after the other on the day, or the next days when there is nothing."""
        first = self._midnight(day)
        wish = SlotWish(kinds, first, first + A_DAY, point=point, division=_code(area), limit=JOINT)
        together = await self._availability.free(wish)
        instead = () if together else await self._later(point, area, kinds, day)
        return Choices((), instead, known, together)

    async def _later(self, point: Point, area: str, kinds: tuple[ServiceKind, ...], day: date) -> tuple[FreeSlot, ...]:
        first = self._midnight(day)
        wish = SlotWish(kinds, first, first + 7 * A_DAY, point=point, division=_code(area))
        return (await self._availability.find(wish)).slots

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self._availability.now().tzinfo)

    def _centre(self, area: str) -> Point | None:
        try:
            return self._gazetteer.point_of(_code(area))[0] if area else None
        except KeyError:
            return None


def _code(area: str) -> str:
    """The whole code of a branch's own unit."""
    return area.ljust(CODE_DIGITS, "0")
