"""Which passwords are refused: too short, too long, easily guessed, or the person's own name.

OWASP ASVS 5.0, 6.2: at least 8 characters (15 advised), at least 64 allowed, any characters, no rules of composition,
not among the commonest, no words of the context. There is always a second factor beside it, so twelve are asked for.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence

SHORTEST = 12
LONGEST = 128
FEWEST_DIFFERENT = 5
LONGEST_REPEATED = 6
OURS = ("banbiantian", "半边天", "妇联", "妇女之家")
NUMBERS_OF_PEOPLE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dx])(?!\d)", re.IGNORECASE)


def normal(password: str) -> str:
    """The same characters however they were typed (full width, composed or not): what is hashed."""
    return unicodedata.normalize("NFKC", password)


def problem_with(password: str, own: Sequence[str], common: Collection[str]) -> str:
    """Why it is refused, in words for the person; "" when it may be used. `own`: her names; `common`: lower case."""
    text = normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        return f"密码要 {SHORTEST} 到 {LONGEST} 个字符。几个词连成一句话，又长又好记。"
    folded = text.casefold()
    if any(name in folded for name in _telling(own)):
        return "密码里不要有自己的名字、登录名或单位名。"
    if NUMBERS_OF_PEOPLE.search(folded):
        return "密码里不要有手机号或身份证号。"
    if _is_simple(folded) or folded in common or _core(folded) in common:
        return "这个密码太常见，容易被猜到，请换一个。"
    return ""


def _telling(own: Sequence[str]) -> list[str]:
    names = [normal(name).casefold() for name in (*own, *OURS)]
    return [name for name in names if len(name) >= 4 or (len(name) >= 2 and not name.isascii())]


def _is_simple(text: str) -> bool:
    repeated = any(text == (text[:size] * len(text))[: len(text)] for size in range(1, LONGEST_REPEATED + 1))
    return repeated or len(set(text)) < FEWEST_DIFFERENT


def _core(text: str) -> str:
    """Without digits and signs at both ends, which is how a common word is usually made longer."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
