"""妇联组织 in a real Chromium: a supervisor adds an office and its people, at a desk and on a telephone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bot.domain.accounts import Role
from tests.browser.test_case_page import Rooms, browser, opened, rooms, sign_in
from tests.browser.test_officers_papers import SIZES, fits

__all__ = ["browser", "opened", "rooms"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@SIZES
def test_an_office_and_its_people_are_written_and_a_mobile_number_is_refused(
    rooms: Rooms, opened: Callable[..., Page], size: dict[str, int]
) -> None:
    page = sign_in(opened(size), rooms, rooms.hire("钱区", role=Role.SUPERVISOR))
    page.goto("/console/federations")
    fits(page, size)
    page.get_by_text("加一个妇联").click()
    page.get_by_label("名称", exact=True).fill("柳林街道妇联")
    page.get_by_role("textbox", name="地区", exact=True).last.fill("柳林街道")
    page.get_by_label("办公电话").fill("13812345678")
    page.get_by_role("button", name="加上").click()
    expect(page.get_by_role("alert").first).to_contain_text("不登记个人号码")
    expect(page.get_by_label("名称", exact=True)).to_have_value("柳林街道妇联")
    page.get_by_label("办公电话").fill("12338")
    page.get_by_role("button", name="加上").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("柳林街道妇联")
    page.get_by_label("职务").fill("执委")
    page.get_by_label("负责哪里、什么").fill("金凤里、第三网格")
    page.get_by_label("值班").fill("周一、周三")
    page.get_by_role("button", name="加上").click()
    expect(page.get_by_text("负责：金凤里、第三网格")).to_be_visible()
    fits(page, size)
    page.goto("/console/federations?q=金凤里")
    expect(page.get_by_role("link", name="柳林街道妇联")).to_be_visible()
    fits(page, size)
