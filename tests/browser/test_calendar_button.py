"""「存到日历」 in a real Chromium: a file comes, and neither an address nor the browser's storage holds more than before."""

import json
import os
import shutil
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.async_api import Page, async_playwright, expect

from bot.app import create_app
from bot.dialogue.engine import EngineAnswer
from bot.domain.appointments import BookedAppointment
from bot.domain.messages import Reply, Understanding
from bot.services.appointments import BookingRequest
from bot.storage.directory import ServiceKind
from tests.conftest import Clock
from tests.integration.calendars import Booking, booking, local
from tests.integration.conftest import FakeEngine, talk_over
from tests.integration.test_chat_api import TalkServices, app_settings
from tests.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass
class BookingEngine(FakeEngine):
    """Books whatever she says, and says so as the form does."""

    made: Booking | None = None
    booked: BookedAppointment | None = None

    async def turn(self, conversation: str, text: str, *, payload: str | None = None, metadata=None) -> EngineAnswer:
        assert self.made is not None
        visits = ((self.made.services["甲站 legal"], local("2026-11-27 09:00")),)
        self.booked = await self.made.appointments.book(BookingRequest(conversation, visits, conversation))
        return EngineAnswer((Reply("约好了。", calendar=self.booked.id),), Understanding())


@dataclass
class Opened:
    """The page, what it asked for, and what it complained of."""

    page: Page
    engine: BookingEngine
    asked: list[str]
    errors: list[str]


@pytest.fixture
async def opened(database, keyring, clock: Clock, tmp_path: Path) -> AsyncIterator[Opened]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed; .ci/run installs it")
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    made = await booking(database, keyring, clock, [("甲站", [ServiceKind.LEGAL], 0.0)])
    engine = BookingEngine(made=made)
    talk = talk_over(database, keyring, clock, answer_within=4.0, engine=engine)
    services = TalkServices(talk)
    services.appointments = made.appointments  # type: ignore[attr-defined]
    app = create_app(app_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    async with served(app) as client, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = await browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN", accept_downloads=True)
        opened = Opened(page, engine, [], [])
        page.on("request", lambda request: opened.asked.append(request.url))
        page.on("pageerror", lambda error: opened.errors.append(str(error)))
        page.on("console", lambda said: opened.errors.append(said.text) if said.type == "error" else None)
        await page.goto(f"{client.base_url}/chat")
        yield opened
        await page.screenshot(path=Path(os.environ.get("BOT_SCREENSHOTS", tmp_path)) / "calendar_button.png")
        await browser.close()


@pytest.mark.parametrize(("button", "place"), [("存到日历", None), ("存到日历（写上地点）", "甲站，（示例地址）甲站")])
async def test_one_press_saves_a_file(opened: Opened, button: str, place: str | None) -> None:
    page = opened.page
    await page.get_by_label("输入您想说的话").fill("约好周五")
    await page.keyboard.press("Enter")
    shown = page.get_by_role("button", name=button, exact=True)
    await expect(shown).to_be_visible(timeout=15_000)
    box = await shown.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    async with page.expect_download(timeout=15_000) as coming:
        await shown.click()
    download = await coming.value
    (event,) = Calendar.from_ical(Path(await download.path()).read_bytes()).walk("VEVENT")
    assert (download.suggested_filename, event.get("location")) == ("event.ics", place)
    assert event["dtstart"].dt == local("2026-11-27 09:00")
    await expect(page.get_by_role("button", name=f"{button} ✓")).to_be_visible()
    token = await page.evaluate("sessionStorage.getItem('conversation')")
    assert not [url for url in opened.asked if token in url]
    kept = await page.evaluate(
        "JSON.stringify([Object.keys(sessionStorage), localStorage.length, document.cookie, location.href])"
    )
    assert json.loads(kept)[:3] == [["conversation"], 0, ""]
    assert json.loads(kept)[3].endswith("/chat")
    assert opened.errors == []


async def test_a_file_that_does_not_come_is_said_and_can_be_asked_for_again(opened: Opened) -> None:
    page = opened.page
    await page.get_by_label("输入您想说的话").fill("约好周五")
    await page.keyboard.press("Enter")
    shown = page.get_by_role("button", name="存到日历", exact=True)
    await expect(shown).to_be_visible(timeout=15_000)
    await page.route("**/chat/api/appointments/**", lambda route: route.abort())
    await shown.click()
    again = page.get_by_role("button", name="没有存上，再点一次")
    await expect(again).to_be_visible()
    await page.unroute("**/chat/api/appointments/**")
    async with page.expect_download(timeout=15_000):
        await again.click()
