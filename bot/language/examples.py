"""An accepted correction as a line of training data: without what was masked, annotated as data/nlu is.

Her clauses with a mask in them are left out, since a placeholder would become a word that is learned; where that takes an
entity, or leaves too little to know the intent by, there is no line.
"""

import re
from collections.abc import Sequence

from bot.domain.teaching import Span
from bot.language.cleaning import clean
from bot.language.masking import (
    ACCOUNT,
    ADDRESS,
    BANK,
    CARD_ID,
    MAIL,
    NAME,
    PHONE,
    PLATE,
    WORK,
    mask,
)

MASKS = (PHONE, CARD_ID, BANK, ACCOUNT, NAME, ADDRESS, WORK, PLATE, MAIL)
MASKED = re.compile("|".join(map(re.escape, MASKS)))
OTHER_BRACKETS = re.compile(r"［[^［］]{1,8}］")
"""A chat program's faces, as 「［流泪］」."""
CLAUSE = re.compile(r"[^，。！？；,.!?;\s]*[，。！？；,.!?;\s]*")
SHORTEST, LONGEST = 2, 120
LEAST_LEFT = 4
"""Chinese characters that have to be left when clauses went."""
HAN = re.compile(r"[\u3400-\u9fff]")


class Unteachable(Exception):
    """There is no line; the words say why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def line_of(text: str, entities: Sequence[Span]) -> tuple[str, bool]:
    """A masked text and its entities → (line, whether parts were left out). Raises Unteachable."""
    if mask(text) != text:
        raise Unteachable("文字里还有没遮住的个人信息")
    cleaned = clean(text).replace("[", "［").replace("]", "］")  # as `mask` leaves them
    text = cleaned if len(cleaned) == len(text) else text  # as the engine reads it, where no place moves
    spans = _whole(text, entities)
    gaps = _gaps(text)
    for span in spans:
        if any(span.start < end and start < span.end for start, end in gaps):
            raise Unteachable("标注的词和被遮住的内容在同一小句里，去掉就不完整了")
    line, left = _annotated(text, spans, gaps)
    if gaps and len(HAN.findall(left)) < LEAST_LEFT:
        raise Unteachable("去掉被遮住的内容后剩不下一句话")
    if not SHORTEST <= len(left) <= LONGEST:
        raise Unteachable(f"一句训练例句要 {SHORTEST}–{LONGEST} 个字，这句 {len(left)} 个字")
    return line, bool(gaps)


def _whole(text: str, entities: Sequence[Span]) -> list[Span]:
    spans = sorted(entities, key=lambda span: span.start)
    ends = [0, *(span.end for span in spans)]
    for span, before in zip(spans, ends, strict=False):
        if not before <= span.start < span.end <= len(text):
            raise Unteachable("标注的位置重叠，或者在文字之外")
        if set(text[span.start : span.end]) & set("[]［］\n"):
            raise Unteachable("标注的词里有被遮住的内容或括号")
    return spans


def _gaps(text: str) -> list[tuple[int, int]]:
    """What is left out: each clause with a mask in it, and a face alone."""
    clauses = [found.span() for found in CLAUSE.finditer(text) if MASKED.search(found.group())]
    faces = [found.span() for found in OTHER_BRACKETS.finditer(text) if not MASKED.fullmatch(found.group())]
    return sorted([*clauses, *(face for face in faces if not any(a <= face[0] < b for a, b in clauses))])


def _annotated(text: str, spans: Sequence[Span], gaps: Sequence[tuple[int, int]]) -> tuple[str, str]:
    """(line, the same without annotations)."""
    line, left, at = "", "", 0
    pieces = sorted([*((span.start, span.end, span.name) for span in spans), *((a, b, "") for a, b in gaps)])
    for start, end, name in [*pieces, (len(text), len(text), "")]:
        between, word = text[at:start], text[start:end] if name else ""
        line += between + (f"[{word}]({name})" if name else "")
        left += between + word
        at = end
    return _tidy(line), _tidy(left)


def _tidy(text: str) -> str:
    """One line, as it may stand behind 「- 」: no slash first, which Rasa would take for a payload."""
    text = re.sub(r"\s+", " ", text).strip(" ，,；;、")
    return f"／{text[1:]}" if text.startswith("/") else text
