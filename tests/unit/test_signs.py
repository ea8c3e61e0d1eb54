"""Signs are compiled so that a text of any length is read in linear time."""

import re
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.signs import BLANK, COMMA, WHOLE, Clauses, compile_signs, signs

LONGEST_REPEAT = 12
LONGEST_MATCH = 120
"""Characters: what one expression may span at most; the work at one place in a text is bounded by it."""
PATTERNS = [*signs().by_name.items(), ("harmless", signs().harmless)]


def repeats(parsed: parser.SubPattern) -> list[int]:
    """How often each repeat in an expression may go on."""
    found = []
    for code, argument in parsed:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            found.append(int(argument[1]))
        parts = argument if isinstance(argument, tuple | list) else (argument,)
        for part in parts:
            inner = part if isinstance(part, list) else [part]
            for each in inner:
                if isinstance(each, parser.SubPattern):
                    found += repeats(each)
    return found


@pytest.mark.parametrize(("name", "pattern"), PATTERNS)
def test_nothing_repeats_without_bound(name: str, pattern: re.Pattern[str]) -> None:
    parsed = parser.parse(pattern.pattern)
    assert max(repeats(parsed), default=0) <= LONGEST_REPEAT, name
    assert parsed.getwidth()[1] <= LONGEST_MATCH, name


@given(
    st.lists(st.sampled_from(["他打我，", "打", "我不想活了。", "今天", "刀 ", "，"]), min_size=1, max_size=40),
    st.integers(200, 900),
)
def test_however_long_a_text_is_little_of_it_is_read_closely(parts: list[str], times: int) -> None:
    assert len(signs().prepare("".join(parts) * times)) <= 2 * WHOLE


def test_what_is_said_again_and_again_is_read_twice() -> None:
    assert len(signs().prepare("他打我，" * 5000)) < WHOLE


def test_harmless_words_are_blanked_and_slips_put_right() -> None:
    assert signs().prepare("笑死我了，老公家抱我") == f"{BLANK}我了{COMMA}老公家暴我"


def test_a_sign_is_found_by_clause_and_beside_it() -> None:
    clauses = Clauses(signs(), signs().prepare("早上好。我在家。他来了。他打我！天黑了"))
    assert clauses.where("strike") == {3}
    assert clauses.near("strike", 1)
    assert clauses.near("strike", 4)
    assert not clauses.near("strike", 0)


def test_no_sign_reads_across_a_comma() -> None:
    clauses = Clauses(signs(), signs().prepare("把我，打"))
    assert not clauses.where("strike")


def test_an_unknown_name_stops_the_compiling() -> None:
    broken = {
        "slips": [], "harmless": ["甲"], "long_texts": {"alarming": ["打"]}, "together": {}, "people": {"me": ["{you}"]}
    }  # fmt: skip
    with pytest.raises(KeyError):
        compile_signs(broken)
