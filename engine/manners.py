"""Messages that say nothing to understand: abuse, other languages, signs without words, noise; words in data/manners.yml.

Only a whole message counts. Whatever else stands in it, it is understood as any other.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Optional, Text

import yaml

FILE = Path(__file__).resolve().parents[1] / "data" / "manners.yml"
CHINESE = re.compile(r"[\u3400-\u9fff]")
LETTER = re.compile(r"[^\W\d_]")
WORD = re.compile(r"[A-Za-z][A-Za-z']*")
CODE = re.compile(r"[<>{}\[\]\\=]|^[/／]\w")
KANA = re.compile(r"[\u3040-\u30ff]")
PINYIN = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:ai?|ang?|ao|ei?|eng?|er|i|iang?|iao?|ie|ing?|iong|iu|o|ong|ou|u|uai?|uang?|"
    r"ue|ui|un|uo|ve?)\d?)+",
    re.IGNORECASE,
)
LATIN = 0x24F
"""The last Latin letter; those after it are of other alphabets."""
SHORTEST_NOISE = 5
SAME = 12
"""So many characters of one or two kinds are noise, but for laughter."""
LAUGHTER = frozenset("哈呵嘿嘻")


def manner_of(text: Text) -> Text:
    """`abuse`, `foreign`, `wordless`, `hotline`, `noise`; "" for a message that says something."""
    core = text.strip()
    letters = re.sub(r"[\W_]+", "", core)
    if core in words()["hotlines"]:
        return "hotline"
    if words()["crying"].issuperset(letters):
        return "wordless"
    if words()["abuse"].fullmatch(letters):
        return "abuse"
    if KANA.search(core) or not CHINESE.search(core):
        return _without_chinese(core)
    kinds = set(core)
    return "noise" if len(core) >= SAME and len(kinds) <= 2 and not kinds & LAUGHTER else ""


def payload(text: Text) -> Optional[Text]:
    """The choice that stands for it; None for a message that says something."""
    manner = manner_of(text)
    if manner == "noise":
        return "/nlu_fallback"
    return f'/chitchat{{"manner":"{manner}"}}' if manner else None


@lru_cache(maxsize=1)
def words() -> Dict[Text, Any]:
    """The file, read once: `abuse` as one expression, the rest as sets."""
    loaded = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    abuse, between = (
        "|".join(map(re.escape, sorted(loaded[name], key=len, reverse=True))) for name in ("abuse", "between")
    )
    return {
        "abuse": re.compile(f"(?:{between})*(?:{abuse})(?:{abuse}|{between})*"),
        "foreign": frozenset(loaded["foreign"]),
        **{name: frozenset(loaded[name]) for name in ("hotlines", "alone", "crying")},
    }


def _without_chinese(core: Text) -> Text:
    found = WORD.findall(core.lower().replace("’", "'"))
    if any(ord(letter) > LATIN for letter in LETTER.findall(core)) or "".join(found) in words()["alone"]:
        return "foreign"
    if CODE.search(core):
        return "noise"
    if len(found) > 1 and words()["foreign"].intersection(found):
        return "foreign"
    spelt = (
        not found or any(letter.isdigit() or letter == "@" for letter in core) or words()["foreign"].intersection(found)
    )
    return "" if spelt or len(core) < SHORTEST_NOISE or all(map(PINYIN.fullmatch, found)) else "noise"
