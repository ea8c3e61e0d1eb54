"""What she is told about mobile service, tap by tap, without an engine."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.directory
import actions.mobile
from actions.directory import ActionFindPlace
from actions.mobile import ActionFindMobileService
from bot.domain.mobile import UnitKind, kind_in, neighbourhood
from bot.language.places import Gazetteer
from bot.services.mobile import MobileAnswer, Stop, Wish
from bot.services.place_search import Outcome, PlaceRequest
from bot.services.sample_directory import PLACES

TOWN = "120113002000"
NINE = datetime.fromisoformat("2026-11-28T09:00+08:00")


def stop(**more: Any) -> Stop:
    given = {
        "id": "s", "unit": "一号车", "kind": UnitKind.BUS, "offers": "量血压", "place": "甲门口", "starts_at": NINE,
        "ends_at": NINE.replace(hour=11), "distance_m": 1240, "near": True, "approximate": False, "moved": "",
        "synthetic": False,
    }  # fmt: skip
    return Stop(**(given | more))


@dataclass
class Mobile:
    """Answers what a test tells it; remembers what was asked of it."""

    answer: MobileAnswer
    wished: Wish | None = None
    asked: list[PlaceRequest] = field(default_factory=list)
    subscribed: list[str] = field(default_factory=list)
    unsubscribed: int = 0

    async def find(self, conversation: str, request: PlaceRequest) -> MobileAnswer:
        self.asked.append(request)
        return self.answer

    async def wish(self, conversation: str) -> Wish | None:
        return self.wished

    async def subscribe(self, conversation: str, place: str) -> Wish:
        self.subscribed.append(place)
        return Wish(place, NINE)

    async def unsubscribe(self, conversation: str) -> bool:
        self.unsubscribed += 1
        return True


@dataclass
class Services:
    mobile: Mobile
    gazetteer: Gazetteer


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch, gazetteer: Gazetteer) -> Services:
    answer = MobileAnswer(Outcome.FOUND, None, TOWN, "北辰区集贤里街道", (stop(),))
    made = Services(Mobile(answer), gazetteer)
    for module in (actions.mobile, actions.directory):
        monkeypatch.setattr(module, "services", lambda: made)
    return made


async def said(
    text: str = "流动车哪天来", intent: str = "find_mobile_service", action: type = ActionFindMobileService,
    slots: dict[str, Any] | None = None, **chosen: str,
) -> list[dict[str, Any]]:  # fmt: skip
    entities = [{"entity": name, "value": value, "extractor": "choice"} for name, value in chosen.items()]
    message = {"text": text, "intent": {"name": intent, "confidence": 1.0}, "entities": entities}
    tracker = Tracker("hers", slots or {}, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    await action().run(dispatcher, tracker, {})
    return dispatcher.messages


async def test_each_stop_is_a_line_with_its_day_place_and_distance(services: Services) -> None:
    [told] = await said()
    assert told["lines"] == "① 11月28日（周六）09:00–11:00 · 甲门口 · 一号车：量血压 · 1.2 公里"
    assert told["notes"] == ""
    assert told["buttons"] == [
        {
            "title": "附近有了提前一天告诉我",
            "payload": f'/find_mobile_service{{"mobile":"subscribe","place":"{TOWN}"}}',
        }
    ]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"approximate": True}, "大约 1.2 公里"),  # measured from the middle of a place
        ({"distance_m": 300}, "300 米"),
        ({"moved": "改到屋里"}, "（有变动：改到屋里）"),
        ({"synthetic": True}, "示例数据，请勿前往"),
        ({"near": False}, "暂时没有，上面是远一些的"),
    ],
)
async def test_reservations_are_said(services: Services, more: dict[str, Any], words: str) -> None:
    services.mobile.answer = MobileAnswer(Outcome.FOUND, None, TOWN, "集贤里", (stop(**more),))
    [told] = await said()
    assert words in told["lines"] + told["notes"]


async def test_a_distance_that_nobody_knows_is_not_said(services: Services) -> None:
    services.mobile.answer = MobileAnswer(
        Outcome.FOUND, None, TOWN, "集贤里", (stop(distance_m=None, approximate=True),)
    )
    [told] = await said()
    assert "米" not in told["lines"]
    assert "公里" not in told["lines"]
    assert told["notes"] == ""


async def test_a_tap_and_she_is_told_with_the_way_back(services: Services) -> None:
    [told] = await said(mobile="subscribe", place=TOWN)
    assert services.mobile.subscribed == [TOWN]
    assert (told["response"], told["near"], told["until"]) == (
        "utter_mobile_subscribed", "北辰区集贤里街道", "11月28日",
    )  # fmt: skip
    assert "unsubscribe" in told["buttons"][0]["payload"]
    [told] = await said(mobile="unsubscribe")
    assert (services.mobile.unsubscribed, told["response"]) == (1, "utter_mobile_unsubscribed")


async def test_who_is_told_already_is_offered_the_end_of_it(services: Services) -> None:
    services.mobile.answer = MobileAnswer(Outcome.FOUND, None, TOWN, "集贤里", (stop(),), told=True)
    [told] = await said()
    assert "unsubscribe" in told["buttons"][0]["payload"]


async def test_words_without_a_choice_can_end_it_or_wish_for_it(services: Services) -> None:
    [told] = await said("别再告诉我车来的事了")
    assert told["response"] == "utter_mobile_unsubscribed"
    [told] = await said("服务车的通知给我停了吧")
    assert told["response"] == "utter_mobile_unsubscribed"
    assert services.mobile.unsubscribed == 2


async def test_from_a_notice_she_sees_the_place_that_she_is_told_of(services: Services) -> None:
    services.mobile.wished = Wish("120113102000", NINE)
    await said("看看在哪儿", mobile="near")
    assert services.mobile.asked[0].place == "120113102000"


@pytest.mark.parametrize(
    ("intent", "text", "slots", "mobile"),
    [
        ("share_location", "", {"service_kind": "mobile"}, True),  # she was asked where, for the bus
        ("inform", "集贤里街道", {"service_kind": "mobile"}, True),
        ("share_location", "", {"service_kind": "legal"}, False),  # for a lawyer
        ("find_place", "集贤里街道的妇女之家", {"service_kind": "mobile"}, False),  # she asks for something else
        ("inform", "集贤里街道的律师", {"service_kind": "mobile"}, False),  # and here too
        ("need_counselling", "想找人说说", {"service_kind": "mobile", "place_code": TOWN}, False),
    ],
)
async def test_a_bare_place_goes_on_with_what_it_was_asked_for(
    services: Services, intent: str, text: str, slots: dict[str, Any], mobile: bool
) -> None:
    if mobile:
        await said(text, intent, ActionFindPlace, slots)
    else:
        with pytest.raises(AttributeError, match="place_search"):  # the stand-in has no directory
            await said(text, intent, ActionFindPlace, slots)
    assert bool(services.mobile.asked) is mobile


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("流动车哪天来", None),  # whatever comes
        ("拉书的车", UnitKind.BOOK_CORNER),
        ("义诊的大夫几号来", UnitKind.CLINIC),
        ("流动课堂下一次", UnitKind.CLASS),
        ("有书也有义诊的车", None),  # two kinds are any
    ],
)
def test_her_words_ask_for_one_kind_or_any(text: str, kind: UnitKind | None) -> None:
    assert kind_in(text) is kind


@pytest.mark.parametrize(
    ("code", "prefix"), [("120113002003", "120113002"), ("120113002000", "120113002"), ("120113000000", "120113")]
)
def test_near_is_the_town_or_the_district_that_was_named(code: str, prefix: str) -> None:
    assert neighbourhood(code) == prefix
