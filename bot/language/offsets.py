"""Where an entity of the cleaned text stands in the text that the person sent."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from bot.domain.messages import Entity
from bot.language.cleaning import clean


def as_sent(sent: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities of `clean(sent)`, with their places in `sent`."""
    cleaned = clean(sent)
    spans = [span_as_sent(sent, cleaned, entity.start, entity.end) for entity in entities]
    return [replace(entity, start=start, end=end) for entity, (start, end) in zip(entities, spans, strict=True)]


def span_as_sent(sent: str, cleaned: str, start: int, end: int) -> tuple[int, int]:
    """(start, end) in `cleaned` → (start, end) in `sent`; exact wherever cleaning changed no lengths.

    Simplified characters and half-width signs keep their places; where cleaning took out or put in characters, a
    position inside such a stretch becomes its nearer edge.
    """
    if len(sent) == len(cleaned):
        return start, end
    blocks = SequenceMatcher(None, cleaned, sent, autojunk=False).get_opcodes()
    return _place(blocks, start, last=False), _place(blocks, end - 1, last=True) + 1


def _place(blocks: Sequence[tuple[str, int, int, int, int]], at: int, last: bool) -> int:
    """Where character `at` of the cleaned text stands: `blocks` are (what, from, to, from, to) of cleaned and sent."""
    for _, a, b, c, d in blocks:
        if a <= at < b:
            return c + at - a if b - a == d - c else (d - 1 if last else c)
    return at
