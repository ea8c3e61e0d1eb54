"""Figures in a real Chromium: at a desk, on a phone, and on paper."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.domain.cases import Helped
from tests.browser.test_calendar_page import PHONE, Running, browser, page, running
from tests.integration.test_figures import World

__all__ = ["browser", "page", "running"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

MONTH = "span=month&day=2026-10-01"
TOWNS = ("120113001", "120113002", "120114001", "120101001", "120102001", "120103001")
TOPICS = ("ask_divorce", "ask_wages", "feel_distressed", "find_place", "ask_domestic_violence", "nlu_fallback")


@pytest.fixture
def world(running: Running) -> Running:
    """A month of a whole city: women of six districts at many hours, cases, phrases."""
    made = World(running.office.made.database, running.clock, None)  # type: ignore[arg-type]
    running.run(_fill(made))
    return running


async def _fill(made: World) -> None:
    for at, town in enumerate(TOWNS):
        for to, intent in enumerate(TOPICS):
            hour = (9 + 3 * to + at) % 24
            text, channel = ("怎么领补贴", "web") if at % 2 else ("你们周末上班吗", "wechat")
            day = f"2026-10-{3 + at + 2 * to:02d} {hour:02d}:10"
            await made.many(4 + 2 * to + at, day, intent, area=town, text=text, channel=channel)
    for number in range(24):
        helped = (Helped.YES, Helped.PARTLY, Helped.YES, None)[number % 4]
        taken = f"2026-10-08 10:{number + 1:02d}"
        await made.case("2026-10-08 10:00", taken, area=TOWNS[number % 6], closed="2026-10-09 10:00", helped=helped)


def test_a_leader_finds_the_month_and_goes_down_to_a_district_and_back(page: Page, world: Running) -> None:
    page.goto(f"/console/figures?{MONTH}")
    expect(page.get_by_role("heading", name=re.compile("数据：全部，2026年10月"))).to_be_visible()
    page.get_by_role("link", name="北辰区").click()
    expect(page.get_by_role("heading", name=re.compile("北辰区，2026年10月"))).to_be_visible()
    page.get_by_role("link", name="回到上一级").click()
    expect(page.get_by_role("heading", name=re.compile("数据：全部"))).to_be_visible()
    page.get_by_role("link", name="后一段").click()
    expect(page.get_by_role("heading", name=re.compile("2026年11月"))).to_be_visible()
    page.get_by_label("里面的一天").fill("2026-10-05")
    page.get_by_role("button", name="看").first.click()
    expect(page.get_by_role("heading", name=re.compile("2026年10月"))).to_be_visible()


def test_bars_are_as_long_as_their_numbers_say(page: Page, world: Running) -> None:
    page.goto(f"/console/figures?{MONTH}")
    chart = page.get_by_role("img", name=re.compile("^问的是什么事"))
    bars = chart.locator(".bar").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    values = [int(text) for text in chart.locator(".value").all_text_contents() if text.isdecimal()]
    assert len(values) == len(bars)
    longest = max(bars)
    for wide, value in zip(bars, values, strict=True):
        assert wide == pytest.approx(longest * value / max(values), abs=1.0)


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_on_a_phone_nothing_scrolls_sideways_and_letters_are_large_enough(page: Page, world: Running) -> None:
    for path in (
        f"/console/figures?{MONTH}",
        f"/console/figures?{MONTH}&area=120113",
        "/console/figures/report?month=2026-10",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        heights = page.locator(".chart text").evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
        assert min(heights) > 9, path


def test_letters_of_charts_do_not_lie_over_each_other(page: Page, world: Running) -> None:
    page.goto(f"/console/figures?{MONTH}")
    for chart in page.locator(".chart").all():
        boxes = chart.locator("text").evaluate_all(
            "all => all.map(one => { const b = one.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height, one.textContent] })"
        )
        view = chart.evaluate("one => [one.viewBox.baseVal.width, one.viewBox.baseVal.height]")
        for at, one in enumerate(boxes):
            assert one[0] >= -1, one
            assert one[2] <= view[0] + 1, one
            for other in boxes[at + 1 :]:
                apart = (
                    one[2] <= other[0] + 1 or other[2] <= one[0] + 1 or one[3] <= other[1] + 4 or other[3] <= one[1] + 4
                )
                assert apart, (one, other)


def test_the_report_fits_on_two_sheets_of_paper(page: Page, world: Running, tmp_path: Path) -> None:
    page.goto("/console/figures/report?month=2026-10")
    printed = page.pdf(format="A4", prefer_css_page_size=True, path=tmp_path / "report.pdf")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2
    page.emulate_media(media="print")
    text = page.evaluate("document.body.innerText")
    assert "妇女求助与服务月报" in text
    assert "打印" not in text
