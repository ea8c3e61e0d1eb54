"""Volunteers from the officers' side: who there is, taken in, paused, ended; a telephone is seen one at a time, and logged."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission
from bot.domain.audit import Act, Deed
from bot.domain.errors import Conflict, NotFound
from bot.domain.figures import SMALLEST, is_small
from bot.domain.messages import Choice, Reply
from bot.domain.volunteers import (
    ANY_TIME,
    FREE_WORDS,
    KIND_WORDS,
    CallStatus,
    FreeTime,
    MatchStatus,
    Skills,
    VolunteerFilter,
    VolunteerKind,
    VolunteerStatus,
    hour_words,
)
from bot.services.case_access import AuditLog, sees_branch
from bot.services.change_notices import tell_quietly
from bot.services.words import volunteer_words
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.volunteer_lists import Counted, VolunteerLists
from bot.storage.volunteers import Volunteer, VolunteerStore, decoded

CONTACT = "volunteer contact"
MOVED_ON = "这位志愿者的状态已经变了，请刷新后再看。"
MOST_MATCHES = 50
SHORT = 6
"""Characters of a public id by which an officer knows somebody whose name is not kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A volunteer in a list; no name is kept. `free` in words; `in_chat`: she can be asked in the chat; local day."""

    id: str
    number: str
    kind: VolunteerKind
    skills: tuple[str, ...]
    area: str
    free: str
    status: VolunteerStatus
    minutes: int
    in_chat: bool
    has_contact: bool
    day: date
    synthetic: bool

    @property
    def hours(self) -> str:
        """「2.5 小时」"""
        return hour_words(self.minutes)


@dataclass(frozen=True, slots=True)
class Helped:
    """One call that she was asked for; `need` "" when it is gone. Local day."""

    call: str
    need: str
    day: date
    status: MatchStatus
    call_status: CallStatus
    hours: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The line at the top, as it may be shown."""

    waiting: str
    accepted: str
    paused: str
    open_calls: int
    hours: str


class VolunteerDesk:
    """Every method raises NotFound for whoever may not run services, and for what is not in her branch."""

    def __init__(
        self, database: Database, keyring: Keyring, skills: Skills, audit: AuditLog, *,
        clock: Callable[[], datetime], zone: tzinfo,
    ) -> None:  # fmt: skip
        self._database = database
        self._keyring = keyring
        self._skills = skills
        self._audit = audit
        self._clock = clock
        self._zone = zone

    async def page(
        self, by: Officer, wanted: VolunteerFilter, *, offset: int = 0, limit: int = 50, everybody: bool = False
    ) -> list[Entry]:
        """A page of them; `everybody`: who left too."""
        async with self._database.read() as session:
            rows = await VolunteerLists(session).volunteers(
                branch_of(by), wanted, offset=max(0, offset), limit=max(1, limit), everybody=everybody
            )
            minutes = await VolunteerStore(session).minutes([row.id for row in rows])
        return [entry_of(row, minutes.get(row.id, 0), self._zone) for row in rows]

    async def one(self, volunteer: str, by: Officer) -> tuple[Entry, list[Helped]]:
        """One, and what she was asked for, the newest first."""
        async with self._database.read() as session:
            store = VolunteerStore(session)
            row = _seen(await store.named(volunteer), by)
            minutes = (await store.minutes([row.id])).get(row.id, 0)
            found = await store.of_volunteer(row, MOST_MATCHES)
        helped = [
            Helped(call.public_id if sees_branch(by, call.area) and call.case_id is None else "",
                   call.need if call.case_id is None else "（个案里的一个问题）",
                   match.asked_at.astimezone(self._zone).date(), match.status, call.status,
                   hour_words(match.minutes) if match.minutes else "")
            for match, call in found
        ]  # fmt: skip
        return entry_of(row, minutes, self._zone), helped

    async def accept(self, volunteer: str, by: Officer) -> None:
        """Her papers were looked at and somebody talked with her: from now on she is asked. Raises Conflict."""
        await self._move(volunteer, by, (VolunteerStatus.APPLIED,), VolunteerStatus.ACCEPTED, "accepted")

    async def pause(self, volunteer: str, by: Officer) -> None:
        """Ask her nothing for a while. Raises Conflict."""
        await self._move(volunteer, by, (VolunteerStatus.ACCEPTED,), VolunteerStatus.PAUSED, "paused")

    async def resume(self, volunteer: str, by: Officer) -> None:
        """Ask her again. Raises Conflict."""
        await self._move(volunteer, by, (VolunteerStatus.PAUSED,), VolunteerStatus.ACCEPTED, "resumed")

    async def end(self, volunteer: str, by: Officer) -> None:
        """She is a volunteer no more; the contact goes. Raises Conflict when she has left already."""
        await self._move(
            volunteer, by, tuple(one for one in VolunteerStatus if one is not VolunteerStatus.LEFT),
            VolunteerStatus.LEFT, "ended",
        )  # fmt: skip

    async def _move(
        self, volunteer: str, by: Officer, came_from: tuple[VolunteerStatus, ...], to: VolunteerStatus, said: str
    ) -> None:
        now = self._clock()
        async with self._database.write() as session:
            store = VolunteerStore(session)
            row = _seen(await store.named(volunteer, lock=True), by)
            if row.status not in came_from:
                raise Conflict(MOVED_ON)
            if to is VolunteerStatus.LEFT:
                await leave(store, row, now)
            else:
                row.status = to
            await tell_volunteer(session, self._keyring, row, said, now)
            await self._audit.append(session, Deed(ACTS[to], by.id, "volunteer", row.public_id))

    async def contact(self, volunteer: str, by: Officer, source: str = "") -> str:
        """The telephone she left, for calling her; "" when she left none. Whoever looks is in the audit log."""
        async with self._database.write() as session:
            row = _seen(await VolunteerStore(session).named(volunteer), by)
            await self._audit.append(
                session, Deed(Act.PHONE_SEEN, by.id, "volunteer", row.public_id, source=source)
            )  # fmt: skip
        return self._keyring.open(row.sealed_contact, CONTACT) if row.sealed_contact else ""

    async def counts(
        self, by: Officer, area: str = "", begins: datetime | None = None, ends: datetime | None = None
    ) -> Counted:
        """Whole numbers of an area and a span, for whoever hides small ones."""
        async with self._database.read() as session:
            return await VolunteerLists(session).counts(branch_of(by), area, begins, ends)

    async def figures(self, by: Officer, area: str = "") -> Figures:
        """The line at the top of the list."""
        counted = await self.counts(by, area)
        of = counted.volunteers
        return Figures(
            _shown(of.get(VolunteerStatus.APPLIED, 0)),
            _shown(of.get(VolunteerStatus.ACCEPTED, 0)),
            _shown(of.get(VolunteerStatus.PAUSED, 0)),
            counted.open_calls,
            hour_words(counted.minutes),
        )


ACTS = {
    VolunteerStatus.ACCEPTED: Act.VOLUNTEER_ACCEPTED,
    VolunteerStatus.PAUSED: Act.VOLUNTEER_PAUSED,
    VolunteerStatus.LEFT: Act.VOLUNTEER_ENDED,
}


def sealed_contact(keyring: Keyring, contact: str) -> bytes:
    """Her telephone as it is stored."""
    return keyring.seal(contact, CONTACT)


async def leave(store: VolunteerStore, row: Volunteer, now: datetime) -> None:
    """Out of everything, by her own wish or the office's: her places are free again, and the contact goes at once."""
    await store.withdraw(row.id, now)
    row.status, row.left_at, row.sealed_contact = VolunteerStatus.LEFT, now, None


async def tell_volunteer(
    session: AsyncSession, keyring: Keyring, row: Volunteer, said: str, now: datetime, *choices: Choice, **values: str
) -> None:
    """Say it in her chat, if she has one. She agreed to be written to when she signed up: that is how she is asked."""
    if row.conversation_id is None:
        return
    reply = Reply(volunteer_words()[said].format(kind=KIND_WORDS[row.kind], **values), choices=choices)
    await tell_quietly(session, keyring, row.conversation_id, reply, now, agreed=True)


def branch_of(by: Officer) -> str:
    """Whose lists they are. Raises NotFound for who may not run services."""
    if not by.may(Permission.RUN_SERVICES):
        raise NotFound
    return by.area


def _seen(row: Volunteer | None, by: Officer) -> Volunteer:
    branch_of(by)
    if row is None or not by.covers(row.area):
        raise NotFound
    return row


def entry_of(row: Volunteer, minutes: int, zone: tzinfo) -> Entry:
    """The row as a list shows it; `minutes` recorded here."""
    return Entry(
        row.public_id, row.public_id[:SHORT], row.kind, decoded(row.skills), row.area, free_words_of(row), row.status,
        minutes + row.earlier_minutes, row.conversation_id is not None, row.sealed_contact is not None,
        row.applied_at.astimezone(zone).date(), row.synthetic,
    )  # fmt: skip


def free_words_of(row: Volunteer) -> str:
    """When she is free, in words."""
    return free_words(tuple(FreeTime(one) for one in decoded(row.free)))


def free_words(free: tuple[FreeTime, ...]) -> str:
    """「周末白天、周末晚上」; 「时间不固定」 for none."""
    return "、".join(FREE_WORDS[one] for one in free) or ANY_TIME


def _shown(count: int) -> str:
    return f"少于{SMALLEST}" if is_small(count) else str(count)
