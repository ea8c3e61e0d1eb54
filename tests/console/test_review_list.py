"""The reviewers' pages: filters, words, what is worth a look, filters kept by name, the file, and whose branch it is."""

import re
from datetime import timedelta
from html import unescape

import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.domain.messages import InboundKind, Understanding
from tests.console.conftest import Office, words
from tests.integration.conftest import Talk
from tests.integration.test_review_search import add_case

BEICHEN, HEXI = "120113", "120103"


async def test_lines_are_masked_and_escaped_and_lead_to_the_conversation(office: Office, talk: Talk) -> None:
    await talk.say("我叫王小花<b>电话13800000000", sender="甲")
    await office.enter(Role.REVIEWER)
    page = await office.page("/console/review")
    assert "王小花" not in page
    assert "13800000000" not in page
    assert "［姓名］" in page
    assert "<b>电话" not in page
    assert re.search(r'href="/console/review/[\w-]{20}"', page)
    assert "一共 1 段对话" in page


async def test_words_and_conditions_narrow_and_can_be_taken_off(office: Office, talk: Talk) -> None:
    talk.engine.intent = "ask_divorce"
    await talk.say("想离婚", sender="甲")
    talk.engine.intent = "ask_wages"
    await talk.say("不发工资", sender="乙", channel="wechat")
    await office.enter(Role.REVIEWER)
    found = words(await office.page("/console/review?text=工资&channel=wechat"))
    assert "不发工资" in found
    assert "想离婚" not in found
    assert "有：工资 ×" in found
    assert "来自：微信 ×" in found
    page = await office.page("/console/review?topic=marriage&text=离婚")
    rest = unescape(re.search(r'href="([^"]+)" aria-label="去掉条件 主题：婚姻财产"', page)[1])  # type: ignore[index]
    assert rest == "/console/review?text=%E7%A6%BB%E5%A9%9A"
    assert "没有找到" in await office.page("/console/review?intent=greet")


@pytest.mark.parametrize(
    "query",
    ["text=%25", "text=%22", "text=*", "text=OR", "text=NEAR(", "text=%ED%A0%80", "since=x", "after=x~1~y",
     "topic=%27", "area=%25", "shortest=-1", "after=2026-11-24T02:00:00%2B00:00~1~1"],
)  # fmt: skip
async def test_an_odd_address_is_no_error(office: Office, query: str) -> None:
    await office.enter(Role.REVIEWER)
    await office.page(f"/console/review?{query}")


async def test_an_address_with_a_null_byte_is_refused_in_words(office: Office) -> None:
    await office.enter(Role.REVIEWER)
    response = await office.client.get("/console/review?text=%00")
    assert response.status_code == 400
    assert re.search(r"[\u4e00-\u9fff]{4}", response.text)
    assert "Traceback" not in response.text


async def test_only_her_branch_and_what_no_place_is_known_of(office: Office, talk: Talk) -> None:
    for sender, area in (("北辰的事", BEICHEN), ("河西的事", HEXI), ("不知哪里", "")):
        await talk.say(sender, sender=sender)
        await add_case(talk, sender, area=area)
    await office.enter(Role.REVIEWER, BEICHEN)
    for path in (
        "/console/review",
        "/console/review/worth-a-look",
        "/console/review?text=的事",
        "/console/review/export",
    ):
        page = await office.client.get(path)
        assert page.status_code == 200
        assert "河西的事" not in page.text, path
    assert "不知哪里" in await office.page("/console/review")
    assert "北辰区（全部）" in await office.page("/console/review")


async def test_what_is_worth_a_look_tells_why(office: Office, talk: Talk) -> None:
    talk.engine.understood = Understanding("ask_divorce", 0.4, (("ask_divorce", 0.4), ("ask_custody", 0.35)))
    await talk.say("孩子和他", sender="甲")
    talk.engine.understood = None
    await talk.say("你好", sender="乙")
    await office.enter(Role.REVIEWER)
    page = words(await office.page("/console/review/worth-a-look"))
    assert "两个意图差得很近 ：问离婚 0.40，问抚养权、抚养费 0.35" in page
    assert "你好" not in page


async def test_a_filter_is_kept_used_and_dropped(office: Office, talk: Talk) -> None:
    await talk.say("想离婚", sender="甲")
    await office.enter(Role.REVIEWER)
    page = await office.follow(
        await office.post("/console/review/filters/save", name="离婚<的", text="离婚", fallback="0", odd="1")
    )
    assert "离婚&lt;的" in page
    assert 'href="/console/review?text=%E7%A6%BB%E5%A9%9A&amp;fallback=0"' in page
    kept = re.search(r'action="(/console/review/filters/[^/]+/drop)"', page)
    assert kept
    assert "离婚&lt;的" not in await office.follow(await office.post(kept[1]))


async def test_a_filter_needs_a_name_and_a_condition(office: Office) -> None:
    await office.enter(Role.REVIEWER)
    assert "起个名字" in (await office.post("/console/review/filters/save", name=" ", text="离婚")).text
    assert "先选好" in (await office.post("/console/review/filters/save", name="空的")).text


async def test_the_file_is_masked_formula_safe_and_logged_without_its_words(office: Office, talk: Talk) -> None:
    await talk.say("=1+1 我叫王小花", sender="甲")
    await office.enter(Role.REVIEWER)
    response = await office.client.get("/console/review/export?text=1%2B1")
    assert response.headers["content-type"].startswith("text/csv")
    assert "'=1+1" in response.text
    assert "王小花" not in response.text
    [deed] = await office.acts(Act.EXPORTED)
    assert (deed.actor, deed.object_id, deed.reason) == (office.officer, "/console/review/export", "对话，1 行")


async def test_the_next_page_goes_on_where_this_one_ends(office: Office, talk: Talk) -> None:
    for number in range(53):
        talk.clock.now += timedelta(seconds=1)
        await talk.say(f"第{number}个", sender=f"她{number}")
    await office.enter(Role.REVIEWER)
    first = await office.page("/console/review")
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = await office.page(unescape(older[1]))
    lines = re.findall(r'class="said">([^<]+)<', first + second)
    assert lines == [f"第{number}个" for number in reversed(range(53))]
    assert "回到最新的" in second


async def test_an_event_alone_is_no_conversation(office: Office, talk: Talk) -> None:
    await talk.say("unsubscribe", kind=InboundKind.EVENT, channel="wechat")
    await office.enter(Role.REVIEWER)
    assert "没有找到" in await office.page("/console/review")
