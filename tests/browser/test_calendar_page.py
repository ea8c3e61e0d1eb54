"""The officers' calendar in a real Chromium: pressed, typed, read, at a desk and on a phone."""

import asyncio
import os
import re
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.language.places import Gazetteer
from bot.services.sample_directory import PLACES
from bot.storage import tables
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.browser.test_chat_page import browser
from tests.conftest import Clock
from tests.console.conftest import Office, office_over

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class Running:
    """An office on a thread of its own, as playwright's pages wait in this one."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.open = AsyncExitStack()
        self.clock = Clock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
        self.office = self.run(self._begin(folder))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    async def _begin(self, folder: Path) -> Office:
        database = Database(f"sqlite+aiosqlite:///{folder / 'bot.db'}")
        self.open.push_async_callback(database.close)
        async with database.engine.begin() as connection:
            await connection.run_sync(tables.metadata.create_all)
        made = office_over(database, Keyring(b"k" * 32), self.clock, Gazetteer.load(PLACES))
        return await self.open.enter_async_context(made)

    def booked(self, text: str, **more: object):
        return self.run(self.office.booked(text, **more))

    async def _end(self) -> None:
        """Close the app, then the connections that the browser keeps open."""
        await self.open.aclose()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0.05)

    def stop(self) -> None:
        self.run(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def page(browser: Browser, running: Running, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport=getattr(request, "param", DESK), locale="zh-CN", base_url=str(running.office.client.base_url)
    )
    page = context.new_page()
    page.problems = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.problems.append(str(error)))  # type: ignore[attr-defined]
    page.on(
        "console",
        lambda said: page.problems.append(said.text) if "Content Security Policy" in said.text else None,  # type: ignore[attr-defined]
    )
    page.goto(f"/console/enter#{running.run(running.office.accounts.make_link())}")
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("link", name="日历")).to_be_visible()
    yield page
    folder = Path(os.environ.get("BOT_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{re.sub(r'[^a-z_]', '', request.node.name)}.png")
    assert page.problems == []  # type: ignore[attr-defined]
    context.close()


def row(page: Page, hour: str):
    return page.locator(".row", has=page.locator(".time", has_text=re.compile(f"^{hour}")))


def test_she_finds_a_place_and_books_for_a_woman_who_calls(page: Page) -> None:
    page.get_by_role("link", name="日历").click()
    page.get_by_placeholder("名字、地址或街镇").fill("甲站")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="甲站").click()
    page.get_by_role("link", name="后一天").click()
    row(page, "09:45").get_by_role("link", name="代约").click()
    expect(page.get_by_role("heading", name="代约：11月25日（周三）09:45，40 分钟")).to_be_visible()
    expect(page.get_by_label("怎么称呼")).to_be_focused()
    page.keyboard.type("王女士")
    page.get_by_label("电话", exact=False).first.fill("13800000000")
    page.get_by_role("button", name="约这个时间").click()
    expect(page.get_by_role("status")).to_contain_text("11月25日（周三）09:45–10:25")
    expect(row(page, "09:45")).to_contain_text("王女士")
    row(page, "09:45").get_by_role("button", name="看电话").click()
    expect(page.get_by_role("link", name="13800000000")).to_have_attribute("href", "tel:13800000000")


def test_a_button_pressed_twice_books_once(page: Page, running: Running) -> None:
    running.run(running.office.calendars.set_rules(running.office.site, {"seats": 4}))
    page.goto(f"{running.office.calendar}/book?to={running.office.at('2026-11-25 09:00')}")
    page.get_by_label("怎么称呼").fill("王女士")
    page.get_by_role("button", name="约这个时间").dblclick()
    expect(page.get_by_role("status")).to_contain_text("约好了")
    expect(row(page, "09:00").locator(".visit")).to_have_count(1)


def test_a_slot_that_went_meanwhile_is_said_and_another_is_one_press(page: Page, running: Running) -> None:
    page.goto(f"{running.office.calendar}?day=2026-11-25")
    row(page, "09:00").get_by_role("link", name="代约").click()
    page.get_by_label("怎么称呼").fill("王女士")
    running.booked("2026-11-25 09:00")
    page.get_by_role("button", name="约这个时间").click()
    expect(page.get_by_role("alert")).to_contain_text("刚刚被约走了")
    expect(page.locator(".choices button")).to_have_count(3)
    page.get_by_role("button", name=re.compile("11月25日（周三）09:45 甲站")).click()
    expect(page.get_by_role("status")).to_contain_text("09:45–10:25")


def test_hours_are_closed_but_not_over_a_booking(page: Page, running: Running) -> None:
    running.booked("2026-11-25 14:15")
    page.goto(f"{running.office.calendar}?day=2026-11-25")
    page.get_by_text("关闭一段时间").click()
    closing = page.locator("form.change").first
    closing.get_by_label("从几点").fill("09:00")
    expect(closing.get_by_label("自己写")).to_be_checked()
    closing.get_by_label("到几点").fill("10:30")
    closing.get_by_label("备注").fill("开会")
    closing.get_by_role("button", name="关闭").click()
    expect(row(page, "09:00")).to_contain_text("已关闭")
    page.get_by_text("关闭一段时间").click()
    closing.get_by_label("全天").check()
    closing.get_by_role("button", name="关闭").click()
    expect(page.get_by_role("alert")).to_contain_text("已有 1 个预约")
    expect(row(page, "14:15").first).to_contain_text("李女士")
    page.get_by_role("button", name="撤销").click()
    expect(row(page, "09:00")).to_contain_text("空 1")


def test_an_appointment_is_moved_after_it_was_read_back(page: Page, running: Running) -> None:
    running.booked("2026-11-25 14:15")
    page.goto(f"{running.office.calendar}?day=2026-11-25")
    row(page, "14:15").get_by_role("link", name="改约").click()
    day = page.locator(".day-choice", has_text="11月26日 周四")
    day.get_by_role("link", name="09:00").click()
    expect(page.get_by_text("改到（请念给她听）")).to_be_visible()
    expect(page.locator(".read-out").last).to_contain_text("11月26日（周四）09:00")
    page.get_by_role("button", name="确认改约").click()
    expect(page.get_by_role("status")).to_contain_text("已改到")
    expect(row(page, "09:00")).to_contain_text("李女士")


def test_that_she_came_is_one_press(page: Page, running: Running) -> None:
    running.booked("2026-11-24 14:15")
    running.clock.pass_by(hours=4, minutes=20)
    page.goto("/console/coming")
    row(page, "14:15").get_by_role("button", name="到了").click()
    expect(page.get_by_role("status")).to_contain_text("李女士 到了")
    expect(row(page, "14:15").get_by_role("button", name="到了")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("view", ["day", "week"])
def test_arrow_keys_turn_the_days_but_not_while_she_writes(page: Page, running: Running, view: str) -> None:
    page.goto(f"{running.office.calendar}?day=2026-11-25&view={view}")
    there = {"day": "2026-11-26", "week": "2026-12-02"}[view]
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**day={there}")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**day=2026-11-25")
    page.get_by_label("日期", exact=True).first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert "day=2026-11-25" in page.url


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_no_page_scrolls_sideways_on_a_phone(page: Page, running: Running) -> None:
    booked = running.booked("2026-11-25 09:00", called="一个名字写得特别特别长的称呼呀")
    calendar, one = running.office.calendar, running.office.one(booked)
    to = running.office.at("2026-11-25 09:45")
    for path in (
        "/console/calendar", f"{calendar}?day=2026-11-25", f"{calendar}?view=week&day=2026-11-25", f"{calendar}/rules",
        f"{calendar}/book?to={to}", one, f"{one}/move", f"{one}/move?to={to}", f"{one}/cancel", "/console/coming?hours=72",
        "/console/reminders", f"{calendar}/print?day=2026-11-25",
    ):  # fmt: skip
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    page.goto(f"{calendar}?view=week&day=2026-11-25")
    tops = page.locator(".column").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert tops == sorted(set(tops))  # one under the other


def test_a_week_stands_side_by_side_at_a_desk(page: Page, running: Running) -> None:
    page.goto(f"{running.office.calendar}?view=week&day=2026-11-25")
    tops = page.locator(".column").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert len(tops) == 7
    assert len(set(tops)) == 1


def test_paper_gets_the_sheet_and_nothing_else(page: Page, running: Running) -> None:
    running.booked("2026-11-25 09:00", phone="13800000000")
    page.emulate_media(media="print")
    page.goto(f"{running.office.calendar}?day=2026-11-25")
    assert page.evaluate("document.body.innerText.trim()") == ""
    page.goto(f"{running.office.calendar}/print?day=2026-11-25")
    printed = page.evaluate("document.body.innerText")
    assert "李女士" in printed
    assert "打印这一天" not in printed
    assert "回到日历" not in printed
