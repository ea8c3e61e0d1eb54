"""What moments allow, when she is told, and in which words: none that tells what she goes to."""

from datetime import datetime, timedelta

import pytest

from bot.domain.activities import (
    SIGN_UP_WORDS,
    STATUS_WORDS,
    TOPIC_WORDS,
    ActivityCard,
    ActivityStatus,
    ActivityTopic,
    SignUpStatus,
    cancelled_words,
    changed_words,
    feedback_words,
    free_seats,
    is_evening,
    is_weekend,
    may_sign_in,
    moved_up_words,
    remind_at,
    reminder_words,
    telling_at,
    waking,
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


TEN = local("2026-11-28 10:00")


def card(**more: object) -> ActivityCard:
    given = {
        "id": "a", "topic": ActivityTopic.OTHER, "title": "课", "description": "", "audience": "", "area": "120113",
        "area_words": "北辰区", "place": "甲", "starts_at": TEN, "ends_at": TEN + timedelta(minutes=90), "seats": 5,
        "free": 2, "organizer": "", "status": ActivityStatus.PUBLISHED,
    }  # fmt: skip
    return ActivityCard(**(given | more))  # type: ignore[arg-type]


def test_every_value_has_a_word_for_people() -> None:
    assert set(TOPIC_WORDS) == set(ActivityTopic)
    assert set(STATUS_WORDS) == set(ActivityStatus)
    assert set(SIGN_UP_WORDS) == set(SignUpStatus)


@pytest.mark.parametrize(
    ("seats", "taken", "free"),
    [
        (5, 3, 2),
        (5, 5, 0),
        (5, 6, 0),  # an officer marked one more at the door
        (None, 300, None),  # no limit
    ],
)
def test_free_seats(seats: int | None, taken: int, free: int | None) -> None:
    assert free_seats(seats, taken) == free


@pytest.mark.parametrize(
    ("starts_at", "now", "due"),
    [
        ("2026-11-28 10:00", "2026-11-24 10:00", "2026-11-27 10:00"),  # a day before
        ("2026-11-28 07:30", "2026-11-24 10:00", "2026-11-27 08:00"),  # a phone does not ring at half past seven
        ("2026-11-28 21:30", "2026-11-24 10:00", "2026-11-28 08:00"),  # nor at half past nine: the morning of the day
        ("2026-11-28 10:00", "2026-11-27 10:00", None),  # she signs up then, and has just read it
        ("2026-11-28 10:00", "2026-11-28 09:00", None),
    ],
)
def test_when_she_is_reminded(starts_at: str, now: str, due: str | None) -> None:
    assert remind_at(local(starts_at), local(now)) == (local(due) if due else None)


@pytest.mark.parametrize(
    ("moment", "woken"),
    [
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-11-24 20:59", "2026-11-24 20:59"),
        ("2026-11-24 21:00", "2026-11-25 08:00"),
        ("2026-11-24 03:15", "2026-11-24 08:00"),
    ],
)
def test_nobody_is_woken(moment: str, woken: str) -> None:
    assert waking(local(moment)) == local(woken)


@pytest.mark.parametrize(
    ("now", "starts_at", "told"),
    [
        ("2026-11-24 23:00", "2026-11-28 10:00", "2026-11-25 08:00"),
        ("2026-11-27 23:00", "2026-11-28 09:00", "2026-11-27 23:00"),  # in the morning she may be on her way
        ("2026-11-24 12:00", "2026-11-28 10:00", "2026-11-24 12:00"),
    ],
)
def test_a_change_waits_for_the_morning_unless_it_is_near(now: str, starts_at: str, told: str) -> None:
    assert telling_at(local(now), local(starts_at)) == local(told)


@pytest.mark.parametrize(
    ("minutes", "open_now"),
    [(-121, False), (-120, True), (0, True), (210, True), (211, False)],  # two hours around an hour and a half
)
def test_the_doors_are_open_around_it(minutes: int, open_now: bool) -> None:
    ends_at = TEN + timedelta(minutes=90)
    assert may_sign_in(TEN, ends_at, TEN + timedelta(minutes=minutes)) is open_now


@pytest.mark.parametrize(
    ("moment", "weekend", "evening"),
    [
        ("2026-11-27 17:29", False, False),
        ("2026-11-27 17:30", False, True),  # a Friday
        ("2026-11-28 10:00", True, False),
        ("2026-11-29 19:00", True, True),
    ],
)
def test_weekends_and_evenings(moment: str, weekend: bool, evening: bool) -> None:
    assert (is_weekend(local(moment)), is_evening(local(moment))) == (weekend, evening)


@pytest.mark.parametrize(
    "words",
    [
        reminder_words(TEN),
        moved_up_words(TEN),
        changed_words(TEN, TEN, moved=True),
        changed_words(TEN, TEN + timedelta(days=1), moved=True),
        cancelled_words(TEN),
        feedback_words(TEN),
    ],
)
def test_what_comes_unasked_tells_the_date_and_nothing_of_what_it_is(words: str) -> None:
    assert "11月28日" in words
    topics = "".join(TOPIC_WORDS.values())
    assert not any(word in words for word in ("妇联", "妇女", "律师", "心理", "课", "地址"))
    assert not any(pair in topics for pair in (words[at : at + 4] for at in range(len(words))))


def test_a_card_says_when_and_what_is_free() -> None:
    assert card().when == "11月28日（周六）10:00–11:30"
    assert card(ends_at=local("2026-11-29 12:00")).when == "11月28日（周六）10:00–11月29日（周日）12:00"
    assert [card(free=free).seats_words for free in (2, 0, None)] == ["还有 2 个名额", "已满，可以候补", "名额不限"]
