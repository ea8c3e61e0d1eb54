"""Volunteering in whole talks: signed up tap by tap, left at any time, asked after; questions about it are still answered."""

import pytest

from tests.dialogue.conftest import Woman

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


def signed_up(woman: Woman) -> str:
    """She signs up as a companion in one district."""
    woman.say("我想当志愿者")
    woman.press("巾帼志愿者")
    woman.press("陪伴聊天")
    woman.press("选好了")
    woman.say("北辰区")
    woman.press("周末白天")
    return woman.press("就这样报名")


def test_a_few_taps_and_she_is_signed_up(woman: Woman) -> None:
    told = signed_up(woman)
    assert "报好了" in told
    assert "北辰区" in told
    assert "退出" in told


def test_a_question_about_volunteering_is_answered_and_the_sign_up_offered(woman: Woman) -> None:
    assert "保密" in woman.say("志愿者要什么条件")
    assert "哪一种" in woman.press("报名当志愿者")


def test_something_else_in_the_middle_is_answered_and_nothing_holds_her(woman: Woman) -> None:
    woman.say("报名做义工")
    woman.press("巾帼志愿者")
    assert "抚养" in woman.say("离婚了孩子归谁")
    assert "还没有报过" in woman.say("我的志愿服务")


def test_she_asks_for_her_hours_and_leaves(woman: Woman) -> None:
    signed_up(woman)
    assert "0 小时" in woman.say("我服务了多少小时")
    assert "真要退出吗" in woman.say("我不想当志愿者了")
    assert "退出了" in woman.press("退出")
    assert "还没有报过" in woman.say("我当志愿者报的名批了没有")


def test_a_telephone_may_be_left_and_taken_back(woman: Woman) -> None:
    signed_up(woman)
    assert "电话记下了" in woman.say("我的电话是13800000000")
    assert "删掉" in woman.press("删掉电话")


def test_giving_clothes_is_no_sign_up(woman: Woman) -> None:
    assert "收款" in woman.say("我想捐点旧衣服给困难姐妹")
    assert "报名当志愿者" not in woman.choices
