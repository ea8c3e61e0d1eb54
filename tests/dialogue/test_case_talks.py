"""Handing over to a person, through the web API and the trained model, while no officer is on duty."""

import sqlite3
from contextlib import closing

import pytest

from tests.dialogue.conftest import Woman
from tests.running import System

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


def cases(system: System, woman: Woman) -> list[tuple[str, str, str, str]]:
    """(status, level, reason, wishes) of her cases, oldest first."""
    asked = """
        SELECT cases.status, cases.level, cases.reason, cases.wishes FROM cases
        JOIN outbound_messages ON outbound_messages.conversation_id = cases.conversation_id
        WHERE outbound_messages.public_id = ? ORDER BY cases.id"""
    with closing(sqlite3.connect(system.folder / "bot.db")) as database:
        return database.execute(asked, [woman.last["messages"][0]["id"]]).fetchall()


@pytest.mark.parametrize(
    "words",
    [
        "转人工",  # the short form that everybody knows
        "能不能找个真人跟我说说",  # in a sentence
        "不想跟机器人聊了，叫你们工作人员来",  # annoyed
    ],
)
def test_asking_for_a_person_is_answered_once_and_honestly(woman: Woman, words: str) -> None:
    answer = woman.say(words)
    assert woman.last["owner"] == "queue"
    assert len(woman.last["messages"]) == 1
    assert "登记" in answer
    assert "12338" in answer
    assert "110" in answer
    assert woman.choices == ["边等边问助手", "不等了"]


def test_what_she_writes_while_waiting_arrives_and_the_assistant_is_silent(woman: Woman) -> None:
    woman.say("转人工")
    assert "收到" in woman.say("我想问离婚冷静期多久")
    assert woman.say("他不同意") == ""


def test_she_asks_the_assistant_meanwhile_and_then_waits_no_longer(woman: Woman, system: System) -> None:
    woman.say("转人工")
    asked = woman.last
    woman.press("边等边问助手")
    assert woman.last["owner"] == "bot"
    assert "30 天" in woman.say("离婚要冷静期多久")
    woman.last = asked
    assert "不等了" in woman.press("不等了")
    assert cases(system, woman) == [("closed", "orange", "asked", "")]


def test_twice_not_understood_a_person_is_asked_for(woman: Woman, system: System) -> None:
    woman.say("asdfgh qwertyu")
    answer = woman.say("zxcvbn mnbvc")
    assert "两次都没听明白" in answer
    assert woman.last["owner"] == "queue"
    assert [reason for _, _, reason, _ in cases(system, woman)] == ["not_understood"]


def test_whom_she_rules_out_is_written_down(woman: Woman, system: System) -> None:
    woman.say("转人工，别找我们社区的人，他们认识我婆婆")
    [(status, _, _, wishes)] = cases(system, woman)
    assert status == "waiting"
    assert wishes == "不找社区（村）妇联"


def test_a_life_in_danger_opens_a_red_case_and_the_assistant_stays_with_her(woman: Woman, system: System) -> None:
    answer = woman.say("他拿着刀要砍我")
    assert answer.startswith("现在就打 110")
    assert "急单" in answer
    assert woman.last["owner"] == "bot"
    assert cases(system, woman)[0][1:3] == ("red", "emergency")


def test_a_booking_under_way_is_left_when_she_asks_for_a_person(woman: Woman) -> None:
    woman.say("我想约南开区的律师")
    woman.say("转人工")
    assert woman.last["owner"] == "queue"
    woman.press("边等边问助手")
    assert "30 天" in woman.say("离婚要冷静期多久")
