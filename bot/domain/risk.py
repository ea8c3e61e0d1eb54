"""How much danger a message speaks of, and of which kind."""

from dataclasses import dataclass
from enum import StrEnum


class RiskLevel(StrEnum):
    """From nothing to a life in danger now. Compare with `rank`."""

    NONE = "none"
    WATCH = "watch"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for none to 3 for an emergency."""
        return list(RiskLevel).index(self)


class RiskKind(StrEnum):
    """What the danger is; each kind has fixed, reviewed words of its own."""

    VIOLENCE = "violence"
    SUICIDE = "suicide"
    CHILD = "child"
    SEXUAL = "sexual"
    PERPETRATOR = "perpetrator"


@dataclass(frozen=True, slots=True)
class Risk:
    """What a detector found. `rules` names the rules that spoke, for the reviewer; `other` tells it is not herself."""

    level: RiskLevel = RiskLevel.NONE
    kind: RiskKind | None = None
    rules: tuple[str, ...] = ()
    other: bool = False
