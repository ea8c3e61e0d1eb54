"""Judgements of a message in words, and which of them a reviewer may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.accounts import Officer
from bot.domain.case_topics import TOPIC_WORDS
from bot.domain.reviews import STATE_WORDS, CorrectionState, Judgement, read_entities
from bot.services.intent_names import ENTITY_WORDS, intent_name
from bot.services.understood import RISK_WORDS
from bot.storage.conversations import InboundMessage
from bot.storage.reviews import Correction


@dataclass(frozen=True, slots=True)
class Judged:
    """One reviewer's judgement. `words`: what she said, part by part: (label, words)."""

    id: str
    reviewer: str
    said: Judgement
    words: tuple[tuple[str, str], ...]
    changes: bool
    state: CorrectionState
    at: datetime

    @property
    def state_words(self) -> str:
        """「未定」「采纳」「不采纳」"""
        return STATE_WORDS[self.state]


def judgement_of(row: Correction) -> Judgement:
    """The row's content."""
    return Judgement(row.intent, row.topic, row.risk, read_entities(row.entities), row.new_intent_wish)


def judged(message: InboundMessage, row: Correction, names: Mapping[str, str]) -> Judged:
    """The row in words."""
    said = judgement_of(row)
    return Judged(
        row.public_id,
        names.get(row.reviewer_id, ""),
        said,
        _words(message.masked, said),
        row.changes,
        row.state,
        row.at,
    )


def judged_by_her(
    message: InboundMessage, rows: Sequence[Correction], names: Mapping[str, str], by: Officer
) -> Judged | None:
    """Her own."""
    return next((judged(message, row, names) for row in rows if row.reviewer_id == by.id), None)


def judged_by_others(
    message: InboundMessage, rows: Sequence[Correction], names: Mapping[str, str], by: Officer
) -> tuple[Judged, ...]:
    """Those of the others. She may see them once she has judged for herself: who has seen an answer gives no own one."""
    return tuple(judged(message, row, names) for row in rows if row.reviewer_id != by.id)


def _words(masked: str, said: Judgement) -> tuple[tuple[str, str], ...]:
    marked = [f"{masked[one.start : one.end]}（{ENTITY_WORDS.get(one.name, one.name)}）" for one in said.entities or ()]
    parts = (
        ("意图", f"新意图：{said.new_intent_wish}" if said.new_intent_wish else intent_name(said.intent)),
        ("风险", RISK_WORDS[said.risk] if said.risk else ""),
        ("主题", TOPIC_WORDS[said.topic] if said.topic else ""),
        ("实体", "、".join(marked) if said.entities is not None and marked else ""),
    )
    return tuple((label, words) for label, words in parts if words)
