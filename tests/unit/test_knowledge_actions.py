"""What the actions say for a message that was parsed, with the real answers and without an engine."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.cases
import actions.conversations
import actions.directory
import actions.knowledge
from actions.cases import SPOKE_ITSELF, ActionAskHuman
from actions.conversations import ActionAskBack, ActionReplyToChat
from actions.knowledge import MOST_CHOICES, ActionAnswerQuestion
from bot.domain.cases import OpenReason
from bot.services.knowledge import Knowledge
from bot.services.place_search import Outcome, PlaceAnswer, PlaceRequest

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Settings:
    timezone: str = "Asia/Shanghai"


class PlaceSearch:
    """Finds nothing, so that it must be asked where she is."""

    async def find(self, request: PlaceRequest) -> PlaceAnswer:
        return PlaceAnswer(Outcome.ASK_WHERE, "womens_home")


@dataclass
class Cases:
    """Keeps who was asked for, and why."""

    asked: list[tuple[str, OpenReason]] = field(default_factory=list)

    async def ask(self, conversation: str, reason: OpenReason = OpenReason.ASKED) -> bool:
        self.asked.append((conversation, reason))
        return True


@dataclass
class Office:
    """The office, as far as actions ask it."""

    cases: Cases = field(default_factory=Cases)


class Unmet:
    """Keeps nothing."""

    async def note(self, conversation: str, answer: PlaceAnswer, text: str) -> None:
        return None


@dataclass
class Services:
    """What these actions ask of the services."""

    office: Office = field(default_factory=Office)
    unmet: Unmet = field(default_factory=Unmet)
    settings: Settings = field(default_factory=Settings)
    knowledge: Knowledge = field(default_factory=lambda: Knowledge.load(ROOT / "data" / "knowledge"))
    place_search: PlaceSearch = field(default_factory=PlaceSearch)


@pytest.fixture(autouse=True, scope="module")
def services() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        known = Services()
        patch.setattr(actions.knowledge, "services", lambda: known)
        patch.setattr(actions.directory, "services", lambda: known)
        patch.setattr(actions.conversations, "services", lambda: known)
        patch.setattr(actions.cases, "services", lambda: known)
        yield known


def tracker(text: str, intent: str, **more: Any) -> Tracker:
    slots = {"place_code": None, "service_kind": None, "unclear_count": 0.0} | more.pop("slots", {})
    message = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": [], "needs": [intent]} | more
    return Tracker("x", slots, message, [], False, None, {}, "action_listen")


async def said(action: Any, by: Tracker) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """(messages, slots that were set; `followup` for the next action)."""
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, by, {})
    told = {
        event["name"] if event["event"] == "slot" else "followup": event.get("value", event["name"]) for event in events
    }
    return dispatcher.messages, told


def ranked(**scores: float) -> list[dict[str, Any]]:
    return [{"id": name, "score": score} for name, score in scores.items()]


def titles(message: dict[str, Any]) -> list[str]:
    return [button["title"] for button in message["buttons"]]


async def test_an_answer_is_said_with_its_next_steps_and_remembered() -> None:
    messages, slots = await said(
        ActionAnswerQuestion(), tracker("冷静期几天", "ask_divorce", answers=ranked(divorce_cooling_off=0.8))
    )
    assert "30 天" in messages[0]["text"]
    assert "找最近的法律服务" in titles(messages[0])
    assert slots == {"last_topic": "ask_divorce", "last_answer": "divorce_cooling_off", "joint_help": "legal"}


async def test_a_choice_gives_its_answer_and_moves_the_topic() -> None:
    entity = {"entity": "answer", "value": "custody_who", "extractor": "choice"}
    messages, slots = await said(ActionAnswerQuestion(), tracker("那孩子呢", "ask_custody", entities=[entity]))
    assert "两岁" in messages[0]["text"]
    assert slots["last_topic"] == "ask_custody"


async def test_a_half_sentence_without_an_answer_is_said_to_be_unknown() -> None:
    entity = {"entity": "answer", "value": "", "extractor": "choice"}
    messages, slots = await said(ActionAnswerQuestion(), tracker("多少钱", "ask_rural_land", entities=[entity]))
    assert messages[0]["response"] == "utter_no_answer"
    assert slots["last_topic"] == "ask_rural_land"


async def test_when_two_are_alike_she_is_asked_and_may_say_none_of_them() -> None:
    answers = ranked(divorce_cost=0.50, divorce_papers=0.50, divorce_where=0.49)
    messages, slots = await said(ActionAnswerQuestion(), tracker("离婚要什么", "ask_divorce", answers=answers))
    assert messages[0]["response"] == "utter_which_question"
    assert titles(messages[0])[-1].startswith("都不是")
    assert slots == {"last_topic": "ask_divorce", "last_answer": None, "joint_help": "legal"}


async def test_without_an_answer_she_is_told_so() -> None:
    messages, _ = await said(ActionAnswerQuestion(), tracker("商标注册", "ask_other_legal", answers=[]))
    assert messages[0]["response"] == "utter_no_answer"


async def test_the_pressing_need_comes_first_and_a_line_joins_the_other() -> None:
    answers = ranked(divorce_cost=0.8, violence_injury_exam=0.8)
    by = tracker(
        "离婚诉讼费多少，另外被打了去哪验伤",
        "ask_divorce",
        answers=answers,
        needs=["ask_divorce", "ask_domestic_violence"],
    )
    messages, _ = await said(ActionAnswerQuestion(), by)
    assert "验伤" in messages[0]["text"] or "鉴定" in messages[0]["text"]
    assert messages[1]["text"].startswith("您还问到另一件事")
    offered = [choice["payload"] for message in messages for choice in message["buttons"]]
    assert len(offered) == len(set(offered)), "nothing is offered twice in one turn"


async def test_a_place_that_she_also_asked_for_is_looked_for_after_the_answer() -> None:
    needs = ["ask_divorce", "find_place"]
    by = tracker("离婚费用，附近妇女之家", "ask_divorce", answers=ranked(divorce_cost=0.8), needs=needs)
    messages, told = await said(ActionAnswerQuestion(), by)
    assert "300 元" in messages[0]["text"]
    assert messages[1]["response"] == "utter_ask_where"
    assert told["last_answer"] == "divorce_cost"
    assert "followup" not in told, "Rasa falls back after an action that no rule foresees"


async def test_what_cannot_be_read_aloud_is_offered() -> None:
    needs = ["ask_divorce", "book_appointment"]
    by = tracker("离婚费用，我还想约个律师", "ask_divorce", answers=ranked(divorce_cost=0.8), needs=needs)
    messages, _ = await said(ActionAnswerQuestion(), by)
    assert messages[1]["response"] == "utter_offer_other_need"
    assert messages[1]["buttons"][0]["payload"] == "/book_appointment"


@pytest.mark.parametrize(("text", "relation"), [("我女儿被女婿打了怎么办", "女儿"), ("我妈被我爸打了怎么办", "妈妈")])
async def test_one_who_asks_for_another_is_told_whom_the_answer_means(text: str, relation: str) -> None:
    by = tracker(text, "ask_domestic_violence", answers=ranked(violence_report_for_other=0.8))
    messages, _ = await said(ActionAnswerQuestion(), by)
    assert messages[0]["text"] == f"您是替{relation}问的，下面的“您”指{relation}本人。"


async def test_one_who_struck_is_never_told_of_hiding() -> None:
    by = tracker("我打了老婆她躲到哪个庇护所了", "ask_domestic_violence", answers=ranked(violence_shelter=0.9))
    messages, _ = await said(ActionAnswerQuestion(), by)
    assert "庇护" not in messages[0]["text"]
    assert "12356" in messages[0]["text"]


async def test_who_asks_for_another_is_not_taken_for_one_who_struck() -> None:
    by = tracker(
        "我女儿被她老公打了怎么留证据", "admit_violence", answers=ranked(admit_control=0.9, violence_evidence=0.5)
    )
    messages, _ = await said(ActionAnswerQuestion(), by)
    assert "录音" in messages[1]["text"]


async def test_choices_stay_few() -> None:
    for answer in Services().knowledge.answers.values():
        by = tracker("", answer.intent, entities=[{"entity": "answer", "value": answer.id, "extractor": "choice"}])
        messages, _ = await said(ActionAnswerQuestion(), by)
        assert len(messages[0]["buttons"]) <= MOST_CHOICES


async def test_unclear_once_gives_guesses_and_twice_a_person(services: Services) -> None:
    ranking = [{"name": "nlu_fallback"}, {"name": "ask_divorce"}, {"name": "greet"}, {"name": "ask_custody"}]
    first, slots = await said(ActionAskBack(), tracker("呃", "nlu_fallback", intent_ranking=ranking))
    assert titles(first[0]) == ["离婚怎么办", "孩子归谁、抚养费"]
    second, after = await said(ActionAskBack(), tracker("呃", "nlu_fallback", intent_ranking=ranking, slots=slots))
    assert [message["custom"] for message in second] == [SPOKE_ITSELF]
    assert services.office.cases.asked == [("x", OpenReason.NOT_UNDERSTOOD)]
    assert after == {"unclear_count": 0.0}


async def test_asking_for_a_person_opens_a_case_and_says_nothing_itself(services: Services) -> None:
    services.office.cases.asked.clear()
    [message], _ = await said(ActionAskHuman(), tracker("转人工", "ask_human"))
    assert (message["text"], message["custom"]) == (None, SPOKE_ITSELF)
    assert services.office.cases.asked == [("x", OpenReason.ASKED)]


async def test_noise_that_nobody_can_guess_at_is_asked_again_with_examples() -> None:
    messages, _ = await said(ActionAskBack(), tracker("asdf", "nlu_fallback"))
    assert messages[0]["response"] == "utter_ask_again"


@pytest.mark.parametrize(
    ("manner", "response"),
    [
        ("abuse", "utter_abuse"),
        ("foreign", "utter_foreign"),
        ("wordless", "utter_wordless"),
        ("hotline", "utter_hotline"),
        ("", "utter_chitchat"),
    ],
)
async def test_small_talk_is_answered_by_its_manner(manner: str, response: str) -> None:
    entities = [{"entity": "manner", "value": manner, "extractor": "choice"}] if manner else []
    messages, _ = await said(ActionReplyToChat(), tracker("x", "chitchat", entities=entities))
    assert messages[0]["response"] == response
