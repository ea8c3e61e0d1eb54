"""Her records as files: one to read and print, one for programs."""

import json
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.services.record_copies import HerRecords

FOLDER = Path(__file__).resolve().parent / "templates"


def as_html(records: HerRecords) -> str:
    """A page that needs nothing beside itself: no script, no address of ours."""
    return _templates().get_template("her_records.html.j2").render(records=records)


def as_json(records: HerRecords) -> str:
    """Every field, in UTF-8, times with their zone."""
    return json.dumps(asdict(records), ensure_ascii=False, indent=2, default=_moment) + "\n"


def _moment(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
