"""A time is read forward, asked for when it may be read in two ways, and never made up."""

import json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.language.times import TimeKind, TimeReading, read_time

ROOT = Path(__file__).resolve().parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 11, 24, 10, tzinfo=ZONE)


def rows(name: str) -> list[dict[str, str]]:
    lines = (ROOT / "evaluation" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def agrees(row: dict[str, str]) -> bool:
    """Whether the reading is the gold one; where nothing is to be booked, the kind is enough."""
    reading = read_time(row["text"], datetime.fromisoformat(row["now"]).astimezone(ZONE))
    if row["kind"] not in {"point", "range"}:
        return reading.kind == row["kind"]
    start, end = (moment and moment.isoformat() for moment in (reading.start, reading.end))
    return (reading.kind, start, end) == (row["kind"], row["start"], row["end"])


def read(text: str, now: datetime = TUESDAY) -> TimeReading:
    return read_time(text, now)


def test_every_gold_row_is_read_right() -> None:
    assert [row["text"] for row in rows("times.jsonl") if not agrees(row)] == []


def test_the_second_set_is_read_right_98_times_of_100() -> None:
    held_back = rows("times_held_back.jsonl")
    assert sum(agrees(row) for row in held_back) / len(held_back) >= 0.98


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("三点", "2026-11-24T15:00"),  # office hours: nobody means the night
        ("十点", "2026-11-25T10:00"),  # it is ten now: tomorrow's
        ("明儿下午两点半", "2026-11-25T14:30"),  # as Tianjin says it
        ("下礼拜二上午九点", "2026-12-01T09:00"),  # next week's, though today is a Tuesday
        ("周二上午九点", "2026-12-01T09:00"),  # today's nine is past
        ("12.5下午两点", "2026-12-05T14:00"),  # a date with a point
        ("下週三下午兩點", "2026-12-02T14:00"),  # traditional characters
        ("明天下午３：３０", "2026-11-25T15:30"),  # full-width figures
        ("一个半小时后", "2026-11-24T11:30"),  # from now on
        ("今天七点", "2026-11-24T19:00"),  # seven in the morning is past
        ("晚上12点", "2026-11-25T00:00"),  # midnight belongs to the evening
        ("三点行吗？明天", "2026-11-25T15:00"),  # the day comes last
        ("我约周三，大概下午两点", "2026-11-25T14:00"),  # the hour comes later
        ("明天下午三点，不对，四点", "2026-11-25T16:00"),  # the hour is taken back, the day stays
    ],
)
def test_a_point(text: str, start: str) -> None:
    reading = read(text)
    assert reading.kind is TimeKind.POINT, reading
    assert reading.start == datetime.fromisoformat(start).replace(tzinfo=ZONE)
    assert reading.end is None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("明天", "2026-11-25T00:00", "2026-11-26T00:00"),  # a day
        ("今天", "2026-11-24T10:00", "2026-11-25T00:00"),  # what is left of it
        ("3号下午", "2026-12-03T13:00", "2026-12-03T18:00"),  # rolled into the next month
        ("周末", "2026-11-28T00:00", "2026-11-30T00:00"),  # two days
        ("下班后", "2026-11-24T17:30", "2026-11-24T21:00"),  # not midnight
        ("腊八", "2027-01-15T00:00", "2027-01-16T00:00"),  # the farmers' calendar
        ("周三到周五", "2026-11-25T00:00", "2026-11-28T00:00"),  # days
        ("两点到四点", "2026-11-24T14:00", "2026-11-24T16:00"),  # hours
        ("十一点到一点", "2026-11-24T11:00", "2026-11-24T13:00"),  # past noon
        ("不是周三，是周四", "2026-11-26T00:00", "2026-11-27T00:00"),  # taken back
        ("我周一到周五上班，周末行吗", "2026-11-28T00:00", "2026-11-30T00:00"),  # ruled out
        ("昨天他打我，我想明天下午过去", "2026-11-25T13:00", "2026-11-25T18:00"),  # what happened is no appointment
        ("31号", "2026-12-31T00:00", "2027-01-01T00:00"),  # November has none
    ],
)
def test_a_range(text: str, start: str, end: str) -> None:
    reading = read(text)
    assert reading.kind is TimeKind.RANGE, reading
    found = (reading.start, reading.end)
    assert found == tuple(datetime.fromisoformat(moment).replace(tzinfo=ZONE) for moment in (start, end))


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("七点", 2),  # morning or evening
        ("周二", 2),  # today or in a week
        ("周三或者周五", 2),
        ("周三、周五下午", 2),
        ("明天上午或下午", 2),
        ("周末下午", 2),  # Saturday or Sunday
        ("工作日", 5),
        ("12月5号周五", 2),  # the 5th is a Saturday
        ("八月十五", 2),  # of which calendar?
        ("除了周三，下周都行", 2),  # before and after Wednesday
        ("过几天", 0),
        ("9.30", 0),  # a date or an hour
        ("上午三点", 0),  # no such hour
        ("周一到周五9点到11点", 0),  # hours of each day
        ("周三点", 1),  # Wednesday, or this week at three
        ("春节以后", 1),
    ],
)
def test_what_may_be_read_in_two_ways_is_asked(text: str, choices: int) -> None:
    reading = read(text)
    assert (reading.kind, reading.start, reading.end) == (TimeKind.AMBIGUOUS, None, None)
    assert len(reading.candidates) == choices, reading.candidates


@pytest.mark.parametrize("text", ["昨天", "上周三", "这周一", "今天上午九点", "三天前", "11月20号", "2025年12月5号"])
def test_what_is_past_is_said_to_be_past(text: str) -> None:
    reading = read(text)
    assert reading.kind is TimeKind.PAST
    assert reading.start is not None
    assert reading.start < TUESDAY


@pytest.mark.parametrize(
    "text", ["2月30号", "25点", "明天25点", "11月31号下午三点", "十三月五号", "3点60分", "2027年2月29日"]
)
def test_a_time_that_does_not_exist_is_not_shifted(text: str) -> None:
    assert read(text).kind is TimeKind.NONE


@pytest.mark.parametrize(
    "text",
    [
        "我家住二号楼三单元",
        "南京路12号",
        "三十五岁",
        "30天冷静期",
        "13800138000",
        "两千块",
        "第三次",
        "帮我看一下",
        "一点都不管孩子",
        "有点害怕",
        "三点要求",
        "三号线",
        "一周一次",
        "五一路",
        "三八红旗手",
        "十分害怕",
        "几点开门",
        "他每天晚上打我",
        "",
    ],
)
def test_ordinary_words_are_no_times(text: str) -> None:
    assert read(text).kind is TimeKind.NONE


def test_the_year_and_the_day_turn_at_midnight() -> None:
    late = datetime(2026, 12, 31, 23, 50, tzinfo=ZONE)
    assert read("明天", late).start == datetime(2027, 1, 1, tzinfo=ZONE)
    assert read("半小时后", late).start == datetime(2027, 1, 1, 0, 20, tzinfo=ZONE)
    assert read("1月3号", late).start == datetime(2027, 1, 3, tzinfo=ZONE)


def test_what_was_ruled_out_is_told_and_not_offered() -> None:
    reading = read("下周除了周三都行")
    assert [out.start.date() for out in reading.excluded] == [date(2026, 12, 2)]
    assert all(choice.start.date() != date(2026, 12, 2) for choice in reading.candidates)
    assert read("周三没空").excluded


def test_it_tells_what_was_not_said() -> None:
    assert read("明天").day_only
    assert read("三点").hour_only
    assert read("明天下午").part == "下午"
    full = read("明天下午三点")
    assert not full.day_only
    assert not full.hour_only


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("后天下午三点", "2026年11月26日（周四）15:00"),
        ("明天", "2026年11月25日（周三）"),
        ("明天下午", "2026年11月25日（周三）13:00–18:00"),
        ("周三到周五", "2026年11月25日（周三）至2026年11月27日（周五）"),
        ("今天", "2026年11月24日（周二）10:00–24:00"),
        ("今天下午到明天上午", "2026年11月24日（周二）13:00至2026年11月25日（周三）12:00"),
        ("周三或周五", "2026年11月25日（周三）、2026年11月27日（周五）"),
    ],
)
def test_it_is_read_back_with_date_weekday_and_hour(text: str, words: str) -> None:
    assert read(text).words == words


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        read_time("明天", datetime(2026, 11, 24, 10))  # noqa: DTZ001
