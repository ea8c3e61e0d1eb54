"""Danger is heard; what only sounds like it is not."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.messages import Understanding
from bot.domain.risk import Risk, RiskKind, RiskLevel
from bot.language.risk import read_risk, rules
from bot.services.safety import SafetyWords, combine

EVALUATION = Path(__file__).resolve().parents[2] / "evaluation"
EXAMPLES_FOR = [(rule.id, text) for rule in rules().rules for text in rule.examples_for]
EXAMPLES_AGAINST = [(rule.id, text) for rule in rules().rules for text in rule.examples_against]


@pytest.mark.parametrize(("rule", "text"), EXAMPLES_FOR)
def test_a_rule_speaks_where_it_should(rule: str, text: str) -> None:
    assert rule in read_risk(text).rules


@pytest.mark.parametrize(("rule", "text"), EXAMPLES_AGAINST)
def test_a_rule_is_silent_where_it_should_be(rule: str, text: str) -> None:
    assert rule not in read_risk(text).rules


def lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (EVALUATION / name).read_text(encoding="utf-8").splitlines()]


def test_emergencies_of_our_own_set_are_heard() -> None:
    crisis = lines("crisis.jsonl")
    missed = [line["id"] for line in crisis if read_risk(line["text"]).level is RiskLevel.NONE]
    assert len(missed) <= 0.10 * len(crisis), missed


def test_hard_negatives_are_left_alone() -> None:
    negatives = lines("hard_negatives.jsonl")
    cried = [line["id"] for line in negatives if read_risk(line["text"]).level is not RiskLevel.NONE]
    assert len(cried) <= 0.02 * len(negatives), cried


def test_either_detector_is_enough() -> None:
    sure = Understanding("report_violence_now", 0.9)
    assert combine(Risk(), sure).level is RiskLevel.EMERGENCY
    rule = Risk(RiskLevel.URGENT, RiskKind.VIOLENCE, ("hit_at_home",))
    assert combine(rule, Understanding("chitchat", 0.9)) == rule
    assert combine(Risk(), Understanding("chitchat", 0.9)) == Risk()


def test_an_unsure_cry_for_help_is_urgent_and_not_nothing() -> None:
    assert combine(Risk(), Understanding("report_violence_now", 0.5)).level is RiskLevel.URGENT


@pytest.mark.parametrize("kind", RiskKind)
@pytest.mark.parametrize("level", [RiskLevel.URGENT, RiskLevel.EMERGENCY])
@pytest.mark.parametrize("other", [False, True])
def test_every_danger_has_words_that_begin_with_a_number(kind: RiskKind, level: RiskLevel, other: bool) -> None:
    reply = SafetyWords.load().reply(Risk(level, kind, (), other))
    first = reply.text.splitlines()[0] + reply.text.splitlines()[1]
    assert any(number in first for number in ("110", "120", "12356"))
    assert len(reply.text) <= 220
    assert all(link.url.startswith("tel:") for link in reply.links)


def test_a_perpetrator_is_never_pointed_to_a_place() -> None:
    for level in (RiskLevel.URGENT, RiskLevel.EMERGENCY):
        reply = SafetyWords.load().reply(Risk(level, RiskKind.PERPETRATOR))
        assert not any("find_place" in choice.payload for choice in reply.choices)


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_without_harm(text: str) -> None:
    assert read_risk(text).level in RiskLevel
