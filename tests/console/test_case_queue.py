"""The officers' queue: what stands in it and in which order, what can be looked for, who sees what, and the switch 在岗."""

import asyncio
import csv
import io
import re

import pytest
from sqlalchemy import select

from bot.console.cases import AGAIN, left_words
from bot.domain.audit import Act
from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import CaseOutcome
from bot.services.cases import NewCase
from bot.storage.cases import Case
from bot.storage.console_sessions import ConsoleSession
from tests.console.caseroom import CaseRoom, Desk, words
from tests.integration.casework import COMMUNITY, DISTRICT, HERE, NOW, OTHER_TOWN, TOWN, moment

QUEUE = "/console/cases"


async def opened(room: CaseRoom, by: Desk, need: str, **more: object) -> str:
    """A case that an officer opened → its public id."""
    return await room.work.office.cases.open_by_officer(by.officer, NewCase(need, **more))  # type: ignore[arg-type]


def listed(page: str) -> list[str]:
    """Ids of the cases of a page, in order."""
    return re.findall(r'<li class="case [^"]*" id="case-([^"]+)"', page)


async def test_a_waiting_case_says_what_she_needs_how_long_is_left_and_who_is_asked(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    room.work.engine.intent = "ask_divorce"
    await room.work.say("我叫李红，电话13812345678，我老公天天骂我还不给生活费")
    await room.work.say(HERE)
    page = words(await desk.page(QUEUE))
    for expected in ("1 等人接", "1 橙", "已提醒", "她要找人", "婚姻财产", "还剩 15 分钟", "限 10:15 前有人接", "等了 0 分钟（10:00 起）",
                     "正在问您", "接单", "这次接不了", "北河区 柳林街道 柳林第一社区居委会", "不给生活费"):  # fmt: skip
        assert expected in page, expected
    assert "13812345678" not in page


async def test_danger_stands_first_then_what_is_due_first(room: CaseRoom) -> None:
    desk = await room.desk("张敏", there=False)
    for sender, text, minutes in (("甲", HERE, 5), ("乙", HERE, 5), ("丙", NOW, 0)):
        await room.work.say(text, sender=sender)
        room.work.clock.pass_by(minutes=minutes)
    cases = await room.work.rows(Case)
    first, second, danger = (case.public_id for case in cases)
    assert listed(await desk.page(f"{QUEUE}?tab=open")) == [danger, first, second]


async def test_what_nobody_took_in_time_stands_out(room: CaseRoom) -> None:
    desk = await room.desk("张敏", there=False)
    await room.work.say(HERE)
    room.work.clock.pass_by(minutes=20)
    page = await desk.page(QUEUE)
    assert 'class="case orange late"' in page
    assert "超时 5 分钟" in words(page)
    assert "1 超时没人接" in words(page)
    assert "现在没有人可问 ，谁都可以接" in words(page)


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2026-11-24 10:00:01", "还剩不到 1 分钟"),
        ("2026-11-24 10:02", "还剩 2 分钟"),
        ("2026-11-24 11:30", "还剩 1 小时 30 分钟"),
        ("2026-11-26 11:00", "还剩 2 天"),  # whole days are enough by then
        ("2026-11-24 10:00", "刚超时"),
        ("2026-11-24 09:59:30", "刚超时"),
        ("2026-11-24 09:00", "超时 1 小时"),
        ("2026-11-20 09:00", "超时 4 天"),
    ],
)
def test_how_long_is_left_is_said_as_people_say_it(until: str, expected: str) -> None:
    assert left_words(moment(until), moment("2026-11-24 10:00")) == expected


async def test_each_tab_has_its_cases(room: CaseRoom) -> None:
    desk, other = await room.desk("张敏", there=False), await room.desk("王芳", there=False)
    await room.work.say(HERE)
    waiting = (await room.work.case()).public_id
    hers, others = await opened(room, desk, "要离婚"), await opened(room, other, "要低保")
    closed = await opened(room, desk, "问完了")
    await room.work.office.handover.close(closed, desk.officer, CaseOutcome.ADVISED)
    for tab, expected in (
        ("waiting", {waiting}),
        ("mine", {hers}),
        ("open", {waiting, hers, others}),
        ("closed", {closed}),
    ):
        assert set(listed(await desk.page(f"{QUEUE}?tab={tab}"))) == expected, tab
    assert "10:00 结案 · 已解答" in words(await desk.page(f"{QUEUE}?tab=closed"))
    assert "等人接 1" in words(await desk.page(QUEUE))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"level": "red"}, "一"),
        ({"level": "nonsense"}, "一二"),  # what means nothing is left out
        ({"topic": "hardship"}, "二"),
        ({"status": "taken"}, "一二"),
        ({"status": "waiting"}, ""),
        ({"area": TOWN}, "一"),
        ({"area": OTHER_TOWN}, "二"),
        ({"area": DISTRICT}, "一二"),
        ({"area": "120102"}, "一二"),  # not hers: as if nothing was chosen
        ({"area": "1' OR 1=1"}, "一二"),
        ({"q": "低保"}, "二"),
        ({"q": "娘家"}, "一"),  # the place counts too
        ({"q": "%"}, ""),  # a sign is a sign
        ({"q": "13812345678"}, ""),  # what is masked cannot be looked for
        ({"since": "2026-11-25"}, "二"),
        ({"until": "2026-11-24"}, "一"),
        ({"since": "2026-11-24", "until": "2026-11-25"}, "一二"),
        ({"overdue": "1"}, ""),  # taken in time
        ({"level": "red", "topic": "hardship"}, ""),
    ],
)
async def test_filters_find_what_they_say(room: CaseRoom, query: dict[str, str], found: str) -> None:
    desk = await room.desk("张敏")
    names = {await opened(room, desk, "她被打了，电话13812345678", level=CaseLevel.RED, topic=Topic.VIOLENCE, area=TOWN,
                          place="在娘家"): "一"}  # fmt: skip
    room.work.clock.pass_by(days=1)
    names[await opened(room, desk, "问低保", level=CaseLevel.YELLOW, topic=Topic.HARDSHIP, area=OTHER_TOWN)] = "二"
    response = await desk.client.get(QUEUE, params={"tab": "open"} | query)
    assert response.status_code == 200
    assert sorted(names[case] for case in listed(response.text)) == sorted(found)


async def test_who_has_it_can_be_looked_for_and_a_day_that_is_none_is_told(room: CaseRoom) -> None:
    desk, other = await room.desk("张敏"), await room.desk("王芳")
    await opened(room, desk, "一")
    theirs = await opened(room, other, "二")
    page = await desk.page(f"{QUEUE}?tab=open&officer={other.officer.id}")
    assert listed(page) == [theirs]
    assert f'<option value="{other.officer.id}" selected>王芳</option>' in page
    assert "日期没有看懂" in await desk.page(f"{QUEUE}?since=gestern", 400)


async def test_areas_are_chosen_from_hers_downwards(room: CaseRoom) -> None:
    desk = await room.desk("张敏")

    async def offered(query: str = "") -> list[tuple[str, str]]:
        found = re.search(r'<select name="area">(.*?)</select>', await desk.page(QUEUE + query), re.DOTALL)
        assert found
        return re.findall(r'<option value="(\d*)" ?(?:selected)?>([^<]+)', found[1])

    assert await offered() == [("", "北河区（全部）"), (TOWN, "柳林街道"), (OTHER_TOWN, "石桥街道")]
    assert await offered(f"?area={TOWN}") == [
        ("", "北河区（全部）"),
        (TOWN, "柳林街道"),
        (COMMUNITY, "柳林第一社区居委会"),
    ]


async def test_long_lists_have_pages_that_keep_the_search(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    cases = [await opened(room, desk, f"第{number}件") for number in range(51)]
    first = await desk.page(f"{QUEUE}?tab=mine&level=yellow")
    assert listed(first) == cases[:50]
    [more] = re.findall(r'href="([^"]+)">下一页', first)
    second = await desk.page(more.replace("&amp;", "&"))
    assert listed(second) == cases[50:]
    assert "level=yellow" in more
    assert "下一页" not in second


async def test_an_export_is_masked_computes_nothing_and_is_written_down(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    await opened(room, desk, "=HYPERLINK(1)，电话13812345678", topic=Topic.MARRIAGE, place="+娘家")
    await opened(room, desk, "问低保", topic=Topic.HARDSHIP)
    response = await desk.client.get(f"{QUEUE}/export?tab=mine&topic=marriage")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    header, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    told = dict(zip(header, row, strict=True))
    assert told["她的需要（已遮盖）"].startswith("'=HYPERLINK")
    assert told["地点"] == "'+娘家"
    assert (told["级别"], told["主题"], told["谁在办"], told["建于"]) == ("黄", "婚姻财产", "张敏", "2026-11-24 10:00")
    assert "13812345678" not in response.text
    [deed] = await room.acts(Act.EXPORTED)
    assert (deed.actor, deed.object_id, deed.reason) == (
        desk.officer.id,
        f"{QUEUE}/export",
        "个案 我在办 2026-11-24，1 行",
    )


async def test_an_export_has_every_page(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    for number in range(202):
        await opened(room, desk, f"第{number}件")
    response = await desk.client.get(f"{QUEUE}/export?tab=open")
    assert len(list(csv.reader(io.StringIO(response.text)))) == 203


async def test_outside_her_area_there_is_nothing(room: CaseRoom) -> None:
    """Neither a row nor a number tells that there is a case."""
    stranger = await room.desk("赵云", area=OTHER_TOWN, there=False)
    desk, path = await room.asked()
    assert listed(await desk.page(f"{QUEUE}?tab=open")) == [path.rsplit("/", 1)[1]]
    for tab in ("waiting", "mine", "open", "closed"):
        page = await stranger.page(f"{QUEUE}?tab={tab}")
        assert listed(page) == []
        assert "0 等人接" in words(page)
    assert "柳林" not in words(await stranger.page(f"{QUEUE}/export?tab=open"))
    assert listed(await stranger.page(f"{QUEUE}/rows?tab=open")) == []


async def test_who_she_ruled_out_sees_nothing_of_it(room: CaseRoom) -> None:
    neighbour = await room.desk("孙梅", area=COMMUNITY)
    above = await room.desk("张敏", area=TOWN)
    await room.work.say("别找我们社区的人")
    await room.work.say(HERE)
    assert len(listed(await above.page(QUEUE))) == 1
    assert listed(await neighbour.page(f"{QUEUE}?tab=open")) == []
    assert "0 等人接" in words(await neighbour.page(QUEUE))


async def test_who_comes_second_is_told_who_was_first(room: CaseRoom) -> None:
    desk, path = await room.asked()
    other = await room.desk("王芳")
    for one in (desk, other):
        assert f'action="{path}/take"' in await one.page(QUEUE)
    assert (await other.post(f"{path}/take")).status_code == 303
    late = await desk.post(f"{path}/take")
    assert late.status_code == 409
    assert "王芳已经接了这个个案。" in late.text
    assert f'action="{path}/take"' not in await desk.page(f"{QUEUE}?tab=open")
    assert "王芳 在办" in words(await desk.page(f"{QUEUE}?tab=open"))
    assert "您 在办" in words(await other.page(f"{QUEUE}?tab=mine"))


async def test_only_who_is_asked_can_decline_and_the_next_is_asked(room: CaseRoom) -> None:
    desk, path = await room.asked()
    other = await room.desk("王芳")
    assert f'action="{path}/decline"' not in await other.page(QUEUE)
    assert "正在问 张敏" in words(await other.page(QUEUE))
    page = await desk.follow(await desk.post(f"{path}/decline"))
    assert "已经请下一位" in words(page)
    assert f'action="{path}/decline"' not in await desk.page(QUEUE)
    assert f'action="{path}/decline"' in await other.page(QUEUE)


async def test_a_woman_who_waits_for_an_answer_is_counted_for_her_officer_alone(room: CaseRoom) -> None:
    desk, _ = await room.taken()
    other = await room.desk("王芳")
    room.work.clock.pass_by(minutes=12)
    page = words(await desk.page(f"{QUEUE}?tab=mine"))
    assert "她在等回复：12 分钟" in page
    assert "1 人等您回复" in page
    assert "0 人等您回复" in words(await other.page(QUEUE))


async def test_names_and_needs_that_look_like_markup_stay_words(room: CaseRoom) -> None:
    desk = await room.desk("<b>敏</b>")
    await opened(room, desk, "<script>alert(1)</script>", place="<img src=x>")
    page = await desk.page(f"{QUEUE}?tab=open&q=" + "%22%3E%3Cscript%3E")
    assert "<script>alert" not in page
    page = await desk.page(f"{QUEUE}?tab=open")
    for raw in ("<script>alert", "<img src=x>", "<b>敏</b>"):
        assert raw not in page
    assert "&lt;script&gt;alert" in page


async def test_pages_keep_to_the_strict_policy(room: CaseRoom) -> None:
    desk, _ = await room.asked()
    for path in (QUEUE, f"{QUEUE}/new", f"{QUEUE}/watch", f"{QUEUE}/rows"):
        page = await desk.page(path)
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", page), path


async def test_without_a_script_the_page_asks_again_and_keeps_no_session_open(room: CaseRoom) -> None:
    desk, _ = await room.asked()
    page = await desk.page(f"{QUEUE}?tab=open&level=orange")
    [again] = re.findall(rf'<noscript><meta http-equiv="refresh" content="{AGAIN};url=([^"]+)">', page)
    again = again.replace("&amp;", "&")
    assert "level=orange" in again
    assert listed(await desk.page(again)) == listed(page)


async def touched(room: CaseRoom) -> object:
    async with room.work.database.read() as session:
        return await session.scalar(select(ConsoleSession.seen_at))


@pytest.mark.parametrize("path", [f"{QUEUE}/watch", f"{QUEUE}/rows"])
async def test_what_a_page_asks_by_itself_keeps_no_session_open(room: CaseRoom, path: str) -> None:
    desk = await room.desk("张敏")
    before = await touched(room)
    room.work.clock.pass_by(minutes=10)
    await desk.page(path)
    await desk.post("/console/duty/here", active="0")
    assert await touched(room) == before
    await desk.page(QUEUE)
    assert await touched(room) != before


async def test_what_she_writes_for_long_keeps_her_session_open(room: CaseRoom) -> None:
    """A page that says she has typed since: a long answer is not lost to the idle limit."""
    desk = await room.desk("张敏")
    before = await touched(room)
    room.work.clock.pass_by(minutes=10)
    await desk.post("/console/duty/here", active="1")
    assert await touched(room) != before


async def test_a_new_case_is_hers_and_sent_twice_is_one(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    form = await desk.page(f"{QUEUE}/new")
    [key] = re.findall(r'name="key" value="([^"]+)"', form)
    fields = {
        "key": key,
        "need": "李红来访，电话13812345678，要低保",
        "level": "orange",
        "topic": "hardship",
        "area": "石桥街道",
    }
    sent = await asyncio.gather(*(desk.post(f"{QUEUE}/new", **fields) for _ in range(3)))
    sent.append(await desk.post(f"{QUEUE}/new", **fields))
    case = await room.work.case()
    assert {response.headers["location"] for response in sent} == {f"{QUEUE}/{case.public_id}"}
    assert (case.officer_id, case.level, case.topic, case.area) == (desk.officer.id, "orange", "hardship", OTHER_TOWN)
    assert "13812345678" not in case.need
    assert (await desk.post(f"{QUEUE}/new", **fields | {"key": key + "2"})).status_code == 303
    assert await room.work.count(Case) == 2  # another form is another case


@pytest.mark.parametrize(
    ("fields", "words_of_it"),
    [
        ({"need": " "}, "请写一句她需要什么"),
        ({"need": "要离婚", "area": "没有的地方"}, "没有找到“没有的地方”"),
        ({"need": "要离婚", "level": "purple"}, "表单不完整"),
        ({"need": "要离婚", "key": ""}, "表单不完整"),
        ({"need": "要离婚", "area": "石桥街道"}, "不归您管"),  # hers is another town
        ({"need": "要离婚", "conversation": "nobody"}, "不归您管"),
    ],
)
async def test_a_new_case_that_is_refused_comes_back_with_all_she_wrote(
    room: CaseRoom, fields: dict[str, str], words_of_it: str
) -> None:
    desk = await room.desk("张敏", area=TOWN)
    given = {"key": "k", "level": "red", "topic": "violence", "place": "在娘家"} | fields
    response = await desk.post(f"{QUEUE}/new", **given)
    assert response.status_code == 400
    assert words_of_it in response.text
    assert 'value="在娘家"' in response.text
    assert fields["need"].strip() in response.text
    assert await room.work.count(Case) == 0
