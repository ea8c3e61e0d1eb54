"""Applying for help in hardship, and asking an expert, in whole talks: by choices, with a way back, and something else between."""

import pytest

from tests.dialogue.conftest import Woman

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


def test_she_names_it_looks_what_to_bring_and_applies(woman: Woman) -> None:
    told = woman.say("我想申请低保，我住北辰区，帮我办一下")
    assert "人均收入" in told
    assert "社会救助暂行办法" in told
    assert "户口本" in woman.press("看要带什么")
    assert "☑ 身份证" in woman.press("有：身份证")
    told = woman.press("先帮我申请，缺的以后补")
    assert "还缺：户口本" in told
    assert "窗口定" in told
    assert "12338" in told


def test_she_has_nothing_and_says_so_in_her_own_words(woman: Woman) -> None:
    woman.say("家里出事了，我要申请临时救助")
    told = woman.say("都没有，先帮我申请")
    assert "还缺：身份证" in told
    assert "哪一带" in told  # she has not said where she is


def test_asking_how_it_stands_adding_a_paper_and_taking_it_back(woman: Woman) -> None:
    woman.say("帮我申请两癌救助，我在河西区")
    woman.press("先帮我申请")
    assert "在备材料" in woman.say("我的申请办到哪了")
    assert "又有了一样" in woman.press("有了：诊断证明")
    assert "撤回了" in woman.press("撤回这个申请")
    assert "还没有申请过" in woman.say("我申请的救助批下来没有")


def test_words_that_name_nothing_offer_a_few(woman: Woman) -> None:
    assert "您看哪个像" in woman.say("实在过不下去了，帮我申请一个救助吧")
    assert len(woman.choices) <= 6
    woman.press("看别的救助")
    assert "住房" in "".join(woman.choices)
    assert "公租房" in woman.press("住房救助")


def test_asking_what_exists_is_answered_and_leads_on(woman: Woman) -> None:
    assert "人均收入" in woman.say("低保怎么申请")
    assert "还缺：户口本" in woman.press("帮我申请")


def test_something_else_in_between_is_answered(woman: Woman) -> None:
    woman.say("我要申请低保")
    assert "抚养" in woman.say("离婚了孩子归谁")
    assert woman.choices
    assert "还缺" in woman.say("先帮我申请低保吧，材料都没有")


def test_danger_comes_first(woman: Woman) -> None:
    woman.say("帮我申请临时救助")
    assert "110" in woman.say("他现在拿刀要砍我")


def test_a_question_on_her_crop_goes_to_an_expert_and_back(woman: Woman) -> None:
    told = woman.say("我家大棚里的黄瓜叶子一片片发黄，咋回事")
    assert "不是专家" in told
    assert "专家解答" in told
    assert "不问了" in woman.press("不用问了")


def test_wanting_an_expert_is_asked_for_the_question(woman: Woman) -> None:
    assert "一句" in woman.say("想找个农技专家问问")
    assert "专家解答" in woman.say("桃树今年光长叶子不坐果，是肥上多了吗")
