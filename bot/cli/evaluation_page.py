"""docs/understanding.md and its picture, drawn from the figures alone: the same figures make the same files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.services.evaluation.labels import Report
from bot.services.evaluation.rates import Rate
from bot.services.evaluation.sets import DangerSet, LabelledSet, Measured, NeedsSet, SpanSet

TEMPLATES = Path(__file__).resolve().parent / "templates"
REAL = "real_questions"
PAGE, PICTURE = "understanding.md", "understanding.svg"


@dataclass(frozen=True, slots=True)
class Aim:
    """What was wanted of a figure. `at_least` is false where less is better."""

    what: str
    measured: float
    told: str
    wanted: float
    at_least: bool = True

    @property
    def reached(self) -> bool:
        """By the figure itself, whatever its interval."""
        return self.measured >= self.wanted if self.at_least else self.measured <= self.wanted


@dataclass(frozen=True, slots=True)
class Matrix:
    """Labels, and for each the lines given to each of `columns` (the labels, then what is none of them)."""

    labels: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]


def write_page(folder: Path, measured: Sequence[Measured]) -> None:
    """Write the page and its picture into the folder."""
    for name, text in ((PAGE, page(measured)), (PICTURE, picture(measured))):
        (folder / name).write_text(text, encoding="utf-8")


def page(measured: Sequence[Measured]) -> str:
    """docs/understanding.md."""
    return _render(
        "understanding.md.j2",
        sets=measured,
        real=next((one for one in _labelled(measured) if one.name == REAL), None),
        labelled=_labelled(measured),
        danger=[one for one in measured if isinstance(one, DangerSet)],
        spans=[one for one in measured if isinstance(one, SpanSet)],
        needs=[one for one in measured if isinstance(one, NeedsSet)],
        aims=aims(measured),
    )


def picture(measured: Sequence[Measured]) -> str:
    """docs/understanding.svg: who is taken for whom in the first labelled set, and the reliability of all of them."""
    labelled = _labelled(measured)
    return _render("understanding.svg.j2", shown=labelled[0], sets=labelled, matrix=matrix(labelled[0].report))


def aims(measured: Sequence[Measured]) -> list[Aim]:
    """Every figure that has an aim."""
    found = []
    for one in measured:
        if isinstance(one, LabelledSet) and one.name == REAL:
            report = one.report
            macro = f"{report.macro_f1:.3f} (95 % {report.macro_f1_low:.3f}–{report.macro_f1_high:.3f})"
            found += [
                Aim("accuracy, real questions", report.accuracy.value, rate(report.accuracy), 0.90),
                Aim("macro-F1, real questions", report.macro_f1, macro, 0.88),
                Aim("danger found, real questions", report.risk_recall.value, rate(report.risk_recall), 0.97),
                Aim("false alarms, real questions", report.risk_false_alarms.value, rate(report.risk_false_alarms), 0.02,
                    at_least=False),
            ]  # fmt: skip
        if isinstance(one, SpanSet):
            found.append(Aim("entities, span F1", one.scores[0].f1, f"{one.scores[0].f1:.3f}", 0.92))
    return found


def matrix(report: Report) -> Matrix:
    """The full table of who is taken for whom; columns that no line was given to are left out."""
    labels = tuple(row.label for row in report.labels)
    count = {(a, b): n for a, b, n in report.confusion} | {(a, a): n for a, n in report.right}
    others = sorted({given for _, given, _ in report.confusion} - set(labels))
    columns = (*labels, *others)
    return Matrix(labels, columns, tuple(tuple(count.get((a, b), 0) for b in columns) for a in labels))


def rate(value: Rate) -> str:
    """A rate with its interval, for a table."""
    return f"{value.value:.3f} ({value.hits}/{value.of}, 95 % {value.low:.3f}–{value.high:.3f})"


def _labelled(measured: Sequence[Measured]) -> list[LabelledSet]:
    return [one for one in measured if isinstance(one, LabelledSet)]


def _render(name: str, **values: object) -> str:
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=select_autoescape(("svg.j2",)), keep_trailing_newline=True,
    )  # fmt: skip
    templates.filters["rate"] = rate
    templates.globals["matrix"] = matrix
    return templates.get_template(name).render(**values)
