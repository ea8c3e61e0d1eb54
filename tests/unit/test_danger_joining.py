"""Either detector is enough; the model may raise, never lower."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.messages import Understanding
from bot.domain.risk import Risk, RiskKind, RiskLevel, Scene
from bot.services.safety import BY_INTENT, MODEL, NEEDED, combine

STRUCK = Risk(RiskLevel.URGENT, RiskKind.VIOLENCE, ("struck_by_him",), other=True, scene=Scene.STALKED)
DENIED = Risk(doubts=("no_violence",))


def guess(*ranking: tuple[str, float]) -> Understanding:
    return Understanding(ranking[0][0], ranking[0][1], ranking)


@pytest.mark.parametrize(
    ("rules", "understood", "level"),
    [
        (Risk(), guess(("report_violence_now", 0.96)), RiskLevel.EMERGENCY),  # the model alone
        (Risk(), guess(("report_violence_now", 0.93)), RiskLevel.URGENT),  # less sure of it
        (Risk(), guess(("report_violence_now", 0.5), ("report_child_danger", 0.45)), RiskLevel.URGENT),  # unsure which, sure of danger
        (Risk(), guess(("report_suicide", 0.5), ("chitchat", 0.5)), RiskLevel.NONE),  # unsure of danger
        (Risk(), guess(("ask_domestic_violence", 0.9)), RiskLevel.WATCH),
        (Risk(), guess(("admit_violence", 0.9)), RiskLevel.URGENT),
        (DENIED, guess(("report_violence_now", 0.95)), RiskLevel.NONE),  # 他没打我
        (DENIED, guess(("report_violence_now", 0.995)), RiskLevel.URGENT),  # very sure, but never an emergency in doubt
        (STRUCK, guess(("chitchat", 0.99)), RiskLevel.URGENT),  # never lower
        (STRUCK, guess(("report_violence_now", 0.92)), RiskLevel.URGENT),  # the rules have read it and heard less
        (STRUCK, guess(("report_violence_now", 0.98)), RiskLevel.EMERGENCY),
        (STRUCK, guess(("ask_domestic_violence", 0.99)), RiskLevel.URGENT),
        (Risk(), Understanding("report_suicide", 0.9), RiskLevel.URGENT),  # no ranking given
        (Risk(), Understanding(), RiskLevel.NONE),
        (Risk(), guess(("nlu_fallback", 0.6), ("report_suicide", 0.95)), RiskLevel.URGENT),  # a talk would ask back
    ],
)  # fmt: skip
def test_the_joining(rules: Risk, understood: Understanding, level: RiskLevel) -> None:
    assert combine(rules, understood).level is level


def test_the_model_is_named_among_those_who_spoke_and_who_speaks_is_kept() -> None:
    joined = combine(STRUCK, guess(("report_violence_now", 0.98)))
    assert joined.rules == ("struck_by_him", MODEL)
    assert joined.other
    assert joined.scene is None  # the scene belonged to the rule that was overruled


def test_rules_that_heard_enough_keep_kind_and_scene() -> None:
    joined = combine(STRUCK, guess(("report_suicide", 0.92)))
    assert (joined.kind, joined.scene) == (RiskKind.VIOLENCE, Scene.STALKED)


NAMES = st.sampled_from([*BY_INTENT, "chitchat", "ask_divorce"])


@given(
    st.sampled_from([Risk(), DENIED, STRUCK, Risk(RiskLevel.EMERGENCY, RiskKind.SUICIDE, ("suicide_done",))]),
    st.lists(st.tuples(NAMES, st.floats(0, 1)), max_size=5),
)
def test_the_model_never_lowers(rules: Risk, ranking: list[tuple[str, float]]) -> None:
    understood = Understanding("chitchat", 0.5, tuple(ranking))
    joined = combine(rules, understood)
    assert joined.level.rank >= rules.level.rank
    assert (joined.level is RiskLevel.NONE) == (joined.kind is None)


def test_the_thresholds_are_in_order() -> None:
    assert set(NEEDED.alone) == set(BY_INTENT)
    assert max(NEEDED.alone.values()) < NEEDED.in_doubt
    assert NEEDED.emergency <= NEEDED.over_the_rules
