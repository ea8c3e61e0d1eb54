"""Who is speaking, and for whom: herself, somebody for another, a child, one who struck, a man, an officer.

By the reviewed rules of data/safety/speakers.yml. Answers and the words for danger are chosen by it; nobody is refused by it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.language.cleaning import clean
from bot.language.signs import expression, signs

FILE = Path(__file__).resolve().parents[2] / "data" / "safety" / "speakers.yml"
READ_AT_MOST = 2_000
"""Characters: who speaks is told at the beginning, and any text must be read quickly."""


class Voice(StrEnum):
    """Who speaks. `SELF` is a woman, or nobody knows."""

    SELF = "self"
    OTHER = "other"
    CHILD = "child"
    PERPETRATOR = "perpetrator"
    MAN = "man"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Speaker:
    """`relation` is her own word for the one she speaks for (女儿, 闺蜜, 邻居); empty unless the voice is `OTHER`."""

    voice: Voice = Voice.SELF
    relation: str = ""


@dataclass(frozen=True, slots=True)
class VoiceRule:
    """One reviewed rule: any of `says` and none of `unless`."""

    voice: Voice
    says: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None
    examples_for: tuple[str, ...]
    examples_against: tuple[str, ...]

    def heard_in(self, prepared: str) -> Speaker | None:
        """The speaker when the rule fits a prepared text."""
        if self.unless is not None and self.unless.search(prepared):
            return None
        for pattern in self.says:
            match = pattern.search(prepared)
            if match is not None:
                return Speaker(self.voice, next(filter(None, match.groupdict().values()), ""))
        return None


def read_speaker(text: str) -> Speaker:
    """Who speaks in a text, cleaned or not; the first rule that fits decides, and `Speaker()` when none does."""
    prepared = signs().prepare(clean(text, READ_AT_MOST))
    return next((heard for rule in rules() if (heard := rule.heard_in(prepared)) is not None), Speaker())


@cache
def rules() -> tuple[VoiceRule, ...]:
    """The rules of the file, read once."""
    loaded = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    words = {name: "(?:" + "|".join(entry) + ")" for name, entry in loaded["words"].items()}
    return tuple(_rule(fields, words) for fields in loaded["voices"])


def _rule(fields: Mapping[str, Any], words: Mapping[str, str]) -> VoiceRule:
    unless = "|".join(fields["unless"])
    return VoiceRule(
        voice=Voice(fields["voice"]),
        says=tuple(re.compile(expression(_with(words, says))) for says in fields["says"]),
        unless=re.compile(unless) if unless else None,
        examples_for=tuple(fields["for"]),
        examples_against=tuple(fields["against"]),
    )


def _with(words: Mapping[str, str], says: str) -> str:
    """An expression with the file's own words filled in."""
    for name, word in words.items():
        says = says.replace("{" + name + "}", word)
    return says
