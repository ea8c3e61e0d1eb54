"""`python -m bot evaluate`: how well it understands a labelled file; texts are never printed."""

import asyncio
import json
from pathlib import Path

import click
import yaml

from bot.cli.understand import read_json_lines, understood
from bot.domain.risk import RiskLevel
from bot.services.evaluation import Rate, Report, wilson
from bot.services.evaluation import evaluate as score
from bot.settings import ROOT

EVALUATION = ROOT / "evaluation"


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--labels", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the page of docs/ as well.")
def evaluate(file: Path, labels: Path, as_json: bool, report: Path | None) -> None:
    """Score FILE ({"text","label","also"} lines) with the map of intents to labels in --labels."""
    lines = read_json_lines(file)
    label_of = yaml.safe_load(labels.read_text(encoding="utf-8"))
    results = asyncio.run(understood([line["text"] for line in lines]))
    scored = score(
        lines,
        [result.intent for result in results],
        [result.risk.level is not RiskLevel.NONE for result in results],
        label_of,
    )
    if report is not None:
        report.write_text(page(scored, own_sets()), encoding="utf-8")
    click.echo(json.dumps(scored.as_json(), ensure_ascii=False) if as_json else tables(scored))


def own_sets() -> list[tuple[str, Rate, Rate]]:
    """(set, flagged by the rules alone, flagged by rules or model) for the sets of danger in evaluation/."""
    found = []
    for name in ("crisis", "hard_negatives"):
        results = asyncio.run(understood([line["text"] for line in read_json_lines(EVALUATION / f"{name}.jsonl")]))
        rules = sum(result.rules.level is not RiskLevel.NONE for result in results)
        joined = sum(result.risk.level is not RiskLevel.NONE for result in results)
        found.append((name, wilson(rules, len(results)), wilson(joined, len(results))))
    return found


def page(report: Report, own: list[tuple[str, Rate, Rate]]) -> str:
    """docs/understanding.md."""
    bars = [f"| {row.label} | {row.lines} | {row.f1:.2f} | `{'█' * round(row.f1 * 20):20}` |" for row in report.labels]
    confused = [f"| {label} | {given} | {count} |" for label, given, count in report.confusion[:15]]
    mine = [f"| {name} | {_rate(rules)} | {_rate(joined)} |" for name, rules, joined in own]
    return "\n".join(
        [
            "# How well it understands",
            "",
            "Written by `make evaluate`; do not edit. Real questions: `shared/nlu_dev` (never trained on, never printed).",
            "",
            "| | measured | aim |",
            "|---|---|---|",
            f"| accuracy | {_rate(report.accuracy)} | ≥ 0.90 |",
            f"| macro-F1 | {report.macro_f1:.3f} | ≥ 0.88 |",
            f"| risk recall | {_rate(report.risk_recall)} | ≥ 0.97 |",
            f"| risk false alarms | {_rate(report.risk_false_alarms)} | ≤ 0.02 |",
            "",
            "| label | lines | F1 | |",
            "|---|---|---|---|",
            *bars,
            "",
            "Most often confused:",
            "",
            "| label | given | lines |",
            "|---|---|---|",
            *confused,
            "",
            "Our own sets of danger: what was flagged, by the rules alone and by rules or model.",
            "",
            "| set | rules | joined |",
            "|---|---|---|",
            *mine,
            "",
        ]
    )


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
