"""Topics and levels: whatever the engine may understand has its place."""

from pathlib import Path

import pytest
import yaml

from bot.domain.case_topics import BY_INTENT, ERRANDS, SMALL_TALK, CaseLevel, Topic, level_of_case, topic_of
from bot.domain.risk import RiskKind, RiskLevel

ROOT = Path(__file__).resolve().parents[2]


def test_every_intent_of_the_domain_has_a_topic_or_tells_none() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    intents = {next(iter(intent)) if isinstance(intent, dict) else intent for intent in domain["intents"]}
    assert intents <= set(BY_INTENT) | ERRANDS | SMALL_TALK


@pytest.mark.parametrize(
    ("intents", "danger", "topic"),
    [
        (["ask_divorce", "feel_distressed"], None, Topic.MARRIAGE),  # the newest need
        (["greet", "find_place", "ask_wages"], None, Topic.WORK),  # a need before an errand
        (["find_place"], None, Topic.ERRAND),
        (["ask_human", "nlu_fallback"], None, Topic.UNKNOWN),
        (["ask_divorce"], RiskKind.VIOLENCE, Topic.VIOLENCE),  # danger before everything
    ],
)
def test_the_topic(intents: list[str], danger: RiskKind | None, topic: Topic) -> None:
    assert topic_of(intents, danger) is topic


@pytest.mark.parametrize(
    ("topic", "risk", "level"),
    [
        (Topic.HARDSHIP, RiskLevel.EMERGENCY, CaseLevel.RED),
        (Topic.HARDSHIP, RiskLevel.URGENT, CaseLevel.ORANGE),
        (Topic.HARDSHIP, RiskLevel.NONE, CaseLevel.YELLOW),
        (Topic.MARRIAGE, RiskLevel.NONE, CaseLevel.ORANGE),
        (Topic.UNKNOWN, RiskLevel.NONE, CaseLevel.ORANGE),  # not known counts as the graver
    ],
)
def test_the_level(topic: Topic, risk: RiskLevel, level: CaseLevel) -> None:
    assert level_of_case(topic, risk) is level
