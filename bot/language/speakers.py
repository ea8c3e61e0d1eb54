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


SOMEBODY = (
    "他|她|老公|丈夫|男人|爱人|对象|男朋友|男友|前夫|前任|老婆|妻子|媳妇|女朋友|女友|婆婆|公公|爸|妈|父亲|母亲|哥|弟|姐|妹|"
    "儿子|女婿|大伯子|小叔子|嫂子|岳父|丈母娘|继父|后爸|老板|邻居"
)
BLOW = "打|揍|踹|扇|搧|抽|掐|踢|砸|殴打|家暴"
STRUCK_ME = re.compile(
    rf"(?:{SOMEBODY})[^，。！？、；,.!?\s我]{{0,8}}(?:{BLOW})(?:了|过|伤|完)*我(?![妈爸儿女闺孩媳老哥姐弟家对丈公婆男妹们])"
    rf"|被(?:我|俺)?(?:{SOMEBODY})[^，。！？、；,.!?\s]{{0,6}}(?:{BLOW})(?!大)"
)


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


def was_struck(text: str) -> bool:
    """Whether the text says in so many words that somebody struck the one who writes: 「他打了我」, 「被老公打」.

    For telling two needs apart whose words differ in their order only. Danger is heard by rules that hear much more.
    """
    return STRUCK_ME.search(text) is not None
