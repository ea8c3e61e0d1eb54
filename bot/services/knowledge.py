"""Answers that were checked: which one fits a question, and what is offered after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

SURE = 0.5
"""From this similarity on an answer is given; below it, its question is offered as a choice."""
POSSIBLE = 0.28
MOST_OFFERED = 3
NEXT_STEPS: Mapping[str, tuple[str, str]] = {
    "find_home": ("找最近的妇女之家", '/find_place{"service_kind":"womens_home"}'),
    "find_legal": ("找最近的法律服务", '/find_place{"service_kind":"legal"}'),
    "find_psych": ("找最近的心理服务", '/find_place{"service_kind":"psychological"}'),
    "ask_human": ("找工作人员", "/ask_human"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One checked answer. `law` is (name, article) pairs; without law, `sources` says what it rests on."""

    id: str
    intent: str
    questions: tuple[str, ...]
    text: str
    law: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    checked_at: date
    next: tuple[str, ...]

    def words(self) -> str:
        """The answer, and the law behind it with the day it was checked."""
        if not self.law:
            return self.text
        law = "；".join(f"《{name}》{article}" for name, article in self.law)
        day = self.checked_at
        return f"{self.text}\n依据：{law}（{day.year}年{day.month}月{day.day}日核对）"


@dataclass(frozen=True, slots=True)
class Choice:
    """What knowledge has to say: an answer, or questions to choose from, or nothing."""

    answer: Answer | None = None
    offered: tuple[Answer, ...] = ()


class Knowledge:
    """Every answer, read once."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = {answer.id: answer for answer in answers}

    @classmethod
    def load(cls, folder: Path) -> "Knowledge":
        """Read every file of data/knowledge."""
        return cls([_answer(entry) for file in sorted(folder.glob("*.yml")) for entry in _entries(file)])

    def choose(self, intent: str, ranked: Sequence[tuple[str, float]]) -> Choice:
        """The answer to an intent, given (id, similarity) of the likeliest ones, best first."""
        fitting = [(self.answers[name], score) for name, score in ranked if name in self.answers]
        same = [(answer, score) for answer, score in fitting if answer.intent == intent]
        if same and same[0][1] >= SURE:
            return Choice(same[0][0])
        if same and same[0][1] >= POSSIBLE:
            others = [answer for answer, _ in same] + [a for a in self._of(intent) if a not in [x for x, _ in same]]
            return Choice(offered=tuple(others[:MOST_OFFERED]))
        own = self._of(intent)
        if len(own) == 1:
            return Choice(own[0])
        return Choice(offered=tuple(own[:MOST_OFFERED]))

    def _of(self, intent: str) -> list[Answer]:
        return [answer for answer in self.answers.values() if answer.intent == intent]


def _entries(file: Path) -> list[dict[str, Any]]:
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded["answers"]


def _answer(entry: Mapping[str, Any]) -> Answer:
    return Answer(
        id=entry["id"],
        intent=entry["intent"],
        questions=tuple(entry["questions"]),
        text=entry["answer"].strip(),
        law=tuple((law["name"], law["article"]) for law in entry.get("law", ())),
        sources=tuple(entry.get("sources", ())),
        checked_at=entry["checked_at"],
        next=tuple(entry.get("next", ())),
    )
