"""Hardship from her side: which programmes there are, applying for one by talk, what is still missing, how it stands.

Until she says 「帮我申请」 nothing is kept: what she ticks travels in the choices. Then her application is part of a case, and
a person brings it to the office that decides.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.aid import OPEN, AidStatus, ItemState, Programme, Programmes
from bot.domain.case_topics import Topic
from bot.domain.cases import CaseAct, OpenReason
from bot.domain.errors import NotFound
from bot.services.cases import LONGEST_NEED, Cases
from bot.storage.aid import AidApplication, AidItem, AidStore
from bot.storage.cases import WOMAN, Case, CaseStore
from bot.storage.database import Database

MOST_SHOWN = 5
ASKS_STATE = re.compile(
    r"办到哪|到哪(一)?步|到哪了|批(了|下来)?(没|吗|没有)|批(下来)?了吗|下来了?(没|吗)|有结果|有信儿?|(怎么|咋)样了|进展|进度|啥时候(能)?批|"
    r"什么时候(能)?批|嘛时候(能)?批|多久(能)?批|没(动静|消息|回音)|(我|那)的?申请呢|催"
)
STARTS = re.compile(
    r"都没有|没(有)?(材料|证明|备齐|凑齐)|先(帮|给|替)?我?(申请|报|递|办)|直接(申请|报|办)|就(申请|报|办)这个"
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of applying. `told`: who comes and by when, in words. `again`: it was under way already."""

    id: str
    name: str
    missing: tuple[str, ...]
    told: str = ""
    again: bool = False
    place_known: bool = True


@dataclass(frozen=True, slots=True)
class Hers:
    """An application as she hears of it; local day. `missing`: (key, name) of papers; `refused`: what she can do about a no."""

    id: str
    name: str
    status: AidStatus
    reason: str
    missing: tuple[tuple[str, str], ...]
    day: date
    refused: str = ""

    @property
    def is_open(self) -> bool:
        """Whether papers can be added and it can be taken back."""
        return self.status in OPEN


def asks_state(text: str) -> bool:
    """「我的申请办到哪了」"""
    return ASKS_STATE.search(text) is not None


def starts(text: str) -> bool:
    """「都没有，先帮我申请」"""
    return STARTS.search(text) is not None


class Aid:
    """Public ids of conversations in. Every method raises NotFound for what is not hers."""

    def __init__(
        self, database: Database, cases: Cases, programmes: Programmes, *, clock: Callable[[], datetime], zone: tzinfo
    ) -> None:
        self._database = database
        self._cases = cases
        self.programmes = programmes
        self._clock = clock
        self._zone = zone

    def today(self) -> date:
        """Where the women are."""
        return self._day(self._clock())

    def programme(self, key: str) -> Programme:
        """Raises NotFound: the file may have changed since the choice was offered."""
        found = self.programmes.named(key)
        if found is None:
            raise NotFound
        return found

    async def apply(self, conversation: str, programme: str, have: Collection[str], *, place: str = "") -> Applied:
        """Open a case for it, or add it to hers. `have`: keys of the papers that she has; `place`: a division's code."""
        wanted, now = self.programme(programme), self._clock()
        async with self._database.write() as session:
            cases, store = CaseStore(session), AidStore(session)
            held = await cases.hold_conversation(await _conversation(cases, conversation))
            known = await store.open_of_conversation(held.id, wanted.key)
            if known is not None:
                await store.mark(known, have, ItemState.SAID)
                [hers] = await self._hers(session, [known])
                return Applied(known.public_id, known.name, tuple(name for _, name in hers.missing), again=True)
            opened = await self._cases.open_in_talk(
                session, held, OpenReason.APPLIED, Topic.HARDSHIP, now, place=place
            )  # fmt: skip
            row = await store.add(opened.case, wanted, have, now)
            await self._note(session, opened.case, f"申请{wanted.short}", now)
            missing = tuple(paper.name for paper in wanted.missing(tuple(have)))
            return Applied(row.public_id, wanted.name, missing, opened.told, place_known=bool(opened.case.area))

    async def hers(self, conversation: str) -> list[Hers]:
        """What she applied for, the newest first, a few at most."""
        async with self._database.read() as session:
            number = await _conversation(CaseStore(session), conversation)
            return await self._hers(session, await AidStore(session).of_conversation(number, MOST_SHOWN))

    async def tick(self, conversation: str, application: str, item: str) -> Hers:
        """She has got another paper."""
        async with self._database.write() as session:
            row, case = await self._own(session, conversation, application)
            if row.status in OPEN and await AidStore(session).mark(row, [item], ItemState.SAID):
                await CaseStore(session).note(case, CaseAct.EDITED, WOMAN, self._clock(), f"{row.name}：材料有了一样")
            [hers] = await self._hers(session, [row])
            return hers

    async def withdraw(self, conversation: str, application: str) -> str:
        """She takes it back → what it was called; a case that was opened for it alone, and that nobody has yet, is closed."""
        now = self._clock()
        async with self._database.write() as session:
            row, case = await self._own(session, conversation, application)
            store = AidStore(session)
            if not await store.move(row, OPEN, AidStatus.WITHDRAWN, now):
                raise NotFound
            await self._note(session, case, f"撤回申请：{row.name}", now, need=False)
            if case.reason is OpenReason.APPLIED and await store.open_of_case(case) is None:
                await self._cases.leave_in_talk(session, case, now)
            return row.name

    async def _own(self, session: AsyncSession, conversation: str, application: str) -> tuple[AidApplication, Case]:
        """Hers, with its conversation and case held."""
        cases, found = CaseStore(session), await AidStore(session).named(application)
        if found is None or found[1].conversation_id != await _conversation(cases, conversation):
            raise NotFound
        held = await cases.hold(found[1].public_id)
        again = await AidStore(session).named(application)
        if held is None or again is None:
            raise NotFound
        return again[0], held[0]

    async def _hers(self, session: AsyncSession, rows: Sequence[AidApplication]) -> list[Hers]:
        items = await AidStore(session).items(rows)
        return [self._one(row, items[row.id]) for row in rows]

    def _one(self, row: AidApplication, items: Sequence[AidItem]) -> Hers:
        known = self.programmes.named(row.programme)
        fresh = known is not None and not known.is_stale(self.today())
        missing = tuple((item.key, item.name) for item in items if item.state is ItemState.MISSING)
        refused = known.refused if known is not None and fresh and row.status is AidStatus.REFUSED else ""
        return Hers(row.public_id, row.name, row.status, row.reason, missing, self._day(row.applied_at), refused)

    async def _note(self, session: AsyncSession, case: Case, words: str, now: datetime, *, need: bool = True) -> None:
        """In the case's history, and at the head of what she needs, so that an officer sees it in the queue."""
        if need:
            case.need = f"{words}\n{case.need}"[:LONGEST_NEED]
        await CaseStore(session).note(case, CaseAct.EDITED, WOMAN, now, words)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()


async def _conversation(store: CaseStore, public_id: str) -> int:
    number = await store.conversation_named(public_id)
    if number is None:
        raise NotFound
    return number
