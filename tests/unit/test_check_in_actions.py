"""The check-in step by step and what is offered beside an answer, without an engine."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.cases
import actions.check_in
import actions.knowledge
from actions.cases import SPOKE_ITSELF
from actions.check_in import ActionTakeCheckIn
from actions.knowledge import ActionAnswerQuestion
from bot.domain.cases import OpenReason
from bot.domain.check_in import ANSWERS, ITEMS, Scores
from bot.services.knowledge import Knowledge

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Settings:
    timezone: str = "Asia/Shanghai"
    retention_text_days: int = 180


@dataclass
class CheckIns:
    """Keeps what it was given, in order."""

    kept: list[tuple[str, Scores]] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)

    async def keep(self, conversation: str, scores: Scores) -> None:
        self.kept.append((conversation, scores))

    async def withdraw(self, conversation: str) -> int:
        self.withdrawn.append(conversation)
        return 1


@dataclass
class Cases:
    asked: list[OpenReason] = field(default_factory=list)

    async def ask(self, conversation: str, reason: OpenReason = OpenReason.ASKED) -> bool:
        self.asked.append(reason)
        return True


@dataclass
class Office:
    cases: Cases = field(default_factory=Cases)


@dataclass
class Services:
    settings: Settings = field(default_factory=Settings)
    check_ins: CheckIns = field(default_factory=CheckIns)
    office: Office = field(default_factory=Office)
    knowledge: Knowledge = field(default_factory=lambda: Knowledge.load(ROOT / "data" / "knowledge"))


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Services:
    made = Services()
    for module in (actions.check_in, actions.cases, actions.knowledge):
        monkeypatch.setattr(module, "services", lambda: made)
    return made


@dataclass
class Talk:
    """Her side: presses or writes, and the slots go on."""

    slots: dict[str, Any] = field(default_factory=dict)
    last: list[dict[str, Any]] = field(default_factory=list)
    loop: dict[str, Any] = field(default_factory=dict)

    async def press(self, **values: str) -> dict[str, Any]:
        entities = [{"entity": name, "value": value, "extractor": "choice"} for name, value in values.items()]
        return (await self._run(ActionTakeCheckIn(), "选项", "take_check_in", entities=entities))[0]

    async def say(self, text: str, intent: str, **more: Any) -> list[dict[str, Any]]:
        action = ActionTakeCheckIn() if intent == "take_check_in" else ActionAnswerQuestion()
        return await self._run(action, text, intent, **more)

    async def _run(self, action: Any, text: str, intent: str, **more: Any) -> list[dict[str, Any]]:
        message = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": [], "needs": [intent]}
        tracker = Tracker("hers", dict(self.slots), message | more, [], False, None, self.loop, "action_listen")
        dispatcher = CollectingDispatcher()
        for event in await action.run(dispatcher, tracker, {}):
            self.slots[event["name"]] = event["value"]
        self.last = dispatcher.messages
        return self.last

    async def answer_all(self, *answers: int) -> dict[str, Any]:
        await self.press(step="begin")
        for item, answer in enumerate(answers):
            await self.press(item=str(item), answer=str(answer))
        return self.last[0]


@pytest.fixture
def talk(services: Services) -> Talk:
    return Talk()


def titles(message: dict[str, Any]) -> list[str]:
    return [button["title"] for button in message["buttons"]]


def responses(messages: list[dict[str, Any]]) -> list[str]:
    return [message["response"] for message in messages]


async def test_it_is_explained_before_it_begins(talk: Talk) -> None:
    [first] = await talk.say("做个情绪测试", "take_check_in")
    assert first["response"] == "utter_check_in_begin"
    assert titles(first) == ["好，开始", "现在不做"]


async def test_one_item_a_message_with_four_answers_and_a_way_out(talk: Talk) -> None:
    told = await talk.press(step="begin")
    for item, words in enumerate(ITEMS):
        assert (told["at"], told["item"]) == (item + 1, words)
        assert titles(told) == [*ANSWERS, "不做了"]
        told = await talk.press(item=str(item), answer="0")
    assert told["response"] == "utter_check_in_low"


@pytest.mark.parametrize(
    ("answers", "response", "low", "worry"),
    [
        ((0, 0, 0, 0), "utter_check_in_low", 0, 0),
        ((1, 1, 1, 1), "utter_check_in_low", 2, 2),  # just below on both
        ((3, 0, 0, 0), "utter_check_in_high", 3, 0),
        ((0, 0, 1, 2), "utter_check_in_high", 0, 3),
        ((3, 3, 3, 3), "utter_check_in_high", 6, 6),
    ],
)
async def test_the_result_has_both_numbers_and_the_same_choices(
    talk: Talk, services: Services, answers: tuple[int, ...], response: str, low: int, worry: int
) -> None:
    told = await talk.answer_all(*answers)
    assert (told["response"], told["low"], told["worry"]) == (response, low, worry)
    assert titles(told) == [
        "找工作人员，结果给她看", "找工作人员，结果不给看", "约心理服务", "把结果记下来", "不记，看过就算"
    ]  # fmt: skip
    assert services.check_ins.kept == []
    assert talk.slots["check_in_answers"] is None


async def test_it_is_kept_only_when_she_says_so_and_can_be_taken_back(talk: Talk, services: Services) -> None:
    await talk.answer_all(3, 1, 2, 0)
    told = await talk.press(step="keep")
    assert (told["response"], told["days"]) == ("utter_check_in_kept", 180)
    assert services.check_ins.kept == [("hers", Scores(4, 2))]
    assert talk.slots["check_in_scores"] is None
    assert (await talk.press(step="withdraw"))["response"] == "utter_check_in_withdrawn"
    assert services.check_ins.withdrawn == ["hers"]


async def test_it_is_dropped_when_she_says_so(talk: Talk, services: Services) -> None:
    await talk.answer_all(3, 1, 2, 0)
    assert (await talk.press(step="drop"))["response"] == "utter_check_in_dropped"
    assert (await talk.press(step="keep"))["response"] == "utter_check_in_lost", "an old choice brings nothing back"
    assert services.check_ins.kept == []


async def test_a_person_gets_it_only_by_the_choice_that_says_so(talk: Talk, services: Services) -> None:
    told = await talk.answer_all(3, 3, 0, 0)
    without = told["buttons"][1]
    assert without["payload"] == "/ask_human", "the desk takes it, and nothing is kept"
    assert (await talk.press(step="person"))["custom"] == SPOKE_ITSELF
    assert services.office.cases.asked == [OpenReason.ASKED]
    assert services.check_ins.kept == [("hers", Scores(6, 0))]


async def test_she_can_stop_at_any_item(talk: Talk) -> None:
    await talk.press(step="begin")
    await talk.press(item="0", answer="2")
    assert (await talk.press(step="leave"))["response"] == "utter_check_in_left"
    assert talk.slots["check_in_answers"] is None
    assert (await talk.press(item="1", answer="2"))["response"] == "utter_check_in_lost"


async def test_an_earlier_answer_may_be_given_anew(talk: Talk) -> None:
    await talk.press(step="begin")
    for item, answer in ((0, 3), (1, 3), (2, 3)):
        await talk.press(item=str(item), answer=str(answer))
    assert (await talk.press(item="1", answer="0"))["at"] == 3
    assert talk.slots["check_in_answers"] == "30"


async def test_typed_words_are_no_answer(talk: Talk) -> None:
    entity = {"entity": "item", "value": "3", "extractor": "CRFEntityExtractor"}
    [told] = await talk.say("测一下", "take_check_in", entities=[entity])
    assert told["response"] == "utter_check_in_begin"


async def test_in_pain_she_is_offered_it_once_a_talk(talk: Talk) -> None:
    first = await talk.say("我心里难受", "feel_distressed", answers=[{"id": "distress_low", "score": 0.5}])
    assert "utter_offer_check_in" in responses(first)
    again = await talk.say("还是睡不着", "feel_distressed", answers=[])
    assert "utter_offer_check_in" not in responses(again)


async def test_who_did_it_already_is_not_offered_it(talk: Talk) -> None:
    await talk.answer_all(0, 0, 0, 0)
    assert "utter_offer_check_in" not in responses(await talk.say("我心里难受", "feel_distressed"))


async def test_one_who_lost_somebody_is_not_screened(talk: Talk) -> None:
    assert "utter_offer_check_in" not in responses(await talk.say("我妈走了", "feel_bereaved"))


async def test_who_asks_for_another_is_not_offered_it(talk: Talk) -> None:
    told = await talk.say("替我姐姐问一下，她整夜睡不着", "feel_distressed")
    assert "utter_offer_check_in" not in responses(told)


async def test_two_needs_in_one_message_are_offered_one_appointment(talk: Talk) -> None:
    told = await talk.say(
        "想离婚，这阵子天天哭", "ask_divorce", needs=["ask_divorce", "feel_distressed"], answers=[]
    )  # fmt: skip
    joint = told[-1]
    assert joint["response"] == "utter_offer_joint"
    assert [button["payload"] for button in joint["buttons"]] == ['/book_appointment{"kinds":"psychological+legal"}']
    assert "utter_offer_check_in" not in responses(told), "one offer at a time"


async def test_two_needs_one_after_the_other_are_offered_it_once(talk: Talk) -> None:
    assert "utter_offer_joint" not in responses(await talk.say("孩子归谁", "ask_custody"))
    assert "utter_offer_joint" in responses(await talk.say("我快撑不下去了，天天哭", "feel_distressed"))
    assert "utter_offer_joint" not in responses(await talk.say("彩礼要退吗", "ask_bride_price"))


@pytest.mark.parametrize(
    ("text", "intent", "loop"),
    [
        ("他掐我脖子，我心里怕", "ask_domestic_violence", {}),  # danger
        ("我打了老婆，心里也难受", "ask_domestic_violence", {}),  # one who struck
        ("我心里难受", "feel_distressed", {"name": "book_appointment_form"}),  # a booking is under way
    ],
)
async def test_nothing_is_offered_beside_what_comes_first(
    talk: Talk, text: str, intent: str, loop: dict[str, str]
) -> None:
    talk.loop = loop
    told = await talk.say(text, intent, needs=["ask_domestic_violence", "feel_distressed"])
    assert {"utter_offer_joint", "utter_offer_check_in"}.isdisjoint(responses(told))
