"""`python -m bot where`: what the place reader makes of a text."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import click

from bot.language.places import Gazetteer, PlaceReading
from bot.settings import ROOT


@click.command()
@click.argument("text", required=False)
@click.option(
    "--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON lines {id,text}."
)
def where(text: str | None, file: Path | None) -> None:
    """Print the place in TEXT as JSON, or one line for each line of --file."""
    gazetteer = Gazetteer.load(ROOT / "data" / "places")
    if file is not None and text is None:
        if not read_lines(file, lambda line: {"id": line["id"], **fields(gazetteer.read(line["text"]))}):
            sys.exit(1)
        return
    if text is not None and file is None:
        reading = gazetteer.read(text)
        more = {
            "candidates": [gazetteer.words(division) for division in reading.candidates],
            "corrected": reading.corrected,
            "outside": reading.outside,
        }
        click.echo(json.dumps(fields(reading) | more, ensure_ascii=False))
        return
    raise click.UsageError("give a TEXT or --file, one of them")


def fields(reading: PlaceReading) -> dict[str, object]:
    """The fields of the contract."""
    return {
        "kind": reading.kind.value,
        "district": reading.district,
        "town": reading.town,
        "village": reading.village,
    }


def read_lines(file: Path, answer: Callable[[dict[str, str]], dict[str, object]]) -> bool:
    """Print `answer(line)` for each JSON line with id and text; tell the bad ones. True when none was bad."""
    good = True
    for number, raw in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
            shown = answer({**line, "id": line["id"], "text": str(line["text"])})
        except (ValueError, KeyError, TypeError) as wrong:
            click.echo(f"第 {number} 行无法读取：{type(wrong).__name__}", err=True)
            good = False
            continue
        click.echo(json.dumps(shown, ensure_ascii=False))
    return good
