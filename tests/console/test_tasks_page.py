"""待办: overdue, today and coming; whose they are, ticked off, paged, taken away as a file."""

import csv
import io
from datetime import datetime, time

import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.domain.cases import TaskKind
from bot.storage.case_papers import CaseTask
from tests.console.caseroom import CaseRoom, Desk, words
from tests.integration.casework import OTHER_TOWN, ZONE

EVIL = "<script>alert(1)</script>"


async def task(room: CaseRoom, desk: Desk, path: str, text: str, day: str, kind: TaskKind = TaskKind.FOLLOW_UP) -> str:
    due = datetime.combine(datetime.fromisoformat(day).date(), time(23, 59), ZONE)
    return await room.work.office.papers.add_task(path.rsplit("/", 1)[1], desk.officer, kind, text, due)


async def three(room: CaseRoom) -> tuple[Desk, str]:
    """Overdue, today and coming, on a Tuesday."""
    desk, path = await room.taken()
    await task(room, desk, path, "昨天的事", "2026-11-24")
    room.work.clock.pass_by(days=1)
    await task(room, desk, path, "今天的事", "2026-11-25", TaskKind.RETURN_VISIT)
    await task(room, desk, path, "以后的事", "2026-11-28")
    return desk, path


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", ["昨天的事", "今天的事", "以后的事"]),  # the next due first
        ("?when=overdue", ["昨天的事"]),
        ("?when=today", ["今天的事"]),
        ("?when=coming", ["以后的事"]),
        ("?when=done", []),
        ("?kind=return_visit", ["今天的事"]),
        ("?when=nonsense&kind=nonsense", ["昨天的事", "今天的事", "以后的事"]),
    ],
)
async def test_what_is_due(room: CaseRoom, query: str, seen: list[str]) -> None:
    desk, _ = await three(room)
    page = words(await desk.page(f"/console/tasks{query}"))
    assert "过期 1 今天 1 以后 1" in page
    assert [text for text in ("昨天的事", "今天的事", "以后的事") if text in page] == seen
    assert sorted(seen, key=page.index) == seen


async def test_it_is_ticked_off_with_a_result_and_the_list_stays_as_it_was(room: CaseRoom) -> None:
    desk, _ = await three(room)
    row = (await room.work.rows(CaseTask))[0]
    response = await desk.post(f"/console/tasks/{row.public_id}/finish", result="打过电话", when="overdue")
    assert response.headers["location"] == "/console/tasks?said=done&when=overdue"
    assert "没有要办的" in await desk.follow(response)
    again = await desk.post(f"/console/tasks/{row.public_id}/finish", result="又点了一次")
    assert again.status_code == 303
    done = words(await desk.page("/console/tasks?when=done"))
    assert "昨天的事" in done
    assert "结果：打过电话" in done
    assert "又点了一次" not in done


async def test_everybody_has_her_own_list_and_a_supervisor_sees_all(room: CaseRoom) -> None:
    desk, path = await three(room)
    other = await room.desk("同事")
    assert "没有要办的" in await other.page("/console/tasks")
    assert "没有要办的" in await other.page(f"/console/tasks?officer={desk.officer.id}")  # not hers to choose
    assert "没有要办的" in await other.page("/console/tasks?officer=all")
    head = await room.desk("王主任", Role.SUPERVISOR)
    assert "没有要办的" in await head.page("/console/tasks")
    assert "昨天的事" in await head.page("/console/tasks?officer=all")
    assert "昨天的事" in await head.page(f"/console/tasks?officer={desk.officer.id}")
    far = await room.desk("别处主任", Role.SUPERVISOR, OTHER_TOWN)
    assert "昨天的事" not in await far.page("/console/tasks?officer=all")
    assert path in await head.page("/console/tasks?officer=all")


async def test_a_task_of_a_case_that_she_may_see_no_more_is_gone(room: CaseRoom) -> None:
    desk, _ = await three(room)
    assert "昨天的事" in await desk.page("/console/tasks")
    await room.work.say("别找姓张的")
    assert "昨天的事" not in await desk.page("/console/tasks")


async def test_lists_and_files_are_masked_and_compute_nothing(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await task(room, desk, path, f"=1+1 {EVIL} 打 13812345678", "2026-11-26")
    page = await desk.page("/console/tasks")
    assert EVIL not in page
    assert "13812345678" not in page
    response = await desk.client.get("/console/tasks/export")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    header, row = table(response.text)
    assert header[0] == "哪天以前"
    assert row[:2] == ["2026-11-26", "跟进"]
    assert row[5].startswith("'=1+1")
    assert "13812345678" not in response.text
    [deed] = await room.acts(Act.EXPORTED)
    assert (deed.actor, deed.object_id, deed.reason) == (desk.officer.id, "/console/tasks/export", "待办，1 行")


async def test_pages_hold_fifty(room: CaseRoom) -> None:
    desk, path = await room.taken()
    for number in range(51):
        await task(room, desk, path, f"第{number:02}件", "2026-11-26")
    first, second = await desk.page("/console/tasks"), await desk.page("/console/tasks?page=2")
    assert ("第00件" in first, "第50件" in first, "下一页" in first) == (True, False, True)
    assert ("第50件" in second, "下一页" in second, "上一页" in second) == (True, False, True)
    assert len(table((await desk.client.get("/console/tasks/export")).text)) == 52


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.ADMIN])
async def test_other_roles_have_none(room: CaseRoom, role: Role) -> None:
    desk = await room.desk("别的人", role, "", there=False)
    for address in ("/console/tasks", "/console/tasks/export", "/console/people", "/console/people/export"):
        await desk.page(address, 404)
