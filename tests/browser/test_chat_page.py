"""The chat page in a real Chromium, at a telephone's width: seen, pressed, left."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.running import System

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(300)]

PHONE = {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed; .ci/run installs it")
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, system: System, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport=PHONE, locale="zh-CN", geolocation={"latitude": 39.13, "longitude": 117.2}, permissions=["geolocation"]
    )
    page = context.new_page()
    page.hosts = set()  # type: ignore[attr-defined]
    page.errors = []  # type: ignore[attr-defined]
    page.on("request", lambda made: page.hosts.add(made.url.split("/")[2]))  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
    page.goto(f"{system.url}/chat")
    yield page
    folder = Path(os.environ.get("BOT_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{request.node.name}.png")
    assert page.errors == []  # type: ignore[attr-defined]
    context.close()


def say(page: Page, text: str) -> None:
    page.get_by_label("输入您想说的话").fill(text)
    page.keyboard.press("Enter")


def test_she_asks_and_sees_three_places(page: Page, system: System) -> None:
    say(page, "北辰区集贤里街道附近的妇女之家在哪")
    expect(page.locator(".card")).to_have_count(3, timeout=15_000)
    expect(page.locator(".card").first).to_contain_text("示例")
    expect(page.locator(".hers .bubble")).to_have_text("北辰区集贤里街道附近的妇女之家在哪")
    expect(page.locator("#typing")).to_be_hidden()
    assert page.hosts == {f"127.0.0.1:{system.ports['bot']}"}  # type: ignore[attr-defined]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_her_location_is_shared_with_one_press(page: Page) -> None:
    page.get_by_role("button", name="发送我的位置").click()
    expect(page.locator(".card")).to_have_count(3, timeout=15_000)


def test_a_choice_is_a_button_that_works_once(page: Page) -> None:
    say(page, "三街社区附近的妇女之家")
    choice = page.locator(".choices button").first
    expect(choice).to_be_visible(timeout=15_000)
    choice.click()
    expect(page.locator(".card")).to_have_count(3, timeout=15_000)
    expect(choice).to_be_disabled()


def test_an_emergency_shows_numbers_to_press(page: Page) -> None:
    say(page, "他现在拿刀要砍我")
    expect(page.locator('.links a[href="tel:110"]')).to_be_visible(timeout=15_000)
    box = page.locator('.links a[href="tel:110"]').bounding_box()
    assert box is not None
    assert box["height"] >= 44


def test_nothing_but_the_token_is_kept_and_a_reload_shows_the_talk_again(page: Page) -> None:
    say(page, "你好")
    expect(page.locator(".ours .bubble")).to_have_count(2, timeout=15_000)
    kept = json.loads(
        page.evaluate("JSON.stringify([Object.keys(sessionStorage), localStorage.length, document.cookie])")
    )
    assert kept == [["conversation"], 0, ""]
    page.reload()
    expect(page.locator(".hers .bubble")).to_have_text("你好")
    expect(page.locator(".ours .bubble")).to_have_count(2)


@pytest.mark.parametrize("way", ["button", "escape"])
def test_she_can_leave_at_once(page: Page, way: str) -> None:
    page.route(
        "https://www.gov.cn/**", lambda route: route.fulfill(body="<title>中性</title>", content_type="text/html")
    )
    say(page, "你好")
    expect(page.locator(".ours .bubble")).to_have_count(2, timeout=15_000)
    if way == "button":
        page.get_by_role("button", name="快速离开").click()
    else:
        for _ in range(3):
            page.keyboard.press("Escape")
    page.wait_for_url("https://www.gov.cn/**")
    page.go_back()
    assert "你好" not in page.content()


def test_words_that_look_like_markup_stay_words(page: Page) -> None:
    say(page, "<img src=x onerror=document.title='x'>")
    expect(page.locator(".hers .bubble")).to_have_text("<img src=x onerror=document.title='x'>")
    assert page.locator("main img").count() == 0


def test_the_page_works_with_the_keyboard_and_has_names_for_everything(page: Page) -> None:
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button,a,textarea')].filter(e => !(e.textContent.trim() || e.getAttribute('aria-label')"
        " || document.querySelector(`label[for='${e.id}']`))).length"
    )
    assert unnamed == 0
    assert page.get_by_role("log").get_attribute("aria-live") == "polite"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


def test_what_could_not_be_sent_can_be_sent_again(page: Page) -> None:
    page.route("**/chat/api/messages", lambda route: route.abort())
    say(page, "网断了")
    expect(page.get_by_role("button", name="再发一次")).to_be_visible(timeout=20_000)
    page.unroute("**/chat/api/messages")
    page.get_by_role("button", name="再发一次").click()
    expect(page.locator(".ours .bubble")).to_have_count(2, timeout=15_000)
    expect(page.locator(".hers .bubble")).to_have_count(1)
