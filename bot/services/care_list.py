"""台账: the people in an officer's care, or in her whole branch's for a supervisor, with what is due next. Masked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from bot.domain.accounts import Officer, Permission
from bot.domain.care import CareFilter, Days, Due
from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import CaseOutcome, CaseStatus, Helped, TaskKind
from bot.services.case_access import viewer_of
from bot.services.case_tasks import days_of
from bot.storage.care_list import Cared, CareLists
from bot.storage.case_papers import CaseTask
from bot.storage.case_tasks import TaskLists
from bot.storage.database import Database
from bot.storage.rota import RotaStore


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the list; times are local, None where there is none.

    `contact_at` is when she wrote or was answered last, `contact_by_her` which of the two. `tasks`: how many are open.
    """

    case: str
    status: CaseStatus
    level: CaseLevel
    topic: Topic
    area: str
    place: str
    need: str
    officer: str
    officer_name: str
    opened_at: datetime
    closed_at: datetime | None
    outcome: CaseOutcome | None
    helped: Helped | None
    tasks: int
    next_kind: TaskKind | None
    next_due_at: datetime | None
    due: Due
    next_visit_at: datetime | None
    contact_at: datetime | None
    contact_by_her: bool


class CareList:
    """Raises NotFound for whoever may see no cases."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime], zone: tzinfo) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone

    async def page(self, by: Officer, wanted: CareFilter, *, offset: int = 0, limit: int = 50) -> list[Person]:
        """A page of people. Others' people are for whoever may assign cases; everybody else has her own only."""
        now = self._clock()
        days = days_of(now, self._zone)
        if not by.may(Permission.ASSIGN_CASES):
            wanted = replace(wanted, officer=by.id)
        async with self._database.read() as session:
            rows = await CareLists(session).page(
                viewer_of(by), wanted, days, now, offset=max(0, offset), limit=max(1, limit)
            )
            tasks = await TaskLists(session).open_of([row.case.id for row in rows])
            names = await RotaStore(session).names([row.case.officer_id or "" for row in rows])
        return [self._person(row, tasks.get(row.case.id, []), names, days) for row in rows]

    def _person(self, row: Cared, tasks: list[CaseTask], names: Mapping[str, str], days: Days) -> Person:
        case, first = row.case, tasks[0] if tasks else None
        contact = max((at for at in (row.wrote_at, row.replied_at) if at is not None), default=None)
        return Person(
            case=case.public_id,
            status=case.status,
            level=case.level,
            topic=case.topic,
            area=case.area,
            place=case.place,
            need=case.need,
            officer=case.officer_id or "",
            officer_name=names.get(case.officer_id or "", ""),
            opened_at=case.opened_at.astimezone(self._zone),
            closed_at=self._local(case.closed_at),
            outcome=case.outcome,
            helped=case.helped,
            tasks=len(tasks),
            next_kind=first.kind if first else None,
            next_due_at=self._local(first.due_at if first else None),
            due=days.due(first.due_at) if first else Due.NONE,
            next_visit_at=self._local(row.next_visit),
            contact_at=self._local(contact),
            contact_by_her=contact is not None and contact == row.wrote_at,
        )

    def _local(self, moment: datetime | None) -> datetime | None:
        return None if moment is None else moment.astimezone(self._zone)
