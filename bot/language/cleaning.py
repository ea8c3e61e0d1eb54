"""One form of a text for every reader: simplified characters, half-width, nothing invisible.

The engine, the rules and the readers of places and times all see the cleaned text; what she wrote is stored as she
wrote it.
"""

import re
import unicodedata
from functools import cache

from opencc import OpenCC

INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
SPACES = re.compile(r"\s+")


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def clean(text: str, limit: int = 2000) -> str:
    """Return at most `limit` characters of `text` in the one form that every reader expects."""
    text = INVISIBLE.sub("", text[: limit * 2])
    text = unicodedata.normalize("NFKC", text)
    text = CONTROL.sub(" ", INVISIBLE.sub("", text))
    return str(_simplifier().convert(SPACES.sub(" ", text).strip()))[:limit]
