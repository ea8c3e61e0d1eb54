"""Her records in whole talks: the warning, two taps, what stays, the copy, and a page that forgets."""

import time

import pytest

from tests.dialogue.conftest import Woman

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
SOON = 60


def test_deleting_takes_a_warning_and_two_taps(woman: Woman) -> None:
    woman.say("我跟你说个事")
    assert "证据" in woman.say("删除我的记录")
    assert woman.choices == ["先给我一份记录", "我想好了，要删", "不删了"]
    told = woman.press("我想好了")
    assert "操作记录" in told
    assert "恢复不了" in told
    assert "按您的意思删" in woman.press("全部删除")
    until_gone(woman)


def test_she_can_leave_it(woman: Woman) -> None:
    woman.say("把我说的都删了")
    woman.press("我想好了")
    assert "都还在" in woman.press("不删了")
    assert woman.say("你好")


@pytest.mark.parametrize("words", ["把我的记录给我", "我想要一份我的聊天记录", "给我一份我的记录"])
def test_her_copy_is_a_link_that_works_once_and_only_for_her(woman: Woman, words: str) -> None:
    woman.say("我家里的事只说给你听")
    woman.say(words)
    page, data = (link["url"] for message in woman.last["messages"] for link in message["links"])
    hers = {"Authorization": f"Bearer {woman.conversation}"}
    assert woman.client.get(page).status_code == 401
    assert woman.client.get(page, headers={"Authorization": "Bearer somebody else"}).status_code == 404
    got = woman.client.get(page, headers=hers)
    assert "我家里的事只说给你听" in got.text
    assert got.headers["content-disposition"] == 'attachment; filename="notes.html"'
    assert woman.client.get(page, headers=hers).status_code == 404
    assert woman.client.get(data, headers=hers).json()["lines"][0]["text"] == "我家里的事只说给你听"


def test_an_open_case_keeps_the_record_and_says_so(woman: Woman) -> None:
    woman.say("转人工")
    if "边等边问助手" in woman.choices:
        woman.press("边等边问助手")
    woman.say("删除我的记录")
    woman.press("我想好了")
    assert "工作人员正在办" in woman.press("全部删除")
    assert "都还在" in woman.press("不删了")


def test_asking_who_sees_it_tells_how_to_get_and_delete_it(woman: Woman) -> None:
    assert "删除我的记录" in woman.say("你们保密吗，我写的谁能看到")


def until_gone(woman: Woman) -> None:
    """The job runs some seconds after her answer."""
    hers = {"Authorization": f"Bearer {woman.conversation}"}
    deadline = time.monotonic() + SOON
    while woman.client.get("/chat/api/messages", headers=hers).status_code != 404:
        assert time.monotonic() < deadline
        time.sleep(0.5)
