"""The job that lets go what was kept long enough, and the page that shows what goes when.

It runs once in every ten minutes, in whichever process comes first; a run that dies is finished by the next.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.accounts import Officer, Permission
from bot.domain.audit import Act, Deed
from bot.domain.errors import EngineUnavailable, NotFound
from bot.domain.retention import STAYING, Kept, RetentionTimes, Rule, rules
from bot.services.case_access import AuditLog
from bot.storage.database import Database
from bot.storage.retention import RetentionRun, RetentionStore

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
BATCH = 100
"""Rows of one transaction: few enough that a woman's message never waits for it."""
MOST_BATCHES = 30
"""Of one rule in one run; what is left goes in the next."""
AHEAD = (timedelta(0), timedelta(days=7), timedelta(days=30))
RUNS_SHOWN = 20
SHOWN_BY = (Permission.READ_AUDIT, Permission.MANAGE_ACCOUNTS)
NO_ENGINE = "对话引擎没有应答，它的工作副本下次再清"


class Trackers(Protocol):
    """What the engine keeps of conversations."""

    async def purge(self, before: datetime, *, limit: int = 500, dry: bool = False) -> int:
        """Delete (or only count) conversations that were silent since then. Raises EngineUnavailable."""


@dataclass(slots=True)
class Purged:
    """How many went (of a trial: would go) by rule, and what could not be done."""

    removed: dict[Kept, int] = field(default_factory=dict)
    note: str = ""

    @property
    def words(self) -> str:
        """「text=3 cases=1」"""
        return " ".join(f"{kept}={count}" for kept, count in self.removed.items() if count)


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One rule on the page: how many rows there are, how many go now, within 7 and within 30 days (None: not known)."""

    rule: Rule
    total: int | None
    due: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run: when, what went in words, and what went wrong."""

    started_at: datetime
    ended_at: datetime | None
    removed: tuple[tuple[str, int], ...]
    note: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the page shows. `unnamed`: tables that neither a rule nor the list of what stays names."""

    lines: tuple[KeptLine, ...]
    staying: tuple[tuple[str, str, int], ...]
    unnamed: tuple[str, ...]
    runs: tuple[RunLine, ...]
    wishes: int
    holds: int


class Retention:
    """Lets go, and shows what goes."""

    def __init__(
        self,
        database: Database,
        trackers: Trackers,
        audit: AuditLog,
        *,
        clock: Callable[[], datetime],
        times: RetentionTimes,
    ) -> None:
        self._database = database
        self._trackers = trackers
        self._audit = audit
        self._clock = clock
        self._times = times
        self._next: datetime | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that hold here."""
        return rules(self._times)

    async def run_due(self) -> int:
        """The job; how many rows went."""
        now = self._clock()
        if self._next is not None and now < self._next:
            return 0
        slot = int(now.timestamp() // EVERY.total_seconds())
        self._next = datetime.fromtimestamp((slot + 1) * EVERY.total_seconds(), tz=now.tzinfo)
        async with self._database.write() as session:
            if not await RetentionStore(session).begin_run(slot, now):
                return 0
        return sum((await self.run(slot)).removed.values())

    async def run(self, slot: int | None = None) -> Purged:
        """Let go what is due now, and write it down; `slot` None is a run by hand."""
        purged = await self.purge()
        if any(purged.removed.values()):
            await self._database.settle()
        await self._write_down(slot, purged)
        return purged

    async def purge(self, *, dry_run: bool = False) -> Purged:
        """Let go what is due (or only count it), rule by rule."""
        purged = Purged()
        for rule in self.rules:
            if rule.kept is Kept.TRACKERS:
                await self._purge_trackers(rule, purged, dry_run=dry_run)
            elif dry_run:
                now = self._clock()
                async with self._database.read() as session:
                    purged.removed[rule.kept] = await RetentionStore(session).due(rule.kept, rule.cutoff(now), now)
            else:
                purged.removed[rule.kept] = await self._purge_rule(rule)
        return purged

    async def _purge_rule(self, rule: Rule) -> int:
        gone = 0
        for _ in range(MOST_BATCHES):
            now = self._clock()
            async with self._database.write() as session:
                went = await RetentionStore(session).purge(rule.kept, rule.cutoff(now), now, BATCH)
            gone += went
            if went < BATCH:
                break
            await asyncio.sleep(0)  # whoever waits to write is first
        return gone

    async def _purge_trackers(self, rule: Rule, purged: Purged, *, dry_run: bool) -> None:
        try:
            purged.removed[rule.kept] = await self._trackers.purge(rule.cutoff(self._clock()), dry=dry_run)
        except EngineUnavailable:
            purged.note = NO_ENGINE

    async def _write_down(self, slot: int | None, purged: Purged) -> None:
        """The run, and, of what tells of people, a row of the audit log: numbers only."""
        weighty = {rule.kept for rule in self.rules if not rule.passing}
        told = Purged({kept: count for kept, count in purged.removed.items() if kept in weighty}).words
        now = self._clock()
        async with self._database.write() as session:
            if slot is not None:
                await RetentionStore(session).end_run(slot, now, purged.words, purged.note)
            if told:
                source = "" if slot is not None else "command line"
                await self._audit.append(
                    session, Deed(Act.RETENTION_RAN, "", "retention", str(slot or ""), told, source)
                )
        if told:
            log.info("retention: %s", told)

    async def overview(self, by: Officer) -> Overview:
        """What the page shows. Raises NotFound without one of the permissions."""
        if not any(by.may(permission) for permission in SHOWN_BY):
            raise NotFound
        async with self._database.read() as session:
            store = RetentionStore(session)
            tables = await store.tables()
            lines = [await self._line(store, rule) for rule in self.rules if rule.kept is not Kept.TRACKERS]
            runs = [self._run_line(run) for run in await store.runs(RUNS_SHOWN)]
            wishes, holds = await store.waiting_wishes(), await store.holds()
        lines.append(await self._tracker_line())
        order = [rule.kept for rule in self.rules]
        named = {table for rule in self.rules for table in rule.tables} | set(STAYING)
        return Overview(
            lines=tuple(sorted(lines, key=lambda line: (line.rule.passing, order.index(line.rule.kept)))),
            staying=tuple((table, why, tables[table]) for table, why in STAYING.items() if table in tables),
            unnamed=tuple(sorted(set(tables) - named)),
            runs=tuple(runs),
            wishes=wishes,
            holds=holds,
        )

    async def _line(self, store: RetentionStore, rule: Rule) -> KeptLine:
        now = self._clock()
        due = [await store.due(rule.kept, rule.cutoff(now + ahead), now + ahead) for ahead in AHEAD]
        return KeptLine(rule, await store.total(rule.kept), tuple(due))

    async def _tracker_line(self) -> KeptLine:
        [rule] = [rule for rule in self.rules if rule.kept is Kept.TRACKERS]
        now = self._clock()
        try:
            total = await self._trackers.purge(now + timedelta(days=1), dry=True)
            return KeptLine(rule, total, (await self._trackers.purge(rule.cutoff(now), dry=True), total, total))
        except EngineUnavailable:
            return KeptLine(rule, None, (None, None, None))

    def _run_line(self, run: RetentionRun) -> RunLine:
        what: Mapping[str, str] = {rule.kept.value: rule.what for rule in self.rules}
        counts = [part.partition("=") for part in run.removed.split()]
        removed = tuple((what.get(kept, kept), int(count)) for kept, _, count in counts)
        return RunLine(run.started_at, run.ended_at, removed, run.note)
