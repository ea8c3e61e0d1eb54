"""妇联组织 in whole talks, on the sample directory: who answers for her, and the federation at her work, only as she says."""

import pytest

from tests.dialogue.conftest import Woman

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


def test_who_answers_for_her_town_is_read_out_as_sample_data(woman: Woman) -> None:
    told = woman.say("北辰区集贤里街道的妇联归谁管")
    assert "集贤里街道妇联" in told
    assert "主席" in told
    assert "办公电话" in told
    assert "示例" in told
    assert "请工作人员来帮我" in woman.choices


def test_without_a_place_she_is_asked_where_and_a_bare_name_goes_on_with_it(woman: Woman) -> None:
    assert "哪一带" in woman.say("谁管我们小区啊")
    assert "双街镇妇联" in woman.say("北辰区双街镇")


def test_a_point_she_sends_goes_on_with_it_too(woman: Woman) -> None:
    woman.say("我们这片的妇联主席是谁")
    assert "妇联" in woman.send(location={"latitude": 39.22, "longitude": 117.13, "crs": "wgs84"})
    assert "办公时间" in woman.last_text


def test_the_federations_at_work_are_told_and_nothing_is_sent_there(woman: Woman) -> None:
    told = woman.say("我是农业系统的，我们系统有妇联吗，谁管")
    assert "农业系统妇联" in told
    assert "只有您自己点了要找" in told
    assert "别让我单位知道" in woman.choices


def test_to_keep_away_from_work_is_confirmed_and_can_be_undone(woman: Woman) -> None:
    woman.say("我们单位有妇联吗")
    assert "不让您单位那边的妇联" in woman.press("别让我单位知道")
    assert "只有您自己点了要找" in woman.say("找我单位的妇联")


def test_to_keep_away_in_her_own_words(woman: Woman) -> None:
    assert "不给单位那边的妇联" in woman.say("这事别让我单位知道")


def test_a_question_in_the_middle_is_answered(woman: Woman) -> None:
    assert "哪一带" in woman.say("谁管我们小区")
    assert "法" in woman.say("他打我，能申请人身安全保护令吗")


def test_what_the_federation_is_and_where_a_place_is_are_still_other_questions(woman: Woman) -> None:
    assert "办公电话" not in woman.say("妇联是干什么的，收费吗")
    woman.say("北辰区集贤里街道附近的妇女之家在哪")
    assert woman.places
