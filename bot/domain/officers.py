"""Who works in the console: her name, what she may do, and for which part of the area."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody in the console is there for."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody with an open session. `area` is a prefix of division codes; "" is the whole area."""

    name: str
    role: Role
    area: str = ""

    def covers(self, division: str) -> bool:
        """Whether a division lies in her area."""
        return division.startswith(self.area)
