"""What she is told when she applies for help or asks an expert, tap by tap, without an engine."""

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.aid
import actions.conversations
import actions.experts
from actions.aid import ActionApplyForAid
from actions.conversations import ActionTakeAnswer
from actions.experts import ActionAskExpert
from bot.domain.aid import AidStatus, Programmes
from bot.domain.errors import NotFound
from bot.services.aid import Applied, Hers
from bot.services.aid_programmes import load_programmes
from bot.services.experts import Asked

OPEN = Hers("a1", "临时救助", AidStatus.COLLECTING, "", (("identity", "身份证"),), date(2026, 11, 24))
NO = Hers("a2", "低保", AidStatus.REFUSED, "收入超过标准", (), date(2026, 11, 1), "不服可以复议。")


@dataclass
class Aid:
    """Remembers what was asked of it; the programmes are the real ones."""

    programmes: Programmes = field(default_factory=load_programmes)
    applied: Applied = field(default_factory=lambda: Applied("a1", "低保", ("户口本",), "区妇联的工作人员来接。"))
    mine: list[Hers] = field(default_factory=list)
    day: date = date(2026, 11, 25)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def today(self) -> date:
        return self.day

    def programme(self, key: str) -> Any:
        found = self.programmes.named(key)
        if found is None:
            raise NotFound
        return found

    async def apply(self, conversation: str, programme: str, have: list[str], *, place: str = "") -> Applied:
        self.calls.append((programme, tuple(key for key in have if key), place))
        return self.applied

    async def hers(self, conversation: str) -> list[Hers]:
        return self.mine

    async def tick(self, conversation: str, application: str, item: str) -> Hers:
        self.calls.append((application, item))
        return OPEN

    async def withdraw(self, conversation: str, application: str) -> str:
        self.calls.append((application,))
        if application != "a1":
            raise NotFound
        return "低保"


@dataclass
class Experts:
    asked: Asked = field(default_factory=lambda: Asked("c1", True, "区妇联的工作人员来接。"))
    calls: list[tuple[str, ...]] = field(default_factory=list)
    in_time: bool = True

    async def ask(self, conversation: str, text: str, *, place: str = "") -> Asked:
        self.calls.append((text, place))
        return self.asked

    async def withdraw(self, conversation: str, case: str) -> bool:
        if case != "c1":
            raise NotFound
        return self.in_time


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = SimpleNamespace(aid=Aid(), experts=Experts())
    for module in (actions.aid, actions.experts):
        monkeypatch.setattr(module, "services", lambda: SimpleNamespace(office=made))
    return made


async def said(
    text: str = "", action: type = ActionApplyForAid, slots: dict[str, Any] | None = None, confidence: float = 0.9,
    **chosen: str,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:  # fmt: skip
    """(messages, slots that were set)."""
    entities = [{"entity": name, "value": value, "extractor": "choice"} for name, value in chosen.items()]
    message = {"text": text, "intent": {"name": "x", "confidence": confidence}, "entities": entities}
    dispatcher = CollectingDispatcher()
    tracker = Tracker("hers", {"place_code": "120113001000", **(slots or {})}, message, [], False, None, {}, "x")
    events = await action().run(dispatcher, tracker, {})
    return dispatcher.messages, {event["name"]: event["value"] for event in events}


def titles(message: dict[str, Any]) -> list[str]:
    return [button["title"] for button in message["buttons"]]


def payloads(message: dict[str, Any]) -> list[str]:
    return [button["payload"] for button in message["buttons"]]


async def test_words_that_name_none_offer_a_few_and_the_rest_by_pages(office: SimpleNamespace) -> None:
    [told], _ = await said("帮我申请一个吧，过不下去了")
    assert told["response"] == "utter_aid_which"
    assert len(told["buttons"]) == 6
    [more], _ = await said(aid="list-5")
    assert not set(titles(more)[:-1]) & set(titles(told)[:-1])
    assert set(titles(more)[:-1]) | set(titles(told)[:-1]) == {one.short for one in office.aid.programmes.all}
    assert payloads(more)[-1] == '/apply_for_aid{"aid":"list-0"}'


async def test_what_her_words_name_stands_first(office: SimpleNamespace) -> None:
    [told], _ = await said("单亲，孩子学费交不起，想申请")
    assert set(titles(told)[:2]) == {"教育救助", "单亲困难母亲帮扶"}


async def test_one_guess_tells_who_qualifies_where_and_the_law(office: SimpleNamespace) -> None:
    [told], slots = await said("我要申请低保")
    assert told["response"] == "utter_aid_programme"
    assert "人均收入低于" in told["who"]
    assert "第九条" in told["law"]
    assert "2026年11月24日核对" in told["law"]
    assert titles(told) == ["看要带什么", "先帮我申请，材料以后补", "不是这个，看别的"]
    assert slots["aid_programme"] == "dibao"


async def test_conditions_that_nobody_checked_for_long_are_not_told(office: SimpleNamespace) -> None:
    office.aid.day = date(2028, 1, 1)
    [told], _ = await said(programme="dibao")
    assert "人均收入" not in told["who"]
    assert "第九条" not in told["law"]
    assert "窗口" in told["who"]


async def test_ticks_travel_in_the_choices_until_she_applies(office: SimpleNamespace) -> None:
    [told], _ = await said(aid="papers", programme="dibao", have="")
    assert titles(told)[-2:] == ["都没有，先帮我申请", "不是这个，看别的"]
    assert len(told["buttons"]) == 6
    [ticked], slots = await said(aid="papers", programme="dibao", have="household+identity")
    assert "☑ 户口本" in ticked["lines"]
    assert "☐ 收入的材料" in ticked["lines"]
    assert titles(ticked)[-2] == "先帮我申请，缺的以后补"
    assert slots == {"aid_programme": "dibao", "aid_have": "household+identity"}
    [whole], _ = await said(aid="papers", programme="temporary", have="identity+emergency")
    assert titles(whole) == ["都齐了，帮我申请", "不是这个，看别的"]
    assert office.aid.calls == []


async def test_applying_tells_what_is_missing_who_comes_and_how_to_take_it_back(office: SimpleNamespace) -> None:
    [told], slots = await said(aid="apply", programme="dibao", have="identity")
    assert office.aid.calls == [("dibao", ("identity",), "120113001000")]
    assert told["response"] == "utter_aid_applied"
    assert "户口本" in told["missing"]
    assert "区妇联" in told["told"]
    assert payloads(told)[1] == '/apply_for_aid{"aid":"withdraw","application":"a1"}'
    assert slots == {"aid_programme": None, "aid_have": None}


async def test_saying_go_on_applies_for_the_one_she_looks_at(office: SimpleNamespace) -> None:
    await said("都没有，先帮我申请", slots={"aid_programme": "dibao", "aid_have": None})
    await said("先帮我申请", slots={"aid_programme": "dibao", "aid_have": "identity"})
    assert [call[:2] for call in office.aid.calls] == [("dibao", ()), ("dibao", ("identity",))]


async def test_saying_go_on_for_another_one_shows_that_one_first(office: SimpleNamespace) -> None:
    [told], _ = await said("先帮我申请两癌救助", slots={"aid_programme": "dibao"})
    assert office.aid.calls == []
    assert told["name"].startswith("“两癌”")


async def test_without_a_place_she_is_asked_for_it(office: SimpleNamespace) -> None:
    office.aid.applied = Applied("a1", "低保", (), "x", place_known=False)
    told, _ = await said(aid="apply", programme="dibao", have="")
    assert [message["response"] for message in told] == ["utter_aid_applied", "utter_case_place_wanted"]


async def test_what_is_under_way_is_not_begun_again(office: SimpleNamespace) -> None:
    office.aid.applied = Applied("a1", "低保", (), again=True)
    [told], _ = await said(aid="apply", programme="dibao", have="")
    assert told["response"] == "utter_aid_again"


async def test_asking_how_it_stands_tells_state_reason_and_what_can_be_done(office: SimpleNamespace) -> None:
    office.aid.mine = [OPEN, NO]
    [told], _ = await said("我的申请办到哪了")
    assert told["lines"] == (
        "11月24日 临时救助：在备材料，还缺身份证\n11月1日 低保：没批（收入超过标准）\n不服可以复议。"
    )
    assert titles(told) == ["有了：身份证", "撤回这个申请", "找工作人员"]
    office.aid.mine = [NO]
    [told], _ = await said(aid="state")
    assert titles(told) == ["申请别的救助", "找工作人员"]


async def test_asking_after_nothing_says_who_knows(office: SimpleNamespace) -> None:
    [told], _ = await said("我在街道交的低保批下来没")
    assert told["response"] == "utter_aid_none"


async def test_a_paper_more_and_taking_back(office: SimpleNamespace) -> None:
    [told], _ = await said(aid="tick", application="a1", have="income")
    assert (told["response"], office.aid.calls[-1]) == ("utter_aid_ticked", ("a1", "income"))
    [told], _ = await said(aid="withdraw", application="a1")
    assert told["response"] == "utter_aid_withdrawn"


@pytest.mark.parametrize(
    "chosen",
    [
        {"aid": "withdraw", "application": "gone"},
        {"aid": "papers", "programme": "gone", "have": ""},  # the file has changed since
        {"programme": "gone"},
    ],
)
async def test_what_is_gone_is_said_and_the_way_on_offered(office: SimpleNamespace, chosen: dict[str, str]) -> None:
    [told], _ = await said(**chosen)
    assert told["response"] == "utter_aid_gone"


async def test_a_pressed_step_under_an_answer_goes_on_from_that_answer(office: SimpleNamespace) -> None:
    [told], _ = await said("帮我申请", slots={"last_answer": "aid_medical"}, confidence=1.0)
    assert told["name"] == "医疗救助"
    [told], _ = await said("申请困难救助", slots={"last_answer": "divorce_how"}, confidence=1.0)
    assert told["response"] == "utter_aid_which"


async def test_a_question_goes_to_an_expert_and_can_be_taken_back(office: SimpleNamespace) -> None:
    [told], _ = await said("黄瓜叶子发黄", ActionAskExpert)
    assert office.experts.calls == [("黄瓜叶子发黄", "120113001000")]
    assert (told["response"], titles(told)) == ("utter_expert_asked", ["不用问了"])
    assert payloads(told) == ['/ask_expert{"expert":"stop","case":"c1"}']
    [told], _ = await said(action=ActionAskExpert, expert="stop", case="c1")
    assert told["response"] == "utter_expert_stopped"


@pytest.mark.parametrize("case", ["c1", "gone"])
async def test_too_late_to_take_it_back(office: SimpleNamespace, case: str) -> None:
    office.experts.in_time = False
    [told], _ = await said(action=ActionAskExpert, expert="stop", case=case)
    assert told["response"] == "utter_expert_goes_on"


async def test_an_announcement_is_asked_for_its_question(office: SimpleNamespace) -> None:
    office.experts.asked = Asked()
    [told], _ = await said("种养的事问专家", ActionAskExpert, confidence=1.0)
    assert told["response"] == "utter_expert_what"
    assert office.experts.calls[-1][0] == ""


async def test_a_question_in_a_case_that_is_open_has_nothing_to_take_back(office: SimpleNamespace) -> None:
    office.experts.asked = Asked("c1", False, "已经加进您正在办的那件事里", place_known=False)
    told, _ = await said("草莓苗蔫了怎么办", ActionAskExpert)
    assert [message["response"] for message in told] == ["utter_expert_asked", "utter_case_place_wanted"]
    assert told[0]["buttons"] == []


@pytest.mark.parametrize(("wanted", "first"), [(True, "utter_case_place_noted"), (False, "found")])
async def test_a_bare_place_is_noted_where_it_was_missing(
    monkeypatch: pytest.MonkeyPatch, wanted: bool, first: str
) -> None:
    async def takes_place(conversation: str, text: str) -> bool:
        return wanted

    async def find(self: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        dispatcher.utter_message(response="found")
        return []

    reading = SimpleNamespace(kind="exact")
    made = SimpleNamespace(
        gazetteer=SimpleNamespace(read=lambda text: reading),
        office=SimpleNamespace(cases=SimpleNamespace(takes_place=takes_place)),
    )
    monkeypatch.setattr(actions.conversations, "services", lambda: made)
    monkeypatch.setattr(actions.conversations.ActionFindPlace, "run", find)
    told, _ = await said("北辰区集贤里街道", ActionTakeAnswer)
    assert told[0]["response"] == first
    assert told[-1]["response"] == "found"
