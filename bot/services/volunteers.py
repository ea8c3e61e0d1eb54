"""Volunteering from her side: signing up, changing it, pausing, leaving, answering a call for help, and how much she did."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from bot.domain.errors import BadInput, NotFound
from bot.domain.volunteers import (
    KIND_WORDS,
    CallStatus,
    Draft,
    FreeTime,
    MatchStatus,
    Skills,
    VolunteerStatus,
)
from bot.language.places import Gazetteer
from bot.services.areas import area_words
from bot.services.case_access import AuditLog
from bot.services.volunteer_calls import Answered, VolunteerCalls, settle, when_words
from bot.services.volunteer_desk import VolunteerDesk, free_words, leave, sealed_contact
from bot.services.volunteer_sheets import VolunteerSheets
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.volunteers import Volunteer, VolunteerCall, VolunteerMatch, VolunteerStore, coded, decoded

MOST_TOLD = 5
LONGEST_CONTACT = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that she was asked for. `id` is the match's; `when` and `where` in words."""

    id: str
    need: str
    when: str
    where: str
    status: MatchStatus
    call: CallStatus


@dataclass(frozen=True, slots=True)
class Mine:
    """How she stands. `minutes` in all, `draft`: what a change goes on from."""

    kind: str
    skills: str
    area: str
    free: str
    status: VolunteerStatus
    has_contact: bool
    minutes: int
    draft: Draft


class Volunteers:
    """Called by her actions; `desk`, `calls` and `sheets` are the officers' side."""

    def __init__(
        self, database: Database, keyring: Keyring, gazetteer: Gazetteer, skills: Skills, audit: AuditLog, *,
        clock: Callable[[], datetime], zone: str,
    ) -> None:  # fmt: skip
        self._database = database
        self._keyring = keyring
        self._gazetteer = gazetteer
        self.skills = skills
        self._clock = clock
        self._zone: tzinfo = ZoneInfo(zone)
        self.desk = VolunteerDesk(database, keyring, skills, audit, clock=clock, zone=self._zone)
        self.calls = VolunteerCalls(database, keyring, skills, audit, clock=clock, zone=self._zone)
        self.sheets = VolunteerSheets(database, keyring, gazetteer, skills, audit, clock=clock, zone=self._zone)

    async def mine(self, conversation: str) -> Mine | None:
        """Hers; None when she never signed up, or left. Raises NotFound for an unknown conversation."""
        async with self._database.read() as session:
            store = VolunteerStore(session)
            row = await store.of(await _number(store, conversation))
            if row is None or row.status is VolunteerStatus.LEFT:
                return None
            minutes = (await store.minutes([row.id])).get(row.id, 0)
        return self._mine(row, minutes + row.earlier_minutes)

    async def apply(self, conversation: str, draft: Draft) -> Mine:
        """Sign her up, or change what she had said; as another kind she is looked at again. Raises BadInput, NotFound."""
        kind, skills = draft.kind, tuple(one for one in draft.skills if self.skills.has(one))
        if kind is None or not skills or self._gazetteer.division(draft.area.ljust(12, "0")) is None:
            raise BadInput("还差一步：做哪一种、会什么、在哪一带，都选好才能登记。")
        now, free = self._clock(), coded([one for one in FreeTime if one in draft.free])
        async with self._database.write() as session:
            store = VolunteerStore(session)
            number = await _number(store, conversation)
            row = await store.of(number, lock=True)
            if row is None:
                row = Volunteer(conversation_id=number, kind=kind, skills=coded(skills), area=draft.area, free=free,
                                status=VolunteerStatus.APPLIED, applied_at=now, earlier_minutes=0)  # fmt: skip
                if not await store.add(row):
                    row = await self._of_hers(store, conversation)
            if row.status is VolunteerStatus.LEFT or row.kind is not kind:
                row.status, row.left_at, row.applied_at = VolunteerStatus.APPLIED, None, now
            row.kind, row.skills, row.area, row.free = kind, coded(skills), draft.area, free
            await session.flush()
            minutes = (await store.minutes([row.id])).get(row.id, 0)
            return self._mine(row, minutes + row.earlier_minutes)

    async def keep_contact(self, conversation: str, contact: str) -> bool:
        """A telephone by which an officer may reach her; "" takes it away. False when she is no volunteer."""
        async with self._database.write() as session:
            store = VolunteerStore(session)
            row = await store.of(await _number(store, conversation), lock=True)
            if row is None or row.status is VolunteerStatus.LEFT:
                return False
            row.sealed_contact = sealed_contact(self._keyring, contact[:LONGEST_CONTACT]) if contact else None
        return True

    async def pause(self, conversation: str) -> bool:
        """Ask her nothing for a while; False when she was not accepted. Raises NotFound when she is no volunteer."""
        return await self._move(conversation, VolunteerStatus.ACCEPTED, VolunteerStatus.PAUSED)

    async def resume(self, conversation: str) -> bool:
        """Ask her again; False when she had not paused."""
        return await self._move(conversation, VolunteerStatus.PAUSED, VolunteerStatus.ACCEPTED)

    async def _move(self, conversation: str, came_from: VolunteerStatus, to: VolunteerStatus) -> bool:
        async with self._database.write() as session:
            row = await self._of_hers(VolunteerStore(session), conversation)
            if row.status is not came_from:
                return False
            row.status = to
        return True

    async def leave(self, conversation: str) -> None:
        """She is a volunteer no more: the contact goes at once, and her places are free again. Raises NotFound."""
        async with self._database.write() as session:
            store = VolunteerStore(session)
            row = await self._of_hers(store, conversation)
            await leave(store, row, self._clock())

    async def asked(self, conversation: str) -> list[Asked]:
        """What she was asked for lately and is not over, the newest first. Raises NotFound."""
        async with self._database.read() as session:
            store = VolunteerStore(session)
            row = await store.of(await _number(store, conversation))
            found = [] if row is None else await store.of_volunteer(row, 50)
        open_ones = [
            (match, call) for match, call in found
            if call.status is not CallStatus.CLOSED and match.status in (MatchStatus.ASKED, MatchStatus.ACCEPTED)
        ]  # fmt: skip
        return [self._asked(match, call) for match, call in open_ones[:MOST_TOLD]]

    async def answer(self, conversation: str, match: str, *, comes: bool) -> tuple[Answered, Asked]:
        """She takes a place, first come, or says that she cannot. Raises NotFound for what was not asked of her."""
        now = self._clock()
        async with self._database.write() as session:
            store = VolunteerStore(session)
            number, found = await _number(store, conversation), await store.hold_match(match)
            if found is None or found[1].conversation_id != number or found[1].status is VolunteerStatus.LEFT:
                raise NotFound
            call, _, row = found
            outcome = await settle(store, call, row, now, comes=comes)
            return outcome, self._asked(row, call)

    async def _of_hers(self, store: VolunteerStore, conversation: str) -> Volunteer:
        row = await store.of(await _number(store, conversation), lock=True)
        if row is None or row.status is VolunteerStatus.LEFT:
            raise NotFound
        return row

    def _mine(self, row: Volunteer, minutes: int) -> Mine:
        free = tuple(FreeTime(one) for one in decoded(row.free))
        return Mine(
            KIND_WORDS[row.kind], self.skills.names(decoded(row.skills)), area_words(self._gazetteer, row.area),
            free_words(free), row.status, row.sealed_contact is not None, minutes,
            Draft(row.kind, decoded(row.skills), row.area, free),
        )  # fmt: skip

    def _asked(self, match: VolunteerMatch, call: VolunteerCall) -> Asked:
        when = when_words(call.starts_at, self._zone)
        where = area_words(self._gazetteer, call.area) if call.area else ""
        return Asked(match.public_id, call.need, when, where, match.status, call.status)


async def _number(store: VolunteerStore, conversation: str) -> int:
    row = await store.conversation(conversation)
    if row is None:
        raise NotFound
    return row.id
