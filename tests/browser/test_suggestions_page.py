"""Suggestions in a real Chromium: an officer promises and publishes one, and everybody reads it, at a desk and on a telephone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_case_page import Rooms, browser, opened, rooms, sign_in
from tests.browser.test_officers_papers import SIZES, fits
from tests.console.test_suggestions_page import ask

__all__ = ["browser", "opened", "rooms"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@SIZES
def test_one_is_promised_published_and_read_by_everybody(
    rooms: Rooms, opened: Callable[..., Page], size: dict[str, int]
) -> None:
    hired = rooms.hire("张敏")
    rooms.run(ask(rooms.office, "建议柳林街道的妇女之家晚上也开门，我们上班的白天来不了", "甲"))
    rooms.run(ask(rooms.office, "希望柳林街道妇女之家晚上也能开门", "乙"))
    page = sign_in(opened(size), rooms, hired)
    page.goto("/console/suggestions")
    fits(page, size)
    page.get_by_role("link", name="开放时间与办事").first.click()
    page.get_by_role("button", name="合并进来").click()
    expect(page.get_by_text("2 人次").first).to_be_visible()
    page.get_by_label("做什么").fill("周二、周四开到晚上八点")
    page.get_by_label("哪天以前").fill("2026-12-20")
    page.get_by_role("button", name="答应").click()
    expect(page.get_by_role("status")).to_contain_text("会在对话里知道")
    page.get_by_label("用自己的话写一句").fill("妇女之家晚上也开门")
    page.get_by_label("放到").check()
    page.get_by_role("button", name="存").click()
    expect(page.get_by_role("status")).to_contain_text("存好了")
    fits(page, size)
    reader = opened(size)
    reader.goto("/chat")
    reader.get_by_role("link", name="大家提的建议和答复").click()
    expect(reader.get_by_role("heading", name="妇女之家晚上也开门")).to_be_visible()
    expect(reader.get_by_text("少于5 人次提过")).to_be_visible()
    reader.get_by_label("哪一类").select_option("childcare")
    reader.get_by_role("button", name="看").click()
    expect(reader.get_by_text("这里还没有公开的建议。")).to_be_visible()
    reader.get_by_label("哪一类").select_option("")
    reader.get_by_role("button", name="看").click()
    fits(reader, size)
