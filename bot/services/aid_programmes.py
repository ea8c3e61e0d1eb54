"""The programmes of data/aid.yml."""

import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.domain.aid import Paper, Programme, Programmes

DATA = Path(__file__).resolve().parents[2] / "data"


@cache
def load_programmes() -> Programmes:
    """Read once. How long one may be told after it was checked stands in data/knowledge_limits.yml, as for answers."""
    listed = yaml.safe_load((DATA / "aid.yml").read_text(encoding="utf-8"))["programmes"]
    limits = yaml.safe_load((DATA / "knowledge_limits.yml").read_text(encoding="utf-8"))["limits"]
    return Programmes(tuple(_programme(one, limits) for one in listed))


def _programme(row: dict[str, Any], limits: dict[str, int]) -> Programme:
    days = limits["law"] if row["law"] else limits["advice"]
    return Programme(
        key=row["key"],
        name=row["name"],
        short=row["short"],
        hints=re.compile(row["words"]),
        gives=row["gives"],
        who=row["who"],
        papers=tuple(Paper(paper["key"], paper["name"]) for paper in row["papers"]),
        where=row["where"],
        refused=row.get("refused", ""),
        law=tuple((law["name"], law["article"]) for law in row["law"]),
        answer=row["answer"],
        checked_at=row["checked_at"],
        valid_until=row["checked_at"] + timedelta(days=days),
    )
