"""What reviewers write down: a judgement of one message, marks, and how far a judgement has come."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.case_topics import Topic
from bot.domain.risk import RiskLevel


class CorrectionState(StrEnum):
    """`OPEN`: not decided. Of several judgements of one message at most one is accepted."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


STATE_WORDS: Mapping[CorrectionState, str] = {
    CorrectionState.OPEN: "未定",
    CorrectionState.ACCEPTED: "采纳",
    CorrectionState.REJECTED: "不采纳",
}


class MarkKind(StrEnum):
    """`FLAG` says 「look here」, `TAG` is a short word to find it again, `NOTE` is free text."""

    FLAG = "flag"
    TAG = "tag"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class MarkedEntity:
    """A span of the MASKED text that names something; `end` is one past its last character."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one reviewer says of one message; None, and "" for the wish: nothing.

    `new_intent_wish`: none of the intents fits, and what a new one would be about; then `intent` is None.
    """

    intent: str | None = None
    topic: Topic | None = None
    risk: RiskLevel | None = None
    entities: tuple[MarkedEntity, ...] | None = None
    new_intent_wish: str = ""

    def is_same(self, other: "Judgement") -> bool:
        """Whether both say the same; two wishes for a new intent are the same whatever their words."""
        return self._kinds() == other._kinds()

    def _kinds(self) -> tuple[object, ...]:
        return (self.intent, self.topic, self.risk, self.entities, bool(self.new_intent_wish))


def read_entities(stored: str | None) -> tuple[MarkedEntity, ...] | None:
    """Entities as a row holds them, by their place; None: nobody judged them, (): judged, there are none."""
    if stored is None:
        return None
    return tuple(sorted(MarkedEntity(entry["start"], entry["end"], entry["name"]) for entry in json.loads(stored)))


def write_entities(entities: Sequence[MarkedEntity] | None) -> str | None:
    """The same for the row: a JSON list of {"name", "start", "end"}."""
    if entities is None:
        return None
    listed = [{"name": entity.name, "start": entity.start, "end": entity.end} for entity in sorted(entities)]
    return json.dumps(listed, ensure_ascii=False)
