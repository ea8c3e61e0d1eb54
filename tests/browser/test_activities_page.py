"""Activities in a real Chromium: written, published, repeated, the code on the wall, and who came, at a desk and on a phone."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.services.sample_activities import load_sample_activities
from tests.browser.test_calendar_page import DESK, PHONE, Running, page, running
from tests.browser.test_chat_page import browser
from tests.console.test_activities_pages import LIST, comes, made
from tests.integration.calendars import local

__all__ = ["browser", "page", "running"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SIZES = pytest.mark.parametrize("page", [DESK, PHONE], ids=["desk", "phone"], indirect=True)


def fits(page: Page) -> None:
    page.wait_for_load_state("load")
    width = page.viewport_size["width"]  # type: ignore[index]
    if folder := os.environ.get("BOT_SCREENSHOTS"):
        name = re.sub(r"[^a-z]+", "-", page.url.split("/console/")[1].split("?")[0])
        page.screenshot(path=Path(folder) / f"{width}-{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


@SIZES
def test_one_is_written_published_repeated_and_copied(page: Page, running: Running) -> None:
    office = running.office
    gazetteer = office.app.ctx.services.gazetteer
    running.run(load_sample_activities(office.made.database, gazetteer, clock=running.clock, zone="Asia/Shanghai"))
    page.goto(LIST)
    expect(page.locator(".activity-day").first).to_contain_text("示例")
    fits(page)
    page.get_by_role("link", name="新建活动").click()
    page.get_by_label("类别").select_option("素质培训")
    page.get_by_label("标题").fill("剪纸课")
    page.get_by_label("日期").fill("2026-11-28")
    page.get_by_label("开始").fill("10:00")
    page.get_by_label("结束").fill("09:00")
    page.get_by_label("地区").fill("集贤里街道")
    page.get_by_label("地点").fill("二楼活动室")
    page.get_by_label("说明").fill("带剪刀")
    page.get_by_role("button", name="存成草稿").click()
    expect(page.get_by_role("alert")).to_contain_text("结束时间")
    expect(page.get_by_label("说明")).to_have_value("带剪刀")
    fits(page)
    page.get_by_label("结束").fill("11:30")
    page.get_by_role("button", name="存成草稿").click()
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_role("status")).to_contain_text("姐妹们问活动时就能看到")
    page.get_by_text("以后每周再办").click()
    page.get_by_label("再办几周").fill("2")
    page.get_by_role("button", name="排好").dblclick()
    expect(page.get_by_role("status")).to_contain_text("排好了 2 场")
    fits(page)
    page.goto(f"{LIST}?q=剪纸课")
    expect(page.locator(".activity")).to_have_count(3)


@SIZES
def test_on_the_day_the_code_is_on_the_wall_and_she_is_ticked_off(page: Page, running: Running) -> None:
    office = running.office
    number = running.run(made(office, "2026-11-24 11:00", seats=3, title="手机课"))
    running.run(comes(office, number, "李女士", "王女士", "赵女士"))
    running.run(comes(office, number, "孙女士", wait=True))
    page.goto(LIST)
    page.get_by_role("link", name="手机课").click()
    fits(page)
    page.get_by_role("link", name="签到码").click()
    code = page.locator(".code")
    expect(code).to_have_text(re.compile(r"^\d{6}$"))
    box = code.bounding_box()
    assert box
    assert box["height"] < page.viewport_size["height"] / 2  # type: ignore[index] - in one line
    expect(page.get_by_role("navigation")).to_have_count(0)
    fits(page)
    page.get_by_role("link", name="谁来").click()
    page.get_by_role("button", name="1 号 到了").click()
    expect(page.get_by_role("status").filter(has_text="登记好了")).to_be_visible()
    expect(page.get_by_role("button", name="1 号 到了")).to_have_attribute("aria-pressed", "true")
    fits(page)
    running.clock.now = local("2026-11-24 11:30")
    page.goto(f"{LIST}/{number}")
    page.get_by_text("取消这一场").first.click()
    page.get_by_label("为什么").fill("停电")
    page.get_by_role("button", name="取消这一场").click()
    expect(page.get_by_text("取消原因：停电")).to_be_visible()
    fits(page)
