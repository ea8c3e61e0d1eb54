"""Suggestions in whole talks: kept where they belong, changed at a tap, asked after, taken back; a complaint finds a person."""

import pytest

from tests.dialogue.conftest import Woman

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


def test_it_is_kept_and_she_is_told_where_and_what_follows(woman: Woman) -> None:
    told = woman.say("建议北辰区的妇女之家晚上也开门，我们上班的赶不上")
    assert "开放时间与办事" in told
    assert "北辰区" in told
    assert "告诉您" in told
    assert woman.choices == ["换个类别", "撤回这条"]


def test_she_puts_it_elsewhere(woman: Woman) -> None:
    woman.say("希望你们在地铁站弄个能坐着喂奶的地方")
    assert "哪一类" in woman.press("换个类别")
    assert "托育与孩子" in woman.press("托育与孩子")


def test_asking_after_it_tells_the_state(woman: Woman) -> None:
    woman.say("建议小区门口安个红绿灯")
    assert "还没答复" in woman.say("我上次提的建议怎么样了")
    assert "红绿灯" in woman.last_text


def test_asking_after_nothing_tells_how_to_begin(woman: Woman) -> None:
    assert "还没有提过" in woman.say("我提的意见有回音没有")


def test_taking_it_back(woman: Woman) -> None:
    woman.say("建议社区办个识字班")
    assert "撤回" in woman.press("撤回这条")
    assert "还没有提过" in woman.say("我的建议办到哪一步了")


def test_a_complaint_offers_a_person_and_the_lines(woman: Woman) -> None:
    told = woman.say("我要投诉，妇女之家上班时间锁着门，去了三回")
    assert "12345" in told
    assert "12338" in told
    assert woman.choices[0] == "找工作人员"
    assert woman.press("找工作人员")


def test_a_bare_announcement_is_asked_for_its_content(woman: Woman) -> None:
    assert "一句话" in woman.say("我有个建议")


def test_something_else_in_between_is_answered(woman: Woman) -> None:
    woman.say("我想提个意见")
    assert "抚养" in woman.say("离婚了孩子归谁")
    assert "归在" in woman.say("建议多请几位女律师")
