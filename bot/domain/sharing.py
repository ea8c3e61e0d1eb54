"""Which other systems may read what, and when a message to one of them is tried again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum


class Scope(StrEnum):
    """One thing that a client of the open API may read."""

    DIRECTORY = "directory"
    AVAILABILITY = "availability"
    ACTIVITIES = "activities"
    FIGURES = "figures"


SCOPE_WORDS: Mapping[Scope, str] = {
    Scope.DIRECTORY: "服务名录",
    Scope.AVAILABILITY: "可预约的时间",
    Scope.ACTIVITIES: "公开的活动",
    Scope.FIGURES: "不含个人信息的数据",
}

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
"""How long after each failure a webhook is tried again: seven times in two days."""


def next_try(failures: int, now: datetime) -> datetime | None:
    """When to try again after this many failures; None: no more."""
    return now + PAUSES[failures - 1] if failures <= len(PAUSES) else None
