"""The page of one case: who has her, the conversation as she sees it, whether words can reach her, and nothing of others."""

import re

import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.domain.cases import CaseOutcome
from bot.services.cases import NewCase
from bot.services.late_answers import DeliveryRefused
from bot.storage.wechat import AFTER_MESSAGE, WeChatStore
from tests.console.caseroom import CaseRoom, part, words
from tests.integration.casework import HERE, NOW, OTHER_TOWN, Casework


async def open_window(work: Casework, sender: str, spent: int = 0) -> None:
    """WeChat's own count of what may still be sent, as its channel keeps it."""
    async with work.database.write() as session:
        store = WeChatStore(session, work.keyring)
        await store.open_window(sender, AFTER_MESSAGE, work.clock())
        for _ in range(spent):
            await store.spend(sender, work.clock())


async def test_the_head_says_who_has_her_and_what_she_needs(room: CaseRoom) -> None:
    desk, path = await room.asked()
    head = words(part(await desk.page(path), "head"))
    for said in (
        "橙",
        "已提醒",
        "排队，等人接",
        "正在请 您",
        "10:15",
        "北河区 柳林街道 柳林第一社区居委会",
        "她要找人",
    ):
        assert said in head, (said, head)
    await desk.post(f"{path}/take")
    head = words(part(await desk.page(path), "head"))
    assert "谁在跟她说话 工作人员" in head
    assert "谁负责 您" in head
    other = await room.desk("李红")
    assert "谁负责 张敏" in words(part(await other.page(path), "head"))


async def test_what_she_wishes_is_told_plainly(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await room.work.say("别给我打电话，他会看我手机")
    page = words(await desk.page(path))
    assert "不要给她打电话" in page
    assert page.count("她说现在给她发消息不安全") == 2  # in the head, and at the box in which it matters


async def test_the_conversation_is_masked_and_each_line_tells_whether_it_arrived(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await room.work.say("我叫王秀兰，电话13812345678")
    talk = part(await desk.page(path), "talk")
    assert "13812345678" not in talk
    assert "王秀兰" not in talk
    assert "转人工" in talk
    assert "没有送到：她没有开着聊天页" in words(talk)
    await room.work.talk.listens("web", "main", "她")
    talk = words(part(await desk.page(path), "talk"))
    assert "已送到" in talk
    assert "没有送到" not in talk


async def test_what_hung_under_a_line_is_shown_too(room: CaseRoom) -> None:
    desk, path = await room.asked()
    assert "不等了" in words(part(await desk.page(path), "talk"))


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "她的聊天页开着"),
        (2, "她的聊天页没开着 （上次 10:00）"),  # two of its signs are missing
    ],
)
async def test_whether_her_page_is_open_stands_over_the_box(room: CaseRoom, minutes: int, said: str) -> None:
    desk, path = await room.taken()
    await room.work.talk.listens("web", "main", "她")
    room.work.clock.pass_by(minutes=minutes)
    assert said in words(part(await desk.page(path), "reach"))


async def test_the_chat_page_tells_that_it_is_open(room: CaseRoom) -> None:
    desk, path = await room.desk("张敏"), "/chat/api"
    answer = await desk.client.post(
        f"{path}/messages",
        json={"conversation": None, "message_id": "0b8c0f36-7d6c-4ad8-8f1d-7d6f8a5f0001", "text": HERE},
    )
    token = answer.json()["conversation"]
    case = (await room.work.case()).public_id
    assert not (await room.work.office.room.reach(case, desk.officer)).listening
    headers = {"Authorization": f"Bearer {token}"}
    async with desk.client.stream("GET", f"{path}/events", headers=headers) as stream:
        async for _ in stream.aiter_lines():
            if (await room.work.office.room.reach(case, desk.officer)).listening:
                break
        reach = await room.work.office.room.reach(case, desk.officer)
    assert (reach.channel, reach.listening, reach.seen_at) == ("web", True, room.work.clock())


async def test_the_messages_left_on_wechat_and_their_end(room: CaseRoom) -> None:
    desk, path = await room.asked(channel="wechat", sender="openid")
    await open_window(room.work, "openid", spent=2)
    reach = words(part(await desk.page(path), "reach"))
    assert "微信还能发 3 条，到 11月26日（周四）10:00" in reach
    await open_window(room.work, "somebody else")
    assert "还能发 3 条" in words(part(await desk.page(path), "reach"))


@pytest.mark.parametrize(
    ("spent", "hours", "why"),
    [
        (5, 0, "能发的条数用完了"),
        (0, 49, "超过 48 小时没写来"),
    ],
)
async def test_when_nothing_reaches_her_on_wechat_it_is_said_before_and_after(
    room: CaseRoom, spent: int, hours: int, why: str
) -> None:
    desk, path = await room.taken(channel="wechat", sender="openid")
    await open_window(room.work, "openid", spent)
    room.work.clock.pass_by(hours=hours)
    reach = words(part(await desk.page(path), "reach"))
    assert "现在送不到她的微信" in reach
    assert why in reach
    room.work.wechat.refusal = DeliveryRefused("45047", retry=False)
    page = await desk.follow(await desk.post(f"{path}/reply", text="您好", key="1"))
    assert "已经存好，她下次写来时一起送到" in words(page)
    while await room.work.late.deliver_due():
        pass
    page = await desk.page(path)
    assert "没有送到：微信：她再写来以前" in words(part(page, "talk"))
    assert "已存 " in words(part(page, "reach"))
    answer = await room.work.say("我来了", channel="wechat", sender="openid")
    assert "您好" in [message.reply.text for message in answer.messages]


async def test_who_came_in_person_has_no_box(room: CaseRoom) -> None:
    desk = await room.desk("张敏")
    case = await room.work.office.cases.open_by_officer(desk.officer, NewCase("她来过"))
    page = await desk.page(f"/console/cases/{case}")
    assert "请打电话或当面联系" in words(page)
    assert 'id="reply-form"' not in page


async def test_buttons_are_those_that_make_sense(room: CaseRoom) -> None:
    desk, path = await room.asked()
    other, boss = await room.desk("李红"), await room.desk("赵主管", Role.SUPERVISOR)

    async def offered(who: object) -> set[str]:
        page = await who.page(path)  # type: ignore[attr-defined]
        return set(re.findall(rf'action="{path}/([a-z-]+)"', page)) - {"note", "correct", "open", "refer"}

    assert await offered(desk) == {"take", "decline", "reply"}
    assert await offered(other) == {"take", "reply"}
    await desk.post(f"{path}/take")
    mine = {"reply", "transfer", "level", "release", "give-back", "close"}
    assert await offered(desk) == mine
    assert await offered(other) == set()
    assert await offered(boss) == mine - {"reply"}
    await desk.post(f"{path}/give-back")
    assert await offered(desk) == mine - {"give-back"}
    await desk.post(f"{path}/close", outcome="advised")
    assert await offered(desk) == {"reopen"}


async def test_colleagues_are_those_who_are_there_in_reach_and_not_ruled_out(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await room.desk("李红", area="120113001")
    await room.desk("远处", area="120114")
    await room.desk("不在", there=False)
    await room.desk("孙玉", area="120113001001")
    await room.work.say("别让社区的人知道")
    names = re.findall(r'<option value="[^"]+">([^<（]+)（北河', part(await desk.page(path), "acts"))
    assert names == ["李红"]


async def test_earlier_cases_and_the_history_are_on_the_page(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await desk.post(f"{path}/close", outcome="resolved")
    room.work.clock.pass_by(days=3)
    await room.work.office.rota.come_on_duty(desk.officer)
    await room.work.say("转人工")
    [old, new] = await room.work.office.reading.page(desk.officer)
    new, old = sorted((old, new), key=lambda one: one.opened_at, reverse=True)
    page = await desk.page(f"/console/cases/{new.id}")
    assert f'href="/console/cases/{old.id}"' in page
    history = words(await desk.page(path))
    assert "张敏 接单" in history
    assert "结案" in history


async def test_out_of_scope_there_is_no_such_case_and_the_log_says_who_asked(room: CaseRoom) -> None:
    _, path = await room.taken()
    stranger = await room.desk("别处", area=OTHER_TOWN)
    case = path.rsplit("/", 1)[1]
    for read in ("", "/parts", "/mark", "/events"):
        assert "转人工" not in await stranger.page(path + read, 404)
    denied = await room.acts(Act.ACCESS_DENIED)
    assert {(deed.actor, deed.object_kind, deed.object_id) for deed in denied} == {(stranger.officer.id, "case", case)}
    assert len(denied) == 4
    assert words(await stranger.page(path, 404)) == words(await stranger.page("/console/cases/nowhere", 404))
    assert len(await room.acts(Act.ACCESS_DENIED)) == 5  # what is not there at all is nobody's secret


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.ADMIN])
async def test_other_roles_find_no_cases(room: CaseRoom, role: Role) -> None:
    _, path = await room.taken()
    desk = await room.desk("旁人", role, "", there=False)
    for read in ("", "/parts", "/mark", "/events"):
        await desk.page(path + read, 404)


async def test_words_of_hers_cannot_become_part_of_the_page(room: CaseRoom) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>"
    desk = await room.desk("<b>张</b>")
    await room.work.say(HERE)
    path = f"/console/cases/{(await room.work.case()).public_id}"
    await desk.post(f"{path}/take")
    await room.work.say(f"{evil} 我住柳林")
    await desk.post(f"{path}/reply", text=evil, key="1")
    await desk.post(f"{path}/note", note=evil)
    await desk.post(f"{path}/correct", level="red", topic="work", need=evil, place=evil, wishes=evil, may_call="no",
                    safe_to_write="no")  # fmt: skip
    for read in (path, f"{path}/parts"):
        page = await desk.page(read)
        assert page.count("alert(1)") >= 3
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<b>张</b>" not in page
    response = await desk.post(f"{path}/open", reason=f"核对{evil}")
    assert "alert(1)" in response.text
    assert "<script>alert" not in response.text
    response = await desk.post(f"{path}/reply", text=evil * 60, key="2")
    assert response.status_code == 413
    assert "<script>alert" not in response.text


async def test_a_usual_answer_comes_into_the_box_without_a_script(room: CaseRoom) -> None:
    desk, path = await room.taken()
    page = await desk.page(f"{path}?canned=ask_safe")
    assert "先问您一句：现在给您发消息方便吗" in part(page, "reply").split("<textarea")[1]
    assert "先问您一句" not in part(await desk.page(f"{path}?canned=nothing"), "reply").split("<textarea")[1]


async def test_the_mark_changes_with_everything_the_page_shows_and_tells_nothing(room: CaseRoom) -> None:
    desk, path = await room.asked()
    work, case = room.work, path.rsplit("/", 1)[1]
    marks = [await desk.page(f"{path}/mark")]

    async def changed() -> bool:
        marks.append(await desk.page(f"{path}/mark"))
        return marks[-1] != marks[-2]

    assert not await changed()
    for act in (
        lambda: desk.post(f"{path}/take"),
        lambda: work.say("在吗"),
        lambda: desk.post(f"{path}/reply", text="在", key="1"),
        lambda: work.talk.listens("web", "main", "她"),
        lambda: desk.post(f"{path}/note", note="记一笔"),
        lambda: desk.post(f"{path}/correct", level="red", topic="work", may_call="no", safe_to_write="no"),
        lambda: work.office.handover.close(case, desk.officer, CaseOutcome.ADVISED),
    ):
        await act()
        assert await changed(), marks
    assert all(re.fullmatch(r"[0-9a-f]{24}", mark) for mark in marks)


async def events(desk: object, path: str, until: str) -> list[str]:
    """What the stream says up to an event, its name included."""
    heard: list[str] = []
    async with desk.client.stream("GET", path) as stream:  # type: ignore[attr-defined]
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        async for line in stream.aiter_lines():
            heard.append(line)
            if line == f"event: {until}":
                break
    return heard


async def test_the_stream_says_that_something_is_new_and_no_word_of_it(room: CaseRoom) -> None:
    desk, path = await room.taken()
    mark = await desk.page(f"{path}/mark")
    await room.work.say("有人在吗，救救我")
    heard = await events(desk, f"{path}/events?mark={mark}", "new")
    assert "救" not in "".join(heard)
    assert f"id: {await desk.page(f'{path}/mark')}" in heard
    page = await desk.page(f"{path}/parts")
    assert "有人在吗" in page
    assert "<textarea" not in page  # nothing that she may be writing into


async def test_the_stream_ends_with_the_session(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await room.staffed.staff.disable(desk.officer.id)
    response = await desk.client.get(f"{path}/events")
    assert (response.status_code, response.headers["location"]) == (303, "/console/enter")


async def test_who_is_not_on_duty_is_told_that_the_case_will_move_on(room: CaseRoom) -> None:
    desk, path = await room.taken()
    assert "您现在不在岗" not in words(await desk.page(path))
    await room.work.office.rota.go_off_duty(desk.officer)
    assert "您现在不在岗" in words(await desk.page(path))


async def test_danger_is_seen_at_the_line(room: CaseRoom) -> None:
    desk, path = await room.taken()
    await room.work.say(NOW)
    assert "眼下有危险" in words(part(await desk.page(path), "talk"))
    assert "风险 眼下有危险：有人伤害她" in words(part(await desk.page(path), "head"))
