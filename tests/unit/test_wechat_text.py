"""What WeChat shows: nothing longer than it takes, nothing lost, nothing torn."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.text import BETWEEN, LIMIT, fill, flatten, split
from bot.domain.messages import Author, Choice, Link, Message, PlaceCard, Reply

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
WORDS = st.text(alphabet=st.sampled_from("我他。，！？\n 12338a/:.（）😀"), max_size=3000)


def black(text: str) -> str:
    """The text without what cannot be seen."""
    return re.sub(r"\s", "", text)


def message(reply: Reply) -> Message:
    return Message("m", Author.BOT, reply, NOW)


@given(WORDS)
def test_parts_fit_and_nothing_is_lost(text: str) -> None:
    parts = split(text)
    assert black("".join(parts)) == black(text)
    assert all(part.strip() and len(part.encode()) <= LIMIT for part in parts)


@given(st.text(max_size=400), st.integers(4, 64))
def test_parts_fit_whatever_the_characters_and_the_limit(text: str, limit: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    parts = split(text, limit)
    assert black("".join(parts)) == black(text)
    assert all(len(part.encode()) <= limit for part in parts)


@given(st.lists(WORDS.map(split), max_size=6))
def test_messages_are_taken_in_order_until_one_does_not_fit(queue: list[list[str]]) -> None:
    filled = fill(queue)
    said = [part for parts, taken in zip(queue, filled.taken, strict=True) for part in parts[:taken]]
    left = [part for parts, taken in zip(queue, filled.taken, strict=True) for part in parts[taken:]]
    assert filled.text == BETWEEN.join(said)
    assert said + left == [part for parts in queue for part in parts]
    assert len(filled.text.encode()) <= LIMIT
    assert not left or len((filled.text + BETWEEN + left[0]).encode()) > LIMIT


@pytest.mark.parametrize(
    "whole",
    [
        "12338",  # a hotline
        "022-1234 5678",  # a telephone, written with a space
        "（022）12345678",  # and with brackets
        "９：００–１７：３０",  # full-width hours
        "3.14",  # the dot is no end of a sentence
        "https://example.org/a?b=c;d!e",  # a link full of sentence ends
        "abc_d@example.org",  # a mail address
        "👩🏽‍👧",  # one sign made of several characters
    ],
)
@given(before=st.integers(0, 40), after=st.integers(0, 40))
def test_a_number_a_link_and_a_sign_are_never_torn(whole: str, before: int, after: int) -> None:
    parts = split("字" * before + whole + "字" * after, limit=40)
    assert sum(whole in part for part in parts) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一二三四。五六七八。九十", ["一二三四。五六七八。", "九十"]),  # after a sentence
        ("一二三四五六。\n七八九。十。", ["一二三四五六。\n", "七八九。十。"]),  # a line is better than a sentence
        ("一二三四五，六七八九十", ["一二三四五，", "六七八九十"]),  # after a pause
        ("他说：“一二三四五。”六七八", ["他说：“一二三四", "五。”六七八"]),  # never before a closing quote
        ("一二三四五六七八九十一二", ["一二三四五六七八九十", "一二"]),  # nowhere better
    ],
)
def test_a_text_is_cut_where_a_reader_would_pause(text: str, expected: list[str]) -> None:
    assert split(text, limit=30)[: len(expected)] == expected


def test_choices_places_and_links_become_lines() -> None:
    home = PlaceCard("1", "某社区妇女之家", "某路 1 号", 1234, True, "12338", True, "今天 9:00–17:00", synthetic=True)
    reply = Reply(
        "您要找哪个？",
        choices=(Choice("和平区", "/x", "id", 1), Choice("河西区", "/y", "id", 2)),
        links=(Link("报警 110", "tel:110"), Link("急救", "tel:120"), Link("指南", "https://example.org/a")),
        places=(home, PlaceCard("2", "示例之家", "", 994, synthetic=True), PlaceCard("3", "远处", "", 999)),
    )
    assert flatten(message(reply)).splitlines() == [
        "您要找哪个？",
        "【1】某社区妇女之家（示例） · 约 1.2 公里",
        "　某路 1 号",
        "　现在开放 · 今天 9:00–17:00",
        "　电话 12338",
        "【2】示例之家 · 990 米",
        "【3】远处 · 1.0 公里",
        "报警 110",
        "急救 120",
        "指南 https://example.org/a",
        "1. 和平区",
        "2. 河西区",
        "（回复数字即可）",
    ]


def test_a_message_without_anything_to_show_is_no_text() -> None:
    assert split(flatten(message(Reply("")))) == []
    assert fill([]).text == fill([[]]).text == ""


def test_what_a_person_wrote_says_so() -> None:
    assert flatten(Message("m", Author.OFFICER, Reply("您现在安全吗？"), NOW)) == "【工作人员】您现在安全吗？"
