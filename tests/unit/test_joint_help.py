"""When a lawyer and somebody who listens are offered at once."""

import pytest

from bot.domain.case_topics import BY_INTENT
from bot.domain.joint_help import LEGAL, MIND, OFFERED, Side, both_show, sides


@pytest.mark.parametrize(
    ("remembered", "needs", "offer", "then"),
    [
        ("", ["ask_divorce", "feel_distressed"], True, OFFERED),  # both in one message
        ("mind", ["ask_custody"], True, OFFERED),  # the other one after a while
        ("legal", ["need_counselling"], True, OFFERED),
        ("", ["feel_postpartum"], False, "mind"),  # one alone
        ("mind", ["feel_distressed"], False, "mind"),
        ("legal", ["find_place", "thank"], False, "legal"),  # what is neither changes nothing
        ("", ["greet"], False, ""),
        (OFFERED, ["ask_divorce", "feel_distressed"], False, OFFERED),  # once a talk
        ("", ["report_violence_now", "report_suicide"], False, ""),  # danger is no need for an appointment
    ],
)
def test_both_are_offered_once_where_both_show(remembered: str, needs: list[str], *, offer: bool, then: str) -> None:
    assert both_show(remembered, needs) == (offer, then)


def test_every_need_is_an_intent_and_on_one_side() -> None:
    assert set(BY_INTENT) >= LEGAL | MIND
    assert not LEGAL & MIND
    assert sides(["ask_wages"]) == {Side.LEGAL}
