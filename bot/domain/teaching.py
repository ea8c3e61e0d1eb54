"""What the assistant is taught between two models: change sets, trainings, and the card of a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.errors import BotError, Conflict


class ChangeSetState(StrEnum):
    """`PROPOSED` waits for a second person. What she refused may be proposed again."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


class TrainingState(StrEnum):
    """`REJECTED`: trained and measured, and worse where it must not be. `LIVE` was put in place at least once."""

    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"
    REJECTED = "rejected"
    READY = "ready"
    LIVE = "live"


class MoveKind(StrEnum):
    """How the live model changed."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"


BUSY = frozenset({TrainingState.WAITING, TrainingState.RUNNING})
CHANGE_SET_WORDS: Mapping[ChangeSetState, str] = {
    ChangeSetState.PROPOSED: "等人批准",
    ChangeSetState.APPROVED: "已批准",
    ChangeSetState.REFUSED: "没有批准",
}
TRAINING_WORDS: Mapping[TrainingState, str] = {
    TrainingState.WAITING: "等着开始",
    TrainingState.RUNNING: "正在训练",
    TrainingState.FAILED: "没有成功",
    TrainingState.REJECTED: "不能上线",
    TrainingState.READY: "可以上线",
    TrainingState.LIVE: "上过线",
}
MOVE_WORDS: Mapping[MoveKind, str] = {MoveKind.PROMOTED: "上线", MoveKind.ROLLED_BACK: "退回"}


class TrainingFailed(BotError):
    """Training or measuring ended without a model; nothing was changed."""

    code = "training_failed"
    default_words = "训练没有成功，正在用的模型没有动。"


class NotBetter(Conflict):
    """The model may not go live; `objections` say why."""

    code = "not_better"

    def __init__(self, objections: tuple[str, ...]) -> None:
        self.objections = objections
        super().__init__("这个模型不能上线：" + "；".join(objections))


@dataclass(frozen=True, slots=True)
class Span:
    """An entity of a text; `end` is one past its last character."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """One accepted correction on its way to training: the masked text, and what is right about it.

    `entities`: None when nobody has judged them. `intent`: None when it should be a new one.
    """

    correction: str
    inbound_id: int
    text: str
    intent: str | None
    entities: tuple[Span, ...] | None = None
    of_herself: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A line of a change set. `line` is in the form of data/nlu; `refusal` says why it is not taught, "" when it is.

    `guessed`: nobody judged the entities, they are the model's. `turned`: parts that were masked have been left out.
    `number`: its place in the change set.
    """

    proposed: Proposed
    line: str
    refusal: str = ""
    guessed: bool = False
    turned: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure of a set. `hits` of `of` where it is a share of lines, else 0 of 0.

    `at_least`: more is better. `guards`: a fall of danger found, a rise of false alarms, or nothing.
    """

    set: str
    name: str
    value: float
    hits: int = 0
    of: int = 0
    at_least: bool = True
    guards: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a kept model. `digest` is SHA-256 of its file, `model_id` the id that training gave it.

    `change_sets`: those it learned besides data/. `figures`: () when it was never measured.
    """

    name: str
    digest: str
    model_id: str
    trained_at: str
    change_sets: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = field(default=())
