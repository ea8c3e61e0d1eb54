"""What she is told when she suggests or complains, tap by tap, without an engine."""

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.suggestions
from actions.suggestions import ActionKeepSuggestion, ActionTellSuggestions
from bot.domain.errors import NotFound, TooMany
from bot.domain.suggestions import Categories, Promise, SuggestionStatus
from bot.services.suggestion_categories import load_categories
from bot.services.suggestions import Hers, Kept

DUE = Promise("开到八点", "柳林街道妇联", date(2026, 12, 20))
OPEN = Hers("s1", date(2026, 11, 24), "晚上也开门", "开放时间与办事", SuggestionStatus.RECEIVED, None, "", False, False)
PROMISED = Hers("s2", date(2026, 11, 24), "装路灯", "安全与出行", SuggestionStatus.PROMISED, DUE, "", True, False)
DECLINED = Hers("s3", date(2026, 11, 1), "建舞台", "其他", SuggestionStatus.DECLINED, None, "没有地方", False, False)


@dataclass
class Suggestions:
    """Remembers what was asked of it."""

    kept: Kept = field(default_factory=lambda: Kept("s1", "安全与出行", "北河区柳林街道"))
    error: Exception | None = None
    mine: list[Hers] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    categories: Categories = field(default_factory=load_categories)

    async def receive(self, conversation: str, text: str, *, place: str = "", complaint: bool = False) -> Kept:
        self.calls.append((text, place, complaint))
        return self._or(self.kept)

    async def resort(self, conversation: str, suggestion: str, category: str) -> str:
        self.calls.append((suggestion, category))
        return self._or(self.categories.name(category))

    async def withdraw(self, conversation: str, suggestion: str) -> None:
        self.calls.append((suggestion,))
        self._or(None)

    async def hers(self, conversation: str) -> list[Hers]:
        return self.mine

    def _or(self, value: Any) -> Any:
        if self.error:
            raise self.error
        return value


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Suggestions:
    made = Suggestions()
    found = SimpleNamespace(suggestions=made, settings=SimpleNamespace(public_url=""))
    monkeypatch.setattr(actions.suggestions, "services", lambda: found)
    return made


async def said(
    text: str, intent: str = "make_suggestion", action: type = ActionKeepSuggestion, **chosen: str
) -> list[dict[str, Any]]:
    entities = [{"entity": name, "value": value, "extractor": "choice"} for name, value in chosen.items()]
    message = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": entities}
    slots = {"place_code": "120113001000"}
    dispatcher = CollectingDispatcher()
    await action().run(dispatcher, Tracker("hers", slots, message, [], False, None, {}, "action_listen"), {})
    return dispatcher.messages


def titles(message: dict[str, Any]) -> list[str]:
    return [button["title"] for button in message["buttons"]]


async def test_she_is_thanked_and_told_where_it_was_put(service: Suggestions) -> None:
    [told] = await said("建议装路灯")
    assert (told["response"], told["category"], told["where"]) == (
        "utter_suggestion_kept", "安全与出行", "记在北河区柳林街道",
    )  # fmt: skip
    assert titles(told) == ["换个类别", "撤回这条"]
    assert told["custom"]["links"][0]["url"] == "/suggestions"
    assert service.calls == [("建议装路灯", "120113001000", False)]


async def test_a_complaint_offers_a_person_and_is_not_public(service: Suggestions) -> None:
    [told] = await said("值班的骂我", "make_complaint")
    assert told["response"] == "utter_complaint_kept"
    assert titles(told)[0] == "找工作人员"
    assert service.calls[0][2] is True


async def test_what_cannot_wait_offers_a_person(service: Suggestions) -> None:
    service.kept = Kept("s1", "安全与出行", urgent=True)
    told = await said("建议修楼道，漏电了")
    assert [message["response"] for message in told] == ["utter_suggestion_kept", "utter_suggestion_urgent"]
    assert "没听出在哪里" in told[0]["where"]


@pytest.mark.parametrize(
    ("kept", "error", "response"),
    [
        (Kept(""), None, "utter_suggestion_what"),  # 「我有个建议」
        (Kept("s1", "其他", again=True), None, "utter_suggestion_again"),
        (Kept("s1"), TooMany(), "utter_suggestion_enough"),
    ],
)
async def test_what_else_may_come_of_it(
    service: Suggestions, kept: Kept, error: Exception | None, response: str
) -> None:
    service.kept, service.error = kept, error
    [told] = await said("建议")
    assert told["response"] == response


async def test_a_pressed_guess_brings_no_text(service: Suggestions) -> None:
    await said("/make_suggestion")
    assert service.calls[0][0] == ""


async def test_every_category_is_in_reach_a_few_at_a_time(service: Suggestions) -> None:
    offered, step = [], "more-0"
    for _ in range(2):
        [told] = await said("换个类别", suggestion="s1", step=step)
        assert len(titles(told)) <= 6
        offered += titles(told)[:-1]
        step = told["buttons"][-1]["payload"].split('"step":"')[1].rstrip('"}')
    assert offered == [one.name for one in service.categories.all]
    assert step == "more-0"


@pytest.mark.parametrize(
    ("step", "response", "call"),
    [
        ("hours", "utter_suggestion_sorted", ("s1", "hours")),
        ("withdraw", "utter_suggestion_withdrawn", ("s1",)),
    ],
)
async def test_a_tap_changes_it(service: Suggestions, step: str, response: str, call: tuple[str, ...]) -> None:
    [told] = await said("", suggestion="s1", step=step)
    assert told["response"] == response
    assert service.calls == [call]
    service.error = NotFound()
    [told] = await said("", suggestion="s1", step=step)
    assert told["response"] == "utter_suggestion_gone"


async def test_hers_are_told_with_who_and_when_and_why_not(service: Suggestions) -> None:
    service.mine = [OPEN, PROMISED, DECLINED]
    [told] = await said("我提的建议呢", "ask_suggestion", ActionTellSuggestions)
    assert told["lines"].splitlines() == [
        "11月24日“晚上也开门”（开放时间与办事）：收到，还没答复",
        "11月24日“装路灯”（安全与出行）：柳林街道妇联答应：开到八点，12月20日以前，还有别的姐妹也提了",
        "11月1日“建舞台”（其他）：办不了，已说明：没有地方",
    ]
    assert len(titles(told)) == 3


async def test_one_of_hers_alone_can_be_changed(service: Suggestions) -> None:
    service.mine = [OPEN, DECLINED]
    [told] = await said("看看回音", "ask_suggestion", ActionTellSuggestions, suggestion="s1")
    assert titles(told) == ["换个类别", "撤回这条", "找工作人员"]
    [told] = await said("看看回音", "ask_suggestion", ActionTellSuggestions, suggestion="s3")
    assert titles(told) == ["撤回这条", "找工作人员"]


async def test_without_any_she_is_told_how(service: Suggestions) -> None:
    [told] = await said("我提的建议呢", "ask_suggestion", ActionTellSuggestions)
    assert told["response"] == "utter_suggestions_none"
