"""流动服务 in whole talks, on the sample routes: asked for, narrowed by place, told of, and no more."""

import pytest

from tests.dialogue.conftest import Woman

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


def test_the_next_stops_near_a_town_are_read_out_as_sample_data(woman: Woman) -> None:
    told = woman.say("北辰区集贤里街道的流动服务车哪天来")
    assert "集贤里街道" in told
    assert "示例" in told
    assert "请勿前往" in told
    assert woman.choices == ["附近有了提前一天告诉我"]


def test_without_a_place_she_is_asked_where_and_her_answer_goes_on_with_it(woman: Woman) -> None:
    assert "哪一带" in woman.say("流动服务车下次啥时候来呀")
    assert "流动" in woman.say("北辰区双街镇")
    assert "① " in woman.last_text


def test_a_point_she_sends_goes_on_with_it_too(woman: Woman) -> None:
    woman.say("妇联的服务车停在哪儿")
    told = woman.send(location={"latitude": 39.22, "longitude": 117.13, "crs": "wgs84"})
    assert "您的位置" in told
    assert "① " in told


def test_being_told_of_stops_says_what_is_kept_and_can_be_undone(woman: Woman) -> None:
    woman.say("流动服务车哪天到北辰区集贤里街道")
    told = woman.press("提前一天告诉我")
    assert "只是这个地名" in told
    assert "不再告诉您" in woman.press("不用再告诉我")
    woman.say("流动服务车哪天到北辰区集贤里街道")
    woman.press("提前一天告诉我")
    assert "不再告诉您" in woman.say("别再告诉我车来的事了")


def test_a_question_in_the_middle_is_answered(woman: Woman) -> None:
    assert "哪一带" in woman.say("流动车哪天来")
    assert "法" in woman.say("他打我，能申请人身安全保护令吗")


def test_a_place_to_go_to_is_still_a_place(woman: Woman) -> None:
    woman.say("北辰区集贤里街道的流动服务车哪天来")
    woman.say("附近的妇女之家在哪")
    assert woman.places
