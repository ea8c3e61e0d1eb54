"""When a woman is reminded of her appointment, and in which words: such as anybody may read over her shoulder."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.appointments import NEUTRAL_TITLE, moment_words

REMIND_BEFORE = (timedelta(hours=24), timedelta(hours=2))
"""Unless the settings say otherwise."""


def moments(starts_at: datetime, now: datetime, before: Iterable[timedelta]) -> dict[timedelta, datetime]:
    """When to remind her, by how long before. What is past when she books is left out: she has just read the date."""
    due = {span: starts_at - span for span in before}
    return {span: moment for span, moment in due.items() if moment > now}


# Left out of everything that comes unasked: the kind of service, the place and its address, the Federation's name, her
# own name, the number, and why she comes. Her phone may lie open beside the man she fled from; a date alone gives nothing
# away. She reads the rest when she asks for it.


def reminder_words(starts_at: datetime) -> str:
    """Of a local moment."""
    return f"提醒您：{NEUTRAL_TITLE}，时间是 {moment_words(starts_at)}。回复“我的预约”查看。"


def booked_words(starts_at: datetime) -> str:
    """An officer booked it for this local moment."""
    return (
        f"{NEUTRAL_TITLE}约好了，时间是 {moment_words(starts_at)}。地点在“我的预约”里，也可以直接问；不合适就说一声。"
    )


def moved_words(starts_at: datetime) -> str:
    """An officer moved it to this local moment."""
    return f"{NEUTRAL_TITLE}改了时间，现在是 {moment_words(starts_at)}。不合适就回复“我的预约”，可以再改。"


def cancelled_words(starts_at: datetime) -> str:
    """An officer cancelled what was to be at this local moment."""
    return f"{NEUTRAL_TITLE}（{moment_words(starts_at)}）取消了，让您白等一场，对不起。想另约时间，写一句就行。"


def offer_words(starts_at: datetime, until: datetime, now: datetime) -> str:
    """A seat became free and is kept for her until then; local moments."""
    return f"您等的时间有空了：{moment_words(starts_at)}。给您留到{_until(until, now)}，要吗？（回复“我的预约”看详情）"


def missed_words(*, stays: bool) -> str:
    """She did not answer an offer in time."""
    kept = "您还在排队，有空了再告诉您。" if stays else "这几次都没等到您，先不打扰了；想再约，随时告诉我。"
    return f"刚才给您留的时间没有等到您的回复，已经让给下一位。没关系，{kept}"


def over_words() -> str:
    """The time she waited for is over."""
    return "您等的那段时间已经过了，没有等到空位。想换个时间，直接告诉我就行。"


def _until(until: datetime, now: datetime) -> str:
    return f"今天 {until:%H:%M}" if until.date() == now.date() else f" {moment_words(until)}"
