"""`python -m bot when`: what the time reader makes of a text."""

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bot.cli.lines import read_lines
from bot.language.times import TimeReading, read_time
from bot.settings import Settings


@click.command()
@click.argument("text", required=False)
@click.option("--now", "now", help="The moment at which it is said, ISO 8601; the clock's when not given.")
@click.option(
    "--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON lines {id,text,now?}."
)
def when(text: str | None, now: str | None, file: Path | None) -> None:
    """Print the time in TEXT as JSON, or one line for each line of --file."""
    zone = ZoneInfo(Settings.model_fields["timezone"].default)
    try:
        moment = local(now, zone) if now else datetime.now(zone)
    except ValueError as wrong:
        raise click.UsageError("--now must be ISO 8601, such as 2026-11-24T10:00") from wrong
    if file is not None and text is None:
        if not read_lines(file, lambda line: {"id": line["id"], **fields(read_line(line, moment, zone))}):
            sys.exit(1)
        return
    if text is not None and file is None:
        reading = read_time(text, moment)
        click.echo(json.dumps(fields(reading) | more(reading), ensure_ascii=False))
        return
    raise click.UsageError("give a TEXT or --file, one of them")


def read_line(line: Mapping[str, str], moment: datetime, zone: ZoneInfo) -> TimeReading:
    """A line may say when it was said. Raises ValueError when that is no ISO time."""
    said_at = line.get("now")
    return read_time(line["text"], local(str(said_at), zone) if said_at else moment)


def local(text: str, zone: ZoneInfo) -> datetime:
    """An ISO time in the zone; one without an offset is local already. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def fields(reading: TimeReading) -> dict[str, object]:
    """The fields of the contract."""
    return {"kind": reading.kind.value, "start": iso(reading.start), "end": iso(reading.end)}


def more(reading: TimeReading) -> dict[str, object]:
    """What a person who tries it wants to see as well."""
    return {
        "words": reading.words,
        "candidates": [{"start": iso(one.start), "end": iso(one.end)} for one in reading.candidates],
        "excluded": [{"start": iso(one.start), "end": iso(one.end)} for one in reading.excluded],
        "day_only": reading.day_only,
        "hour_only": reading.hour_only,
        "part": reading.part,
    }


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with its offset, or None."""
    return moment.isoformat() if moment else None
