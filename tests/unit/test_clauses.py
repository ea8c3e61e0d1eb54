"""A message is cut where a need may stand alone, and shortened where it is too long to read whole."""

import pytest

from engine.clauses import ends_of, last_clause, questions, sentences


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("怎么离婚？孩子归谁？", ["怎么离婚？", "孩子归谁？"]),  # two marks
        ("想问离婚要多久，另外房子怎么分", ["想问离婚要多久，", "另外房子怎么分"]),  # a word that begins something else
        ("他打我，我想离婚", ["他打我，我想离婚"]),  # a comma alone joins
        ("好。怎么离婚", ["怎么离婚"]),  # too short to hold a need
        ("", []),
    ],
)
def test_sentences_end_at_marks_and_before_another_matter(text: str, cut: list[str]) -> None:
    assert sentences(text) == cut


def test_only_sentences_that_ask_are_looked_at_for_a_need() -> None:
    assert questions("我们结婚九年了。他欠了很多债。我能不能离婚？") == ["我能不能离婚？"]


def test_a_single_sentence_has_no_needs_of_its_parts() -> None:
    assert questions("怎么才能离婚？") == []


def test_of_many_questions_the_last_four_are_read() -> None:
    assert questions("怎么报名？" * 9) == ["怎么报名？"] * 4


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("他欠了三十万的债，天天有人上门，我该怎么办呢", "天天有人上门，我该怎么办呢"),  # whole clauses, enough of them
        ("怎么办", "怎么办"),  # as short as it is
        ("？！", "？！"),  # nothing but marks
    ],
)
def test_the_end_is_made_of_whole_clauses(text: str, end: str) -> None:
    assert last_clause(text) == end


def test_a_long_text_keeps_its_beginning_and_twice_as_much_of_its_end() -> None:
    short = ends_of("始" * 500 + "中" * 3000 + "末" * 500, 90)
    assert short == "始" * 30 + "…" + "末" * 59
    assert len(short) == 90


def test_a_text_that_fits_is_read_as_it_is() -> None:
    assert ends_of("始中末", 3) == "始中末"
