"""Activities in the talk, tap by tap on a real database, without an engine: what she reads is what `domain.yml` makes of it."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.activities
import actions.directory
import actions.kept_activities
from actions.activities import ActionFindActivity, ActionJoinActivity
from actions.directory import ActionFindPlace
from actions.kept_activities import ActionManageActivity
from bot.domain.activities import ActivityTopic, SignUpStatus
from bot.domain.geography import Point
from bot.language.places import Gazetteer
from bot.services.activity_search import ActivitySearch
from bot.services.sample_directory import PLACES
from bot.services.shared_points import SharedPoints
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.shared_points import SharedPointStore
from tests.conftest import Clock
from tests.integration.inviting import OTHER, TOWN, Inviting, plan

ROOT = Path(__file__).resolve().parents[2]
RESPONSES = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
ACTIONS = {
    "find_activity": ActionFindActivity,
    "join_activity": ActionJoinActivity,
    "manage_activity": ActionManageActivity,
    "inform": ActionFindPlace,
    "share_location": ActionFindPlace,
}


@dataclass
class Woman:
    """Says and presses; keeps the slots that Rasa would keep."""

    conversation: str
    slots: dict[str, Any] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)

    async def say(self, text: str, intent: str, **more: Any) -> str:
        return await self._turn(text, intent, [], more)

    async def press(self, title: str) -> str:
        [payload] = [button["payload"] for button in self.buttons if title in button["title"]]
        found = re.fullmatch(r"/(\w+)(\{.*\})?", payload)
        assert found, payload
        values = json.loads(found[2] or "{}")
        entities = [{"entity": name, "value": value, "extractor": "choice"} for name, value in values.items()]
        return await self._turn(payload, found[1], entities, {})

    @property
    def choices(self) -> list[str]:
        return [button["title"] for button in self.buttons]

    async def _turn(self, text: str, intent: str, entities: list[dict[str, Any]], metadata: dict[str, Any]) -> str:
        message = {"text": text, "intent": {"name": intent, "confidence": 1.0}, "entities": entities,
                   "metadata": metadata}  # fmt: skip
        tracker = Tracker(self.conversation, self.slots, message, [], False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        for event in await ACTIONS[intent]().run(dispatcher, tracker, {}):
            self.slots[event["name"]] = event["value"]
        self.buttons = [button for told in dispatcher.messages for button in told["buttons"]]
        return "\n".join(RESPONSES[told["response"]][0]["text"].format(**told) for told in dispatcher.messages)


@dataclass
class Hall:
    """The officers' side and a woman who talks."""

    inviting: Inviting
    woman: Woman
    points: SharedPoints

    async def another(self, name: str) -> Woman:
        return Woman(await self.inviting.woman(name))


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@pytest.fixture
async def hall(
    database: Database, keyring: Keyring, gazetteer: Gazetteer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Hall:
    inviting, points = Inviting(database, keyring, gazetteer, clock), SharedPoints(database, keyring, clock=clock)
    search = ActivitySearch(inviting.activities, gazetteer, points)
    services = SimpleNamespace(activities=inviting.activities, activity_search=search)
    for module in (actions.activities, actions.kept_activities, actions.directory):
        monkeypatch.setattr(module, "services", lambda: services)
    return Hall(inviting, Woman(await inviting.woman()), points)


async def test_she_asks_reads_signs_up_and_undoes_it(hall: Hall) -> None:
    await hall.inviting.announce(title="亲子手工")
    woman = hall.woman
    told = await woman.say("北辰区有亲子活动吗", "find_activity")
    assert "① 11月28日（周六）10:00–12:00 亲子手工（母婴与亲子）" in told
    assert "北辰区附近的活动" in told
    assert "3–6 岁孩子和家长 · 还有 2 个名额" in told
    assert "不用留姓名" in await woman.press("① 看详情、报名")
    assert woman.choices == ["报名，前一天提醒我", "报名，不用给我发消息", "看看别的活动"]
    told = await woman.press("前一天提醒我")
    assert "您是 1 号" in told
    assert "话里不提是什么活动" in told
    assert "已报名 1 号" in await woman.press("看我报的活动")
    assert "取消“亲子手工”" in await woman.press("① 取消")
    assert "取消了" in await woman.press("对，取消")
    assert "没有报名的活动" in await woman.say("我报的活动", "manage_activity")


async def test_at_most_six_choices_and_the_rest_on_the_next_page(hall: Hall) -> None:
    for at in range(5):
        await hall.inviting.announce(f"2026-11-2{5 + at % 5} 10:00", title=f"课{at}")
    told = await hall.woman.say("最近有什么活动", "find_activity")
    assert "想看离您近的" in told
    assert len(hall.woman.choices) == 4
    told = await hall.woman.press("再看几个")
    assert "课3" in told
    assert "课4" in told
    assert "再看几个" not in hall.woman.choices


async def test_a_place_after_the_list_goes_on_with_the_same_wish(hall: Hall) -> None:
    await hall.inviting.announce("2026-11-26 10:00", title="远的相亲会", topic=ActivityTopic.DATING, area=OTHER)
    await hall.inviting.announce("2026-11-28 10:00", title="近的相亲会", topic=ActivityTopic.DATING)
    await hall.inviting.announce("2026-11-25 10:00", title="近的课", topic=ActivityTopic.TRAINING)
    assert "① 11月26日" in await hall.woman.say("有相亲会吗", "find_activity")
    told = await hall.woman.say("北辰区集贤里街道", "inform")
    assert "近的相亲会" in told
    assert "近的课" not in told
    assert "远的相亲会" not in told


async def test_a_point_she_sends_goes_on_with_it_and_is_not_kept(hall: Hall) -> None:
    await hall.inviting.announce("2026-11-26 10:00", title="远的", point=Point(39.50, 117.20))
    await hall.inviting.announce("2026-11-28 10:00", title="近的", point=Point(39.1300, 117.2000))
    await hall.woman.say("最近有什么活动", "find_activity")
    async with hall.inviting.database.write() as session:
        store = SharedPointStore(session, hall.inviting.keyring)
        point = await store.put(Point(39.1301, 117.2001), hall.inviting.clock())
    told = await hall.woman.say("[位置]", "share_location", shared_point=point)
    assert "① 11月28日（周六）10:00–12:00 近的" in told
    assert "大约 100 米" in told
    assert "您的位置附近" in told
    assert "place_code" not in {name for name, value in hall.woman.slots.items() if value}


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("北辰区有插花吗", "您说的内容没有"),
        ("北辰区周末有相亲会吗", "这一类"),
        ("和平区有亲子活动吗", "这一带没有"),
    ],
)
async def test_when_nothing_fits_it_is_said_and_the_nearest_other_is_offered(
    hall: Hall, text: str, missing: str
) -> None:
    await hall.inviting.announce("2026-11-26 10:00", title="亲子手工", area=TOWN)
    told = await hall.woman.say(text, "find_activity")
    assert missing in told
    assert "亲子手工" in told
    assert "找最近的妇女之家" in hall.woman.choices


async def test_when_there_is_nothing_at_all_she_hears_what_she_can_do(hall: Hall) -> None:
    told = await hall.woman.say("有什么活动", "find_activity")
    assert "12338" in told
    assert hall.woman.choices == ["找最近的妇女之家"]


async def test_a_place_outside_is_said(hall: Hall) -> None:
    assert "不在我能查的范围" in await hall.woman.say("石家庄有活动吗", "find_activity")


async def test_one_that_she_names_is_shown_at_once_and_a_number_means_the_list(hall: Hall) -> None:
    await hall.inviting.announce("2026-11-26 10:00", title="插花", description="学插花")
    await hall.inviting.announce("2026-11-28 10:00", title="合唱")
    assert "插花（母婴与亲子）" in await hall.woman.say("给我报插花", "join_activity")
    assert hall.woman.choices[0] == "报名，前一天提醒我"
    await hall.woman.say("最近有什么活动", "find_activity")
    assert "合唱（母婴与亲子）" in await hall.woman.say("第二个我想去", "join_activity")


async def test_words_that_name_none_lead_to_the_list(hall: Hall) -> None:
    await hall.inviting.announce("2026-11-26 10:00", title="插花")
    await hall.inviting.announce("2026-11-28 10:00", title="合唱")
    assert "② " in await hall.woman.say("我要报名", "join_activity")


async def test_a_full_one_offers_the_queue_and_the_queue_moves(hall: Hall) -> None:
    await hall.inviting.announce(title="插花", seats=1)
    first = await hall.another("甲")
    await first.say("给我报插花", "join_activity")
    await first.press("不用给我发消息")
    assert "现在满了" in await hall.woman.say("给我报插花", "join_activity")
    told = await hall.woman.press("候补，排到了告诉我")
    assert "前面还有 0 人" in told
    assert "候补，前面还有 0 人" in await hall.woman.press("看我报的活动")
    await first.say("插花不去了", "join_activity")  # understood as signing up: her words lead to giving up all the same
    await first.press("对，取消")
    assert "已报名 1 号" in await hall.woman.say("候补排到我没有", "manage_activity")
    assert "排到了" in (await hall.inviting.told(hall.woman.conversation))[0]


async def test_the_last_seat_gone_while_she_read_is_said_with_the_queue(hall: Hall) -> None:
    activity = await hall.inviting.announce(title="插花", seats=1)
    await hall.woman.say("给我报插花", "join_activity")
    await hall.inviting.activities.sign_up(await hall.inviting.woman("别人"), activity)
    assert "现在满了" in await hall.woman.press("不用给我发消息")
    assert "候补，排到了告诉我" in hall.woman.choices


async def test_she_signs_in_with_six_digits_and_says_how_it_was(hall: Hall) -> None:
    activity = await hall.inviting.announce(title="插花")
    await hall.woman.say("给我报插花", "join_activity")
    await hall.woman.press("不用给我发消息")
    hall.inviting.at("2026-11-28 09:50")
    code = await hall.inviting.code(activity)
    assert "签到成功，您是 1 号" in await hall.woman.say(f"签到 {code}", "manage_activity")
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert "看看现场的六位数字" in await hall.woman.say(f"签到 {wrong}", "manage_activity")
    hall.inviting.at("2026-11-28 14:00")
    await hall.woman.say("我报的活动", "manage_activity")
    await hall.woman.press("① 评价")
    assert "5 分，记下了" in await hall.woman.press("5 分")
    assert "记下了" in await hall.woman.say("评价：讲得细，我姓李", "manage_activity")
    [row] = await hall.inviting.sign_ups()
    assert (row.status, row.rating) == (SignUpStatus.ATTENDED, 5)


async def test_rating_what_she_was_not_at_is_refused_in_words(hall: Hall) -> None:
    assert "没有找到您参加过" in await hall.woman.say("给那课打 4 分", "manage_activity")


async def test_the_reminder_is_turned_off_and_on_with_a_tap(hall: Hall) -> None:
    await hall.inviting.announce(title="插花")
    await hall.woman.say("给我报插花", "join_activity")
    await hall.woman.press("前一天提醒我")
    await hall.woman.press("看我报的活动")
    assert "不主动" in await hall.woman.press("不用提醒我")
    [row] = await hall.inviting.sign_ups()
    assert (row.remind, row.remind_at) == (False, None)
    await hall.woman.press("看我报的活动")
    assert "话里不提" in await hall.woman.press("前一天提醒我")


async def test_a_tap_on_what_was_cancelled_meanwhile_says_so(hall: Hall) -> None:
    activity = await hall.inviting.announce(title="插花")
    await hall.woman.say("最近有什么活动", "find_activity")
    await hall.inviting.desk.cancel(activity, hall.inviting.officer(), "下雪")
    assert "取消了" in await hall.woman.press("① 看详情")
    assert hall.woman.choices == ["看看别的活动"]


async def test_sample_data_is_called_so_wherever_it_is_read(hall: Hall) -> None:

    [made] = await hall.inviting.desk.create_all([plan(title="插花")], hall.inviting.officer(""), synthetic=True)
    await hall.inviting.desk.publish(made, hall.inviting.officer(""))
    told = await hall.woman.say("最近有什么活动", "find_activity")
    assert "· 示例" in told
    assert "请勿前往" in told
    assert "示例，请勿前往" in await hall.woman.press("① 看详情")
