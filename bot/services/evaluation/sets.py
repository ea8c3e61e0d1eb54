"""Each kind of evaluation set, from its lines and what was understood of them to its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.messages import Understanding
from bot.domain.risk import Risk
from bot.language.offsets import as_sent
from bot.services.evaluation.calibration import Calibration, Threshold, at_threshold, calibrate, when_asked
from bot.services.evaluation.danger import DangerRow, by_level_and_kind, is_flagged
from bot.services.evaluation.labels import Line, Report, as_labels, danger_found, evaluate, hits
from bot.services.evaluation.needs import NeedsReport, needs_report
from bot.services.evaluation.rates import Rate, share
from bot.services.evaluation.spans import Span, SpanScore, span_scores
from bot.services.safety import combine
from bot.services.understanding import FALLBACK, Understood

THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


@dataclass(frozen=True, slots=True)
class Detector:
    """The rules, the model, or both joined: danger found, and harmless lines flagged."""

    name: str
    recall: Rate
    false_alarms: Rate


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A set whose lines have a label. `asked_back` is what the bot did, `thresholds` what it would do at others."""

    name: str
    report: Report
    detectors: tuple[Detector, ...]
    calibration: Calibration
    asked_back: Rate
    right_of_rest: Rate
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class DangerSet:
    """A set whose lines have a level of danger: rows of the rules alone, and of rules and model joined."""

    name: str
    rules: tuple[DangerRow, ...]
    joined: tuple[DangerRow, ...]


@dataclass(frozen=True, slots=True)
class SpanSet:
    """A set whose lines have entities. `lines_right`: lines where every span is right and none is made up."""

    name: str
    lines: int
    without: int
    lines_right: Rate
    scores: tuple[SpanScore, ...]


@dataclass(frozen=True, slots=True)
class NeedsSet:
    """A set whose lines have several needs."""

    name: str
    report: NeedsReport


Measured = LabelledSet | DangerSet | SpanSet | NeedsSet


def measure(
    name: str, lines: Sequence[Line], found: Sequence[Understood], label_of: Mapping[str, str] | None = None
) -> Measured:
    """The figures of a set, of whichever kind its first line is. Raises ValueError when it is none of them."""
    fields = lines[0].keys() if lines else ()
    if "label" in fields:
        return _labelled(name, lines, found, label_of)
    if "entities" in fields:
        return _with_entities(name, lines, found)
    if "needs" in fields:
        return NeedsSet(
            name, needs_report([line["needs"] for line in lines], [one.understanding.needs for one in found])
        )
    if "risk" in fields:
        rules, joined = [one.rules for one in found], [one.risk for one in found]
        return DangerSet(name, by_level_and_kind(lines, rules), by_level_and_kind(lines, joined))
    raise ValueError(name)


def spans_of(text: str, understood: Understood) -> set[Span]:
    """Entities as spans of the text as it was sent."""
    return {(entity.name, entity.start, entity.end) for entity in as_sent(text, understood.understanding.entities)}


def _labelled(
    name: str, lines: Sequence[Line], found: Sequence[Understood], label_of: Mapping[str, str] | None
) -> LabelledSet:
    intents, sure = [one.intent for one in found], [one.confidence for one in found]
    right = hits(lines, as_labels(intents, label_of))
    joined = [is_flagged(one.risk) for one in found]
    flags = {"rules": [is_flagged(one.rules) for one in found], "model": [_by_model(one) for one in found]}
    asked_back, right_of_rest = when_asked([one.understanding.intent == FALLBACK for one in found], right)
    return LabelledSet(
        name=name,
        report=evaluate(lines, intents, joined, label_of),
        detectors=tuple(
            Detector(who, *danger_found(lines, flag)) for who, flag in (flags | {"joined": joined}).items()
        ),
        calibration=calibrate(sure, right),
        asked_back=asked_back,
        right_of_rest=right_of_rest,
        thresholds=tuple(at_threshold(value, sure, right) for value in THRESHOLDS),
    )


def _by_model(understood: Understood) -> bool:
    return is_flagged(combine(Risk(), Understanding(understood.intent, understood.confidence)))


def _with_entities(name: str, lines: Sequence[Line], found: Sequence[Understood]) -> SpanSet:
    expected = [{_span(entity) for entity in line["entities"]} for line in lines]
    given = [spans_of(str(line["text"]), one) for line, one in zip(lines, found, strict=True)]
    right = [wanted == got for wanted, got in zip(expected, given, strict=True)]
    return SpanSet(name, len(lines), sum(not spans for spans in expected), share(right), span_scores(expected, given))


def _span(entity: Mapping[str, Any]) -> Span:
    return str(entity["entity"]), int(entity["start"]), int(entity["end"])
