"""Cohen's kappa by examples worked out by hand, and its interval against many made-up reviewers."""

import random

import pytest

from bot.services.agreement import agreement, kappa_words


def table(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> list[tuple[str, str]]:
    return [("y", "y")] * yes_yes + [("y", "n")] * yes_no + [("n", "y")] * no_yes + [("n", "n")] * no_no


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        (table(20, 5, 10, 15), 0.4),  # the textbook's: 0.7 seen, 0.5 by chance
        (table(45, 15, 25, 15), 0.1304),  # as much agreement, 0.6, but more of it by chance: 0.54
        (table(25, 35, 5, 35), 0.2593),  # the same 0.6 with other habits: 0.46 by chance
        (table(5, 0, 0, 5), 1.0),  # always the same
        (table(0, 5, 5, 0), -1.0),  # never
        ([("a", "a"), ("b", "b"), ("c", "c"), ("a", "b")], 0.6364),  # three categories
    ],
)
def test_kappa_is_agreement_beyond_chance(pairs: list[tuple[str, str]], kappa: float) -> None:
    found = agreement(pairs)
    assert found.kappa == pytest.approx(kappa, abs=0.0001)
    assert found.count == len(pairs)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.kappa <= found.high


@pytest.mark.parametrize(
    "pairs",
    [
        [],  # nothing judged twice
        [("a", "a")] * 9,  # one category only: chance explains all of it
    ],
)
def test_where_kappa_says_nothing_none_is_told(pairs: list[tuple[str, str]]) -> None:
    found = agreement(pairs)
    assert (found.kappa, found.low, found.high) == (None, None, None)
    assert kappa_words(found) == ""


def test_full_agreement_on_few_is_not_certainty() -> None:
    few, many = agreement(table(3, 0, 0, 3)), agreement(table(300, 0, 0, 300))
    assert few.low is not None
    assert many.low is not None
    assert few.low < 0.4
    assert many.low > 0.98


@pytest.mark.parametrize(("count", "share"), [(30, 0.7), (60, 0.9), (200, 0.8)])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(count: int, share: float) -> None:
    """Two reviewers who use four intents equally and agree on `share`; the true kappa is known."""
    rng, rounds, held = random.Random(20261125), 600, 0
    truth = (share - 0.25) / 0.75
    for _ in range(rounds):
        pairs = []
        for _ in range(count):
            one = rng.randrange(4)
            pairs.append((one, one if rng.random() < share else (one + rng.randrange(1, 4)) % 4))
        found = agreement(pairs)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert 0.93 <= held / rounds <= 0.985


def test_the_strength_is_told_in_words() -> None:
    assert kappa_words(agreement(table(20, 5, 10, 15))) == "一般"
    assert kappa_words(agreement(table(50, 0, 0, 50))) == "几乎一致"
    assert kappa_words(agreement(table(0, 5, 5, 0))) == "不如随便猜"
