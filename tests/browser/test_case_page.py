"""A case in a real Chromium: an officer at her desk, a second one, and a woman on her telephone, all at once."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from bot.storage import tables
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.browser.test_calendar_page import DESK, PHONE, Running
from tests.browser.test_chat_page import browser
from tests.console.caseroom import CaseRoom, case_room
from tests.console.caseroom import Desk as Hired
from tests.integration.casework import HERE
from tests.integration.staffing import PASSWORD

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SECRET = "疑似被跟踪勿告知本人"
SOON = 8_000


class Rooms(Running):
    """The case room on a thread of its own."""

    office: CaseRoom  # type: ignore[assignment]

    async def _begin(self, folder: Path) -> CaseRoom:  # type: ignore[override]
        database = Database(f"sqlite+aiosqlite:///{folder / 'bot.db'}")
        self.open.push_async_callback(database.close)
        async with database.engine.begin() as connection:
            await connection.run_sync(tables.metadata.create_all)
        return await self.open.enter_async_context(case_room(database, Keyring(b"k" * 32), self.clock))

    def hire(self, name: str, **more: object) -> Hired:
        return self.run(self.office.desk(name, **more))  # type: ignore[arg-type]

    def case(self) -> str:
        return "/console/cases/" + self.run(self.office.work.case()).public_id


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    made = Rooms(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def opened(
    browser: Browser, rooms: Rooms, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Opens browsers; each one's script errors, dialogs and breaches of the policy fail the test at its end."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []
    pages: list[Page] = []

    def answer(dialog: Dialog) -> None:
        if dialog.type != "beforeunload":  # that one is ours: she has not sent what she wrote
            problems.append(dialog.message)
        dialog.accept()

    def new(size: dict[str, int]) -> Page:
        context = browser.new_context(viewport=size, locale="zh-CN", base_url=rooms.office.url)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", answer)
        page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
        contexts.append(context)
        pages.append(page)
        return page

    yield new
    folder = Path(os.environ.get("BOT_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pages):
        page.screenshot(path=folder / f"{re.sub(r'[^a-z_]', '', request.node.name)}_{number}.png", full_page=True)
    assert problems == []
    for context in contexts:
        context.close()


def sign_in(page: Page, rooms: Rooms, hired: Hired) -> Page:
    page.goto("/console/enter")
    page.get_by_label("登录名").fill(hired.login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_label("手机验证码").fill(rooms.office.staffed.code(hired.login))
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile("/console/(?!enter)"))
    return page


def she_says(rooms: Rooms, page: Page, text: str) -> None:
    rooms.clock.pass_by(seconds=3)
    page.get_by_label("输入您想说的话").fill(text)
    page.keyboard.press("Enter")


@pytest.fixture
def woman(opened: Callable[..., Page]) -> Page:
    page = opened(PHONE)
    page.goto("/chat")
    return page


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_she_is_taken_over_answered_and_answers_and_no_note_reaches_her(
    rooms: Rooms, opened: Callable[..., Page], woman: Page, size: dict[str, int]
) -> None:
    hired = rooms.hire("张敏")
    she_says(rooms, woman, HERE)
    expect(woman.locator(".ours .bubble").filter(has_text="我去请")).to_be_visible(timeout=SOON)
    officer = sign_in(opened(size), rooms, hired)
    officer.goto(rooms.case())
    officer.get_by_role("button", name="接单").click()
    expect(officer.get_by_role("status").filter(has_text="您接了这个个案")).to_be_visible()
    expect(woman.locator("#talk")).to_contain_text("工作人员接上了", timeout=SOON)

    officer.get_by_label("写给她的话").fill("您好，您现在方便写字吗？")
    officer.get_by_role("button", name="发给她").click()
    expect(woman.locator("#talk")).to_contain_text("您现在方便写字吗", timeout=SOON)
    line = officer.locator(".line.officer").last
    expect(line).to_contain_text("已送到", timeout=SOON)  # her page has it, and this one was not loaded anew

    officer.get_by_label("写给她的话").fill("我正在写的半句")
    officer.get_by_label("写备注").fill(SECRET)
    she_says(rooms, woman, "方便写")
    expect(officer.locator("#talk")).to_contain_text("方便写", timeout=SOON)
    expect(officer.locator("#heard")).to_have_text("她写来了新消息。")
    expect(officer.get_by_label("写给她的话")).to_have_value("我正在写的半句")
    box, last = officer.locator("#talk").bounding_box(), officer.locator(".line").last.bounding_box()
    assert box is not None
    assert last is not None
    assert last["y"] + last["height"] <= box["y"] + box["height"] + 1  # the newest line is in sight

    officer.get_by_role("button", name="记下备注").click()
    expect(officer.locator(".note")).to_contain_text(SECRET)
    expect(officer.locator("#news")).to_contain_text("备注记好了")
    expect(officer.get_by_label("写给她的话")).to_have_value("我正在写的半句")
    she_says(rooms, woman, "您还在吗")
    expect(officer.locator("#talk")).to_contain_text("您还在吗", timeout=SOON)
    woman.reload()
    expect(woman.locator("#talk")).to_contain_text("您还在吗")
    assert SECRET not in woman.content()
    assert "我正在写的半句" not in woman.content()
    assert officer.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_colleague_sees_who_took_it_without_loading_the_page_anew(rooms: Rooms, opened: Callable[..., Page]) -> None:
    first, second = rooms.hire("张敏"), rooms.hire("李红")
    rooms.run(rooms.office.work.say(HERE))
    one, two = sign_in(opened(DESK), rooms, first), sign_in(opened(DESK), rooms, second)
    one.goto(rooms.case())
    two.goto(rooms.case())
    two.get_by_label("写给她的话").fill("我写了半天")
    one.get_by_role("button", name="接单").click()
    expect(two.locator('[data-part="head"]')).to_contain_text("谁负责张敏", timeout=SOON)
    expect(two.get_by_role("button", name="接单")).to_have_count(0)
    expect(two.locator("#news")).to_contain_text("这个个案有变化")
    two.get_by_role("button", name="发给她").click()
    expect(two.get_by_role("alert").first).to_contain_text("张敏已经接了这个个案")
    expect(two.get_by_label("写给她的话")).to_have_value("我写了半天")
    assert "我写了半天" not in rooms.run(rooms.office.work.told_texts())


def test_a_usual_answer_goes_where_she_writes_and_nothing_is_kept_in_the_browser(
    rooms: Rooms, opened: Callable[..., Page]
) -> None:
    hired = rooms.hire("张敏")
    rooms.run(rooms.office.work.say(HERE))
    officer = sign_in(opened(DESK), rooms, hired)
    officer.goto(rooms.case())
    box = officer.get_by_label("写给她的话")
    box.fill("王大姐，")
    officer.get_by_label("常用语").select_option("问现在写字安不安全")
    officer.get_by_role("button", name="放进来").click()
    expect(box).to_have_value(re.compile("^王大姐，先问您一句：现在给您发消息方便吗"))
    expect(box).to_be_focused()
    expect(officer.locator("#count")).to_have_text(re.compile(r"^\d\d / 2000 个字"))
    assert "王大姐" not in officer.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    box.fill("字" * 2001)
    expect(officer.locator("#count")).to_have_class(re.compile("over"))
    officer.reload()
    expect(box).to_have_value("")


def test_a_button_pressed_twice_sends_once(rooms: Rooms, opened: Callable[..., Page]) -> None:
    hired = rooms.hire("张敏")
    rooms.run(rooms.office.work.say(HERE))
    officer = sign_in(opened(DESK), rooms, hired)
    officer.goto(rooms.case())
    officer.get_by_label("写给她的话").fill("您好")
    officer.get_by_role("button", name="发给她").dblclick()
    expect(officer.get_by_role("status").first).to_be_visible()
    assert rooms.run(rooms.office.work.told_texts()).count("您好") == 1


def test_when_the_session_ends_her_words_stay_in_the_box_and_can_be_sent_after_signing_in(
    rooms: Rooms, opened: Callable[..., Page]
) -> None:
    hired = rooms.hire("张敏")
    rooms.run(rooms.office.work.say(HERE))
    officer = sign_in(opened(DESK), rooms, hired)
    officer.goto(rooms.case())
    officer.get_by_label("写给她的话").fill("写了很久的话")
    officer.context.clear_cookies()
    rooms.run(rooms.office.work.say("在吗"))
    expect(officer.locator("#news")).to_contain_text("登录已经结束", timeout=SOON)
    expect(officer.get_by_label("写给她的话")).to_have_value("写了很久的话")
    other = officer.context.new_page()
    sign_in(other, rooms, hired)
    other.close()
    officer.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # she comes back to this window
    expect(officer.locator("#talk")).to_contain_text("在吗", timeout=SOON)
    officer.get_by_role("button", name="发给她").click()
    expect(officer.locator(".line.officer")).to_contain_text("写了很久的话")


def test_acts_ask_once_more_and_say_what_came_of_them(rooms: Rooms, opened: Callable[..., Page]) -> None:
    hired = rooms.hire("张敏")
    rooms.run(rooms.office.work.say(HERE))
    officer = sign_in(opened(PHONE), rooms, hired)
    officer.goto(rooms.case())
    officer.get_by_role("button", name="接单").click()
    acts = officer.locator('[data-part="acts"]')
    acts.get_by_text("结案", exact=True).click()
    acts.get_by_role("button", name="确认结案").click()  # no outcome yet: the browser itself says so
    expect(officer.locator('[data-part="head"]')).to_contain_text("处理中")
    acts.get_by_label("已解答").check()
    acts.get_by_role("button", name="确认结案").click()
    expect(officer.locator('[data-part="head"]')).to_contain_text("已结案")
    acts.get_by_text("重新打开", exact=True).click()
    acts.get_by_role("button", name="确认重新打开").click()
    expect(officer.locator('[data-part="head"]')).to_contain_text("处理中")


def test_sealed_text_is_on_one_page_and_not_behind_it(rooms: Rooms, opened: Callable[..., Page]) -> None:
    hired = rooms.hire("张敏")
    rooms.run(rooms.office.work.say(HERE))
    rooms.run(rooms.office.work.say("我叫王秀兰，电话13812345678"))
    officer = sign_in(opened(DESK), rooms, hired)
    rooms.clock.pass_by(minutes=10)
    officer.goto(rooms.case())
    assert "13812345678" not in officer.content()
    officer.get_by_text("打开原文（").click()
    officer.get_by_label("为什么要看").fill("核对电话以便回访")
    officer.get_by_label("手机验证码").fill(rooms.office.staffed.code(hired.login))
    officer.get_by_role("button", name="打开原文").click()
    expect(officer.get_by_text("13812345678")).to_be_visible()
    officer.get_by_role("link", name="看完了").click()
    expect(officer.locator("#talk")).to_be_visible()
    assert "13812345678" not in officer.content()
    officer.evaluate("history.back()")
    officer.wait_for_timeout(1500)
    assert "13812345678" not in officer.content()


def test_her_words_run_nothing(rooms: Rooms, opened: Callable[..., Page]) -> None:
    hired = rooms.hire("<b>张</b>")
    rooms.run(rooms.office.work.say(HERE))
    officer = sign_in(opened(DESK), rooms, hired)
    officer.goto(rooms.case())
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    rooms.run(rooms.office.work.say(evil))
    expect(officer.locator("#talk")).to_contain_text(evil, timeout=SOON)
    assert officer.locator("#talk img, #talk script").count() == 0
    officer.reload()
    expect(officer.locator("#talk")).to_contain_text(evil)
    assert officer.locator("#talk img, #talk script").count() == 0
