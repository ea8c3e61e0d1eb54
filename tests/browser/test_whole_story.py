"""One case from the first word to her own judgement of it: a woman on her telephone and two officers, at once, in a browser."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from bot.domain.cases import CaseOutcome, Helped
from tests.browser.test_calendar_page import DESK, PHONE
from tests.browser.test_case_page import (
    SECRET,
    SOON,
    Rooms,
    browser,
    opened,
    pytestmark,
    rooms,
    she_says,
    sign_in,
    woman,
)
from tests.integration.casework import HERE

__all__ = ["browser", "opened", "pytestmark", "rooms", "woman"]


def told(page: Page, words: str) -> None:
    """She reads this, without loading her page anew."""
    expect(page.locator("#talk")).to_contain_text(words, timeout=SOON)


def test_from_asking_for_a_person_to_saying_whether_it_helped(
    rooms: Rooms, opened: Callable[..., Page], woman: Page
) -> None:
    hired, other = rooms.hire("张敏"), rooms.hire("李芳")
    zhang, li = sign_in(opened(DESK), rooms, hired), sign_in(opened(PHONE), rooms, other)
    for page in (zhang, li):
        page.goto("/console/cases")
        expect(page.locator("#live")).to_have_text("实时更新")

    she_says(rooms, woman, HERE)
    told(woman, "我去请")
    expect(zhang.locator(".case:not(.none)")).to_have_count(1, timeout=SOON)
    for page in (zhang, li):
        page.goto(rooms.case())
    she_says(rooms, woman, "他昨天把我的手机摔了")

    zhang.get_by_role("button", name="接单").click()
    told(woman, "工作人员接上了")
    li.goto(rooms.case())
    expect(li.locator('[data-part="acts"]')).to_contain_text("张敏 已经接了")
    expect(li.get_by_label("写给她的话")).to_have_count(0)

    zhang.get_by_label("写给她的话").fill("我看到了，您现在安全吗？")
    zhang.get_by_role("button", name="发给她").click()
    told(woman, "您现在安全吗")
    asked_before = len(rooms.office.work.engine.asked)
    she_says(rooms, woman, "安全，他出去了")
    expect(zhang.locator("#talk")).to_contain_text("他出去了", timeout=SOON)
    assert len(rooms.office.work.engine.asked) == asked_before, "the assistant talked over the officer"

    zhang.get_by_label("写给她的话").fill("还没有发出去的半句")
    zhang.get_by_label("写备注").fill(SECRET)
    zhang.context.set_offline(True)  # her line is gone in the middle of a reply, and the woman waits
    rooms.clock.pass_by(minutes=8)
    rooms.run(rooms.office.work.office.rota.come_on_duty(other.officer))
    rooms.run(rooms.office.work.office.routing.run_due())
    told(woman, "暂时离开了")
    li.goto(rooms.case())
    li.get_by_role("button", name="接单").click()
    li.get_by_label("写给她的话").fill("我是接着帮您的工作人员，情况我都看到了。")
    li.get_by_role("button", name="发给她").click()
    told(woman, "接着帮您的工作人员")

    zhang.context.set_offline(False)
    zhang.get_by_role("button", name="发给她").click()
    expect(zhang.get_by_role("alert")).to_contain_text("李芳")
    expect(zhang.locator("body")).to_contain_text("还没有发出去的半句")

    acts = li.locator('[data-part="acts"]')
    acts.get_by_text("结案", exact=True).click()
    acts.get_by_label("已解答").check()
    acts.get_by_role("button", name="确认结案").click()
    told(woman, "这次帮到您了吗")
    woman.get_by_role("button", name="帮了一部分").click()
    told(woman, "差在哪儿")
    woman.get_by_role("button", name="等得太久").click()
    told(woman, "记下了")

    case = rooms.run(rooms.office.work.case())
    assert (case.outcome, case.helped, case.helped_why) == (CaseOutcome.ADVISED, Helped.PARTLY, "slow")
    li.goto(rooms.case())
    expect(li.locator("body")).to_contain_text("帮了一部分")
    words = woman.locator("#talk").inner_text()
    assert SECRET not in words
    assert "还没有发出去的半句" not in words
    assert "张敏" not in words, "an officer's name is not for every screen"
    she_says(rooms, woman, "谢谢")
    told(woman, "答：")
