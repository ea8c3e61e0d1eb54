"""What a page that watches the queue is told: how many cases stand where, and which ones wait for this officer.

However many pages watch, a process asks the database once a second; any number of processes may do so.
"""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.accounts import Officer, Permission
from bot.domain.case_topics import CaseLevel
from bot.domain.cases import UNTAKEN
from bot.domain.rota import is_excluded
from bot.services.case_access import sees_branch
from bot.storage.database import Database
from bot.storage.open_cases import OpenCase, OpenCases

LOOK_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The open cases at one look; `overdue` names those that nobody took in time."""

    cases: Sequence[OpenCase]
    overdue: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A case that waits for her: accept or decline until then."""

    case: str
    level: CaseLevel
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What one officer is told. `version` is another one whenever her list would look different; it tells nothing else.

    `counts`: by status and level, and 「overdue」, 「mine」 and 「unanswered」 (hers, and the woman waits for an answer).
    """

    version: str
    counts: Mapping[str, int]
    asked: tuple[Asked, ...]


class CaseWatch:
    """One per process. `every`: seconds between two looks, however many ask."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime], every: float = LOOK_EVERY) -> None:
        self._database = database
        self._clock = clock
        self._every = every
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._latest = Snapshot((), frozenset())

    async def latest(self, *, fresh: bool = False) -> Snapshot:
        """How it stands, at most `every` seconds ago (`fresh`: now); the very same object as long as nothing has changed."""
        async with self._looking:
            if fresh or time.monotonic() - self._looked_at >= self._every:
                seen = await self._look()
                self._latest = self._latest if seen == self._latest else seen
                self._looked_at = time.monotonic()
            return self._latest

    async def _look(self) -> Snapshot:
        async with self._database.read() as session:
            cases = await OpenCases(session).every()
        now = self._clock()
        overdue = frozenset(case.id for case in cases if case.status in UNTAKEN and case.due_at <= now)
        return Snapshot(cases, overdue)


def standing_of(snapshot: Snapshot, by: Officer) -> Standing:
    """The part of it that is this officer's to know."""
    hers = [case for case in snapshot.cases if may_know(case, by)]
    counts = Counter(overdue=sum(case.id in snapshot.overdue for case in hers), mine=0, unanswered=0)
    for case in hers:
        counts[case.status.value] += 1
        counts[case.level.value] += 1
        if case.officer == by.id:
            counts["mine"] += 1
            counts["unanswered"] += case.waiting_since is not None
    shown = repr([(case, case.id in snapshot.overdue) for case in hers])
    asked = tuple(Asked(case.id, case.level, case.until) for case in hers if case.asked == by.id)
    return Standing(hashlib.sha256(shown.encode()).hexdigest()[:24], counts, asked)


def may_know(case: OpenCase, by: Officer) -> bool:
    """The same rule as `bot.services.case_access.may_see`, for a row that is in memory."""
    if not by.may(Permission.SEE_CASES) or is_excluded(case.excluded, by.id, by.name, by.area, by.federation):
        return False
    routed_there = bool(by.federation) and case.federation == by.federation
    return routed_there or sees_branch(by, case.area) or by.id in {case.officer, case.asked}
