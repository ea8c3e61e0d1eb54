"""Talks about law and feelings against the trained model: the right answer, half sentences, what is unclear, hostile or empty."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.services.knowledge import Knowledge
from tests.dialogue.test_talks import Woman
from tests.running import System

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def woman(system: System) -> Iterator[Woman]:
    with httpx.Client(base_url=system.url, trust_env=False, timeout=20) as client:
        yield Woman(client)


def choices(woman: Woman) -> list[str]:
    return [choice["title"] for message in woman.last["messages"] for choice in message["choices"]]


def test_half_sentences_go_on_from_a_question_about_divorce(woman: Woman) -> None:
    assert "第一千零七十七条" in woman.say("离婚冷静期是几天")
    assert "最有利于孩子" in woman.say("那孩子呢")
    assert "房" in woman.say("那房子呢")
    assert "300 元" in woman.say("要花钱吗")
    assert "起诉" in woman.say("他不同意呢")
    assert "补偿" in woman.say("如果我没工作呢")


def test_half_sentences_go_on_from_a_question_about_a_protection_order(woman: Woman) -> None:
    woman.say("怎么申请人身安全保护令")
    assert "72 小时" in woman.say("要多久")
    assert "不要钱" in woman.say("那要花钱吗")
    assert "较大可能" in woman.say("没有证据呢")
    assert "送给他" in woman.say("他会知道吗")


def test_small_talk_between_does_not_break_the_thread(woman: Woman) -> None:
    woman.say("怎么申请人身安全保护令")
    woman.say("谢谢")
    assert "72 小时" in woman.say("那要多久")


def test_a_whole_question_after_an_answer_is_its_own(woman: Woman) -> None:
    woman.say("怎么申请人身安全保护令")
    assert "98 天" in woman.say("产假一共多少天")
    assert "第一千零七十七条" in woman.say("离婚冷静期要多久")


def test_a_half_sentence_out_of_nothing_is_not_answered_with_law(woman: Woman) -> None:
    assert "《" not in woman.say("要多久")


def test_after_a_search_for_a_place_a_half_sentence_belongs_to_the_search(woman: Woman) -> None:
    woman.say("怎么申请人身安全保护令")
    woman.say("北辰区集贤里街道附近的妇女之家在哪")
    assert "反家庭暴力法" not in woman.say("要多久")


def test_a_new_place_search_is_not_taken_for_a_follow_up(woman: Woman) -> None:
    woman.say("离婚冷静期是几天")
    woman.say("河西区天塔街附近有妇女之家吗")
    assert woman.places


def test_what_no_answer_fits_is_said_to_be_unknown(woman: Woman) -> None:
    answer = woman.say("想给我的奶茶店注册一个商标，请问商标局收多少规费")
    assert "《" not in answer
    assert "12348" in answer or "12338" in answer


def test_a_person_can_be_chosen_where_the_answer_was_not_found(woman: Woman) -> None:
    woman.say("想给我的奶茶店注册一个商标，请问商标局收多少规费")
    assert any("工作人员" in title for title in choices(woman))


def test_two_needs_are_answered_and_the_pressing_one_comes_first(woman: Woman) -> None:
    answer = woman.say("我想问离婚诉讼费要交多少钱。另外他经常打我，挨打的证据怎么留？")
    assert answer.index("录音") < answer.index("您还问到另一件事")


def test_one_who_asks_for_her_daughter_is_told_whom_the_words_mean(woman: Woman) -> None:
    assert "您是替女儿问的" in woman.say("我女儿被她老公打了，怎么帮她留证据")


def test_twice_unclear_offers_a_person_and_an_understood_message_sets_the_count_back(woman: Woman) -> None:
    assert "没看懂" in woman.say("asdfgh qwertyu")
    assert "12338" in woman.say("zxcvbn mnbvc")
    assert woman.last["owner"] == "queue"
    woman.press("边等边问助手")
    woman.say("asdfgh qwertyu")
    woman.say("离婚冷静期是几天")
    again = woman.say("asdfgh qwertyu")
    assert "没看懂" in again, "once unclear, understood, once unclear is not twice"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("傻逼机器人", "骂人的话我不接"),
        ("滚", "12338"),
        ("Help, my husband hits me", "call 110"),
        ("помогите мне", "call 110"),
        ("😭😭😭", "我在"),
        ("，。！？", "我在"),
        ("/restart", "没看懂"),
        ('{"intent": "ask_divorce"}', "没看懂"),
        ("<b onclick=alert(1)>x</b>", "没看懂"),
        ("12338", "直接拨"),
        ("我" * 20_000, "没看懂"),
        ("\u200b\u200b", "没有看到文字"),
    ],
)
def test_hostile_foreign_and_empty_messages_get_words_that_fit(woman: Woman, text: str, expected: str) -> None:
    answer = woman.say(text)
    assert expected in answer
    assert not woman.last["late"]
    assert "onclick" not in answer


def test_choices_of_an_answer_lead_on(woman: Woman) -> None:
    woman.say("我想离婚，第一步做什么")
    assert "婚姻登记" in woman.press("协议离婚怎么办")


def test_most_questions_in_new_words_find_their_answer_among_three(system: System) -> None:
    """The lines of evaluation/answers.jsonl that nothing was tuned on, through the whole engine."""
    lines = (ROOT / "evaluation" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["part"] == "held" and row["answer"] != "none"]
    knowledge = Knowledge.load(ROOT / "data" / "knowledge")
    url = f"http://127.0.0.1:{system.ports['engine']}/webhooks/bot/understand"
    secret = {"X-Engine-Secret": system.environment["BOT_ENGINE_SECRET"]}
    body = {"texts": [row["text"] for row in rows]}
    understood = httpx.post(url, json=body, headers=secret, trust_env=False, timeout=120).raise_for_status().json()
    among_three = wrong = 0
    for row, nlu in zip(rows, understood, strict=True):
        ranked = [(answer["id"], answer["score"]) for answer in nlu["answers"]]
        choice = knowledge.choose(nlu["intent"]["name"], row["text"], ranked)
        right = {row["answer"], *row.get("also", ())}
        said = [choice.answer, *choice.offered]
        among_three += any(answer is not None and answer.id in right for answer in said)
        wrong += choice.answer is not None and not choice.answer.otherwise and choice.answer.id not in right
    assert among_three / len(rows) >= 0.65
    assert wrong / len(rows) <= 0.1


@pytest.mark.parametrize(
    ("words", "choice", "heard"),
    [
        ("他昨天又打我了", "被打了先做什么", "《反家庭暴力法》"),
        ("我女儿在学校被欺负了", "在学校被欺负", "不是你的错"),
    ],
)
def test_after_the_words_of_safety_the_law_is_one_tap_away(woman: Woman, words: str, choice: str, heard: str) -> None:
    told = woman.say(words)
    assert "110" in told
    assert heard in told or heard in woman.press(choice)
