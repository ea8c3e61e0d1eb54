"""The reviewer's hour in a real Chromium: conversations judged without a mouse, and how many keys a message takes."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from bot.dialogue.engine import EngineAnswer
from bot.domain.accounts import Role
from bot.domain.messages import Entity, Reply, Understanding
from bot.storage.conversations import Conversation, InboundMessage
from bot.storage.reviews import Correction, Reviewed, ReviewMark
from tests.browser.test_calendar_page import DESK, PHONE, Running
from tests.browser.test_chat_page import browser
from tests.integration.conftest import FakeEngine, talk_over
from tests.integration.staffing import PASSWORD

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TALKS = (
    ("我想离婚，他不同意", "彩礼要不要退", "孩子归谁", "房子写的他妈的名字", "谢谢"),
    ("河西区哪里有律师", "几点开门", "明天上午能约吗", "好的", "那就算了"),
    ("他又动手了", "我身上都是伤😢在家里不敢出去", "报警有用吗", "保护令怎么申请", "要多久"),
    ("婆婆天天骂我", "我快撑不住了", "晚上睡不着", "孩子才三个月", "想找人说说话"),
)
RANKING = ("ask_divorce", "ask_bride_price", "ask_custody", "ask_property", "feel_distressed")
TARGET = 200
"""Messages that a reviewer is to judge in an hour."""


class Guessing(FakeEngine):
    """Knows five intents in one order, and a place when there is one."""

    async def turn(self, conversation: str, text: str, *, payload: str | None = None, metadata=None) -> EngineAnswer:
        ranking = tuple((name, 0.5 - at / 10) for at, name in enumerate(RANKING))
        at = text.find("河西区")
        found = (Entity("place", "河西区", "河西区", at, at + 3),) if at >= 0 else ()
        return EngineAnswer((Reply(f"答:{text}"),), Understanding(RANKING[0], 0.5, ranking, found))


class Hour:
    """What was said, kept in the office that runs."""

    def __init__(self, running: Running) -> None:
        self.running = running
        running.run(self._talk())

    async def _talk(self) -> None:
        made = self.running.office.made
        talk = talk_over(made.database, made.keyring, self.running.clock, engine=Guessing())
        for number, said in enumerate(TALKS):
            for at, text in enumerate(said):
                self.running.clock.pass_by(seconds=20)
                await talk.say(text, message_id=f"{at}", sender=f"她{number}")
        await talk.conversations.finish_running()

    def rows(self, table: type) -> list:
        async def read() -> list:
            async with self.running.office.made.database.read() as session:
                return list(await session.scalars(select(table).order_by(table.id)))

        return self.running.run(read())

    def judged(self, words: str) -> Correction:
        message = next(row for row in self.rows(InboundMessage) if words in row.masked)
        return next(row for row in self.rows(Correction) if row.inbound_id == message.id)


class Keyboard:
    """Presses keys and counts them; a mouse is not there."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.pressed = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)
            self.pressed += 1

    def type(self, words: str) -> None:
        """Each character counts for one key; how an input method gets to it is not ours."""
        self._page.keyboard.type(words)
        self.pressed += len(words)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def hour(running: Running) -> Hour:
    return Hour(running)


@pytest.fixture
def page(
    browser: Browser, running: Running, hour: Hour, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Page]:
    context = browser.new_context(
        viewport=getattr(request, "param", DESK), locale="zh-CN", base_url=str(running.office.client.base_url)
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
    running.run(running.office.enter(Role.REVIEWER))
    page.goto("/console/enter")
    page.get_by_label("登录名").fill("reviewer1")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_label("手机验证码").fill(running.office.staffed.code("reviewer1"))
    page.get_by_role("button", name="登录").click()
    newest = hour.rows(Conversation)[-1].public_id
    page.goto(f"/console/review/{newest}?channel=web")
    yield page
    folder = Path(os.environ.get("BOT_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{re.sub(r'[^a-z_]', '', request.node.name)}.png", full_page=True)
    assert problems == []
    context.close()


def current(page: Page):
    return page.locator("[data-current] .words")


def test_twenty_messages_by_keyboard_alone(page: Page, hour: Hour, capsys: pytest.CaptureFixture[str]) -> None:
    """What an hour holds: most is right or among the first five, some is looked for by name, marked or noted."""
    keys = Keyboard(page)
    # 她3: five messages, each a guess of the ranking, one with danger in it
    for number, words in zip("55555", TALKS[3], strict=True):
        expect(current(page)).to_have_text(words)
        keys.press(number)
        if words == "我快撑不住了":
            keys.press("r", "f")
        keys.press("Space")
    expect(page.locator("#done button")).to_be_focused()
    keys.press("Enter")
    # 她2: intents that are not among the five
    expect(current(page)).to_have_text("他又动手了")
    assert "channel=web" in page.url
    keys.press("/")
    keys.type("家暴")
    keys.press("Enter", "r", "r", "Space")
    keys.press("/")
    keys.type("伤害")
    keys.press("Enter", "r", "Space")
    expect(current(page)).to_have_text("报警有用吗")
    keys.press("n")
    keys.type("再看一遍")
    keys.press("Enter")
    keys.press("Space")
    keys.press("/")
    keys.type("保护令")
    keys.press("Enter", "Space")
    keys.press("w")
    keys.type("问办事要多久")
    keys.press("Enter")
    expect(page.locator("#done button")).to_be_focused()
    keys.press("Enter")
    # 她1: a place by selection
    expect(current(page)).to_have_text("河西区哪里有律师")
    keys.press("/")
    keys.type("附近")
    keys.press("Enter")
    keys.press("e", "End", "Shift+ArrowLeft", "Shift+ArrowLeft", "3", "Enter")
    for _ in range(5):
        keys.press("Space")
    keys.press("Enter")
    # 她0: all understood but two
    expect(current(page)).to_have_text("我想离婚,他不同意")
    keys.press("Space", "2", "Space", "3", "Space", "4", "Space", "Space")
    expect(page.locator("#done button")).to_be_focused()
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"/console/review\?channel=web&said=end"))

    assert len(hour.rows(Correction)) == 20
    assert len(hour.rows(Reviewed)) == 4
    assert [row.kind.value for row in hour.rows(ReviewMark)] == ["flag", "note"]
    assert (hour.judged("我快撑不住了").intent, hour.judged("我快撑不住了").risk.value) == ("feel_distressed", "watch")
    assert hour.judged("保护令").intent == "ask_protection_order"
    assert hour.judged("要多久").new_intent_wish == "问办事要多久"
    assert '"name": "service_kind", "start": 6, "end": 8' in (hour.judged("河西区").entities or "")
    assert '"name": "place", "start": 0, "end": 3' in (hour.judged("河西区").entities or "")
    assert hour.judged("彩礼").intent == "ask_bride_price"
    each = keys.pressed / 20
    with capsys.disabled():
        print(f"\nkeys a message: {each:.1f} ({keys.pressed} for 20, notes and wishes among them)")
    assert each <= 5


def test_where_she_marks_is_counted_in_characters_not_in_halves_of_an_emoji(page: Page, hour: Hour) -> None:
    page.keyboard.press("]")
    expect(current(page)).to_have_text("他又动手了")
    page.keyboard.press("j")
    page.keyboard.press("e")
    box = page.locator("#entity-text")
    expect(box).to_be_focused()
    box.evaluate("area => area.setSelectionRange(area.value.indexOf('在家里') + 1, area.value.indexOf('在家里') + 3)")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(page.locator("li.judged")).to_have_count(1)
    expect(page.locator("li.judged .state")).to_have_text("✓ 判过")
    said = "我身上都是伤😢在家里不敢出去"
    start = said.index("家里")
    assert f'"start": {start}, "end": {start + 2}' in (hour.judged("身上").entities or "")


def test_what_the_server_did_not_get_is_said_and_stays_open(page: Page, hour: Hour) -> None:
    page.route("**/judge*", lambda route: route.abort())
    page.keyboard.press("Space")
    expect(page.locator("#told")).to_contain_text("没有保存")
    expect(current(page)).to_have_text(TALKS[3][0])
    expect(page.locator("li.judged")).to_have_count(0)
    page.unroute("**/judge*")
    page.keyboard.press("Space")
    expect(page.locator("li.judged .state")).to_have_text("✓ 判过")
    assert len(hour.rows(Correction)) == 1


def test_the_same_by_mouse(page: Page, hour: Hour) -> None:
    line = page.locator("[data-judge]").nth(1)
    line.locator("summary").click()
    line.get_by_role("radio", name=re.compile("问彩礼")).check()
    line.get_by_role("radio", name="紧急").check()
    line.get_by_role("button", name="留意").click()
    expect(line.locator(".mark.flag")).to_be_visible()
    line.get_by_role("button", name=re.compile("^保存")).click()
    expect(line.locator(".others")).to_contain_text("问彩礼")
    row = hour.judged("我快撑不住了")
    assert (row.intent, row.risk.value if row.risk else "") == ("ask_bride_price", "urgent")


def test_without_script_it_is_plain_forms(browser: Browser, page: Page, hour: Hour) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN", base_url=page.url.split("/console")[0])
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(page.url)
    line = plain.locator("[data-judge]").nth(0)
    line.locator("summary").click()
    line.locator("select[name=intent_other]").select_option("ask_relationship")
    line.get_by_role("button", name=re.compile("^保存")).click()
    expect(plain.locator("#told")).to_have_text("记下了。")
    assert hour.judged("婆婆").intent == "ask_relationship"
    context.close()


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_on_a_phone_nothing_sticks_out(page: Page) -> None:
    page.locator("[data-judge] summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
