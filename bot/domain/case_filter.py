"""What an officer looks for in a list of cases."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import CaseStatus


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What is wanted; empty means everything. `words` stand in the masked need, place or wishes.

    `untaken`: nobody has it yet. Opened in [`since`, `until`).
    """

    status: CaseStatus | None = None
    closed: bool | None = None
    level: CaseLevel | None = None
    officer: str = ""
    conversation: str = ""
    alerted_to: str = ""
    area: str = ""
    words: str = ""
    overdue_at: datetime | None = None
    topic: Topic | None = None
    untaken: bool = False
    since: datetime | None = None
    until: datetime | None = None
