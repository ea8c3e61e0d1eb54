"""The scores are what their definitions say."""

import pytest

from bot.services.evaluation import evaluate, wilson

LINES = [
    {"label": "divorce", "also": ["custody"]},
    {"label": "divorce", "also": ["domestic_violence"]},
    {"label": "custody"},
    {"label": "crisis_suicide"},
]
MAP = {"ask_divorce": "divorce", "ask_custody": "custody", "report_suicide": "crisis_suicide"}


def test_a_prediction_in_also_is_right_and_counts_for_its_label() -> None:
    report = evaluate(LINES, ["ask_custody", "ask_divorce", "ask_custody", "greet"], [False] * 4, MAP)
    assert (report.accuracy.hits, report.accuracy.of) == (3, 4)
    assert {score.label: score.f1 for score in report.labels} == {"crisis_suicide": 0.0, "custody": 1.0, "divorce": 1.0}
    assert report.macro_f1 == pytest.approx(2 / 3)
    assert report.confusion == (("crisis_suicide", "(none)", 1),)


def test_danger_is_counted_from_label_and_also() -> None:
    report = evaluate(LINES, ["ask_divorce"] * 4, [True, True, False, False], MAP)
    assert (report.risk_recall.hits, report.risk_recall.of) == (1, 2)
    assert (report.risk_false_alarms.hits, report.risk_false_alarms.of) == (1, 2)


def test_wilsons_interval_against_its_published_value() -> None:
    rate = wilson(8, 10)
    assert (round(rate.low, 4), round(rate.high, 4)) == (0.4902, 0.9433)
    assert wilson(0, 0).high == 1.0
