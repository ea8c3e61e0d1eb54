"""The page of figures, the monthly report and the file: who sees what, and that no small number is anywhere."""

import csv
import io
import re

import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from tests.console.conftest import Office, words
from tests.integration.test_figures import World

HERE, THERE, TOWN = "120113", "120114", "120113001"
MONTH = "span=month&day=2026-11-01"


@pytest.fixture
async def world(office: Office) -> World:
    """Sixty women of Beichen, three of them about suicide; forty of Wuqing."""
    made = World(office.made.database, office.made.clock, None)  # type: ignore[arg-type]
    await made.many(45, "2026-11-03 10:00", "ask_wages", area=TOWN)
    await made.many(12, "2026-11-04 20:00", "ask_divorce", area=HERE, channel="wechat")
    await made.many(3, "2026-11-05 03:00", "report_suicide", area=HERE)
    await made.many(40, "2026-11-06 10:00", "nlu_fallback", area=THERE, text="怎么领补贴")
    return made


async def test_a_page_says_in_plain_words_what_the_numbers_mean(office: Office, world: World) -> None:
    page = words(await office.page(f"/console/figures?{MONTH}"))
    assert "数据：全部，2026年11月" in page
    assert "本月共有 100 位妇女来问" in page
    assert "劳动权益（45 位，占 45%）" in page
    assert "怎么领补贴 20 位以上" in page


async def test_no_small_number_is_on_any_page_or_in_the_file(office: Office, world: World) -> None:
    """The three of suicide are in no cell, no label, no sentence and no width of a bar."""
    for path in ("/console/figures?", "/console/figures/report?month=2026-11&", "/console/figures/export?"):
        for area in ("", HERE, TOWN):
            response = await office.client.get(f"{path}{MONTH}&area={area}")
            assert response.status_code == 200, path
            text = response.content.decode("utf-8-sig")
            cells = re.findall(r"<td>(\d+)</td>", text) + re.findall(r'class="value"[^>]*>(\d+)</text>', text)
            cells += [row[2] for row in csv.reader(io.StringIO(text))][1:] if "export" in path else []
            assert not {cell for cell in cells if cell in {"1", "2", "3", "4"}}, (path, area)
            assert "轻生念头 3" not in words(text)
    assert "轻生念头 <5" in words(await office.page(f"/console/figures?{MONTH}&area={HERE}"))


async def test_every_chart_has_words_and_a_table_beside_it(office: Office, world: World) -> None:
    page = await office.page(f"/console/figures?{MONTH}")
    charts = re.findall(r'<svg class="chart" role="img"[^>]*aria-label="([^"]+)"', page)
    assert len(charts) >= 8
    assert any(label.startswith("问的是什么事：") and "劳动权益 45 人" in label for label in charts)
    assert page.count('<table class="numbers">') >= len(charts)
    assert " style=" not in page
    assert "<script>" not in page


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPERVISOR, Role.REVIEWER])
async def test_she_sees_her_branch_only(office: Office, world: World, role: Role) -> None:
    await office.enter(role, HERE)
    page = words(await office.page(f"/console/figures?{MONTH}"))
    assert "本月共有 60 位妇女来问" in page
    assert "怎么领补贴" not in page  # only women elsewhere wrote it
    assert "武清区" not in page
    for path in ("/console/figures?", "/console/figures/report?", "/console/figures/export?"):
        for area in (THERE, "12", "120113999", "x"):
            assert (await office.client.get(f"{path}{MONTH}&area={area}")).status_code == 404
    down = await office.page(f"/console/figures?{MONTH}&area={TOWN}")
    assert "回到上一级" in down


async def test_the_file_holds_what_the_page_shows_and_the_audit_log_says_who_took_it(
    office: Office, world: World
) -> None:
    response = await office.client.get(f"/console/figures/export?{MONTH}&area={HERE}")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0] == ["表", "项目", "数量", "占比（%）", "上期", "变化（%）"]
    assert ["合计", "来问的妇女", "60", "100", "0", ""] in rows
    assert ["问的是什么事", "轻生念头", "<5", "", "", ""] in rows
    assert [deed.object_id for deed in await office.acts(Act.EXPORTED)] == ["/console/figures/export"]


async def test_a_month_without_anybody_is_a_page_too(office: Office) -> None:
    assert "本月没有妇女来问" in words(await office.page("/console/figures"))
    assert "本月没有妇女来问" in words(await office.page("/console/figures/report?month=2026-10"))


@pytest.mark.parametrize(
    "query",
    [
        "span=range",  # no days
        "span=range&since=2026-11-01&until=2026-11-03",  # too few of them
        "span=range&since=2024-11-01&until=2026-11-03",  # too many
        "span=month&day=2026-13-01",  # no such day
    ],
)
async def test_days_that_cannot_be_are_refused_with_words(office: Office, query: str) -> None:
    response = await office.client.get(f"/console/figures?{query}")
    assert response.status_code == 400
    assert "日" in words(response.text)


async def test_a_report_of_no_month_is_refused(office: Office) -> None:
    assert (await office.client.get("/console/figures/report?month=2026-1")).status_code == 400
    assert (await office.client.get("/console/figures/report")).status_code == 200  # this month


async def test_a_running_month_says_so_and_compares_nothing(office: Office, world: World) -> None:
    page = words(await office.page("/console/figures"))
    assert "还没有过完" in page
    assert "比上月" not in page


async def test_time_to_a_person_is_told(office: Office, world: World) -> None:
    for at in range(6):
        await world.case("2026-11-03 10:00", f"2026-11-03 10:0{at + 1}")
    page = words(await office.page(f"/console/figures?{MONTH}"))
    assert "橙色个案一半在 3 分钟内有人接，九成在 6 分钟内" in page
