"""The two screens: every combination of answers, the cut-offs, and what the log may know of them."""

from itertools import product

import pytest

from bot.domain.check_in import ANSWERS, CUT_OFF, HIGHEST, ITEMS, Scores, answered, is_answer, score, tells_result

EVERY = list(product(range(len(ANSWERS)), repeat=len(ITEMS)))


def test_there_are_256_combinations_and_each_has_its_two_sums() -> None:
    assert len(EVERY) == 256
    for a, b, c, d in EVERY:
        assert score([a, b, c, d]) == Scores(a + b, c + d)


def test_sums_stay_within_bounds_and_all_of_them_occur() -> None:
    found = {score(answers) for answers in EVERY}
    assert {scores.low for scores in found} == set(range(HIGHEST + 1))
    assert {scores.worry for scores in found} == set(range(HIGHEST + 1))


def test_it_is_high_exactly_when_a_sum_reaches_three() -> None:
    high = [answers for answers in EVERY if score(answers).is_high]
    assert high == [(a, b, c, d) for a, b, c, d in EVERY if a + b >= 3 or c + d >= 3]
    assert CUT_OFF == 3
    assert len(high) == 256 - 6 * 6  # of the 16 pairs of a screen six stay below 3


@pytest.mark.parametrize(
    "answers",
    [
        [],  # nothing
        [1, 1, 1],  # one is missing
        [1, 1, 1, 1, 1],  # one too many
        [0, 0, 0, 4],  # no such answer
        [-1, 0, 0, 0],
    ],
)
def test_what_are_no_four_answers_has_no_sums(answers: list[int]) -> None:
    with pytest.raises(ValueError, match="four answers"):
        score(answers)


def test_scores_are_written_and_read_again() -> None:
    for answers in EVERY:
        scores = score(answers)
        assert Scores.read(scores.write()) == scores


@pytest.mark.parametrize("text", ["", "3", "7+0", "0+-1", "a+b"])
def test_what_is_no_scores_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - int() has its own words
        Scores.read(text)


@pytest.mark.parametrize(
    ("before", "item", "answer", "after"),
    [
        ("", 0, 2, "2"),
        ("21", 2, 0, "210"),
        ("213", 1, 0, "20"),  # she presses an earlier one anew: what came after it is asked again
        ("21", 1, 1, "21"),  # pressed twice
        ("", 1, 0, None),  # the answers before it were forgotten
        ("2103", 4, 0, None),  # there is no fifth item
        ("", 0, 4, None),
    ],
)
def test_an_answer_joins_those_before_it(before: str, item: int, answer: int, after: str | None) -> None:
    assert answered(before, item, answer) == after


@pytest.mark.parametrize(
    ("payload", "answer", "result"),
    [
        ('/take_check_in{"item":"0","answer":"3"}', True, False),
        ('/take_check_in{"item":"3","answer":"0"}', True, True),
        ('/take_check_in{"step":"keep"}', False, False),
        ("/take_check_in", False, False),
        ("/feel_distressed", False, False),
        (None, False, False),
    ],
)
def test_what_the_log_must_not_know(payload: str | None, *, answer: bool, result: bool) -> None:
    assert is_answer(payload) is answer
    assert tells_result(payload) is result


def test_the_items_are_plain_and_name_no_illness() -> None:
    for item in ITEMS:
        assert len(item) <= 24
        assert not any(word in item for word in ("抑郁", "焦虑", "症", "病"))
