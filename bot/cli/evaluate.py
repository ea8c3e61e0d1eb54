"""`python -m bot evaluate`: how well it understands a labelled file; texts are never printed."""

import asyncio
import json
from pathlib import Path

import click
import yaml

from bot.cli.understand import read_json_lines, understood
from bot.domain.risk import RiskLevel
from bot.services.evaluation import Rate, Report
from bot.services.evaluation import evaluate as score


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--labels", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def evaluate(file: Path, labels: Path, as_json: bool) -> None:
    """Score FILE ({"text","label","also"} lines) with the map of intents to labels in --labels."""
    lines = read_json_lines(file)
    label_of = yaml.safe_load(labels.read_text(encoding="utf-8"))
    results = asyncio.run(understood([line["text"] for line in lines]))
    report = score(
        lines,
        [result.intent for result in results],
        [result.risk.level is not RiskLevel.NONE for result in results],
        label_of,
    )
    click.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else tables(report))


def tables(report: Report) -> str:
    """The report as text."""
    rows = [f"{'label':30} lines  prec.  recall  F1"]
    rows += [
        f"{row.label:30} {row.lines:5}  {row.precision:.2f}   {row.recall:.2f}    {row.f1:.2f}" for row in report.labels
    ]
    confused = [f"  {label} → {given}: {count}" for label, given, count in report.confusion[:12]]
    return "\n".join(
        [
            f"lines              {report.lines}",
            f"accuracy           {_rate(report.accuracy)}",
            f"macro-F1           {report.macro_f1:.3f}",
            f"risk recall        {_rate(report.risk_recall)}",
            f"risk false alarms  {_rate(report.risk_false_alarms)}",
            "",
            *rows,
            "",
            "most often confused (label → given):",
            *confused,
        ]
    )


def _rate(rate: Rate) -> str:
    return f"{rate.value:.3f}  ({rate.hits}/{rate.of}, 95 % {rate.low:.3f}–{rate.high:.3f})"
