"""Half sentences go on from the last answer; whole questions do not."""

import pytest

from engine.follow_ups import follow_ups


def means(text: str, topic: str, answer: str | None = None) -> str:
    """The id of the answer that a half sentence is found to mean, "" for none."""
    payload = follow_ups().payload(follow_ups().aspects(text), topic, answer) or ""
    return payload.partition('"answer":"')[2].rstrip('"}')


@pytest.mark.parametrize(
    ("text", "topic", "answer"),
    [
        ("那孩子呢", "ask_divorce", "custody_who"),
        ("孩子呢？", "ask_divorce", "custody_who"),
        ("那要是有孩子呢", "ask_divorce", "custody_who"),
        ("那我家房子呢", "ask_divorce", "property_house"),
        ("存款怎么分", "ask_divorce", "property_divorce"),
        ("要多久", "ask_divorce", "divorce_how_long"),
        ("嗯，那要多久啊", "ask_protection_order", "order_time"),
        ("需要什么材料？", "ask_protection_order", "order_apply"),
        ("要花钱吗", "ask_divorce", "divorce_cost"),
        ("免费吗", "ask_protection_order", "order_cost"),
        ("他不同意呢", "ask_divorce", "divorce_sue"),
        ("他要是不同意怎么办", "ask_divorce", "divorce_sue"),
        ("如果我没工作呢", "ask_divorce", "divorce_housework"),
        ("如果我没工作呢", "ask_custody", "custody_money_no_job"),
        ("没有证据怎么办", "ask_sexual_harassment", "harassment_evidence"),
        ("没签合同呢", "ask_wages", "wages_no_contract"),
        ("他会知道吗", "ask_protection_order", "order_secret"),
        ("那冷静期呢", "ask_custody", "divorce_cooling_off"),
    ],
)
def test_a_half_sentence_goes_on_from_the_topic(text: str, topic: str, answer: str) -> None:
    assert means(text, topic) == answer


@pytest.mark.parametrize(
    ("text", "last", "answer"),
    [
        ("要多久", "divorce_agreed", "divorce_cooling_off"),  # by agreement, not by court
        ("需要什么材料", "divorce_agreed", "divorce_papers"),
        ("他不同意呢", "divorce_sue", "divorce_second_suit"),  # the court has been named already
    ],
)
def test_the_last_answer_says_it_better_than_the_topic(text: str, last: str, answer: str) -> None:
    assert means(text, "ask_divorce", last) == answer


@pytest.mark.parametrize(
    "text",
    [
        "离婚孩子归谁",  # names its own matter
        "保护令要多久",
        "我想知道要多久才能离婚",
        "孩子发烧怎么办",
        "房子漏水怎么办",
        "孩子",  # a bare noun may answer a question of ours
        "钱",
        "他打我呢",  # danger is never a follow-up
        "他拿刀呢",
        "附近的妇女之家呢",
        "那心理咨询呢",
        "谢谢",
        "",
    ],
)
def test_a_sentence_of_its_own_is_not_taken_as_one(text: str) -> None:
    assert follow_ups().aspects(text) == []


@pytest.mark.parametrize("topic", ["ask_wages", "feel_bereaved", "ask_startup", "find_place", ""])
def test_what_does_not_fit_the_topic_is_left_to_be_understood(topic: str) -> None:
    assert means("那冷静期呢", topic) == ""


def test_what_has_no_answer_and_no_subject_is_said_to_be_unknown() -> None:
    known = follow_ups()
    assert known.payload(known.aspects("要多少钱"), "ask_rural_land", None) == '/ask_rural_land{"answer":""}'
    assert known.payload(known.aspects("那冷静期呢"), "ask_rural_land", None) is None, "it may be understood by itself"


def test_every_target_is_an_answer_and_every_name_is_used() -> None:
    known = follow_ups()
    maps = [*known.topics.values(), *known.answers.values()]
    assert {target for aspects in maps for target in aspects.values()} <= set(known.intents)
    assert {aspect for aspects in maps for aspect in aspects} == set(known.patterns)
    assert set(known.topics) <= set(known.intents.values())
    assert set(known.answers) <= set(known.intents)
