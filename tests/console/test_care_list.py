"""台账: who is in whose care, what is due next, who wrote last; filtered, paged, taken away as a file."""

import csv
import io
from datetime import timedelta

import pytest

from bot.domain.accounts import Officer, Role
from bot.domain.audit import Act
from bot.domain.case_filter import CaseFilter
from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import CaseOutcome, TaskKind
from bot.services.appointments import BookingRequest
from bot.services.case_papers import Correction
from tests.console.caseroom import CaseRoom, Desk, words
from tests.integration.calendars import local
from tests.integration.casework import COMMUNITY, DISTRICT, HERE, OTHER_TOWN

EVIL = "<script>alert(1)</script>"


async def care(room: CaseRoom, by: Officer, sender: str, **corrected: object) -> str:
    """A woman whose case this officer takes; what is known of her."""
    await room.work.say(HERE, sender=sender)
    open_ones = await room.work.office.reading.page(by, CaseFilter(closed=False), limit=200)
    case = next(one for one in open_ones if not one.officer)
    await room.work.office.handover.take(case.id, by)
    if corrected:
        await room.work.office.papers.correct(case.id, by, Correction(**corrected))  # type: ignore[arg-type]
    return case.id


async def visit(room: CaseRoom, case: str, by: Officer, days: float) -> None:
    """A return visit that is due so many days from now."""
    await room.work.office.papers.add_task(
        case, by, TaskKind.RETURN_VISIT, "回访", room.work.clock() + timedelta(days=days)
    )


async def two(room: CaseRoom) -> tuple[Desk, Desk]:
    """An officer who looks after 甲 (red, violence, overdue) and 乙 (hardship, nothing due), a colleague after 丙."""
    one, other = await room.desk("张敏"), await room.desk("李红")
    first = await care(room, one.officer, "甲", level=CaseLevel.RED, topic=Topic.VIOLENCE, need="甲的事")
    await care(room, one.officer, "乙", level=CaseLevel.YELLOW, topic=Topic.HARDSHIP, need="乙的事", area=COMMUNITY)
    third = await care(room, other.officer, "丙", topic=Topic.MARRIAGE, need="丙的事", area=OTHER_TOWN)
    await visit(room, first, one.officer, 0.2)
    await visit(room, third, other.officer, 3)
    room.work.clock.pass_by(days=1)
    return one, other


def seen(page: str) -> list[str]:
    found = [name for name in ("甲的事", "乙的事", "丙的事") if name in page]
    return [name[0] for name in sorted(found, key=page.index)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "甲乙"),  # what is due comes first; her colleague's are not hers
        ("?q=乙的", "乙"),
        ("?level=red", "甲"),
        ("?topic=hardship", "乙"),
        ("?due=overdue", "甲"),
        ("?due=none", "乙"),
        ("?due=today", ""),
        ("?area=柳林第一社区居委会", "甲乙"),
        (f"?area={OTHER_TOWN}", ""),
        ("?state=closed", ""),
        ("?state=open", "甲乙"),
        ("?helped=yes", ""),
        ("?officer=somebody", "甲乙"),  # not hers to choose
        ("?q=%25", ""),  # a sign of the database's own
    ],
)
async def test_an_officer_sees_her_own_people(room: CaseRoom, query: str, expected: str) -> None:
    one, _ = await two(room)
    assert seen(await one.page(f"/console/people{query}")) == list(expected)


async def test_a_supervisor_sees_her_branch_and_chooses_the_officer(room: CaseRoom) -> None:
    head, far = await room.desk("王主任", Role.SUPERVISOR), await room.desk("镇主任", Role.SUPERVISOR, OTHER_TOWN)
    _, other = await two(room)
    assert seen(await head.page("/console/people")) == ["甲", "丙", "乙"]
    assert seen(await head.page(f"/console/people?officer={other.officer.id}")) == ["丙"]
    assert seen(await head.page("/console/people?due=week")) == ["丙"]
    assert seen(await far.page("/console/people")) == ["丙"]
    assert seen(await far.page(f"/console/people?area={DISTRICT}")) == ["丙"]


async def test_an_area_that_is_none_is_said(room: CaseRoom) -> None:
    one, _ = await two(room)
    assert "没有找到“火星”" in await one.page("/console/people?area=火星", 400)


async def test_a_line_says_what_is_due_and_who_wrote_last(room: CaseRoom) -> None:
    one, _ = await two(room)
    page = words(await one.page("/console/people?q=甲"))
    assert "红 家庭暴力 处理中" in page
    assert "回访 11月24日 周二 过期" in page
    assert "最近联系：11月24日（周二）10:00她写来" in page
    [case] = [case.id for case in await room.work.seen(one.officer) if case.need == "甲的事"]
    await room.work.office.handover.reply(case, one.officer, "您好", "一")
    assert "最近联系：11月25日（周三）10:00我们回复" in words(await one.page("/console/people?q=甲"))
    conversation = (await room.work.office.reading.case(case, one.officer)).conversation
    slot = (room.made.services["甲站 legal"], local("2026-11-27 09:00"))
    await room.made.appointments.book(BookingRequest("一", (slot,), conversation=conversation))
    assert "预约 11月27日（周五）09:00" in words(await one.page("/console/people?q=甲"))


async def test_closed_ones_stay_for_a_while_and_a_woman_stands_there_once(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    first = await care(room, desk.officer, "甲", need="甲的事")
    await room.work.office.handover.close(first, desk.officer, CaseOutcome.ADVISED)
    page = words(await desk.page("/console/people"))
    assert "已结案" in page
    assert "已解答 还没有评价" in page
    room.work.clock.pass_by(days=40)
    head = await room.desk("王主任", Role.SUPERVISOR)  # the sessions of that day are over
    assert seen(await head.page("/console/people?state=30")) == []
    assert seen(await head.page("/console/people")) == ["甲"]
    second = await care(room, desk.officer, "甲", need="甲的事又来")
    page = await head.page("/console/people")
    assert second != first
    assert second in page
    assert first not in page
    assert "甲的事又来" in page


async def test_whoever_has_nobody_in_care_is_told_so(room: CaseRoom) -> None:
    desk, _ = await room.asked()  # waits, and is nobody's yet
    assert "没有找到" in await desk.page("/console/people")


async def test_the_file_holds_the_same_and_computes_nothing(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    await care(room, desk.officer, "甲", need=f"=cmd {EVIL}", wishes="打 13812345678")
    page = await desk.page("/console/people")
    assert EVIL not in page
    response = await desk.client.get("/console/people/export")
    header, row = list(csv.reader(io.StringIO(response.text.removeprefix("\ufeff"))))
    assert dict(zip(header, row, strict=True))["需要"].startswith("'=cmd")
    assert dict(zip(header, row, strict=True))["地区"] == "北河区 柳林街道 柳林第一社区居委会"
    assert "13812345678" not in response.text
    [deed] = await room.acts(Act.EXPORTED)
    assert (deed.actor, deed.reason) == (desk.officer.id, "台账，1 行")


async def test_pages_hold_fifty(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    for number in range(51):
        await care(room, desk.officer, f"她 {number}")
    first, second = await desk.page("/console/people"), await desk.page("/console/people?page=2")
    assert (first.count("柳林第一社区居委会"), "下一页" in first) == (50, True)
    assert (second.count("柳林第一社区居委会"), "下一页" in second) == (1, False)
