"""Signing up tap by tap with the real services, and every change of it; a question in between is answered."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.conversations
import actions.directory
import actions.knowledge
import actions.volunteers
from actions.conversations import ActionTakeAnswer
from actions.directory import ActionFindPlace
from actions.volunteers import ActionJoinVolunteers, ActionManageVolunteering
from bot.domain.accounts import Role
from bot.domain.volunteers import VolunteerStatus
from bot.language.places import Gazetteer
from bot.services.knowledge import Knowledge
from bot.services.volunteer_calls import CallForm
from bot.services.volunteer_skills import load_skills
from bot.services.volunteers import Volunteers
from bot.settings import ROOT
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.volunteers import Volunteer, VolunteerMatch
from tests.conftest import Clock
from tests.integration.casework import DISTRICT, DIVISIONS, TOWN
from tests.integration.forgetting import World

ACTIONS = {
    "join_volunteers": ActionJoinVolunteers,
    "manage_volunteering": ActionManageVolunteering,
    "share_location": ActionFindPlace,
}
RESPONSES = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
MOST_CHOICES = 6


@dataclass
class Talk:
    """She says or presses something; what she reads is put together as Rasa does it."""

    world: World
    volunteers: Volunteers
    conversation: str
    slots: dict[str, Any] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)

    async def say(self, text: str, intent: str = "join_volunteers", **more: Any) -> str:
        action = ACTIONS.get(intent, ActionTakeAnswer)
        message = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": [], **more}
        return await self._run(action, message)

    async def press(self, title: str) -> str:
        payload = next(one["payload"] for one in self.buttons if title in one["title"])
        found = re.fullmatch(r"/(\w+)(\{.*\})?", payload)
        assert found, payload
        entities = [
            {"entity": name, "value": value, "extractor": "choice"}
            for name, value in json.loads(found[2] or "{}").items()
        ]
        message = {"text": payload, "intent": {"name": found[1], "confidence": 1.0}, "entities": entities}
        return await self._run(ACTIONS[found[1]], message)

    async def _run(self, action: type, message: dict[str, Any]) -> str:
        dispatcher = CollectingDispatcher()
        tracker = Tracker(self.conversation, self.slots, message, [], False, None, {}, "action_listen")
        for event in await action().run(dispatcher, tracker, {}):
            self.slots[event["name"]] = event["value"]
        self.buttons = [button for told in dispatcher.messages for button in told["buttons"]]
        assert len(self.buttons) <= MOST_CHOICES
        return "\n".join(told["text"] or words(told) for told in dispatcher.messages)

    @property
    def titles(self) -> list[str]:
        return [button["title"] for button in self.buttons]

    async def sign_up(self) -> str:
        await self.say("我想当志愿者")
        await self.press("巾帼志愿者")
        await self.press("陪伴聊天")
        await self.press("选好了")
        await self.press("北河区")
        return await self.press("就这样报名")


def words(told: dict[str, Any]) -> str:
    """A response with everything that its words name; a name that is missing fails."""
    text = RESPONSES[told["response"]][0]["text"]
    return str(re.sub(r"\{(\w+)\}", lambda name: str(told[name[1]]), text))


@pytest.fixture
async def talk(
    database: Database, keyring: Keyring, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Talk]:
    world = World(database, keyring, clock)
    gazetteer = Gazetteer(DIVISIONS, {}, (), (), ())
    volunteers = Volunteers(
        database, keyring, gazetteer, load_skills(), world.audit, clock=clock, zone="Asia/Shanghai"
    )  # fmt: skip
    services = SimpleNamespace(
        volunteers=volunteers, gazetteer=gazetteer, knowledge=Knowledge.load(ROOT / "data" / "knowledge"),
        settings=SimpleNamespace(timezone="Asia/Shanghai"), office=world.work.office,
    )  # fmt: skip
    for module in (actions.volunteers, actions.knowledge, actions.conversations, actions.directory):
        monkeypatch.setattr(module, "services", lambda: services)
    await world.work.say("你好")
    yield Talk(world, volunteers, (await world.work.rows(Conversation))[0].public_id)
    await world.close()


async def row(talk: Talk) -> Volunteer:
    return (await talk.world.work.rows(Volunteer))[0]


async def test_a_few_taps_and_she_is_signed_up_and_knows_how_to_leave(talk: Talk) -> None:
    assert "哪一种" in await talk.say("我想当志愿者")
    assert "会什么" in await talk.press("巾帼志愿者")
    assert "选了：陪伴聊天" in await talk.press("陪伴聊天")
    await talk.press("看别的特长")
    assert "选了：陪伴聊天、健康护理" in await talk.press("健康护理")
    assert "✓ 健康护理" in talk.titles
    assert "选了：陪伴聊天" in await talk.press("健康护理")
    assert "哪一带" in await talk.press("选好了")
    assert "还没选" in await talk.press("北河区")
    assert "现在选的：周末白天" in await talk.press("周末白天")
    told = await talk.press("就这样报名")
    for words in ("报好了", "北河区", "周末白天", "退出", "我的电话是"):
        assert words in told, words
    assert (await row(talk)).area == DISTRICT


async def test_nothing_is_kept_before_the_last_tap(talk: Talk) -> None:
    await talk.say("我想当志愿者")
    await talk.press("女科技专家")
    await talk.press("种植")
    await talk.press("✓ 种植")
    assert "什么都没有记下" in await talk.press("不报了")
    assert await talk.world.work.rows(Volunteer) == []


async def test_her_words_spare_her_questions(talk: Talk) -> None:
    assert "选了：创业辅导、财务贷款" in await talk.say("我是会计，想当创业导师，在柳林街道")
    await talk.press("选好了")
    assert "就在北河区柳林街道" in talk.titles


async def test_a_place_in_her_own_words_answers_where(talk: Talk) -> None:
    await talk.say("我想当志愿者")
    await talk.press("巾帼志愿者")
    await talk.press("陪伴聊天")
    await talk.press("选好了")
    assert "没听出是哪里" in await talk.say("", "share_location")
    assert "什么时候有空" in await talk.say("柳林第一社区居委会", "inform")
    await talk.press("时间不固定")
    assert (await row(talk)).area == TOWN


@pytest.mark.parametrize(
    ("text", "answer", "told"),
    [
        ("志愿者要什么条件", "volunteer_rules", "能替人保密"),
        ("想捐衣服给困难姐妹", "volunteer_donate", "不收款"),
        ("我是律师想义务帮忙", "volunteer_skill", "看证件"),
    ],
)
async def test_a_question_is_answered_and_the_sign_up_offered_beside(
    talk: Talk, text: str, answer: str, told: str
) -> None:
    assert told in await talk.say(text, answers=[{"id": answer, "score": 0.9}])
    assert ("报名当志愿者" in talk.titles) is (answer != "volunteer_donate")


async def test_in_the_middle_she_may_ask_what_is_needed(talk: Talk) -> None:
    await talk.say("我想当志愿者")
    assert "能替人保密" in await talk.press("先问问有什么条件")
    assert "哪一种" in await talk.press("报名当志愿者")


async def test_a_telephone_is_kept_only_after_she_signed_up_and_can_be_taken_back(talk: Talk) -> None:
    assert "电话记下了" not in await talk.say("我的电话是13800001234", "inform")
    await talk.sign_up()
    assert "电话记下了" in await talk.say("我的电话是13800001234", "inform")
    assert (await row(talk)).sealed_contact is not None
    assert "删掉了" in await talk.press("删掉电话")
    assert (await row(talk)).sealed_contact is None


async def test_who_signed_up_before_sees_how_hers_stands_instead(talk: Talk) -> None:
    await talk.sign_up()
    assert "还没审核" in await talk.say("我想当志愿者")
    assert talk.titles == ["改一改", "退出"]


async def test_she_changes_pauses_and_leaves(talk: Talk) -> None:
    await talk.sign_up()
    officer = await talk.world.work.hire("张敏", DISTRICT, Role.OFFICER, there=False)
    await talk.volunteers.desk.accept((await row(talk)).public_id, officer)
    await talk.say("我的志愿服务", "manage_volunteering")
    await talk.press("改一改")
    await talk.press("看别的特长")
    await talk.press("手工手艺")
    await talk.press("选好了")
    await talk.press("就在北河区")
    told = await talk.press("就这样报名")
    assert "改好了" in told
    assert "我的电话是" not in told
    await talk.say("我的志愿服务", "manage_volunteering")
    assert "先停下" in await talk.press("停一停")
    assert "恢复了" in await talk.press("恢复")
    assert "真要退出吗" in await talk.say("我不想当志愿者了", "manage_volunteering")
    assert "退出了" in await talk.press("退出")
    assert (await row(talk)).status is VolunteerStatus.LEFT
    assert "还没有报过" in await talk.say("我服务了多少小时", "manage_volunteering")


async def test_a_call_is_answered_changed_and_its_hours_told(talk: Talk) -> None:
    await talk.sign_up()
    officer = await talk.world.work.hire("张敏", DISTRICT, Role.OFFICER, there=False)
    volunteer = (await row(talk)).public_id
    await talk.volunteers.desk.accept(volunteer, officer)
    call = await talk.volunteers.calls.make(officer, CallForm(TOWN, "陪独居老人说说话", ("company",)))
    await talk.volunteers.calls.ask(call, [volunteer], officer)
    assert "陪独居老人说说话，时间再商量" in await talk.say("有什么事派给我", "manage_volunteering")
    assert "算上您了" in await talk.press("去：陪独居老人")
    assert "不算您" in await talk.press("去不了了")
    assert "算上您了" in await talk.press("还是可以")
    match = (await talk.world.work.rows(VolunteerMatch))[0].public_id
    await talk.volunteers.calls.record(match, officer, 150)
    assert "一共服务了 2.5 小时" in await talk.say("我服务了多少小时", "manage_volunteering")
    await talk.volunteers.calls.close(call, officer)
    await talk.say("我的志愿服务", "manage_volunteering")
    talk.buttons = [{"title": "去", "payload": f'/manage_volunteering{{"volunteer":"accept","match":"{match}"}}'}]
    assert "已经结束" in await talk.press("去")


async def test_a_choice_of_something_that_is_gone_is_told_so(talk: Talk) -> None:
    await talk.sign_up()
    talk.buttons = [{"title": "去", "payload": '/manage_volunteering{"volunteer":"accept","match":"nowhere"}'}]
    assert "不在了" in await talk.press("去")
