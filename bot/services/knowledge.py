"""Answers that were checked: which one fits a question, what is offered after it, and when it is too old to be given."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.language.speakers import Voice
from bot.services.words import words

LIMITS = Path(__file__).resolve().parents[2] / "data" / "knowledge_limits.yml"
SURE = 0.55
"""From this confidence on an answer is given, below it offered as a choice. Found on evaluation/answers.jsonl, part `tuned`."""
CERTAIN = 0.85
"""Up to this confidence the next likely question is offered under the answer, in case the answer is not the one she wanted."""
POSSIBLE = 0.22
"""An answer less alike than this is not even offered."""
BESIDE = 0.3
"""And less alike than this, it is not offered beside the answer of a topic that is given when none is alike."""
SPREAD = 0.03
"""How far apart likenesses lie that are e times as probable: turns them into confidence."""
MOST_OFFERED = 3
MOST_ANSWERS = 2
NEXT_STEPS: Mapping[str, tuple[str, str]] = {
    "find_home": ("找最近的妇女之家", '/find_place{"service_kind":"womens_home"}'),
    "find_legal": ("找最近的法律服务", '/find_place{"service_kind":"legal"}'),
    "find_psych": ("找最近的心理服务", '/find_place{"service_kind":"psychological"}'),
    "apply_aid": ("帮我申请", "/apply_for_aid"),
    "ask_human": ("找工作人员", "/ask_human"),
    "sign_up": ("报名当志愿者", '/join_volunteers{"volunteer":"begin"}'),
}
PRESSING = (
    "ask_domestic_violence", "ask_protection_order", "ask_sexual_harassment", "feel_postpartum", "feel_distressed",
    "feel_bereaved",
)  # fmt: skip
"""Needs that are answered before the others, the most pressing first. Danger itself has been answered before all of them."""
STRUCK = "admit_violence"
"""The topic of those who struck; it is never offered to somebody who asked for something else."""
FELT = ("feel_distressed", "feel_postpartum", "feel_bereaved")
NEAR_FEELINGS = ("need_counselling", "ask_relationship", "ask_parenting")
"""Who tells of feelings is not answered with law, however alike the words."""
OF_THE_OTHER_SIDE = ("ask_domestic_violence", "ask_protection_order")


@dataclass(frozen=True, slots=True)
class Answer:
    """One checked answer. `law` is (name, article) pairs; without law, `sources` says what it rests on.

    `text` is three lines: what it means for her, what to do first, whom to call. `next` are steps and ids of answers.
    `otherwise`: said when no question of its topic is like hers. `supposes`: what must stand in her words, because the answer
    takes it for granted; one who lost a child is spoken to in another way than one who is only tired.
    """

    id: str
    intent: str
    questions: tuple[str, ...]
    text: str
    law: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    checked_at: date
    valid_until: date
    next: tuple[str, ...]
    otherwise: bool
    supposes: re.Pattern[str] | None = None

    @property
    def title(self) -> str:
        """How it is offered as a choice."""
        return self.questions[0]

    def fits(self, text: str) -> bool:
        """Whether her words say what the answer takes for granted."""
        return self.supposes is None or self.supposes.search(text) is not None

    def is_stale(self, today: date) -> bool:
        """Whether nobody has checked it for longer than its kind allows."""
        return today > self.valid_until

    def words(self, today: date) -> str:
        """The answer, the law behind it, the day it was checked; of a stale one only the steps, and where to ask."""
        day = f"{self.checked_at.year}年{self.checked_at.month}月{self.checked_at.day}日"
        if self.is_stale(today):
            steps = "\n".join(self.text.splitlines()[1:])
            return words()["stale_law" if self.law else "stale_advice"].strip().format(day=day) + f"\n{steps}"
        if not self.law:
            return self.text
        law = "；".join(f"{name if name.startswith('法释') else f'《{name}》'}{article}" for name, article in self.law)
        return f"{self.text}\n依据：{law}（{day}核对）"


@dataclass(frozen=True, slots=True)
class Choice:
    """What knowledge has to say: an answer, questions to choose from, both, or nothing."""

    answer: Answer | None = None
    offered: tuple[Answer, ...] = ()


class Knowledge:
    """Every answer, read once."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = {answer.id: answer for answer in answers}
        self.otherwise = {answer.intent: answer for answer in answers if answer.otherwise}
        self.topics = frozenset(answer.intent for answer in answers)

    @classmethod
    def load(cls, folder: Path, limits: Path = LIMITS) -> "Knowledge":
        """Read every file of data/knowledge."""
        days: dict[str, int] = yaml.safe_load(limits.read_text(encoding="utf-8"))["limits"]
        return cls([_answer(entry, days) for file in sorted(folder.glob("*.yml")) for entry in _entries(file)])

    def choose(
        self, intent: str, text: str, ranked: Sequence[tuple[str, float]], *, among_others: bool = False
    ) -> Choice:
        """The answer to an intent in her words, given (id, likeness) of the likeliest ones, best first.

        Answers of other topics may fit better, unless the message has several needs (`among_others`) or tells of feelings.
        """
        known = [(self.answers[name], score) for name, score in ranked if name in self.answers]
        fitting = [
            (answer, score)
            for answer, score in known
            if answer.fits(text) and _may_answer(answer.intent, intent, among_others)
        ]
        sure = confidence([score for _, score in fitting])
        if fitting and fitting[0][1] >= POSSIBLE and sure >= SURE:
            return Choice(fitting[0][0], tuple(answer for answer, _ in fitting[1:2]) if sure < CERTAIN else ())
        if intent in self.otherwise:
            answer = self.otherwise[intent]
            beside = [other for other, score in fitting if score >= BESIDE and other is not answer]
            return Choice(answer, tuple(beside[: MOST_OFFERED - 1]))
        return Choice(offered=tuple(answer for answer, score in fitting if score >= POSSIBLE)[:MOST_OFFERED])

    def in_order(self, needs: Iterable[str]) -> list[str]:
        """The needs that have answers, at most two, in the order she said them except that pressing ones come first."""
        known = [need for need in dict.fromkeys(needs) if need in self.topics][:MOST_ANSWERS]
        return sorted(known, key=lambda need: PRESSING.index(need) if need in PRESSING else len(PRESSING))

    def stale(self, today: date) -> list[Answer]:
        """The answers that somebody must check again."""
        return [answer for answer in self.answers.values() if answer.is_stale(today)]

    def without_source(self) -> list[Answer]:
        """The answers that do not say what they rest on."""
        return [answer for answer in self.answers.values() if not (answer.law or answer.sources)]


def asked_as(need: str, voice: Voice, *, was_struck: bool = False) -> str:
    """The need as it is answered to this speaker.

    One who struck is told of stopping, never of hiding or of proof; who asks for another, is a child, or says that she was
    struck has not struck: word order decides that, which the model hardly sees (「我老公打了我」「我打了我老公」).
    """
    if voice is Voice.PERPETRATOR and need in OF_THE_OTHER_SIDE:
        return STRUCK
    if need == STRUCK and (voice in (Voice.OTHER, Voice.CHILD) or (was_struck and voice is not Voice.PERPETRATOR)):
        return OF_THE_OTHER_SIDE[0]
    return need


def confidence(scores: Sequence[float]) -> float:
    """How probable the first of some likenesses is, best first: 1 when it stands alone, 0 when there is none."""
    return 1 / sum(math.exp((score - scores[0]) / SPREAD) for score in scores) if scores else 0.0


def _may_answer(topic: str, intent: str, among_others: bool) -> bool:
    """Whether an answer of this topic may be given to this intent."""
    if topic == intent:
        return True
    if among_others or STRUCK in (topic, intent):
        return False
    return intent not in FELT or topic in FELT or topic in NEAR_FEELINGS


def _entries(file: Path) -> list[dict[str, Any]]:
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded["answers"]


def _answer(entry: Mapping[str, Any], days: Mapping[str, int]) -> Answer:
    law = tuple((law["name"], law["article"]) for law in entry["law"])
    return Answer(
        id=entry["id"],
        intent=entry["intent"],
        questions=tuple(entry["questions"]),
        text=entry["answer"].strip(),
        law=law,
        sources=tuple(entry.get("sources", ())),
        checked_at=entry["checked_at"],
        valid_until=entry["checked_at"] + timedelta(days=days["law" if law else "advice"]),
        next=tuple(entry["next"]),
        otherwise=entry.get("otherwise", False),
        supposes=re.compile(entry["supposes"]) if "supposes" in entry else None,
    )
