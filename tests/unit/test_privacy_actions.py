"""What she is told about her own records, tap by tap, without an engine."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.privacy
from actions.privacy import ActionCopyMyData, ActionDeleteMyData
from bot.domain.appointments import BookedAppointment, PlannedVisit
from bot.domain.retention import Block
from bot.services.privacy import Outlook

MOMENT = datetime.fromisoformat("2026-11-27T09:00+08:00")
BOOKED = BookedAppointment("a1", "100001", "booked", (PlannedVisit("s", "legal", "甲站", "某街", MOMENT, MOMENT),))


@dataclass
class Privacy:
    """Remembers what was asked of it."""

    block: Block | None = None
    asked: list[tuple[str, bool]] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)

    async def outlook(self, conversation: str) -> Outlook:
        return Outlook(self.block, 7, 1)

    async def ask(self, conversation: str, *, keep_appointments: bool) -> Block | None:
        self.asked.append((conversation, keep_appointments))
        return self.block

    async def withdraw(self, conversation: str) -> bool:
        self.withdrawn.append(conversation)
        return True


@dataclass
class Appointments:
    booked: tuple[BookedAppointment, ...] = ()

    async def coming(self, conversation: str) -> tuple[BookedAppointment, ...]:
        return self.booked


@dataclass
class Copies:
    tickets: tuple[str, str] | None = ("t1", "t2")

    async def offer(self, conversation: str) -> tuple[str, str] | None:
        return self.tickets

    async def short(self, conversation: str) -> str:
        return "最近几句"


@dataclass
class Services:
    privacy: Privacy = field(default_factory=Privacy)
    appointments: Appointments = field(default_factory=Appointments)
    record_copies: Copies = field(default_factory=Copies)


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Services:
    made = Services()
    monkeypatch.setattr(actions.privacy, "services", lambda: made)
    return made


async def said(records: str = "", action: type = ActionDeleteMyData) -> list[dict[str, Any]]:
    entities = [{"entity": "records", "value": records, "extractor": "choice"}] if records else []
    message = {"text": "删除我的记录", "intent": {"name": "delete_my_data", "confidence": 1.0}, "entities": entities}
    tracker = Tracker("hers", {}, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    assert await action().run(dispatcher, tracker, {}) == []
    return dispatcher.messages


def titles(message: dict[str, Any]) -> list[str]:
    return [button["title"] for button in message["buttons"]]


async def test_first_she_is_warned_and_nothing_is_asked_for(services: Services) -> None:
    [warning] = await said()
    assert warning["response"] == "utter_delete_warning"
    assert titles(warning) == ["先给我一份记录", "我想好了，要删", "不删了"]
    assert services.privacy.asked == []


async def test_a_typed_word_is_no_tap(services: Services) -> None:
    """Only a choice that we offered confirms: an entity of the model does not."""
    message = {
        "text": "all", "intent": {"name": "delete_my_data", "confidence": 0.9},
        "entities": [{"entity": "records", "value": "all", "extractor": "CRFEntityExtractor"}],
    }  # fmt: skip
    dispatcher = CollectingDispatcher()
    await ActionDeleteMyData().run(dispatcher, Tracker("hers", {}, message, [], False, None, {}, "action_listen"), {})
    assert dispatcher.messages[0]["response"] == "utter_delete_warning"
    assert services.privacy.asked == []


async def test_then_she_is_told_what_goes_and_what_stays(services: Services) -> None:
    [confirm] = await said("sure")
    assert confirm["response"] == "utter_delete_confirm"
    assert confirm["count"] == 7
    assert confirm["stays"].count("\n") == 2  # the audit log, appointments without her, a case without her words
    assert titles(confirm) == ["全部删除", "不删了"]
    assert services.privacy.asked == []


async def test_with_something_booked_she_is_asked_what_becomes_of_it(services: Services) -> None:
    services.appointments.booked = (BOOKED,)
    told, confirm = await said("sure")
    assert told["appointments"] == "11月27日（周五）09:00，预约号 100001"
    assert titles(confirm) == ["全部删除，预约也取消", "删除，预约给我留着", "不删了"]


@pytest.mark.parametrize(
    ("tap", "block", "response", "keeps"),
    [
        ("all", None, "utter_delete_begun", False),
        ("but_appointments", None, "utter_delete_begun_but_appointments", True),
        ("all", Block.OPEN_CASE, "utter_delete_waits", False),  # an officer is working on it
        ("but_appointments", Block.HELD, "utter_delete_held", True),  # a legal hold
    ],
)
async def test_the_second_tap_is_her_wish(
    services: Services, tap: str, block: Block | None, response: str, keeps: bool
) -> None:
    services.privacy.block = block
    [told] = await said(tap)
    assert told["response"] == response
    assert services.privacy.asked == [("hers", keeps)]
    assert ("不删了" in titles(told)) is (block is not None)  # what waits can be taken back


async def test_she_keeps_them(services: Services) -> None:
    [told] = await said("keep")
    assert told["response"] == "utter_delete_kept"
    assert services.privacy.withdrawn == ["hers"]


async def test_her_copy_is_two_links_on_the_page_and_words_elsewhere(services: Services) -> None:
    [told] = await said(action=ActionCopyMyData)
    assert told["response"] == "utter_copy_ready"
    assert [link["url"] for link in told["custom"]["links"]] == ["/chat/api/copies/t1.html", "/chat/api/copies/t2.json"]
    services.record_copies.tickets = None
    [told] = await said(action=ActionCopyMyData)
    assert told["text"] == "最近几句"
