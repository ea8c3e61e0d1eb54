"""What she is told about who answers for her, tap by tap, without an engine."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.directory
import actions.federations
from actions.directory import ActionFindPlace
from actions.federations import ActionTellWhoIsInCharge
from bot.domain.federations import FederationKind, Person
from bot.services.federations import InCharge, Office
from bot.services.place_search import Outcome, PlaceRequest

TOWN = "120113002000"
CHAIR, MEMBER = Person("主席", "示例甲", "全面工作", "周一", (0,)), Person("执委", "", "金凤里、第三网格")


def office(**more: Any) -> Office:
    given = {
        "id": "f1", "name": "集贤里街道妇联", "kind": FederationKind.AREA, "area": "北辰区 集贤里街道", "office": "二楼",
        "phone": "12338", "today": "今天 9:00–17:00", "is_open": True, "people": (CHAIR, MEMBER), "on_duty": (CHAIR,),
        "by_rota": False, "takes": False, "synthetic": False,
    }  # fmt: skip
    return Office(**(given | more))


@dataclass
class Federations:
    """Answers what a test tells it; remembers what was asked of it."""

    answer: InCharge = field(default_factory=lambda: InCharge(Outcome.FOUND, TOWN, "北辰区集贤里街道", office()))
    at_work: list[Office] = field(default_factory=list)
    asked: list[PlaceRequest] = field(default_factory=list)
    sought: list[tuple[str, str]] = field(default_factory=list)

    async def in_charge(self, request: PlaceRequest) -> InCharge:
        self.asked.append(request)
        return self.answer

    async def find(self, text: str, area: str = "") -> list[Office]:
        self.sought.append((text, area))
        return self.at_work


@dataclass
class Services:
    federations: Federations


@pytest.fixture
def federations(monkeypatch: pytest.MonkeyPatch) -> Federations:
    made = Services(Federations())
    for module in (actions.federations, actions.directory):
        monkeypatch.setattr(module, "services", lambda: made)
    return made.federations


async def said(
    text: str = "", action: Any = ActionTellWhoIsInCharge, intent: str = "ask_who_is_in_charge",
    slots: dict[str, Any] | None = None, **chosen: str,
) -> tuple[dict[str, Any], dict[str, Any]]:  # fmt: skip
    """(the one thing that is said, the slots afterwards)"""
    entities = [{"entity": name, "value": value, "extractor": "choice"} for name, value in chosen.items()]
    message = {"text": text, "intent": {"name": intent}, "entities": entities}
    tracker = Tracker("c1", slots or {}, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    events = await action().run(dispatcher, tracker, {})
    [one] = dispatcher.messages
    return one, {event["name"]: event["value"] for event in events}


async def test_her_office_is_told_with_people_place_number_and_hours(federations: Federations) -> None:
    one, slots = await said("谁管集贤里街道")
    assert (one["response"], one["near"], one["name"]) == ("utter_in_charge", "北辰区集贤里街道", "集贤里街道妇联")
    assert one["lines"].splitlines() == [
        "今天值班：主席 示例甲。", "主席 示例甲，负责全面工作；执委，负责金凤里、第三网格。", "办公地点：二楼", "办公电话：12338",
        "办公时间：今天 9:00–17:00",
    ]  # fmt: skip
    assert slots == {"service_kind": "federations", "place_code": TOWN}
    assert one["buttons"][0]["payload"] == "/ask_human"


async def test_what_is_not_known_is_said_and_samples_say_so(federations: Federations) -> None:
    bare = office(phone="", today="", office="", synthetic=True, on_duty=(), people=(CHAIR,), by_rota=True)
    federations.answer = InCharge(Outcome.FOUND, TOWN, "某地", bare, is_nearest=False)
    one, _ = await said("谁管我们这")
    assert "没有登记，打 12338" in one["lines"]
    assert "这一周有工作人员值班" in one["lines"]
    assert "示例" in one["notes"]
    assert "再近一级的还没有登记" in one["higher"]


async def test_who_answers_for_the_neighbourhood_comes_first(federations: Federations) -> None:
    federations.answer = InCharge(Outcome.FOUND, TOWN, "某地", office(), named=(MEMBER,))
    one, _ = await said("金凤里小区谁管")
    assert one["lines"].splitlines()[0] == "您说的这一片：执委，负责金凤里、第三网格。"


@pytest.mark.parametrize(
    ("answer", "response"),
    [
        (InCharge(Outcome.ASK_WHERE), "utter_in_charge_where"),
        (InCharge(Outcome.ASK_WHICH, candidates=((TOWN, "甲"), ("120112001000", "乙"))), "utter_ask_which_place"),
        (InCharge(Outcome.OUTSIDE, outside="北京"), "utter_place_outside"),
        (InCharge(Outcome.NOTHING, TOWN, "某地"), "utter_in_charge_none"),
    ],
)
async def test_one_response_for_each_outcome(federations: Federations, answer: InCharge, response: str) -> None:
    federations.answer = answer
    one, _ = await said("谁管我们小区")
    assert one["response"] == response
    for button in one.get("buttons") or []:
        assert button["payload"].startswith("/")


async def test_a_bare_place_that_was_asked_for_is_for_this_question(federations: Federations) -> None:
    slots = {"service_kind": "federations"}
    one, _ = await said("集贤里街道", ActionFindPlace, "inform", slots)
    assert one["response"] == "utter_in_charge"


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("我们单位有妇联吗", {}), ("找我单位的妇联", {}), ("", {"seek": "work"})],  # words, a wish, a tap
)
async def test_federations_at_work_are_offered_and_nothing_is_done_by_itself(
    federations: Federations, text: str, chosen: dict[str, str]
) -> None:
    federations.at_work = [
        office(id="f2", name="农业系统妇联", kind=FederationKind.SYSTEM, takes=True),
        office(id="f3", name="某某园区妇联", kind=FederationKind.ZONE),
    ]
    one, _ = await said(text, slots={"place_code": TOWN}, **chosen)
    assert one["response"] == "utter_work_federations"
    assert federations.sought[0][1] == TOWN
    assert [(button["title"], button["payload"]) for button in one["buttons"]] == [
        ("请①的人帮我", '/ask_who_is_in_charge{"work":"f2"}'),
        ("别让我单位知道", '/ask_who_is_in_charge{"keep_away":"every"}'),
        ("还是找住的地方的", '/ask_who_is_in_charge{"work":"none"}'),
    ]
    assert one["lines"].startswith("① 农业系统妇联（系统，北辰区 集贤里街道）")


async def test_where_nobody_takes_cases_there_is_a_person_to_ask(federations: Federations) -> None:
    federations.at_work = [office(kind=FederationKind.ZONE)]
    one, _ = await said("园区妇联谁管")
    assert "还没有人在这里接" in one["notes"]
    assert "/ask_human" in [button["payload"] for button in one["buttons"]]
    federations.at_work = []
    one, _ = await said("园区妇联谁管")
    assert one["response"] == "utter_work_none"


async def test_to_keep_away_is_confirmed_with_the_way_back(federations: Federations) -> None:
    one, _ = await said("别让我单位知道")
    assert one["response"] == "utter_work_kept_away"
    assert {"title": "看单位、系统的妇联", "payload": '/ask_who_is_in_charge{"seek":"work"}'} in one["buttons"]
