"""Answers that officers give again and again, read from `data/canned_answers.yml`: to be put into the reply box, and edited."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parents[2] / "data" / "canned_answers.yml"


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """One answer; `title` is what the officer chooses by."""

    id: str
    title: str
    text: str


@cache
def canned_answers() -> Mapping[str, tuple[CannedAnswer, ...]]:
    """Title of the group → its answers, in the order of the file."""
    with FILE.open(encoding="utf-8") as file:
        groups = yaml.safe_load(file)["groups"]
    return {group["title"]: tuple(CannedAnswer(**answer) for answer in group["answers"]) for group in groups}


def canned_text(name: str) -> str:
    """The words of one answer; "" when there is none of this name."""
    every = (answer for answers in canned_answers().values() for answer in answers)
    return next((answer.text for answer in every if answer.id == name), "")
