"""Everything about reading and correcting conversations, put together once a process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.services.case_access import AuditLog
from bot.services.corrections import Corrections
from bot.services.dialogue_tests import DialogueTests
from bot.services.reading import Reading
from bot.services.review_marks import CaseDoor, ReviewMarks
from bot.storage.database import Database
from bot.storage.sealing import Keyring


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """What a reviewer works with, once she has found a conversation."""

    reading: Reading
    corrections: Corrections
    marks: ReviewMarks
    tests: DialogueTests

    @classmethod
    def furnish(
        cls, database: Database, keyring: Keyring, audit: AuditLog, cases: CaseDoor, *, clock: Callable[[], datetime]
    ) -> "ReviewDesk":
        """Put the parts together; nothing is opened."""
        return cls(
            reading=Reading(database, keyring, audit, clock=clock),
            corrections=Corrections(database, clock=clock),
            marks=ReviewMarks(database, cases, clock=clock),
            tests=DialogueTests(database, clock=clock),
        )
