"""Whatever she writes: no past time is offered, nothing breaks, and the work is bounded."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language.times import MOST_CANDIDATES, TimeKind, TimeReading, read_time

ZONE = ZoneInfo("Asia/Shanghai")
PIECES = (
    *"今明后天昨前大周一二三四五六七八九十日月号点半刻分时早晚到至-~:./01235年初腊正底末旬下上这本个内过改、，或的每几廿零两差多（\u200b",
    *("星期", "礼拜", "上午", "下午", "晚上", "中午", "下班后", "小时", "以后", "之前", "除了", "不是", "不行"),
    *("国庆", "春节", "清明", "三十", "12", "25", "2026", "现在", "随时", "工作日", "周末"),
)
PHRASES = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31, 23, 59), timezones=st.just(ZONE))  # noqa: DTZ001


def sound(reading: TimeReading, now: datetime) -> bool:
    """Whether the fields fit the kind, and nothing is over before it begins."""
    if reading.kind is TimeKind.POINT:
        return reading.start is not None and reading.end is None and reading.start >= now
    if reading.kind is TimeKind.RANGE:
        return reading.start is not None and reading.end is not None and now <= reading.start < reading.end
    if reading.kind is TimeKind.PAST:
        return reading.start is not None and reading.start < now
    return reading.start is None and reading.end is None


@given(PHRASES, MOMENTS)
@settings(max_examples=800, deadline=None)
def test_nothing_past_is_a_point_or_a_range(text: str, now: datetime) -> None:
    reading = read_time(text, now)
    assert sound(reading, now), (text, now, reading)
    assert len(reading.candidates) <= MOST_CANDIDATES
    for choice in reading.candidates:
        assert choice.start >= now
        assert choice.end is None or choice.start < choice.end


@given(PHRASES, MOMENTS)
@settings(max_examples=200, deadline=None)
def test_the_same_words_are_read_the_same_way(text: str, now: datetime) -> None:
    assert read_time(text, now) == read_time(text, now)


@given(st.text(max_size=200), MOMENTS)
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_harm(text: str, now: datetime) -> None:
    assert sound(read_time(text, now), now)


@given(st.integers(1, 30), MOMENTS)
@settings(max_examples=100, deadline=None)
def test_so_many_days_on_is_that_day(ahead: int, now: datetime) -> None:
    reading = read_time(f"{ahead}天后", now)
    assert reading.start is not None
    assert reading.start.date() == now.date() + timedelta(days=ahead)


@given(st.sampled_from("一二三四五六日"), MOMENTS)
@settings(max_examples=100, deadline=None)
def test_a_weekday_of_next_week_is_in_next_week(sign: str, now: datetime) -> None:
    reading = read_time(f"下周{sign}", now)
    assert reading.start is not None
    monday = now.date() - timedelta(days=now.weekday())
    assert reading.start.date() == monday + timedelta(days=7 + "一二三四五六日".index(sign))


@pytest.mark.parametrize(
    "piece",
    [
        "周三下午三点半",
        "明天或",
        "1",
        "一",
        "周一、",
        "3-",
        "12.5",
        "初",
        "除了",
        "下",
        "三点到",
        " \u200b",
        "\u200b",
        "十",
    ],
)
def test_long_texts_are_read_in_bounded_time(piece: str) -> None:
    now = datetime(2026, 11, 24, 10, tzinfo=ZONE)
    read_time("明天", now)  # the converter of characters loads once
    begun = time.perf_counter()
    reading = read_time((piece * 20_000)[:20_000], now)
    assert time.perf_counter() - begun < 2
    assert sound(reading, now)
