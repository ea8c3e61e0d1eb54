"""The reading page as reviewers get it: masked, escaped, in her branch, and every act a plain form."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select, update

from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.language.places import Gazetteer
from bot.storage.cases import Case
from bot.storage.conversations import Conversation, InboundMessage
from bot.storage.database import Database
from bot.storage.review_entries import ReviewEntry
from bot.storage.reviews import Correction, DialogueTest, Reviewed, ReviewMark
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.console.conftest import Office, office_over, words
from tests.integration.conftest import FakeEngine, Talk, talk_over

SAYS = "我叫王小花<b onclick=x>，电话13800000000，想离婚，在南开区"


@dataclass
class Desk:
    """A reviewer signed in, and a conversation to read."""

    office: Office
    talk: Talk
    name: str = ""
    message: str = ""

    @property
    def path(self) -> str:
        return f"/console/review/{self.name}"

    async def rows(self, table: type) -> list:
        async with self.office.made.database.read() as session:
            return list(await session.scalars(select(table).order_by(table.id)))

    async def say(self, text: str, sender: str = "她") -> None:
        self.office.made.clock.pass_by(seconds=20)
        await self.talk.say(text, message_id=f"{len(await self.rows(InboundMessage))}", sender=sender)

    async def judge(self, **fields: str):
        said = {"message": self.message, "intent": "chitchat", "risk": "none"} | fields
        return await self.office.post(f"{self.path}/judge", **said)


@pytest.fixture
async def desk(database: Database, keyring: Keyring, clock: Clock, gazetteer: Gazetteer) -> AsyncIterator[Desk]:
    async with office_over(database, keyring, clock, gazetteer) as office:
        talk = talk_over(database, keyring, clock, engine=FakeEngine(intent="chitchat"))
        made = Desk(office, talk)
        await made.say(SAYS)
        [conversation] = await made.rows(Conversation)
        [message] = await made.rows(InboundMessage)
        made.name, made.message = conversation.public_id, message.public_id
        await office.enter(Role.REVIEWER)
        yield made
        await talk.conversations.finish_running()


async def test_the_page_is_masked_escaped_and_says_what_was_understood(desk: Desk) -> None:
    page = await desk.office.page(desk.path)
    assert "王小花" not in page
    assert "13800000000" not in page
    assert "<b onclick" not in page
    assert "［电话］" in page
    assert "理解为 闲聊 0.90" in words(page)
    assert "看原文" not in page


async def test_no_script_and_no_style_stands_in_the_page_itself(desk: Desk) -> None:
    page = re.sub(r'"[^"]*"', '""', await desk.office.page(desk.path))
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|<[^>]*\s(?:style|on\w+)=", page)


async def test_a_judgement_by_plain_form_is_kept_and_shown(desk: Desk) -> None:
    response = await desk.judge(
        intent_other="ask_divorce", risk="watch", topic="marriage", entity_words="南开区", entity_name="place"
    )
    assert response.headers["location"].endswith(f"#m-{desk.message}")
    page = words(await desk.office.follow(response))
    assert "意图 问离婚 ，风险 留意 ，主题 婚姻财产 ，实体 南开区（地点）" in page
    [row] = await desk.rows(Correction)
    assert (row.intent, row.changes) == ("ask_divorce", True)


async def test_the_script_gets_the_same_as_values(desk: Desk) -> None:
    token = {"accept": "application/json"}
    desk.office.client.headers.update(token)
    good, bad = await desk.judge(), await desk.judge(intent="password")
    desk.office.client.headers.pop("accept")
    assert good.json()["own"][0] == ["意图", "闲聊"]
    assert (bad.status_code, bad.json()["error"]) == (400, "请从列表里选一个意图；要新意图，就不要再选旧的。")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"intent": "new", "wish": ""}, "新意图是关于什么"),  # a wish without words
        ({"entity_words": "和平区", "entity_name": "place"}, "没有“和平区”"),  # words that do not stand there
        ({"entity": "x-y-place"}, "请重新标"),  # no page wrote that
    ],
)
async def test_what_cannot_be_kept_is_said_on_the_page(desk: Desk, fields: dict[str, str], told: str) -> None:
    response = await desk.judge(**fields)
    assert response.status_code == 400
    assert told in response.text
    assert await desk.rows(Correction) == []


async def test_another_reviewers_judgement_waits_for_ones_own(desk: Desk) -> None:
    await desk.judge(intent_other="ask_divorce")
    await desk.office.enter(Role.REVIEWER)
    page = words(await desk.office.page(desk.path))
    assert "还有 1 位判过" in page
    assert "reviewer1女士：意图" not in page
    await desk.judge(intent="chitchat")
    assert "reviewer1女士：意图 问离婚" in words(await desk.office.page(desk.path))


async def test_disagreement_is_decided_on_its_page(desk: Desk) -> None:
    await desk.judge(intent_other="ask_divorce")
    await desk.office.enter(Role.REVIEWER)
    await desk.judge(intent="chitchat")
    page = await desk.office.page("/console/review/agreement")
    assert "说法不一" in page
    assert "王小花" not in page
    correction = next(row for row in await desk.rows(Correction) if row.intent == "ask_divorce").public_id
    response = await desk.office.post(f"{desk.path}/decide", message=desk.message, correction=correction, accept="1")
    assert "没有等着定的" in await desk.office.follow(response)
    assert sorted(row.state.value for row in await desk.rows(Correction)) == ["accepted", "rejected"]


async def test_marks_are_put_and_taken(desk: Desk) -> None:
    for kind, text in (("flag", ""), ("tag", "彩礼"), ("note", "电话13800000000再看")):
        await desk.office.post(
            f"{desk.path}/mark", kind=kind, words=text, message=desk.message if kind == "flag" else ""
        )
    page = await desk.office.page(desk.path)
    assert "#彩礼" in page
    assert "13800000000" not in page
    flag = next(row for row in await desk.rows(ReviewMark) if row.kind == "flag")
    assert flag.inbound_id is not None
    await desk.office.post(f"{desk.path}/unmark", mark=flag.public_id, message=desk.message)
    assert sorted(row.kind.value for row in await desk.rows(ReviewMark)) == ["note", "tag"]


async def test_through_with_one_she_is_at_the_next_of_her_list(desk: Desk) -> None:
    first = desk.name
    for sender in ("甲", "乙"):
        await desk.say("想问抚养费", sender)
    names = [row.public_id for row in await desk.rows(Conversation)]
    response = await desk.office.post(f"/console/review/{names[2]}/reviewed?channel=web", done="1", next="1")
    landed = await desk.office.client.get(response.headers["location"])
    assert landed.headers["location"] == f"/console/review/{names[1]}?channel=web"
    assert len(await desk.rows(Reviewed)) == 1
    last = await desk.office.client.get(f"/console/review/next?after={first}&channel=web")
    assert last.headers["location"] == "/console/review?channel=web&said=end"


async def test_a_case_is_opened_and_a_test_kept(desk: Desk) -> None:
    assert "她不会收到通知" in await desk.office.follow(await desk.office.post(f"{desk.path}/case", why="没听出来"))
    assert [row.reason.value for row in await desk.rows(Case)] == ["review"]
    assert "存成了对话测试" in await desk.office.follow(await desk.office.post(f"{desk.path}/keep", name="离婚"))
    [kept] = await desk.rows(DialogueTest)
    assert "王小花" not in kept.steps


async def test_a_talk_of_another_branch_is_not_there_and_the_try_is_logged(desk: Desk) -> None:
    await desk.office.enter(Role.REVIEWER, "120113")
    async with desk.office.made.database.write() as session:
        await session.execute(update(ReviewEntry).values(area="120104"))
    before = len(await desk.office.acts(Act.ACCESS_DENIED))
    assert (await desk.office.client.get(desk.path)).status_code == 404
    assert (await desk.judge()).status_code == 404
    assert (await desk.office.client.get("/console/review/nowhere")).status_code == 404
    denied = (await desk.office.acts(Act.ACCESS_DENIED))[before:]
    assert [(deed.object_kind, deed.object_id) for deed in denied] == [("conversation", desk.name)] * 2


async def test_nobody_else_reads_and_no_reviewer_opens_the_original(desk: Desk) -> None:
    response = await desk.office.post(f"{desk.path}/original", message=desk.message, reason="核对她住哪里")
    assert response.status_code == 404
    assert "王小花" not in response.text
    assert await desk.office.acts(Act.SEALED_OPENED) == []
    await desk.office.enter(Role.SUPERVISOR)
    assert (await desk.office.client.get(desk.path)).status_code == 404
