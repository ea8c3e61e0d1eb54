"""Whole talks through the web API against the trained model: what a woman would write, and what she must get."""

import json
import sqlite3
import time

import pytest

from tests.dialogue.conftest import Woman
from tests.running import System

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


def test_the_nearest_homes_of_a_street_she_names(woman: Woman) -> None:
    answer = woman.say("北辰区集贤里街道附近的妇女之家在哪")
    assert "北辰区集贤里街道" in answer
    assert "示例" in answer
    assert len(woman.places) == 3
    for place in woman.places:
        assert place["synthetic"]
        assert place["distance_m"] is not None
        assert place["hours_today"]
        assert place["facilities"]
        assert "集贤里街道" in place["address"]


def test_the_kind_changes_and_the_place_is_remembered(woman: Woman) -> None:
    woman.say("我在河西区天塔街，附近有妇女之家吗")
    assert "心理服务" in woman.say("那心理咨询呢")
    assert len(woman.places) == 3


def test_her_location_is_used_once_and_kept_nowhere(woman: Woman, system: System) -> None:
    woman.send(location={"latitude": 39.130011, "longitude": 117.200022, "crs": "wgs84"})
    assert "您的位置" in woman.last["messages"][0]["text"]
    assert not any(place["approximate"] is None for place in woman.places)
    for name in ("bot.db", "tracker.db"):
        rows = "\n".join(sqlite3.connect(system.folder / name).iterdump())
        assert "39.13001" not in rows
        assert "117.20002" not in rows


def test_a_shared_name_is_asked_for_and_a_number_answers(woman: Woman) -> None:
    answer = woman.say("三街社区附近的妇女之家")
    assert "哪个" in answer
    assert "三街" in woman.say("2")
    assert len(woman.places) == 3


def test_a_place_is_asked_for_and_then_taken(woman: Woman) -> None:
    assert "哪一带" in woman.say("我想找个律师")
    assert "法律服务" in woman.say("南开区")
    assert woman.places


def test_another_city_is_told_so(woman: Woman) -> None:
    assert "12338" in woman.say("石家庄有没有妇女之家")
    assert not woman.places


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("人身安全保护令多久能批下来", "反家庭暴力法"),
        ("离婚冷静期多少天", "民法典"),
        ("两岁以下的孩子离婚归谁", "民法典"),
        ("怀孕了公司要辞退我", "妇女权益保障法"),
        ("出嫁女能分征地款吗", "妇女权益保障法"),
    ],
)
def test_a_question_of_law_is_answered_with_its_law(woman: Woman, text: str, law: str) -> None:
    answer = woman.say(text)
    assert f"《{law}》" in answer
    assert "核对" in answer


def test_after_a_beating_numbers_come_first_and_then_the_answer(woman: Woman) -> None:
    answer = woman.say("我老公昨天又打我了，怎么办")
    assert answer.index("110") < answer.index("反家庭暴力法")
    assert "不是您的错" in answer


def test_an_emergency_gets_its_words_at_once_and_the_talk_goes_on(woman: Woman) -> None:
    assert woman.say("救命他现在拿刀要砍我").splitlines()[0].count("110") == 1
    assert {link["url"] for message in woman.last["messages"] for link in message["links"]} >= {"tel:110", "tel:120"}
    assert "安全了就好" in woman.press("我现在安全了")


def test_one_who_says_it_was_a_joke_is_believed_and_told_the_numbers(woman: Woman) -> None:
    woman.say("我不想活了")
    answer = woman.say("开玩笑的别当真")
    assert "相信" in answer
    assert "12356" in answer


def test_two_needs_in_one_message_are_both_served(woman: Woman) -> None:
    answer = woman.say("我想知道离婚冷静期多少天。另外北辰区双街镇附近的妇女之家在哪")
    assert "冷静期" in answer
    assert woman.places


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        '/find_place{"place":"120113002000"}',
        '{"intent":"x"}',
        "<script>alert(1)</script>",
        "😭😭😭",
        "\u200b\u200b",
        "，。！？",
        "asdfghjkl qwerty",
        "傻逼机器人",
        "我" * 20_000,
        "help me please my husband 打我",
        "１１０",
    ],
)
def test_hostile_or_empty_input_gets_a_sane_answer(woman: Woman, text: str) -> None:
    answer = woman.say(text)
    assert answer
    assert not woman.last["late"]
    assert "<script>" not in answer


def test_what_is_unclear_is_asked_back_and_twice_unclear_offers_a_person(woman: Woman) -> None:
    first = woman.say("嗯这个那个")
    second = woman.say("呃怎么说呢就那样")
    assert first
    assert second


def test_an_engine_killed_in_the_middle_loses_nothing(woman: Woman, system: System) -> None:
    woman.say("你好")
    system.kill("engine")
    held = woman.say("离婚冷静期多少天")
    assert woman.last["late"]
    assert "110" in held
    assert "12338" in held
    after = woman.last["messages"][-1]["id"]
    assert "110" in woman.say("他正在打我")  # an emergency does not need the engine
    system.start("engine")
    system.wait_until_ready()
    deadline = time.monotonic() + 60
    headers = {"Authorization": f"Bearer {woman.conversation}"}
    texts: list[str] = []
    while time.monotonic() < deadline and not any("冷静期" in text for text in texts):
        with woman.client.stream("GET", "/chat/api/events", params={"after": after}, headers=headers) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    texts.append(json.loads(line[6:])["text"])
                if any("冷静期" in text for text in texts) or time.monotonic() > deadline:
                    break
    assert any("冷静期" in text for text in texts)


def test_without_the_action_server_it_is_not_ready_and_her_message_waits(woman: Woman, system: System) -> None:
    system.kill("actions")
    assert woman.client.get("/readyz").status_code == 503
    assert "12338" in woman.say("北辰区双街镇的妇女之家")
    assert woman.last["late"]
    system.start("actions")
    system.wait_until_ready()
    after, deadline = woman.last["messages"][-1]["id"], time.monotonic() + 40
    headers = {"Authorization": f"Bearer {woman.conversation}"}
    with woman.client.stream("GET", "/chat/api/events", params={"after": after}, headers=headers) as stream:
        for line in stream.iter_lines():
            assert time.monotonic() < deadline
            if line.startswith("data: ") and json.loads(line[6:])["places"]:
                break


def test_no_log_holds_what_she_wrote(woman: Woman, system: System) -> None:
    woman.say("我叫王小花电话13812345678，老公打我")
    logs = "".join(system.log_of(name) for name in ("bot", "actions", "engine"))
    assert "王小花" not in logs
    assert "13812345678" not in logs
    assert woman.conversation is not None
    assert woman.conversation not in logs
