"""`python -m bot where`: what the place reader makes of a text."""

import json
import sys
from pathlib import Path

import click

from bot.cli.lines import read_lines
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
