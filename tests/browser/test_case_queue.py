"""The queue in a real Chromium: a case appears by itself and calls, two officers press at once, a phone, no script."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.storage import tables
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.browser.test_calendar_page import DESK, PHONE, Running
from tests.browser.test_chat_page import browser
from tests.console.caseroom import CaseRoom, Desk, case_room
from tests.integration.casework import DISTRICT, HERE, NOW

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

QUEUE = "/console/cases"
SOON = 6_000
"""Milliseconds until what happened has to be seen."""
Sits = Callable[..., Page]


class RunningRoom(Running):
    """The console over cases, on a thread of its own."""

    async def _begin(self, folder: Path) -> Any:
        database = Database(f"sqlite+aiosqlite:///{folder / 'bot.db'}")
        self.open.push_async_callback(database.close)
        async with database.engine.begin() as connection:
            await connection.run_sync(tables.metadata.create_all)
        return await self.open.enter_async_context(case_room(database, Keyring(b"k" * 32), self.clock))

    @property
    def room(self) -> CaseRoom:
        return self.office  # type: ignore[return-value]

    def says(self, text: str, sender: str = "她") -> None:
        self.run(self.room.work.say(text, sender=sender))

    def desk(self, name: str, **more: Any) -> Desk:
        return self.run(self.room.desk(name, **more))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningRoom]:
    made = RunningRoom(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def sits(browser: Browser, running: RunningRoom, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Sits]:
    """Sit an officer down at a browser of her own, at the queue."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def sit(desk: Desk, viewport: dict[str, int] = DESK, **more: Any) -> Page:
        context = browser.new_context(viewport=viewport, locale="zh-CN", base_url=running.room.url, **more)
        contexts.append(context)
        context.add_cookies([{"name": "console", "value": desk.client.cookies["console"], "url": running.room.url}])
        context.on("weberror", lambda error: problems.append(str(error.error)))
        context.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
        page = context.new_page()
        page.goto(QUEUE)
        return page

    yield sit
    folder = Path(os.environ.get("BOT_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    for number, context in enumerate(contexts):
        for page in context.pages[:1]:
            page.screenshot(path=folder / f"{re.sub(r'[^a-z_]', '', request.node.name)}{number}.png", full_page=True)
        context.close()
    assert problems == []


def rows(page: Page):
    return page.locator(".case:not(.none)")


def test_a_new_case_appears_by_itself_and_calls(sits: Sits, running: RunningRoom) -> None:
    page = sits(running.desk("张敏"))
    expect(page.locator("#live")).to_have_text("实时更新")
    expect(page).to_have_title("个案")
    page.get_by_role("heading", name="个案").click()  # a browser lets a page sound only after a touch
    running.says(HERE)
    expect(rows(page)).to_have_count(1, timeout=SOON)
    expect(page).to_have_title("(1) 个案", timeout=SOON)
    expect(page.get_by_role("link", name="1 个个案等您接")).to_be_visible()
    expect(page.locator("#icon")).to_have_attribute("href", "/console/static/icon-calls.svg")
    expect(page.locator("#news")).to_have_text("有 1 个新个案等您接。")
    expect(page.locator("#duty")).to_have_attribute("data-rang", "1")
    expect(rows(page)).to_contain_text("正在问您")
    running.says(NOW, "另一个")
    expect(page).to_have_title("(2) 个案", timeout=SOON)
    expect(rows(page).first).to_contain_text("红")
    assert "李" not in page.title()


def test_it_rings_again_gently_until_she_says_yes_or_no(sits: Sits, running: RunningRoom) -> None:
    page = sits(running.desk("张敏"))
    page.clock.install()
    page.reload()
    running.says(HERE)
    expect(page.locator("#duty")).to_have_attribute("data-rang", "1", timeout=SOON)
    page.clock.run_for(26_000)
    expect(page.locator("#duty")).to_have_attribute("data-rang", "2")
    page.get_by_role("button", name="这次接不了").click()
    expect(page.get_by_role("status").filter(has_text="已经请下一位")).to_be_visible()
    page.goto(QUEUE)
    expect(page.locator("#live")).to_have_text("实时更新", timeout=SOON)
    expect(page).to_have_title("个案", timeout=SOON)
    page.clock.run_for(60_000)
    expect(page.locator("#duty")).not_to_have_attribute("data-rang", re.compile(r"[1-9]"))


def test_silence_is_remembered(sits: Sits, running: RunningRoom) -> None:
    page = sits(running.desk("张敏"))
    page.get_by_role("button", name="提示音：开").click()
    page.reload()
    expect(page.get_by_role("button", name="提示音：关")).to_have_attribute("aria-pressed", "true")
    running.says(HERE)
    expect(page).to_have_title("(1) 个案", timeout=SOON)
    expect(page.locator("#duty")).to_have_attribute("data-rang", "0")


def test_of_two_who_press_the_second_learns_who_was_first(sits: Sits, running: RunningRoom) -> None:
    first, second = running.desk("张敏"), running.desk("王芳")
    running.says(HERE)
    hers, others = sits(first), sits(second)
    others.route("**/cases/rows*", lambda route: route.abort())  # her list is old at this moment
    hers.get_by_role("button", name="接单").click()
    expect(hers).to_have_url(re.compile(r"/console/cases/[\w-]{20}"))
    others.get_by_role("button", name="接单").click()
    expect(others.get_by_role("alert").filter(has_text="张敏已经接了这个个案")).to_be_visible()
    others.goto(f"{QUEUE}?tab=open")
    expect(rows(others)).to_contain_text("张敏 在办")
    expect(others.get_by_role("button", name="接单")).to_have_count(0)


def test_what_another_took_leaves_the_list_by_itself(sits: Sits, running: RunningRoom) -> None:
    first, second = running.desk("张敏"), running.desk("王芳")
    running.says(HERE)
    others = sits(second)
    expect(rows(others)).to_have_count(1)
    sits(first).get_by_role("button", name="接单").click()
    expect(rows(others)).to_have_count(0, timeout=SOON)


def test_when_the_stream_breaks_the_list_is_read_again_all_the_same(sits: Sits, running: RunningRoom) -> None:
    page = sits(running.desk("张敏"))
    page.clock.install()
    page.route("**/cases/events", lambda route: route.abort())
    page.reload()
    expect(page.locator("#live")).to_have_text("连接断开，每 15 秒刷新一次", timeout=SOON)
    running.says(HERE)
    page.clock.run_for(16_000)
    expect(rows(page)).to_have_count(1, timeout=SOON)
    page.unroute("**/cases/events")
    page.clock.run_for(31_000)
    expect(page.locator("#live")).to_have_text("实时更新", timeout=SOON)
    expect(page).to_have_title("(1) 个案")


def test_many_pages_of_one_browser_share_one_stream(sits: Sits, running: RunningRoom) -> None:
    """A browser opens six connections to a place; seven open cases would otherwise close the console."""
    page = sits(running.desk("张敏"))
    expect(page.locator("#live")).to_have_text("实时更新")
    asked: list[str] = []
    page.context.on("request", lambda made: asked.append(made.url) if made.url.endswith("/cases/events") else None)
    others = [page.context.new_page() for _ in range(7)]
    for other in others:
        other.goto("/console/account")
    running.says(HERE)
    for other in others:
        expect(other).to_have_title(re.compile(r"^\(1\) "), timeout=SOON)
    assert asked == []
    page.close()
    running.says(NOW, "另一个")
    expect(others[-1]).to_have_title(re.compile(r"^\(2\) "), timeout=3 * SOON)
    assert len(asked) == 1


def test_the_switch_and_its_signs_of_life(sits: Sits, running: RunningRoom) -> None:
    page = sits(running.desk("张敏", there=False))
    page.clock.install()
    running.says(HERE)
    page.get_by_role("button", name="改为在岗").click()
    expect(page.locator("#duty .state")).to_have_text("在岗")
    expect(rows(page)).to_contain_text("正在问您")
    expect(page.locator("#live")).to_have_text("实时更新")  # the scripts run: their clock is the one that is moved
    for _ in range(4):
        running.clock.pass_by(seconds=60)
        with page.expect_response("**/duty/here") as answer:
            page.clock.run_for(31_000)
        assert answer.value.json() == {"there": True}
    running.clock.pass_by(seconds=121)
    page.clock.run_for(31_000)
    expect(page.locator("#duty .state")).to_have_text("离岗", timeout=SOON)
    expect(page.get_by_role("alert").filter(has_text="您现在是离岗")).to_be_visible()
    page.get_by_role("button", name="改为在岗").click()
    expect(page.locator("#duty .state")).to_have_text("在岗")


def test_the_end_of_her_session_is_told_at_once(sits: Sits, running: RunningRoom) -> None:
    desk = running.desk("张敏")
    page = sits(desk)
    expect(page.locator("#live")).to_have_text("实时更新")
    running.run(desk.post("/console/leave"))
    expect(page.get_by_role("alert").filter(has_text="登录已经结束")).to_be_visible(timeout=2 * SOON)
    expect(page).to_have_title("【已退出】个案")
    page.get_by_role("link", name="重新登录").click()
    expect(page.get_by_role("heading", name="工作台")).to_be_visible()


def test_keys_reach_everything_and_a_new_list_keeps_her_place(sits: Sits, running: RunningRoom) -> None:
    page = sits(running.desk("张敏"))
    running.says(HERE)
    expect(rows(page)).to_have_count(1, timeout=SOON)
    button = page.get_by_role("button", name="接单：橙，还不清楚")
    button.focus()
    running.says(NOW, "另一个")
    expect(rows(page)).to_have_count(2, timeout=SOON)
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/console/cases/[\w-]{20}"))


def test_without_a_script_the_page_says_everything_and_asks_again(sits: Sits, running: RunningRoom) -> None:
    running.says(HERE)
    page = sits(running.desk("张敏", there=False), java_script_enabled=False)
    expect(rows(page)).to_contain_text("现在没有人可问")
    page.get_by_role("button", name="改为在岗").click()
    expect(page.get_by_role("link", name="1 个个案等您接")).to_be_visible()
    for told in ("两分钟后自动离岗", "url=/console/cases/watch?"):  # Chromium under test shows no noscript
        assert told in page.content()


def test_an_officer_opens_a_case_for_a_woman_who_came(sits: Sits, running: RunningRoom) -> None:
    page = sits(running.desk("张敏"))
    page.get_by_role("link", name="新建个案").click()
    expect(page.get_by_label("她需要什么")).to_be_focused()
    page.keyboard.type("来访，想问低保")
    page.get_by_label("主题").select_option(label="困难救助、就业")
    page.get_by_label("地区").fill("石桥街道")
    page.get_by_role("button", name="建个案，由我负责").dblclick()
    expect(page).to_have_url(re.compile(r"/console/cases/[\w-]{20}"))
    page.goto(f"{QUEUE}?tab=mine")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("北河区 石桥街道")


@pytest.mark.parametrize("path", ["", "?tab=open&q=x", "?tab=closed", "/new"])
def test_no_page_scrolls_sideways_on_a_phone(sits: Sits, running: RunningRoom, path: str) -> None:
    desk = running.desk("名字特别特别长的一位工作人员", area=DISTRICT)
    running.room.work.engine.intent = "ask_divorce"
    running.says("我想离婚" + "啊" * 300 + "a" * 300)
    running.says(HERE)
    page = sits(desk, PHONE)
    page.goto(QUEUE + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator(".others summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
