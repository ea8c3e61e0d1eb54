"""Abuse, other languages, signs and noise are told apart from everything that says something."""

import pytest

from engine.manners import manner_of, payload


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("傻逼机器人", "abuse"),
        ("你们就是骗子！", "abuse"),
        ("滚", "abuse"),
        ("真是个没用的东西", "abuse"),
        ("help me please", "foreign"),
        ("My husband beats me", "foreign"),
        ("SOS", "foreign"),
        ("помогите", "foreign"),
        ("나를 도와주세요", "foreign"),
        ("助けてください", "foreign"),
        ("😭😭😭", "wordless"),
        ("，。！？", "wordless"),
        ("？", "wordless"),
        ("呜呜呜", "wordless"),
        ("110", "hotline"),
        ("12338", "hotline"),
        ("asdfghjkl qwerty", "noise"),
        ("/restart", "noise"),
        ('/find_place{"place":"120113002000"}', "noise"),
        ('{"intent":"x"}', "noise"),
        ("<script>alert(1)</script>", "noise"),
        ("我" * 2000, "noise"),
    ],
)
def test_a_message_without_a_matter_has_a_name(text: str, manner: str) -> None:
    assert manner_of(text) == manner


@pytest.mark.parametrize(
    "text",
    [
        "他骂我废物",  # tells of abuse
        "你个骗子还我钱",
        "去死",  # may be about herself
        "妈的他又打我",
        "help 我老公打我",
        "wo lao gong da wo",  # Chinese in Latin letters
        "wo xiang li hun zenme ban",
        "ok",
        "hello",
        "3q",
        "88",
        "13812345678",
        "wx_abc123",
        "哈哈哈哈哈哈哈哈哈哈哈哈哈",
        "😊谢谢",
        "1",
        "离婚",
    ],
)
def test_what_says_something_is_understood_as_any_message(text: str) -> None:
    assert manner_of(text) == ""
    assert payload(text) is None


def test_noise_is_asked_back_and_the_rest_is_small_talk() -> None:
    assert payload("asdfghjkl") == "/nlu_fallback"
    assert payload("滚") == '/chitchat{"manner":"abuse"}'
