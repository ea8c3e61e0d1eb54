"""What one message means for a booking under way: which of its answers it gives, corrects, or leaves alone.

Rasa's form holds the answers in slots between messages; here they are read out of her words, in any order, as often as
she likes. Nothing is booked here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.appointments import KIND_WORDS
from bot.domain.geography import Point
from bot.language.cleaning import clean
from bot.language.places import Gazetteer, PlaceKind
from bot.language.times import TimeKind, TimeReading, read_time
from bot.language.wishes import read_booking_kinds
from bot.services.availability import Availability, Found, FreeSlot, SlotWish
from bot.services.directory import Directory, PlaceQuery
from bot.services.shared_points import SharedPoints
from bot.storage.directory import ServiceKind

SERVICE_PLACE = "service:"
"""A place that is one service (by its public id) and not a division: where she shared her location, or chose one."""
LONGEST_CALLED = 10
CALLED = re.compile(
    r"(?:我姓|我叫|叫我|称呼我?|我是)?\s*(?P<name>[\u4e00-\u9fff]{1,4}(?:女士|大姐|阿姨|小姐|姐|妈妈|老师|同志|妈|婶)?|[A-Za-z]{2,10})(?:就行|就好|吧|即可)?"
)
NO_NAME = re.compile(r"不(用|想|说|留|必|方便|告诉)|匿名|随便|保密|跳过|无所谓")
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)")
YES = re.compile(
    r"^(嗯+|恩+|对+|是的?|好+的?|行+|可以|没错|确认|确定|就这个|就约这个|约吧|约|要|ok|OK|中|得嘞|妥了|好嘞)[吧啊呀嘛了的哦，。！!~～]*$"
)
AS_FAR_AS_ANY = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Booking:
    """The answers so far; empty means not yet given. `place` is a division's code or `service:<public id>`.

    `wish`: the stretch of time she would like, (start, end), `end` None for an hour. `visits`: the slot she chose.
    `moving`: the appointment that is moved instead of a new one.
    """

    kinds: tuple[str, ...] = ()
    place: str = ""
    wish: tuple[datetime, datetime | None] | None = None
    visits: tuple[tuple[str, datetime], ...] = ()
    called: str | None = None
    phone: str = ""
    confirmed: str = ""
    moving: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One message: her words, what a choice carried, the point she shared, and which answer was asked for."""

    text: str
    intent: str
    asked: str = ""
    chosen: tuple[tuple[str, str], ...] = ()
    shared_point: str = ""

    def choice(self, name: str) -> str:
        """What a choice carried under this name."""
        return dict(self.chosen).get(name, "")


@dataclass(frozen=True, slots=True)
class Step:
    """The answers after a message. `notes` names what must be said first; `options` are times she may have meant.

    `heard` is False when the message had nothing to do with the booking.
    """

    booking: Booking
    heard: bool
    notes: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    places: tuple[tuple[str, str], ...] = ()


class BookingForm:
    """Reads and offers; keeps nothing between messages."""

    def __init__(
        self, gazetteer: Gazetteer, directory: Directory, availability: Availability, shared_points: SharedPoints
    ) -> None:
        self._gazetteer = gazetteer
        self._directory = directory
        self._availability = availability
        self._shared_points = shared_points

    async def read(self, booking: Booking, said: Said) -> Step:
        """What the message changes."""
        step = Step(booking, heard=False)
        if said.chosen:
            step = self._take_choice(step, said)
        elif said.shared_point:
            step = await self._take_point(step, said)
        elif said.text:
            step = self._take_words(step, said)
        return await self._settle(step, booking)

    async def offers(self, booking: Booking) -> Found:
        """The free slots to choose from."""
        return await self._availability.find(await self._wish(booking))

    async def waiting_wish(self, booking: Booking) -> SlotWish:
        """What to wait for: what she named, or any time within the horizon, at a service or in a division."""
        wish = await self._wish(booking)
        service = booking.place.removeprefix(SERVICE_PLACE) if booking.place.startswith(SERVICE_PLACE) else ""
        return replace(wish, point=None, service=service, exact=None)

    async def chosen(self, booking: Booking) -> FreeSlot | None:
        """The slot she chose, to be read back; None when it cannot be had any more."""
        return await self._availability.still_free(booking.visits)

    def _take_choice(self, step: Step, said: Said) -> Step:
        booking = step.booking
        if kinds := said.choice("kinds"):
            booking = replace(booking, kinds=tuple(kinds.split("+")), visits=())
        if place := said.choice("place"):
            booking = replace(booking, place=place, visits=())
        if wish := said.choice("wish"):
            booking = replace(booking, wish=read_wish(wish), visits=())
        if visits := said.choice("visits"):
            booking = replace(booking, visits=read_visits(visits))
        if called := said.choice("called"):
            booking = replace(booking, called="" if called == "-" else called)
        if confirmed := said.choice("confirmed"):
            booking = replace(booking, confirmed=confirmed)
        if said.choice("again") == "time":
            booking = replace(booking, visits=(), wish=None)
        if said.choice("again") == "place":
            booking = replace(booking, visits=(), place="")
        return replace(step, booking=booking, heard=booking != step.booking or bool(said.choice("again")))

    async def _take_point(self, step: Step, said: Said) -> Step:
        """A shared location becomes the nearest service; the point itself is not kept."""
        point = await self._shared_points.take(said.shared_point)
        if point is None:
            return step
        kind = ServiceKind(step.booking.kinds[0]) if step.booking.kinds else ServiceKind.WOMENS_HOME
        near = await self._directory.doors_near(PlaceQuery(point=point, kind=kind, limit=1))
        if not near:
            return step
        place = SERVICE_PLACE + near[0][0].card.id
        return replace(step, booking=replace(step.booking, place=place, visits=()), heard=True)

    def _take_words(self, step: Step, said: Said) -> Step:
        text = clean(said.text)
        step = self._take_kinds(step, text)
        step = self._take_place(step, said, text)
        step = self._take_time(step, said, text)
        return self._take_person(step, said, text)

    def _take_kinds(self, step: Step, text: str) -> Step:
        kinds = read_booking_kinds(text)
        if not kinds or kinds == step.booking.kinds:
            return step
        return replace(step, booking=replace(step.booking, kinds=kinds, visits=()), heard=True)

    def _take_place(self, step: Step, said: Said, text: str) -> Step:
        reading = self._gazetteer.read(text)
        if reading.kind is PlaceKind.OUTSIDE:
            return replace(step, heard=True, notes=(*step.notes, "outside"))
        if reading.kind is PlaceKind.AMBIGUOUS and said.asked != "appointment_called":
            names = tuple((unit.code, self._gazetteer.words(unit)) for unit in reading.candidates)
            return replace(step, heard=True, places=names)
        division = reading.division
        if division is None or division.code == step.booking.place:
            return step
        return replace(step, booking=replace(step.booking, place=division.code, visits=()), heard=True)

    def _take_time(self, step: Step, said: Said, text: str) -> Step:
        reading = read_time(text, self._availability.now())
        if reading.kind is TimeKind.NONE:
            return step
        if reading.kind is TimeKind.PAST:
            return replace(step, heard=said.asked == "appointment_visits", notes=(*step.notes, "past"))
        if reading.kind is TimeKind.AMBIGUOUS:
            return replace(step, heard=True, options=_options(reading))
        if reading.start is None:
            return step
        return replace(step, booking=replace(step.booking, wish=(reading.start, reading.end), visits=()), heard=True)

    def _take_person(self, step: Step, said: Said, text: str) -> Step:
        booking = step.booking
        if phone := PHONE.search(text):
            return replace(step, booking=replace(booking, phone=phone.group()), heard=True)
        if said.asked == "appointment_called" and not step.heard:
            if NO_NAME.search(text) or said.intent == "deny":
                return replace(step, booking=replace(booking, called=""), heard=True)
            if (name := CALLED.fullmatch(text.strip("。，！. "))) is not None:
                return replace(step, booking=replace(booking, called=name["name"][:LONGEST_CALLED]), heard=True)
        if said.asked == "appointment_confirmed" and not step.heard and (YES.match(text) or said.intent == "affirm"):
            return replace(step, booking=replace(booking, confirmed="yes"), heard=True)
        return step

    async def _settle(self, step: Step, before: Booking) -> Step:
        """An hour she named that is free is chosen; one that is not is said so, and others are offered."""
        booking = step.booking
        if booking != before and booking.confirmed and booking.visits != before.visits:
            booking = replace(booking, confirmed="")
        ready = booking.kinds and booking.place and booking.wish and not booking.visits and not step.options
        if ready and booking.wish is not None and booking.wish[1] is None:
            found = await self.offers(booking)
            exact = next((slot for slot in found.slots if slot.starts_at == booking.wish[0]), None)
            if exact is not None:
                booking = replace(booking, visits=tuple((visit.service, visit.starts_at) for visit in exact.visits))
            elif booking.wish != before.wish or booking.place != before.place:
                return replace(step, booking=booking, notes=(*step.notes, "not_free"))
        return replace(step, booking=booking)

    async def _wish(self, booking: Booking) -> SlotWish:
        now = self._availability.now()
        first, last, exact = now, now + AS_FAR_AS_ANY, None
        if booking.wish is not None:
            start, end = booking.wish
            first, last, exact = (start, end, None) if end is not None else (*_day_of(start), start)
        point, division = await self._where(booking.place)
        kinds = tuple(ServiceKind(kind) for kind in booking.kinds)
        return SlotWish(kinds, first, last, point=point, division=division, exact=exact)

    async def _where(self, place: str) -> tuple[Point | None, str]:
        """(point, division's code or "") of a place."""
        if place.startswith(SERVICE_PLACE):
            door = await self._directory.door(place.removeprefix(SERVICE_PLACE))
            return (door.card.point if door else None), ""
        return self._gazetteer.point_of(place)[0], place


def kinds_words(kinds: Sequence[str]) -> str:
    """「心理服务和法律服务」"""
    return "和".join(KIND_WORDS[kind] for kind in kinds)


def write_visits(visits: Sequence[tuple[str, datetime]]) -> str:
    """As a slot or a choice holds them."""
    return ";".join(f"{service}@{start.isoformat()}" for service, start in visits)


def read_visits(text: str) -> tuple[tuple[str, datetime], ...]:
    """The other way. Raises ValueError."""
    pairs = (part.split("@", 1) for part in text.split(";") if part)
    return tuple((service, datetime.fromisoformat(start)) for service, start in pairs)


def write_wish(start: datetime, end: datetime | None) -> str:
    """As a slot or a choice holds it: ISO times with `/` between, like an ISO interval."""
    return f"{start.isoformat()}/{end.isoformat() if end else ''}"


def read_wish(text: str) -> tuple[datetime, datetime | None]:
    """The other way. Raises ValueError."""
    start, _, end = text.partition("/")
    return datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None


def _options(reading: TimeReading) -> tuple[tuple[str, str], ...]:
    return tuple((one.words(), write_wish(one.start, one.end)) for one in reading.candidates)


def _day_of(moment: datetime) -> tuple[datetime, datetime]:
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)
