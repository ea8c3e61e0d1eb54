"""Activities in whole talks, on the sample ones: found, signed up for, given up, asked about in the middle of something else."""

import pytest

from tests.dialogue.conftest import Woman

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


def open_one(woman: Woman) -> None:
    """Shows the first activity of the list that still has a seat: full ones stand behind the others."""
    woman.say("最近有什么活动")
    woman.press("① 看详情")
    assert "报名，不用给我发消息" in woman.choices


def test_what_there_is_is_read_out_as_sample_data_with_the_way_to_sign_up(woman: Woman) -> None:
    told = woman.say("最近妇联有什么活动可以参加呀")
    assert "① " in told
    assert "名额" in told
    assert "示例" in told
    assert "请勿前往" in told
    assert any("① 看详情、报名" in title for title in woman.choices)


def test_her_place_narrows_what_she_asked_for(woman: Woman) -> None:
    assert "写区和街道" in woman.say("有没有能带孩子去的亲子活动")
    assert "附近的活动" in woman.say("北辰区集贤里街道") or "最接近的" in woman.last_text


def test_signing_up_takes_two_taps_and_can_be_undone(woman: Woman) -> None:
    open_one(woman)
    assert "不用留姓名和电话" in woman.last_text
    told = woman.press("报名，不用给我发消息")
    assert "报上了" in told
    assert "签到" in told
    assert "已报名" in woman.say("看看我报了哪些活动")
    woman.press("① 取消")
    assert "取消了" in woman.press("对，取消")
    assert "没有报名的活动" in woman.say("我报的活动")


@pytest.mark.parametrize("words", ["我报的那个不去了", "报名取消了吧，家里有事", "我那个活动的名额退掉"])
def test_she_gives_it_up_in_her_own_words(woman: Woman, words: str) -> None:
    open_one(woman)
    woman.press("报名，前一天提醒我")
    assert "名额马上给下一位" in woman.say(words)
    assert "取消了" in woman.press("对，取消")


def test_a_wrong_code_is_said_so(woman: Woman) -> None:
    assert "六位数字" in woman.say("签到 000000")


def test_what_is_not_there_is_said_and_something_else_is_offered(woman: Woman) -> None:
    assert "没有找到完全合适的" in woman.say("妇联有没有教八段锦的班")
    assert any("看详情" in title for title in woman.choices)


def test_a_question_in_the_middle_is_answered_and_she_can_go_on(woman: Woman) -> None:
    woman.say("最近有什么活动")
    woman.press("① 看详情")
    assert "30 天" in woman.say("离婚冷静期是多少天")
    assert "① " in woman.say("再看看有什么活动")


def test_danger_comes_first(woman: Woman) -> None:
    woman.say("最近有什么活动")
    assert "110" in woman.say("他现在正拿刀要砍我")
