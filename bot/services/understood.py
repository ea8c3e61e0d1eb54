"""What the assistant made of a message, in words, from what the turn wrote down (`InboundMessage.understanding`)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.domain.reviews import MarkedEntity
from bot.domain.risk import RiskKind, RiskLevel
from bot.services.intent_names import ENTITY_WORDS, UNCLEAR, intent_name, intent_names
from bot.storage.conversations import InboundMessage

RISK_WORDS: Mapping[RiskLevel, str] = {
    RiskLevel.NONE: "无",
    RiskLevel.WATCH: "留意",
    RiskLevel.URGENT: "紧急",
    RiskLevel.EMERGENCY: "危险",
}
KIND_WORDS: Mapping[RiskKind, str] = {
    RiskKind.VIOLENCE: "暴力",
    RiskKind.SUICIDE: "轻生",
    RiskKind.CHILD: "孩子",
    RiskKind.SEXUAL: "性侵害",
    RiskKind.PERPETRATOR: "自己动手",
}
LABELS: Mapping[str, str] = {
    "doubts": "存疑",
    "scene": "情形",
    "new_words": "没见过的说法",
    "sources": "回答来自",
    "needs": "几件事",
}
TOLD_ELSEWHERE = frozenset({"ranking", "entities", "rules"})


@dataclass(frozen=True, slots=True)
class Guess:
    """One of the ranking."""

    intent: str
    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understood:
    """`guesses`: the best five that a message can have, best first. `entities`: those that were found again in the masked text,
    by their place; `loose`: (name, value) of the others. `more`: whatever else was written down, (label, words).
    """

    intent: str
    name: str
    confidence: float | None
    guesses: tuple[Guess, ...]
    entities: tuple[MarkedEntity, ...]
    loose: tuple[tuple[str, str], ...]
    risk: RiskLevel
    risk_words: str
    rules: tuple[str, ...]
    more: tuple[tuple[str, str], ...]
    engine_ms: float | None
    answered_after: timedelta | None


def understood(row: InboundMessage) -> Understood:
    """What is stored of it; a message that no engine saw has no guesses."""
    stored: Mapping[str, Any] = json.loads(row.understanding) if row.understanding else {}
    entities, loose = _entities(row.masked, stored.get("entities") or ())
    kind = KIND_WORDS[row.risk_kind] if row.risk_kind else ""
    return Understood(
        intent=row.intent or "",
        name=intent_name(row.intent),
        confidence=row.confidence,
        guesses=_guesses(row, stored.get("ranking") or ()),
        entities=entities,
        loose=loose,
        risk=row.risk,
        risk_words="，".join(word for word in (RISK_WORDS[row.risk], kind) if word),
        rules=tuple(str(rule) for rule in stored.get("rules") or ()),
        more=tuple(_more(stored)),
        engine_ms=row.engine_ms,
        answered_after=None if row.answered_at is None else row.answered_at - row.received_at,
    )


def _guesses(row: InboundMessage, ranking: Sequence[Sequence[Any]]) -> tuple[Guess, ...]:
    listed = [(str(intent), float(confidence)) for intent, confidence in ranking]
    if not listed and row.intent:
        listed = [(row.intent, row.confidence or 0.0)]
    return tuple(
        Guess(intent, intent_name(intent), confidence)
        for intent, confidence in listed
        if intent != UNCLEAR and intent in intent_names()
    )


def _entities(masked: str, listed: Sequence[Any]) -> tuple[tuple[MarkedEntity, ...], tuple[tuple[str, str], ...]]:
    """Found again by their words: masking moves places, and a value may be another word than she used."""
    found: list[MarkedEntity] = []
    loose: list[tuple[str, str]] = []
    for entry in listed:
        name, words = _named(entry)
        place = next_free(masked, words, found)
        if name in ENTITY_WORDS and place is not None:
            found.append(MarkedEntity(place, place + len(words), name))
        else:
            loose.append((ENTITY_WORDS.get(name, name), words))
    return tuple(sorted(found)), tuple(loose)


def _named(entry: Any) -> tuple[str, str]:
    """(name, words) of [name, value, …] or of {"name", "text" or "value"}."""
    if isinstance(entry, Mapping):
        return str(entry.get("name", "")), str(entry.get("text") or entry.get("value") or "")
    return str(entry[0]), str(entry[1])


def next_free(masked: str, words: str, taken: Sequence[MarkedEntity]) -> int | None:
    """Where these words stand in the text outside of the spans that are taken; None when nowhere."""
    at = masked.find(words) if words else -1
    while at >= 0:
        if not any(span.start < at + len(words) and at < span.end for span in taken):
            return at
        at = masked.find(words, at + 1)
    return None


def _more(stored: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (LABELS.get(key, key), _words(value))
        for key, value in stored.items()
        if key not in TOLD_ELSEWHERE and value not in (None, "", [], {}, False)
    ]


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "是"
    if isinstance(value, (list, tuple)):
        return "、".join(_words(one) for one in value)
    return intent_name(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
