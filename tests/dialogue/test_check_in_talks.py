"""The check-in and joint help in whole talks: offered, left, finished, kept only on a yes, and never in the way of danger."""

import sqlite3

import pytest

from tests.dialogue.conftest import Woman
from tests.running import System

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


def answer_all(woman: Woman, *titles: str) -> str:
    woman.say("做个情绪测试")
    woman.press("好，开始")
    for title in titles:
        told = woman.press(title)
    return told


def test_four_questions_and_a_result_that_says_what_it_is_not(woman: Woman) -> None:
    assert "不是诊断" in woman.say("我想测测心情")
    assert "第 1 题" in woman.press("好，开始")
    assert woman.choices == ["没有过", "有几天", "一半以上的日子", "差不多天天", "不做了"]
    assert "第 2 题" in woman.press("差不多天天")
    assert "第 3 题" in woman.press("有几天")
    assert "第 4 题" in woman.press("没有过")
    told = woman.press("没有过")
    assert "合计 4 分" in told
    assert "不是诊断" in told
    assert "12356" in told
    assert "不记，看过就算" in woman.choices


def test_what_she_answered_stands_nowhere_in_our_tables(woman: Woman, system: System) -> None:
    told = answer_all(woman, "差不多天天", "差不多天天", "差不多天天", "差不多天天")
    assert "合计 6 分" in told
    woman.press("不记，看过就算")
    with sqlite3.connect(system.folder / "bot.db") as database:
        heard = database.execute("SELECT masked, payload FROM inbound_messages").fetchall()
        said = "\n".join(masked for (masked,) in database.execute("SELECT masked FROM outbound_messages"))
        assert not any("差不多天天" in masked for masked, _ in heard)
        assert not any('"item"' in (payload or "") for _, payload in heard)
        assert "合计 6 分" not in said
        assert database.execute("SELECT count(*) FROM check_ins").fetchone() == (0,)


def test_it_is_kept_when_she_says_so_and_taken_back(woman: Woman) -> None:
    answer_all(woman, "没有过", "有几天", "没有过", "没有过")
    assert "记下了" in woman.press("把结果记下来")
    assert "删掉了" in woman.press("还是不留了")


def test_she_stops_by_a_choice_and_by_writing_something_else(woman: Woman) -> None:
    woman.say("有测抑郁的题吗，给我几道")
    woman.press("好，开始")
    assert "不做了，答过的不留" in woman.press("不做了")
    woman.say("再做一次情绪自测")
    woman.press("好，开始")
    assert "第 2 题" not in woman.say("离婚冷静期是几天")
    assert "30 天" in woman.last_text


def test_danger_in_between_comes_first_and_nothing_goes_on_by_itself(woman: Woman) -> None:
    woman.say("做个情绪测试")
    woman.press("好，开始")
    assert "110" in woman.say("他拿刀要砍我")
    assert "第 2 题" not in woman.last_text
    assert "第 2 题" not in woman.say("我先躲到厕所里了")


def test_in_pain_she_is_offered_it_once(woman: Woman) -> None:
    woman.say("最近心里发闷，整夜翻来翻去睡不着")
    assert "做四道小题，看看心情" in woman.choices
    woman.say("白天也提不起精神，老想哭")
    assert "做四道小题，看看心情" not in woman.choices


def test_both_needs_lead_to_one_appointment_for_both(woman: Woman) -> None:
    woman.say("我想离婚，房子怎么分")
    woman.say("这些日子心里堵得慌，天天掉泪")
    assert "心理和法律一起约" in woman.choices
    assert "哪一带" in woman.press("心理和法律一起约")
    woman.say("北辰区集贤里街道")
    assert any("，" in choice for choice in woman.choices), "a joint visit names both hours"
