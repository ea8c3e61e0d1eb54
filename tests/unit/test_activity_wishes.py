"""What activity she asks for, which of several she means, and what she wants of hers, read from her words."""

from datetime import datetime

import pytest

from bot.domain.activities import ActivityTopic
from bot.language.activity_wishes import (
    ActivityWishes,
    feedback_in,
    gives_up,
    rating_in,
    read_activity_wishes,
    sign_in_code,
    which_of_several,
    would_wait,
)
from bot.services.activity_search import read_wishes_of, wanted_words, write_wishes

NOW = datetime.fromisoformat("2026-11-24T10:00+08:00")


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T00:00+08:00")


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("最近有什么活动", ActivityWishes()),
        ("有没有相亲会", ActivityWishes(ActivityTopic.DATING)),
        ("想带俩孩子去玩玩", ActivityWishes(ActivityTopic.PARENT_CHILD)),
        ("家风故事会是哪天", ActivityWishes(ActivityTopic.FAMILY_STORIES)),
        ("家长课堂收费不", ActivityWishes(ActivityTopic.FAMILY_CLASS)),
        ("创业路演我能去听吗", ActivityWishes(ActivityTopic.STARTUP)),
        ("周末的活动", ActivityWishes(weekend=True)),  # any weekend
        ("这周末的活动", ActivityWishes(first=day("2026-11-28"), last=day("2026-11-30"))),  # one weekend
        ("晚上有没有瑜珈", ActivityWishes(subject="瑜伽", evening=True)),  # a slip of the pen, and any evening
        ("明天下午三点那场", ActivityWishes(first=day("2026-11-25"), last=day("2026-11-26"))),  # the whole day of it
        ("十二月有活动吗", ActivityWishes(first=day("2026-12-01"), last=day("2027-01-01"))),
        ("昨天的活动", ActivityWishes()),  # what is past narrows nothing
    ],
)
def test_wishes_are_read(text: str, wishes: ActivityWishes) -> None:
    assert read_activity_wishes(text, NOW) == wishes


@pytest.mark.parametrize(
    "wishes",
    [
        ActivityWishes(),
        ActivityWishes(ActivityTopic.DATING, "插花", weekend=True, evening=True, first=NOW, last=NOW),
    ],
)
def test_a_slot_gives_back_what_was_put_into_it(wishes: ActivityWishes) -> None:
    assert read_wishes_of(write_wishes(wishes)) == wishes


def test_a_subject_says_more_than_its_topic() -> None:
    assert wanted_words(ActivityWishes(ActivityTopic.OTHER, "插花")) == "插花"
    assert wanted_words(ActivityWishes(ActivityTopic.DATING)) == "婚恋交友"


@pytest.mark.parametrize(
    ("text", "number"),
    [("第二个我想去", 1), ("报第1场", 0), ("③给我报上", 2), ("我想去", None), ("一家三口", None)],
)
def test_which_of_several(text: str, number: int | None) -> None:
    assert which_of_several(text) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("签到 482913", "482913"),
        ("签到码是０７０６５５", "070655"),  # full width
        ("我电话13900001234", ""),  # longer than a code
        ("签到", ""),
    ],
)
def test_the_code_of_the_day(text: str, code: str) -> None:
    assert sign_in_code(text) == code


@pytest.mark.parametrize(
    ("text", "out"),
    [("不去了", True), ("那个课退了吧", True), ("去不成了", True), ("我报的哪天", False), ("给我报上", False)],
)
def test_wanting_out(text: str, out: bool) -> None:
    assert gives_up(text) is out


def test_wanting_to_wait() -> None:
    assert would_wait("满了能候补不")
    assert not would_wait("给我报上")


@pytest.mark.parametrize(
    ("text", "stars", "words"),
    [
        ("给那课打 4 分", 4, ""),
        ("五颗星", 5, ""),
        ("评价：屋里冷", None, "屋里冷"),
        ("评价一下，3分，屋里冷", 3, "3分，屋里冷"),
        ("15 分钟到", None, ""),
        ("还行", None, ""),
    ],
)
def test_how_it_was(text: str, stars: int | None, words: str) -> None:
    assert (rating_in(text), feedback_in(text)) == (stars, words)
