"""How much is tried: little and always the same in CI, very much and always something else with `make fuzz`."""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

LONG = os.environ.get("FUZZ") == "long"
TIMES_AS_MANY = 40
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
Marked = Callable[[Any], Any]


def budget(examples: int, *, shrinks: bool = True) -> Marked:
    """So many examples, derandomized, without a database; a hang is ended by pytest's own limit. `shrinks`: False where one
    example costs a request and the failing one is small anyway."""
    phases = [Phase.explicit, Phase.generate] + ([Phase.shrink] if shrinks else [])
    return settings(
        max_examples=examples * (TIMES_AS_MANY if LONG else 1),
        derandomize=not LONG, deadline=None, database=None, suppress_health_check=CHECKS, phases=phases,
    )  # fmt: skip


TRICKS = (
    "", "\0", "\ufeff", "\u202e", "\u200b", "\u0301" * 40, "👩‍👩‍👧", "𠮷", "Ａ１", "①", "٣", "²", "½", "〇", "ß", "İ",
    "%00", "%", "\\", "'", '"', "' OR 1=1 --", "{{7*7}}", "${7*7}", "<script>", "]]>", "&xxe;", "../../etc/passwd", "//evil.example",
    "\r\nX-Evil: 1", "=1+1", "@SUM(A1)", "-1", "1e400", "NaN", "Infinity", "9" * 30, "9" * 5000, "0x10", "1_000", "+8613812345678",
    "2026-11-28", "2026-02-30", "0001-01-01", "9999-12-31", "24:00", "99:99", "08:30-12:00", "120113000000", "000000000000",
    "null", "true", "[]", "{}", "/greet", "周一至周五", "12月", "三十号", "天津市北辰区", "妇女之家", "他打我",
)  # fmt: skip
"""What has broken readers somewhere before."""
ANYTHING = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=60)
WORDS = st.one_of(st.lists(st.sampled_from(TRICKS), max_size=3).map("".join), ANYTHING)
