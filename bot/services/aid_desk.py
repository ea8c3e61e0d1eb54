"""Hardship from the officers' side: the checklist under a case, what became of an application, and the list of all of them.

What lies outside an officer's branch is NotFound, as its case is.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer
from bot.domain.aid import MOVES, OPEN, STATUS_WORDS, AidFilter, AidStatus, ItemState, Programmes
from bot.domain.audit import Act, Deed
from bot.domain.cases import CaseAct
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.messages import Choice, Owner, Reply
from bot.language.masking import mask
from bot.services.case_access import AuditLog, held, seen, viewer_of
from bot.services.change_notices import tell_quietly
from bot.services.words import aid_words
from bot.storage.aid import LONGEST_REASON, AidApplication, AidItem, AidStore
from bot.storage.aid_lists import AidLists, Span
from bot.storage.cases import Case, CaseStore
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.rota import RotaStore
from bot.storage.sealing import Keyring

SEE = '/apply_for_aid{"aid":"state"}'
MOVED_ON = "这件申请刚刚有变化，请看清现在的状态再改。"


@dataclass(frozen=True, slots=True)
class Item:
    """A paper of an application."""

    key: str
    name: str
    state: ItemState


@dataclass(frozen=True, slots=True)
class Entry:
    """An application as officers see it; local days. `reason` is masked."""

    id: str
    case: str
    programme: str
    name: str
    status: AidStatus
    reason: str
    items: tuple[Item, ...]
    day: date
    submitted_on: date | None
    settled_on: date | None
    area: str
    place: str
    officer: str

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of papers that nobody has."""
        return tuple(item.name for item in self.items if item.state is ItemState.MISSING)

    @property
    def moves(self) -> tuple[AidStatus, ...]:
        """Where it may go from here, in the order of the states."""
        return tuple(status for status in AidStatus if status in MOVES[self.status])


class AidDesk:
    """Every method raises NotFound for a case that is not the officer's to see."""

    def __init__(
        self, database: Database, keyring: Keyring, programmes: Programmes, audit: AuditLog, *,
        clock: Callable[[], datetime], zone: tzinfo,
    ) -> None:  # fmt: skip
        self._database = database
        self._keyring = keyring
        self.programmes = programmes
        self._audit = audit
        self._clock = clock
        self._zone = zone

    async def of_case(self, case_id: str, by: Officer) -> list[Entry]:
        """Every application of a case, oldest first."""
        async with self._database.read() as session:
            case = await seen(session, case_id, by)
            rows = await AidStore(session).of_case(case)
            return await self._entries(session, [(row, case) for row in rows])

    async def page(self, by: Officer, wanted: AidFilter, *, offset: int = 0, limit: int = 50) -> list[Entry]:
        """A page of applications: open ones first, those that wait longest before."""
        async with self._database.read() as session:
            rows = await AidLists(session).page(viewer_of(by), wanted, offset=max(0, offset), limit=max(1, limit))
            return await self._entries(session, rows)

    async def counts(
        self, by: Officer, area: str = "", begins: datetime | None = None, ends: datetime | None = None
    ) -> Mapping[tuple[str, AidStatus], int]:
        """(programme, status) → how many were made in this area ("" all that she may see) and span."""
        async with self._database.read() as session:
            return await AidLists(session).counts(viewer_of(by), area, Span(begins, ends))

    async def start(self, case_id: str, by: Officer, programme: str) -> str:
        """Apply for her, as for one who called or came → the application's public id; an open one is given instead."""
        wanted, now = self.programmes.named(programme), self._clock()
        if wanted is None:
            raise BadInput("请选一个救助项目。")
        async with self._database.write() as session:
            case, _ = await held(session, case_id, by)
            store = AidStore(session)
            row = await store.open_of_case(case, wanted.key)
            if row is None and case.conversation_id is not None:
                row = await store.open_of_conversation(case.conversation_id, wanted.key)
            if row is None:
                row = await store.add(case, wanted, (), now)
                await CaseStore(session).note(case, CaseAct.EDITED, by.id, now, f"替她申请{wanted.short}")
            return row.public_id

    async def check(self, case_id: str, by: Officer, application: str, states: Mapping[str, ItemState]) -> None:
        """Write down which papers are there: states by the paper's key; what is not named stays as it is."""
        async with self._database.write() as session:
            row, case, _ = await self._held(session, case_id, by, application)
            store = AidStore(session)
            if row.status not in OPEN:
                raise Conflict(MOVED_ON)
            changed = [
                await store.mark(row, _keys(states, state), state) for state in (ItemState.MISSING, ItemState.SEEN)
            ]
            if any(changed):
                await CaseStore(session).note(case, CaseAct.EDITED, by.id, self._clock(), f"核对材料：{row.name}"[:200])

    async def move(self, case_id: str, by: Officer, application: str, to: AidStatus, reason: str = "") -> None:
        """Write down what became of it; she is told. Raises BadInput (a no without a reason), Conflict (it moved meanwhile)."""
        said, now = mask(reason.strip())[:LONGEST_REASON], self._clock()
        if to is AidStatus.REFUSED and not said:
            raise BadInput("没批要写清为什么，这句话会告诉她。")
        async with self._database.write() as session:
            row, case, conversation = await self._held(session, case_id, by, application)
            before = [status for status, after in MOVES.items() if to in after]
            if not await AidStore(session).move(row, before, to, now, said):
                raise Conflict(MOVED_ON)
            await CaseStore(session).note(case, CaseAct.EDITED, by.id, now, f"{row.name}：{STATUS_WORDS[to]}")
            if conversation is not None:
                await self._tell(session, conversation, row, now)
            await self._audit.append(session, Deed(Act.AID_MOVED, by.id, "aid", row.public_id, to.value))

    async def _held(
        self, session: AsyncSession, case_id: str, by: Officer, application: str
    ) -> tuple[AidApplication, Case, Conversation | None]:
        case, conversation = await held(session, case_id, by)
        found = await AidStore(session).named(application)
        if found is None or found[1].id != case.id:
            raise NotFound
        return found[0], case, conversation

    async def _tell(
        self, session: AsyncSession, conversation: Conversation, row: AidApplication, now: datetime
    ) -> None:
        """No phone rings. While a person speaks with her a choice would not be answered, so it is said outright."""
        words = aid_words()
        reply = Reply(words["news"], choices=(Choice(words["see"], SEE),))
        if conversation.owner is not Owner.BOT:
            known = self.programmes.named(row.programme)
            what_next = f"。{known.refused}" if known and known.refused else "。"
            text = words[f"told_{row.status}"].format(name=row.name, reason=row.reason, what_next=what_next)
            reply = Reply(text)
        await tell_quietly(session, self._keyring, conversation.id, reply, now)

    async def _entries(self, session: AsyncSession, rows: list[tuple[AidApplication, Case]]) -> list[Entry]:
        items = await AidStore(session).items([row for row, _ in rows])
        names = await RotaStore(session).names([case.officer_id for _, case in rows if case.officer_id])
        return [self._entry(row, case, items[row.id], names.get(case.officer_id or "", "")) for row, case in rows]

    def _entry(self, row: AidApplication, case: Case, items: list[AidItem], officer: str) -> Entry:
        return Entry(
            id=row.public_id,
            case=case.public_id,
            programme=row.programme,
            name=row.name,
            status=row.status,
            reason=row.reason,
            items=tuple(Item(item.key, item.name, item.state) for item in items),
            day=self._day(row.applied_at),
            submitted_on=self._day(row.submitted_at) if row.submitted_at else None,
            settled_on=self._day(row.settled_at) if row.settled_at else None,
            area=case.area,
            place=case.place,
            officer=officer,
        )

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()


def _keys(states: Mapping[str, ItemState], state: ItemState) -> Collection[str]:
    return [key for key, wanted in states.items() if wanted is state]
