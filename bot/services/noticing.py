"""What a turn leaves for reviewers: what was understood and why, where she is, and whether somebody should look at it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.accounts import branch
from bot.domain.case_topics import Topic, topic_of
from bot.domain.messages import Understanding
from bot.domain.risk import Risk
from bot.domain.worth_a_look import NO_REASON, Reason, disagree, is_near
from bot.language.masking import mask
from bot.language.new_words import KnownWords, known_words
from bot.language.places import Gazetteer, PlaceKind
from bot.services.safety import BY_INTENT

FALLBACK = "nlu_fallback"
ASKED_BACK = frozenset({"utter_ask_back", "utter_ask_again", "utter_default", "utter_no_answer"})
"""Answers that say: not understood, or no answer to it."""
CHOSEN_PLACE = re.compile(r'"place":\s*"(\d{12})"')
PLACE = "place"
SURE = 0.5
"""From this confidence on the model says that it sees danger, when the rules see none."""
SAFETY_WORDS = "safety_words"


@dataclass(frozen=True, slots=True)
class Noticed:
    """`reasons` to look, beside what only later tells. `new_words` are parts of the masked text."""

    reasons: Reason = NO_REASON
    new_words: tuple[str, ...] = ()
    topic: Topic = Topic.UNKNOWN
    area: str = ""


class Noticing:
    """Looks at one turn; keeps nothing. Without a gazetteer no place is read."""

    def __init__(self, gazetteer: Gazetteer | None = None, known: KnownWords | None = None) -> None:
        self._gazetteer = gazetteer
        self._known = known

    def look(
        self, masked: str, payload: str | None, risk: Risk, understood: Understanding, sources: tuple[str, ...]
    ) -> Noticed:
        """Everything at once; outside of any transaction, as places take long. `payload`: she pressed a choice."""
        topic = topic_of([understood.intent] if understood.intent else [], risk.kind)
        area = self._area(payload, understood)
        if payload is not None:
            return Noticed(topic=topic, area=area)
        new_words = (self._known or known_words()).new_in(masked)
        return Noticed(_reasons(risk, understood, sources, new_words), new_words, topic, area)

    def _area(self, payload: str | None, understood: Understanding) -> str:
        if self._gazetteer is None:
            return ""
        chosen = CHOSEN_PLACE.search(payload or "")
        if chosen is not None:
            division = self._gazetteer.division(chosen[1])
            return branch(division.code) if division else ""
        named = "，".join(entity.text for entity in understood.entities if entity.name == PLACE)
        reading = self._gazetteer.read(named) if named else None
        certain = reading is not None and reading.kind in {PlaceKind.EXACT, PlaceKind.DISTRICT}
        if reading is None or reading.division is None or not certain or reading.corrected:
            return ""
        return branch(reading.division.code)


def _reasons(risk: Risk, understood: Understanding, sources: tuple[str, ...], new_words: tuple[str, ...]) -> Reason:
    reasons = Reason.NEW_WORDS if new_words else NO_REASON
    if understood.intent == FALLBACK or not ASKED_BACK.isdisjoint(sources):
        reasons |= Reason.FALLBACK
    if understood.intent and is_near([rank for rank in understood.ranking if rank[0] != FALLBACK]):
        reasons |= Reason.NEAR
    if understood.intent and disagree(risk.level, risk.rules, sees_danger(understood.ranking)):
        reasons |= Reason.DISAGREE
    return reasons


def sees_danger(ranking: Sequence[tuple[str, float]]) -> bool:
    """Whether the model's guesses of danger together are likelier than not."""
    return sum(confidence for name, confidence in ranking if name in BY_INTENT) >= SURE


def what_was_understood(understood: Understanding, risk: Risk, noticed: Noticed, sources: tuple[str, ...]) -> str:
    """The JSON of `InboundMessage.understanding`: ranking, entities, rules, doubts, scene, new_words, sources; masked."""
    told: dict[str, Any] = {
        "ranking": [[name, round(confidence, 4)] for name, confidence in understood.ranking],
        "entities": [[entity.name, mask(entity.value)] for entity in understood.entities],
        "rules": list(risk.rules),
        "doubts": list(risk.doubts),
        "scene": risk.scene.value if risk.scene else None,
        "new_words": list(noticed.new_words),
        "sources": list(sources),
    }
    return json.dumps(told, ensure_ascii=False)


def sources_of(said: tuple[str, ...], *, safety_words: bool) -> tuple[str, ...]:
    """Where the answer came from: 「safety_words」 first, then what the engine told (`EngineAnswer.sources`)."""
    return (SAFETY_WORDS, *said) if safety_words else said
