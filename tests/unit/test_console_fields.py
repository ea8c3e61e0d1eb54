"""What officers write into forms, read."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.console.fields import read_number, read_page, read_phone, read_visits
from bot.console.pages import clock, day_mark, day_words, visit_code
from bot.domain.errors import BadInput

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("", ""),
        ("13800000000", "13800000000"),
        (" 138 0000 0000 ", "13800000000"),
        ("１３８００００００００", "13800000000"),  # full-width digits of a Chinese keyboard
        ("(022) 2345-6789", "0222345-6789"),
        ("+86 13800000000", "+8613800000000"),
    ],
)
def test_a_phone_is_kept_as_it_can_be_called(written: str, number: str) -> None:
    assert read_phone(written) == number


@pytest.mark.parametrize("written", ["没有", "12345", "1380000000x", "-13800000000", "1" * 30])
def test_what_cannot_be_called_is_refused(written: str) -> None:
    with pytest.raises(BadInput):
        read_phone(written)


def test_visits_are_read_as_they_were_written() -> None:
    visits = [("a_-1", datetime(2026, 11, 25, 9, tzinfo=ZONE)), ("b", datetime(2026, 11, 25, 10, 5, tzinfo=ZONE))]
    assert read_visits(visit_code(visits), ZONE) == tuple(visits)


@pytest.mark.parametrize(
    "text", ["", "a", "a@", "a@2026-11-25", "a@2026-11-25T09:00,", "a@2026-11-25T09:00," * 2 + "a@x"]
)
def test_visits_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_visits(text, ZONE)


@pytest.mark.parametrize(("text", "number"), [("", None), ("4", 4), ("４", 4), ("0", 0)])
def test_numbers_are_whole_or_nothing(text: str, number: int | None) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["4.5", "-1", "四", "99999"])
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_number(text)


@pytest.mark.parametrize(("text", "page"), [("", 1), ("0", 1), ("3", 3), ("٣", 1), ("9" * 30, 1), ("-2", 1)])
def test_a_page_is_a_number_or_the_first(text: str, page: int) -> None:
    assert read_page(text) == page


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(minutes=40), "40 分钟"),
        (timedelta(0), "0 分钟"),
        (timedelta(minutes=90), "1 小时 30 分钟"),
        (timedelta(hours=2), "2 小时"),
        (timedelta(days=28), "28 天"),
    ],
)
def test_spans_are_told_in_words(span: timedelta, words: str) -> None:
    assert clock(span) == words


def test_days_are_told_with_their_mark() -> None:
    assert day_words(date(2026, 11, 28)) == "11月28日 周六"
    assert day_mark(date(2026, 11, 28)) == ""
    assert day_mark(date(2026, 10, 2)) == "国庆节放假"
