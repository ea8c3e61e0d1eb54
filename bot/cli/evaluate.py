"""`python -m bot evaluate`: how well it understands a labelled file, or every set at once; texts are never printed."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import yaml

from bot.cli.evaluation_page import write_page
from bot.cli.understand import engine_settings, read_json_lines
from bot.dialogue.private_engine import engine_at
from bot.services.evaluation.rates import Rate
from bot.services.evaluation.sets import DangerSet, LabelledSet, Measured, NeedsSet, SpanSet, measure
from bot.services.understanding import understand
from bot.settings import ROOT

OWN_SETS = ("services", "dialect", "crisis", "hard_negatives", "two_needs", "entities")
"""Files of evaluation/, in the order of the page; one that is not there is left out."""
A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=A_FILE, required=False)
@click.option("--labels", type=A_FILE, help="Map of intents to the labels of FILE; without it its labels are intents.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), help="Measure our own sets too, and write "
              "understanding.md and understanding.svg into this folder.")  # fmt: skip
def evaluate(file: Path | None, labels: Path | None, as_json: bool, report: Path | None) -> None:
    """Score FILE: lines {"text"} with "label" and "also", or "entities", or "risk", or "needs"."""
    if file is None and report is None:
        raise click.UsageError("FILE or --report is needed.")
    label_of = yaml.safe_load(labels.read_text(encoding="utf-8")) if labels else None
    files = {file: label_of} if file else {}
    if report is not None:
        own = [ROOT / "evaluation" / f"{name}.jsonl" for name in OWN_SETS]
        files |= dict.fromkeys(path for path in own if path.exists())
    measured = asyncio.run(measure_files(files))
    if report is not None:
        write_page(report, measured)
    for one in measured if file is None else measured[:1]:
        click.echo(json.dumps(as_plain(one), ensure_ascii=False) if as_json else "\n".join(tables(one)))


async def measure_files(files: Mapping[Path, Mapping[str, str] | None]) -> list[Measured]:
    """The figures of each file, all with one engine. Values are maps of intents to labels. Raises EngineUnavailable."""
    sets = {file: read_json_lines(file) for file in files}
    url, secret = engine_settings()
    measured = []
    async with engine_at(url, secret, ROOT, _tell) as engine:
        for file, lines in sets.items():
            _tell(f"{file.stem}: {len(lines)}")
            found = await understand(engine, [str(line["text"]) for line in lines])
            try:
                measured.append(measure(file.stem, lines, found, files[file]))
            except ValueError as unknown:
                raise click.ClickException(f"{file.name}：每行需要 label、entities、risk 或 needs。") from unknown
    return measured


def as_plain(measured: Measured) -> dict[str, Any]:
    """For JSON: the report of a labelled set at the top, and what else is known of it beside."""
    plain = asdict(measured)
    return {**plain.pop("report", {}), **plain}


def tables(measured: Measured) -> list[str]:
    """The figures of one set as lines of text."""
    match measured:
        case LabelledSet():
            return _labelled(measured)
        case DangerSet():
            return [
                f"{row.name:14} flagged {rate(row.flagged)}  same level {rate(row.same_level)}"
                for row in measured.joined
            ]
        case SpanSet():
            return [
                f"{row.entity:14} F1 {row.f1:.3f}  precision {rate(row.precision)}  recall {rate(row.recall)}"
                for row in measured.scores
            ]
        case NeedsSet(report=report):
            return [f"all needs found  {rate(report.all_found)}", f"made up          {rate(report.made_up)}"]


def rate(value: Rate) -> str:
    """A rate with its interval."""
    return f"{value.value:.3f}  ({value.hits}/{value.of}, 95 % {value.low:.3f}–{value.high:.3f})"


def _labelled(measured: LabelledSet) -> list[str]:
    report = measured.report
    return [
        f"lines              {report.lines}",
        f"accuracy           {rate(report.accuracy)}",
        f"macro-F1           {report.macro_f1:.3f}  (95 % {report.macro_f1_low:.3f}–{report.macro_f1_high:.3f})",
        f"risk recall        {rate(report.risk_recall)}",
        f"risk false alarms  {rate(report.risk_false_alarms)}",
        f"asked back         {rate(measured.asked_back)}",
        f"right of the rest  {rate(measured.right_of_rest)}",
        "",
        f"{'label':30} lines  prec.  recall  F1",
        *(
            f"{row.label:30} {row.lines:5}  {row.precision:.2f}   {row.recall:.2f}    {row.f1:.2f}"
            for row in report.labels
        ),
        "",
        "most often confused (label → given):",
        *(f"  {label} → {given}: {count}" for label, given, count in report.confusion[:12]),
    ]


def _tell(words: str) -> None:
    click.echo(words, err=True)
