"""Her records in a real Chromium: a copy is a file and no address; and when they are deleted, the page forgets them."""

import os
import shutil
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.app import create_app
from bot.dialogue.engine import EngineAnswer
from bot.domain.messages import Link, Reply, Understanding
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.browser.test_calendar_button import FLAGS
from tests.conftest import Clock
from tests.integration.forgetting import WORD, TrackingEngine, World
from tests.integration.test_chat_api import app_settings
from tests.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


class CopyingEngine(TrackingEngine):
    """Gives her a copy whatever she says, as the action does."""

    world: World

    async def turn(self, conversation: str, text: str, *, payload: str | None = None, metadata=None) -> EngineAnswer:
        page, _ = await self.world.copies.offer(conversation) or ("", "")
        return EngineAnswer(
            (Reply("在下面。", links=(Link("下载记录", f"/chat/api/copies/{page}.html"),)),), Understanding()
        )


@dataclass
class Opened:
    """The page, and what it asked for."""

    page: Page
    world: World
    asked: list[str]


@pytest.fixture
async def opened(database: Database, keyring: Keyring, clock: Clock, tmp_path: Path) -> AsyncIterator[Opened]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed; .ci/run installs it")
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    engine = CopyingEngine()
    engine.__post_init__()
    world = engine.world = World(database, keyring, clock, engine)
    services = SimpleNamespace(
        conversations=world.work.talk, record_copies=world.copies, jobs=lambda: (), close=world.close
    )
    app = create_app(app_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    async with served(app) as client, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = await browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN", accept_downloads=True)
        made = Opened(page, world, [])
        page.on("request", lambda request: made.asked.append(request.url))
        await page.goto(f"{client.base_url}/chat")
        yield made
        await page.screenshot(path=Path(os.environ.get("BOT_SCREENSHOTS", tmp_path)) / "privacy_page.png")
        await browser.close()


async def say(page: Page, words: str) -> None:
    await page.get_by_label("输入您想说的话").fill(words)
    await page.keyboard.press("Enter")


async def test_one_press_saves_her_copy_and_no_address_holds_the_token(opened: Opened) -> None:
    page = opened.page
    await say(page, f"我的{WORD}")
    shown = page.get_by_role("button", name="下载记录", exact=True)
    await expect(shown).to_be_visible(timeout=15_000)
    box = await shown.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    async with page.expect_download(timeout=15_000) as coming:
        await shown.click()
    download = await coming.value
    assert download.suggested_filename == "notes.html"
    assert WORD in Path(await download.path()).read_text(encoding="utf-8")
    await expect(page.get_by_role("button", name="已经下载")).to_be_disabled()
    token = await page.evaluate("sessionStorage.getItem('conversation')")
    assert token
    assert not [url for url in opened.asked if token in url]


async def test_when_her_records_are_deleted_the_page_shows_nothing_of_them(opened: Opened) -> None:
    page = opened.page
    await say(page, f"我的{WORD}")
    await expect(page.get_by_role("button", name="下载记录", exact=True)).to_be_visible(timeout=15_000)
    await expect(page.locator("body")).to_have_attribute("data-connected", "yes", timeout=15_000)
    await opened.world.forget(await opened.world.conversation())
    await expect(page.get_by_text("这段对话已经删除")).to_be_visible(timeout=15_000)
    assert WORD not in await page.content()
    assert await page.evaluate("[sessionStorage.length, localStorage.length, document.cookie]") == [0, 0, ""]
    await say(page, "又来了")
    await expect(page.get_by_text("在下面。")).to_be_visible(timeout=15_000)
