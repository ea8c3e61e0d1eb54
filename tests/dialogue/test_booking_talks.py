"""Whole bookings in a woman's words: everything said at once, corrected, interrupted, taken back."""

import re
from datetime import datetime, timedelta

import pytest

from bot.domain.workdays import is_workday
from tests.dialogue.conftest import Woman

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

FULL_DATE = re.compile(r"\d{1,2}月\d{1,2}日（周[一二三四五六日]）\d{1,2}:\d{2}")


def coming_workday(after: int = 2) -> str:
    """「12月3日」 of a workday at least so many days from now."""
    day = datetime.now().astimezone().date() + timedelta(days=after)
    while not is_workday(day) or day.weekday() > 4:
        day += timedelta(days=1)
    return f"{day.month}月{day.day}日"


def book(woman: Woman, day: str, place: str = "北辰区") -> str:
    """A booked appointment's number."""
    woman.say(f"想约个律师，{day}，{place}的")
    woman.press("月")
    woman.say("李女士")
    answer = woman.press("不用提醒")
    return re.search(r"预约号 (\d{6})", answer).group(1)


def test_everything_in_the_first_message_is_used_and_read_back_in_full(woman: Woman) -> None:
    day = coming_workday()
    offered = woman.say(f"想约个律师，{day}上午，北辰区的")
    assert "空位" in offered
    assert all(choice.startswith(day) for choice in woman.choices if "月" in choice)
    assert "称呼" in woman.press(day)
    read_back = woman.say("王女士")
    assert FULL_DATE.search(read_back)
    assert "王女士" in read_back
    assert "示例" in read_back
    booked = woman.press("提醒我")
    assert "约好了" in booked
    assert FULL_DATE.search(booked)
    assert re.search(r"预约号 \d{6}", booked)
    assert "约好了" not in woman.say("我的预约")
    assert day in woman.last_text


def test_nothing_is_booked_before_a_yes_and_she_may_leave(woman: Woman) -> None:
    woman.say(f"帮我约心理咨询，南开区，{coming_workday()}下午")
    woman.press("月")
    woman.say("不留")
    assert "先不约" in woman.say("算了不约了")
    assert "没有预约" in woman.say("我约了什么")


def test_the_time_and_the_place_are_corrected_in_the_middle(woman: Woman) -> None:
    first, second = coming_workday(2), coming_workday(5)
    woman.say(f"约律师 河西区 {first}下午")
    woman.press("月")
    offered = woman.say(f"改成{second}上午吧")
    assert second in offered + "".join(woman.choices)
    assert all("河东" in choice for choice in woman.after(woman.say("还是去河东区吧")) if "公里" in choice)


def test_a_question_of_law_in_the_middle_is_answered_and_the_form_comes_back(woman: Woman) -> None:
    woman.say(f"约律师 和平区 {coming_workday()}上午")
    answer = woman.say("离婚冷静期是多少天")
    assert "民法典" in answer
    assert any("月" in choice for choice in woman.choices), "the free slots are offered again"


def test_an_emergency_in_the_middle_ends_the_form(woman: Woman) -> None:
    woman.say(f"约律师 和平区 {coming_workday()}上午")
    assert "110" in woman.say("他正拿刀砍我救命").splitlines()[0]
    assert "空位" not in woman.say("我现在安全了")


def test_a_pause_is_a_pause(woman: Woman) -> None:
    woman.say(f"约律师 和平区 {coming_workday()}上午")
    assert "不急" in woman.say("等一下孩子哭了")
    assert "称呼" in woman.press("月")


def test_what_is_ambiguous_is_asked(woman: Woman) -> None:
    woman.say("约心理咨询，和平区，周三或者周五下午")
    assert len([choice for choice in woman.choices if "周" in choice]) >= 2


def test_the_past_is_told_and_a_closed_day_offers_the_next(woman: Woman) -> None:
    assert "过去" in woman.say("约律师，红桥区，昨天下午")
    assert any("月" in choice for choice in woman.choices)


def test_changing_and_cancelling_by_number(woman: Woman) -> None:
    number = book(woman, coming_workday(3))
    woman.say(f"{number}这个预约我想改个时间")
    woman.press("月")
    assert "改好了" in woman.press("改成这个时间")
    assert "要取消" in woman.say(f"取消预约{number}")
    assert "取消了" in woman.press("取消它")
    assert "没有预约" in woman.say("我的预约有哪些")


def test_both_services_in_one_visit(woman: Woman) -> None:
    woman.say(f"心理咨询和律师想一起约，河北区，{coming_workday()}")
    woman.press("月")
    answer = woman.say("匿名")
    assert "心理服务" in answer
    assert "法律服务" in answer
    assert "约好了" in woman.press("不用提醒")


def test_no_kind_and_no_place_are_asked_for_one_after_the_other(woman: Woman) -> None:
    woman.say("我想预约")
    woman.press("心理服务")
    assert "空位" in woman.say("西青区")


def test_the_waiting_list_takes_her(woman: Woman) -> None:
    woman.say(f"约律师，宝坻区，{coming_workday()}")
    assert "空位我就" in woman.press("排队")
    assert "不排了" in woman.say("不排了")
