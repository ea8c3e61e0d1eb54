"""Volunteers in a real Chromium: one taken in, a call made, asked, come and hours, at a desk and on a telephone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bot.domain.volunteers import Draft, FreeTime
from tests.browser.test_case_page import Rooms, browser, opened, rooms, sign_in
from tests.browser.test_officers_papers import SIZES, fits
from tests.console.test_volunteers_page import VOLUNTEER, sign_up
from tests.integration.casework import TOWN

__all__ = ["browser", "opened", "rooms"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@SIZES
def test_from_taking_her_in_to_her_hours(rooms: Rooms, opened: Callable[..., Page], size: dict[str, int]) -> None:
    hired = rooms.hire("张敏")
    rooms.run(sign_up(rooms.office, "甲", Draft(VOLUNTEER, ("company", "driving"), TOWN, (FreeTime.WEEKEND,))))
    page = sign_in(opened(size), rooms, hired)
    page.goto("/console/volunteers")
    fits(page, size)
    page.get_by_role("link", name="巾帼志愿者").first.click()
    page.get_by_role("button", name="接纳").click()
    expect(page.get_by_role("status")).to_contain_text("接纳了")
    fits(page, size)
    page.goto("/console/volunteers/calls/new")
    page.get_by_label("要帮什么忙").fill("陪独居的老人说说话，帮着量量血压")
    page.get_by_label("陪伴聊天").check()
    page.get_by_label("哪一天").fill("2026-11-28")
    page.get_by_label("几点").fill("10:00")
    fits(page, size)
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("巾帼志愿者").check()
    fits(page, size)
    page.get_by_role("button", name="问她们").click()
    expect(page.get_by_role("status")).to_contain_text("问了 1 位")
    page.get_by_role("button", name="替她登记：来", exact=True).click()
    page.get_by_placeholder("小时").fill("2.5")
    page.get_by_role("button", name="记时长").click()
    expect(page.get_by_text("2.5 小时").first).to_be_visible()
    fits(page, size)
    page.goto("/console/volunteers/calls")
    expect(page.get_by_text("1/1 位")).to_be_visible()
    fits(page, size)
