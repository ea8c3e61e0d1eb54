"""What is to be done for women: an officer's own list, or her whole branch's for a supervisor. Texts are masked here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo

from bot.domain.accounts import Officer, Permission
from bot.domain.care import Days, Due, TaskFilter
from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import TaskKind
from bot.language.masking import mask
from bot.services.case_access import viewer_of
from bot.storage.case_papers import CaseTask, PaperStore
from bot.storage.case_tasks import TaskLists
from bot.storage.cases import Case
from bot.storage.database import Database
from bot.storage.rota import RotaStore
from bot.storage.sealing import Keyring


@dataclass(frozen=True, slots=True)
class ListedTask:
    """A task in a list; times are local. `officer` is the name of who does it; `done_at` None: not yet."""

    id: str
    case: str
    kind: TaskKind
    level: CaseLevel
    topic: Topic
    place: str
    officer: str
    text: str
    due_at: datetime
    due: Due
    done_at: datetime | None
    result: str


def days_of(now: datetime, zone: tzinfo) -> Days:
    """Today and the week that begins with it, where the officers are."""
    today = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    return Days(today, today + timedelta(days=1), today + timedelta(days=7))


class CaseTasks:
    """Every method raises NotFound for whoever may see no cases."""

    def __init__(self, database: Database, keyring: Keyring, *, clock: Callable[[], datetime], zone: tzinfo) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._zone = zone

    async def page(self, by: Officer, wanted: TaskFilter, *, offset: int = 0, limit: int = 50) -> list[ListedTask]:
        """A page of tasks. Others' tasks are for whoever may assign cases; everybody else has her own only."""
        days = days_of(self._clock(), self._zone)
        async with self._database.read() as session:
            store = PaperStore(session, self._keyring)
            rows = await TaskLists(session).page(
                viewer_of(by), _allowed(by, wanted), days, offset=max(0, offset), limit=max(1, limit)
            )
            names = await RotaStore(session).names([task.officer_id for task, _ in rows])
            return [self._listed(task, case, names, days, store) for task, case in rows]

    async def counts(self, by: Officer, officer: str) -> Mapping[Due, int]:
        """How many open tasks are overdue, today and coming."""
        days = days_of(self._clock(), self._zone)
        async with self._database.read() as session:
            return await TaskLists(session).counts(viewer_of(by), _allowed(by, TaskFilter(officer)).officer, days)

    def _listed(self, row: CaseTask, case: Case, names: Mapping[str, str], days: Days, store: PaperStore) -> ListedTask:
        text, result = store.task_text(row)
        return ListedTask(
            id=row.public_id,
            case=case.public_id,
            kind=row.kind,
            level=case.level,
            topic=case.topic,
            place=case.place,
            officer=names.get(row.officer_id, ""),
            text=mask(text),
            due_at=row.due_at.astimezone(self._zone),
            due=days.due(row.due_at),
            done_at=row.done_at.astimezone(self._zone) if row.done_at else None,
            result=mask(result),
        )


def _allowed(by: Officer, wanted: TaskFilter) -> TaskFilter:
    return wanted if by.may(Permission.ASSIGN_CASES) else replace(wanted, officer=by.id)
