"""What officers keep, in a real Chromium: a return visit found under 待办, a sheet on paper, a seat that she sees in her chat."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_calendar_page import DESK, PHONE
from tests.browser.test_case_page import SOON, Rooms, browser, opened, rooms, she_says, sign_in, woman
from tests.console.caseroom import Desk as Hired
from tests.integration.casework import HERE

__all__ = ["browser", "opened", "rooms", "woman"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
Open = Callable[..., Page]


def taken(rooms: Rooms, page: Page) -> tuple[Hired, str]:
    """An officer who is signed in on this page, and has the case of a woman who asked for a person."""
    hired = rooms.hire("张敏")
    rooms.run(rooms.office.work.say(HERE))
    path = rooms.case()
    rooms.run(rooms.office.work.office.handover.take(path.rsplit("/", 1)[1], hired.officer))
    sign_in(page, rooms, hired)
    return hired, path


def fits(page: Page, size: dict[str, int]) -> None:
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url


@SIZES
def test_a_return_visit_is_set_found_under_its_day_and_ticked_off(
    rooms: Rooms, opened: Open, size: dict[str, int]
) -> None:
    page = opened(size)
    _, path = taken(rooms, page)
    page.goto(path)
    page.get_by_text("安排跟进或回访").click()
    form = page.locator("form[action$='/tasks/add']")
    expect(form.get_by_label("回访")).to_be_checked()
    form.get_by_label("做什么").fill("问她住得怎么样")
    form.get_by_label("哪天以前").fill("2026-11-24")
    form.get_by_role("button", name="记下").dblclick()
    expect(page.locator("#papers").get_by_role("status")).to_contain_text("到日子会出现在“待办”里")
    fits(page, size)
    page.get_by_role("link", name="待办").click()
    page.get_by_role("link", name="今天 1").click()
    row = page.locator(".tasks li")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("问她住得怎么样")
    fits(page, size)
    row.get_by_text("办好了").click()
    row.get_by_label("结果").fill("住在娘家")
    row.get_by_role("button", name="登记").click()
    expect(page.get_by_role("status").filter(has_text="登记好了")).to_be_visible()
    page.get_by_role("link", name="已办").click()
    expect(page.locator(".tasks li")).to_contain_text("结果：住在娘家")


@SIZES
def test_a_referral_sheet_is_opened_with_a_reason_and_paper_gets_it_alone(
    rooms: Rooms, opened: Open, size: dict[str, int]
) -> None:
    page = opened(size)
    _, path = taken(rooms, page)
    page.goto(path)
    page.get_by_text("转介到别的单位").click()
    page.get_by_label("哪一类单位").select_option("法律援助")
    page.get_by_label("单位名称").fill("某区法律援助中心（示例）")
    page.get_by_label("要对方办什么").fill("要离婚，请安排律师")
    page.get_by_label("怎么联系她").fill("13800000000")
    page.get_by_label("她本人同意转介").check()
    page.get_by_role("button", name="记下转介").click()
    page.get_by_role("link", name="法律援助：某区法律援助中心（示例）").click()
    assert "13800000000" not in page.content()
    fits(page, size)
    page.get_by_label("为什么要打开").fill("打印转介单给对方")
    page.get_by_role("button", name="打开转介单").click()
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    expect(page.locator(".referral").first).to_contain_text("13800000000")
    fits(page, size)
    page.emulate_media(media="print")
    printed = page.evaluate("document.body.innerText")
    assert "要离婚，请安排律师" in printed
    assert "回执" in printed
    for not_on_paper in ("回到个案", "这次打开已记下", "在岗"):
        assert not_on_paper not in printed


@SIZES
def test_a_seat_that_is_booked_for_her_stands_in_her_chat(
    rooms: Rooms, opened: Open, woman: Page, size: dict[str, int]
) -> None:
    hired = rooms.hire("张敏")
    she_says(rooms, woman, HERE)
    expect(woman.locator(".ours .bubble").filter(has_text="我去请")).to_be_visible(timeout=SOON)
    page = sign_in(opened(size), rooms, hired)
    page.goto(rooms.case())
    page.get_by_role("button", name="接单").click()
    page.get_by_role("link", name="替她预约").click()
    page.get_by_label("哪种服务").select_option("法律服务")
    page.get_by_label("哪天").fill("2026-11-25")
    page.get_by_role("button", name="看空位").click()
    fits(page, size)
    page.locator(".day-choice", has_text="甲站").get_by_role("link", name="09:45").click()
    expect(page.locator(".read-out")).to_contain_text("11月25日（周三）09:45–10:25")
    page.get_by_label("怎么称呼").fill("李女士")
    fits(page, size)
    page.get_by_role("button", name="替她约好").click()
    expect(page.locator("#papers").get_by_role("status")).to_contain_text("约好了")
    expect(page.locator("#papers .read-out")).to_contain_text("甲站")
    expect(woman.locator("#talk")).to_contain_text("约好了，时间是 11月25日（周三）09:45", timeout=SOON)
    assert "甲站" not in woman.content()


@SIZES
def test_the_lists_of_people_and_of_duty_fit(rooms: Rooms, opened: Open, size: dict[str, int]) -> None:
    page = opened(size)
    _, path = taken(rooms, page)
    page.goto("/console/people")
    expect(page.locator(".people li")).to_have_count(1)
    fits(page, size)
    page.locator(".people a").first.click()
    page.wait_for_url(re.compile(re.escape(path)))
    page.goto("/console/rota")
    expect(page.locator(".rota li")).to_contain_text("现在在岗：张敏")
    fits(page, size)
    page.locator(".rota a").first.click()
    expect(page.locator(".rota > li")).to_have_count(8)
    fits(page, size)
