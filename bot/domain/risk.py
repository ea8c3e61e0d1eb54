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
    """What the danger is; each kind has fixed, reviewed words of its own. The database holds these very values."""

    VIOLENCE = "violence"
    SUICIDE = "suicide"
    CHILD = "child"
    SEXUAL = "sexual"
    PERPETRATOR = "perpetrator"


class Scene(StrEnum):
    """Where the words of the kind alone would not do: each has words of its own beside the kind's."""

    SILENT = "silent"
    """She cannot speak: he is near."""
    STALKED = "stalked"
    CAPTIVE = "captive"
    """Locked in, lured away, sold."""
    MOTHER = "mother"
    """A mother afraid of what she might do to her child."""


@dataclass(frozen=True, slots=True)
class Risk:
    """What a detector found.

    `rules` names the rules that spoke, for the reviewer. `other`: it is told of somebody else; `child`: a child speaks.
    `scene` picks closer words within the kind; None when the kind's words fit. `doubts` names what in the text speaks
    against danger (a denial, a play, a dispute with strangers): a model that alone sees danger must be the surer for it.
    """

    level: RiskLevel = RiskLevel.NONE
    kind: RiskKind | None = None
    rules: tuple[str, ...] = ()
    other: bool = False
    child: bool = False
    scene: Scene | None = None
    doubts: tuple[str, ...] = ()
