"""What officers write into forms and addresses, read: days, hours, phone numbers, visits. All raise BadInput with words."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta, tzinfo

from bot.domain.errors import BadInput

PHONE = re.compile(r"\+?\d[\d-]{5,18}\d")
MOST_VISITS = 2
YEARS = range(2000, 2100)
CLOSED_PARTS = {"morning": (time(0), time(12)), "afternoon": (time(12), time(0)), "day": (time(0), time(0))}
"""What 上午, 下午 and 全天 close; midnight at the end is that of the next day."""
OPENED_PARTS = {
    "morning": (time(9), time(12)),
    "afternoon": (time(13, 30), time(17, 30)),
    "day": (time(9), time(17, 30)),
}


def read_day(text: str, otherwise: date | None = None) -> date:
    """「2026-11-28」; `otherwise` for nothing at all."""
    if not text and otherwise is not None:
        return otherwise
    try:
        day = date.fromisoformat(text)
    except ValueError as wrong:
        raise BadInput("日期没有看懂，请写成 2026-11-28 这样。") from wrong
    if day.year not in YEARS:
        raise BadInput("日期太远了。")
    return day


def read_time(text: str) -> time:
    """「14:30」; a full-width colon is as good."""
    try:
        return datetime.strptime(unicodedata.normalize("NFKC", text), "%H:%M").time()  # noqa: DTZ007 - a time of day
    except ValueError as wrong:
        raise BadInput("时间没有看懂，请写成 14:30 这样。") from wrong


def read_span(
    part: str, first: date, last: date, hours: tuple[str, str], zone: tzinfo, *, opens: bool
) -> tuple[datetime, datetime]:
    """From the form: a part of the day or hours of its own; several days only whole."""
    if last < first:
        raise BadInput("结束日期要在开始日期之后。")
    if last > first and (opens or part != "day"):
        raise BadInput("几天一起只能整天关闭；要关几天的上午或下午，请一天一天来。")
    parts = OPENED_PARTS if opens else CLOSED_PARTS
    begins, ends = parts[part] if part in parts else (read_time(hours[0]), read_time(hours[1]))
    after = last + timedelta(days=1) if ends == time(0) else last
    return datetime.combine(first, begins, zone), datetime.combine(after, ends, zone)


def read_phone(text: str) -> str:
    """A number that can be called, without blanks; "" stays ""."""
    number = re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", text))
    if number and not PHONE.fullmatch(number):
        raise BadInput("电话没有看懂，请只写数字，例如手机号，或区号加座机号。")
    return number


def read_number(text: str) -> int | None:
    """A whole number; None for nothing at all."""
    plain = unicodedata.normalize("NFKC", text)
    if not plain:
        return None
    if not plain.isdecimal() or len(plain) > 4:
        raise BadInput("这里要写整数。")
    return int(plain)


def read_visits(text: str, zone: tzinfo) -> tuple[tuple[str, datetime], ...]:
    """What `visit_code` wrote: (service, local start) of each visit."""
    visits = []
    for part in text.split(","):
        service, _, moment = part.partition("@")
        try:
            visits.append((service, datetime.strptime(moment, "%Y-%m-%dT%H:%M").replace(tzinfo=zone)))
        except ValueError as wrong:
            raise BadInput("时间没有看懂，请从日历里重新选一个。") from wrong
    if len(visits) > MOST_VISITS:
        raise BadInput("一个预约最多两项服务。")
    return tuple(visits)


def read_page(text: str) -> int:
    """A page's number; anything else is the first."""
    return max(1, int(text)) if text.isdecimal() and text.isascii() and len(text) < 6 else 1
