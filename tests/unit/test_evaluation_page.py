"""The page of figures is drawn from figures alone: whole, honest about what was not reached, the same every time."""

import re
from xml.etree import ElementTree as ET

import pytest

from bot.cli.evaluate import as_plain, tables
from bot.cli.evaluation_page import matrix, page, picture
from bot.domain.messages import Entity, Understanding
from bot.domain.risk import Risk, RiskKind, RiskLevel
from bot.services.evaluation.sets import LabelledSet, Measured, measure
from bot.services.understanding import FALLBACK, Understood

EMERGENCY = Risk(RiskLevel.EMERGENCY, RiskKind.VIOLENCE, ("rule",))
LABELS = {"ask_divorce": "divorce", "ask_custody": "custody", "report_violence_now": "crisis_violence_now"}


def guess(intent: str, confidence: float = 0.9, risk: Risk = Risk(), asked: bool = False, *spans: Entity) -> Understood:  # noqa: B008
    understanding = Understanding(FALLBACK if asked else intent, confidence, (), spans)
    return Understood(intent, confidence, understanding, risk, risk)


def everything() -> list[Measured]:
    real = [{"text": "甲", "label": "divorce"}, {"text": "乙", "label": "custody"},
            {"text": "丙", "label": "crisis_violence_now"}]  # fmt: skip
    services = [{"text": "您好", "label": "greet"}, {"text": "谢谢", "label": "thank"}]
    place = Entity("place", "北辰", "北辰", 0, 2)
    return [
        measure("real_questions", real,
                [guess("ask_divorce"), guess("greet", 0.4, asked=True), guess("report_violence_now", 0.9, EMERGENCY)],
                LABELS),
        measure("services", services, [guess("greet"), guess("greet", 0.55)]),
        measure("crisis", [{"text": "丁", "risk": "emergency", "kind": "violence"},
                           {"text": "戊", "risk": "urgent", "kind": "suicide"}],
                [guess("greet", 0.9, EMERGENCY), guess("greet")]),
        measure("hard_negatives", [{"text": "累死了", "risk": "none"}], [guess("greet")]),
        measure("two_needs", [{"text": "己", "needs": ["greet", "thank"]}], [guess("greet")]),
        measure("entities", [{"text": "北辰", "entities": [{"entity": "place", "start": 0, "end": 2}]}],
                [guess("find_place", 0.9, Risk(), False, place)]),
    ]  # fmt: skip


def test_the_page_has_a_part_for_every_set_and_says_what_was_not_reached() -> None:
    text = page(everything())
    assert re.findall(r"^## (.*)$", text, re.M) == [
        "Aim and reached", "The sets", "real_questions", "services", "crisis", "hard_negatives", "two_needs", "entities",
        "Is its confidence honest",
    ]  # fmt: skip
    reached = dict(re.findall(r"^\| ([^|]+) \| [^|]+ \| [≥≤] [\d.]+ \| ([^|]+) \|$", text, re.M))
    assert reached == {
        "accuracy, real questions": "**not reached**",
        "macro-F1, real questions": "**not reached**",
        "danger found, real questions": "reached",
        "false alarms, real questions": "reached",
        "entities, span F1": "reached",
    }
    assert "![" in text
    assert "(understanding.svg)" in text


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    widths: list[int] = []
    for line in page(everything()).splitlines():
        widths = [*widths, line.count("|")] if line.startswith("|") else []
        assert len(set(widths)) <= 1, line


def test_the_page_repeats_no_text_of_a_set() -> None:
    drawn = page(everything()) + picture(everything())
    assert not [text for text in ("甲", "乙", "丙", "丁", "戊", "己", "累死了") if text in drawn]


def test_the_same_figures_make_the_same_files() -> None:
    assert page(everything()) == page(everything())
    assert picture(everything()) == picture(everything())


def test_without_the_real_questions_the_page_says_so() -> None:
    text = page(everything()[1:])
    assert "did not lie beside this clone" in text
    assert "real questions |" not in text


def test_the_picture_has_a_cell_for_every_pair_and_a_dot_for_every_tenth() -> None:
    measured = everything()
    drawn = ET.fromstring(picture(measured))
    name = "{http://www.w3.org/2000/svg}"
    first = measured[0]
    assert isinstance(first, LabelledSet)
    shown = matrix(first.report)
    assert shown.columns == ("crisis_violence_now", "custody", "divorce", "(none)")
    assert shown.cells == ((1, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0))
    cells = [rect for rect in drawn.iter(f"{name}rect") if rect.get("fill-opacity")]
    assert len(cells) == len(shown.labels) * len(shown.columns)
    labelled = [one for one in measured if isinstance(one, LabelledSet)]
    dots = [circle for circle in drawn.iter(f"{name}circle") if circle.get("fill-opacity")]
    assert len(dots) == sum(len(one.calibration.bins) for one in labelled)


def test_the_json_of_a_labelled_set_keeps_its_contract() -> None:
    plain = as_plain(everything()[0])
    assert {"lines", "accuracy", "macro_f1", "labels", "risk_recall", "risk_false_alarms", "confusion"} <= set(plain)
    assert plain["risk_recall"] == {
        "hits": 1,
        "of": 1,
        "value": 1.0,
        "low": pytest.approx(0.2065, abs=1e-4),
        "high": 1.0,
    }


@pytest.mark.parametrize("measured", everything(), ids=lambda one: one.name)
def test_every_set_can_be_told_in_the_terminal(measured: Measured) -> None:
    told = "\n".join(tables(measured))
    assert "95 %" in told
