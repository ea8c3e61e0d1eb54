"""The scores are what their definitions say: every number here was worked out by hand."""

import pytest

from bot.domain.messages import Understanding
from bot.domain.risk import Risk, RiskKind, RiskLevel
from bot.language.offsets import span_as_sent
from bot.services.evaluation import evaluate, wilson
from bot.services.evaluation.calibration import at_threshold, calibrate
from bot.services.evaluation.danger import by_level_and_kind
from bot.services.evaluation.labels import NOTHING, macro_f1_interval
from bot.services.evaluation.needs import needs_report
from bot.services.evaluation.sets import DangerSet, LabelledSet, NeedsSet, SpanSet, measure
from bot.services.evaluation.spans import span_scores
from bot.services.understanding import Understood

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
    assert report.confusion == (("crisis_suicide", NOTHING, 1),)
    assert report.right == (("custody", 1), ("divorce", 2))


def test_precision_recall_and_f1_of_a_label() -> None:
    lines = [{"label": "a"}] * 4 + [{"label": "b"}] * 2
    report = evaluate(lines, ["a", "a", "a", "b", "a", "b"], [False] * 6)
    a, b = report.labels
    assert (a.precision, a.recall, a.f1) == (0.75, 0.75, 0.75)
    assert (b.precision, b.recall, b.f1) == (0.5, 0.5, 0.5)
    assert report.macro_f1 == pytest.approx(0.625)
    assert report.confusion == (("a", "b", 1), ("b", "a", 1))


def test_without_a_map_the_labels_are_intents() -> None:
    report = evaluate([{"label": "greet"}, {"label": "thank"}], ["greet", ""], [False, False])
    assert report.accuracy.hits == 1
    assert report.confusion == (("thank", NOTHING, 1),)


def test_danger_is_counted_from_label_and_also() -> None:
    report = evaluate(LINES, ["ask_divorce"] * 4, [True, True, False, False], MAP)
    assert (report.risk_recall.hits, report.risk_recall.of) == (1, 2)
    assert (report.risk_false_alarms.hits, report.risk_false_alarms.of) == (1, 2)


def test_our_own_intents_of_danger_count_as_danger() -> None:
    lines = [{"label": "report_violence_now"}, {"label": "say_safe"}]
    report = evaluate(lines, ["greet"] * 2, [True, False])
    assert (report.risk_recall.hits, report.risk_recall.of, report.risk_false_alarms.of) == (1, 1, 1)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),  # published
        (0, 10, 0.0, 0.2775),  # none: z²/(n + z²)
        (10, 10, 0.7225, 1.0),  # all: the same from above
        (0, 0, 0.0, 1.0),  # nothing is known of nothing
    ],
)
def test_wilsons_interval(hits: int, of: int, low: float, high: float) -> None:
    rate = wilson(hits, of)
    assert (round(rate.low, 4), round(rate.high, 4)) == (low, high)


def test_the_bootstrap_is_repeatable_and_holds_the_figure() -> None:
    truth, given = ["a"] * 40 + ["b"] * 40, ["a"] * 30 + ["b"] * 50
    low, high = macro_f1_interval(truth, given, seed=1)
    assert (low, high) == macro_f1_interval(truth, given, seed=1)
    figure = (2 * 30 / (40 + 30) + 2 * 40 / (40 + 50)) / 2
    assert 0 < low < figure < high < 1
    assert high - low == pytest.approx(0.15, abs=0.05)  # about 4 × √(0.87 × 0.13 ÷ 80)


def test_the_bootstrap_of_what_is_always_right_is_one() -> None:
    assert macro_f1_interval(["a", "b"], ["a", "b"], seed=3) == (1.0, 1.0)
    assert macro_f1_interval([], [], seed=3) == (0.0, 1.0)


def test_a_span_is_right_only_with_its_kind_and_both_ends() -> None:
    expected = [{("place", 0, 3), ("time", 4, 8)}, {("role", 1, 3)}, set()]
    found = [
        {("place", 0, 3), ("time", 4, 6)},  # one end is wrong
        {("age", 1, 3)},  # the kind is wrong
        {("place", 2, 4)},  # nothing stands there
    ]
    scores = {score.entity: score for score in span_scores(expected, found)}
    assert (scores["all"].precision.hits, scores["all"].precision.of, scores["all"].recall.of) == (1, 4, 3)
    assert scores["all"].f1 == pytest.approx(2 * (1 / 4) * (1 / 3) / (1 / 4 + 1 / 3))
    assert (scores["place"].precision.value, scores["place"].recall.value) == (0.5, 1.0)
    assert scores["time"].f1 == scores["role"].f1 == scores["age"].f1 == 0.0


def test_the_same_place_in_two_lines_counts_twice() -> None:
    spans = {("place", 0, 3)}
    assert span_scores([spans, spans], [spans, set()])[0].recall.of == 2


def test_confidence_is_compared_with_what_was_right() -> None:
    calibration = calibrate([0.95, 0.91, 1.0, 0.55, 0.51], [True, True, False, True, False])
    half, sure = calibration.bins
    assert (half.low, half.right.hits, half.right.of) == (0.5, 1, 2)
    assert (sure.low, sure.right.hits, sure.right.of) == (0.9, 2, 3)
    assert sure.confidence == pytest.approx(2.86 / 3)
    assert calibration.error == pytest.approx(abs(0.53 - 0.5) * 2 / 5 + abs(2.86 / 3 - 2 / 3) * 3 / 5)


def test_asking_back_leaves_fewer_and_surer_lines() -> None:
    threshold = at_threshold(0.5, [0.4, 0.5, 0.9, 0.2], [True, False, True, False])
    assert (threshold.asked_back.hits, threshold.asked_back.of) == (2, 4)
    assert (threshold.right_of_rest.hits, threshold.right_of_rest.of) == (1, 2)


def test_danger_is_told_by_level_and_kind() -> None:
    lines = [
        {"risk": "emergency", "kind": "violence"},
        {"risk": "urgent", "kind": "suicide"},
        {"risk": "urgent", "kind": "suicide"},
    ]
    found = [
        Risk(RiskLevel.EMERGENCY, RiskKind.VIOLENCE),
        Risk(RiskLevel.EMERGENCY, RiskKind.VIOLENCE),  # graver than wanted, and of another kind
        Risk(),  # missed
    ]
    rows = {row.name: row for row in by_level_and_kind(lines, found)}
    assert list(rows) == ["all", "emergency", "urgent", "suicide", "violence"]
    assert (rows["all"].flagged.hits, rows["all"].same_level.hits) == (2, 1)
    urgent = rows["urgent"]
    assert (urgent.flagged.hits, urgent.grave_enough.hits, urgent.same_level.hits, urgent.same_kind.hits) == (
        1,
        1,
        0,
        0,
    )


def test_every_need_must_be_seen_in_any_order() -> None:
    report = needs_report([["a", "b"], ["a", "c"], ["b", "c"]], [["b", "a"], ["a"], ["b", "c", "d"]])
    assert (report.all_found.hits, report.all_found.of) == (2, 3)
    assert (report.found.hits, report.found.of) == (5, 6)
    assert (report.made_up.hits, report.made_up.of) == (1, 6)


def understood(intent: str, confidence: float, risk: RiskLevel = RiskLevel.NONE) -> Understood:
    return Understood(intent, confidence, Understanding(intent, confidence), Risk(), Risk(risk))


def test_the_kind_of_a_set_is_seen_from_its_lines() -> None:
    found = [understood("greet", 0.9)]
    assert isinstance(measure("a", [{"text": "您好", "label": "greet"}], found), LabelledSet)
    assert isinstance(measure("b", [{"text": "您好", "risk": "none"}], found), DangerSet)
    assert isinstance(measure("c", [{"text": "您好", "entities": []}], found), SpanSet)
    assert isinstance(measure("e", [{"text": "您好", "needs": ["greet", "thank"]}], found), NeedsSet)
    with pytest.raises(ValueError, match="d"):
        measure("d", [{"text": "您好"}], found)


def test_rules_and_model_are_told_apart() -> None:
    lines = [{"text": "他现在拿刀对着我", "label": "report_violence_now"}, {"text": "您好", "label": "greet"}]
    found = [understood("report_violence_now", 0.99, RiskLevel.EMERGENCY), understood("greet", 0.9)]
    measured = measure("a", lines, found)
    assert isinstance(measured, LabelledSet)
    assert {one.name: one.recall.hits for one in measured.detectors} == {"rules": 0, "model": 1, "joined": 1}


@pytest.mark.parametrize(
    ("sent", "cleaned", "span", "as_sent"),
    [
        ("我住北辰", "我住北辰", (2, 4), (2, 4)),  # untouched
        ("我住北辰區", "我住北辰区", (2, 5), (2, 5)),  # another character, the same place
        ("  我住北辰", "我住北辰", (2, 4), (4, 6)),  # blanks before it
        ("我住\u200b北辰", "我住北辰", (2, 4), (3, 5)),  # something invisible before it
        ("您好…我住北辰", "您好...我住北辰", (7, 9), (5, 7)),  # one sign became three
    ],
)
def test_a_span_is_told_in_the_text_that_was_sent(
    sent: str, cleaned: str, span: tuple[int, int], as_sent: tuple[int, int]
) -> None:
    assert span_as_sent(sent, cleaned, *span) == as_sent
