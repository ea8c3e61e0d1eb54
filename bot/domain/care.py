"""What officers look for in the lists of their care: tasks by their day, people by what is due."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import Helped, TaskKind


class Due(StrEnum):
    """When something is due, by whole local days. `COMING`: after today; `WEEK`: from today, within seven days."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    COMING = "coming"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Days:
    """Where today begins and ends, and the end of the seven days that begin with it."""

    begins: datetime
    ends: datetime
    week: datetime

    def due(self, at: datetime) -> Due:
        """Overdue, today or coming."""
        if at < self.begins:
            return Due.OVERDUE
        return Due.TODAY if at < self.ends else Due.COMING


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Tasks that are wanted; empty means any. `done`: those that are done instead of those that are not."""

    officer: str = ""
    kind: TaskKind | None = None
    due: Due | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class CareFilter:
    """People that are wanted; empty means any. `words` stand in the masked need, place or wishes of the case.

    `closed`: None for both; closed ones only when they were closed after `closed_since`.
    """

    officer: str = ""
    area: str = ""
    topic: Topic | None = None
    level: CaseLevel | None = None
    due: Due | None = None
    helped: Helped | None = None
    closed: bool | None = None
    closed_since: datetime | None = None
    words: str = ""
