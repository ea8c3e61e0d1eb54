"""The check-in in the talk: offered, begun by a choice, one item a message, left at any time; the result is hers alone.

It is no form: a message about something else is simply answered, and the choices above go on from where she was.
"""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_slots import said_from
from actions.cases import hand_over
from actions.context import services
from bot.domain.cases import OpenReason
from bot.domain.check_in import ANSWERS, CUT_OFF, HIGHEST, ITEMS, PAYLOAD, Scores, answered, score
from bot.services.booking_form import Said

Events = list[dict[str, Any]]
Button = dict[str, str]


def step(title: str, name: str) -> Button:
    """A choice of the check-in that answers no item."""
    return {"title": title, "payload": f'{PAYLOAD}{{"step":"{name}"}}'}


BEGIN, LEAVE = step("好，开始", "begin"), step("不做了", "leave")
PERSON: Button = {"title": "找工作人员，结果不给看", "payload": "/ask_human"}
COUNSELLOR: Button = {"title": "约心理服务", "payload": '/book_appointment{"kinds":"psychological"}'}
AFTER = [
    step("找工作人员，结果给她看", "person"),
    PERSON,
    COUNSELLOR,
    step("把结果记下来", "keep"),
    step("不记，看过就算", "drop"),
]
"""The same whatever the result: what hangs under a message tells nothing of it."""


class ActionTakeCheckIn(Action):
    """One step: the offer, an item, the result, or what becomes of it."""

    def name(self) -> str:
        return "action_take_check_in"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said = said_from(tracker)
        match said.choice("step"):
            case "begin":
                ask(dispatcher, 0)
                return remember(answers="")
            case "leave":
                dispatcher.utter_message(response="utter_check_in_left")
                return remember()
            case "keep" | "person" | "drop" | "withdraw" as name:
                return await after(dispatcher, tracker, name)
        if said.choice("item"):
            return take(dispatcher, said, str(tracker.get_slot("check_in_answers") or ""))
        dispatcher.utter_message(response="utter_check_in_begin", buttons=[BEGIN, step("现在不做", "leave")])
        return [SlotSet("check_in_offered", value=True)]


def remember(*, answers: str | None = None, scores: str | None = None) -> Events:
    """What the talk keeps of it: the answers until the result is told, the result until she says what becomes of it."""
    return [
        SlotSet("check_in_answers", answers), SlotSet("check_in_scores", scores),
        SlotSet("check_in_offered", value=True),
    ]  # fmt: skip


def ask(dispatcher: CollectingDispatcher, item: int) -> None:
    """One item with its four answers, and the way out."""
    buttons = [
        {"title": words, "payload": f'{PAYLOAD}{{"item":"{item}","answer":"{worth}"}}'}
        for worth, words in enumerate(ANSWERS)
    ]
    dispatcher.utter_message(
        response="utter_check_in_item", at=item + 1, of=len(ITEMS), item=ITEMS[item], buttons=[*buttons, LEAVE]
    )


def take(dispatcher: CollectingDispatcher, said: Said, before: str) -> Events:
    """The answer to an item: the next one, or the result."""
    answers = answered(before, int(said.choice("item")), int(said.choice("answer")))
    if answers is None:
        dispatcher.utter_message(response="utter_check_in_lost", buttons=[step("从头再来", "begin"), LEAVE])
        return remember()
    if len(answers) < len(ITEMS):
        ask(dispatcher, len(answers))
        return remember(answers=answers)
    scores = score([int(digit) for digit in answers])
    say_result(dispatcher, scores)
    return remember(scores=scores.write())


def say_result(dispatcher: CollectingDispatcher, scores: Scores) -> None:
    """What the numbers mean and what they do not."""
    numbers = {"low": scores.low, "worry": scores.worry, "highest": HIGHEST, "cut_off": CUT_OFF}
    if scores.is_high:
        dispatcher.utter_message(response="utter_check_in_high", buttons=AFTER, **numbers)
    else:
        dispatcher.utter_message(response="utter_check_in_low", buttons=AFTER, **numbers)


async def after(dispatcher: CollectingDispatcher, tracker: Tracker, name: str) -> Events:
    """What becomes of the result: kept, kept and shown to a person, forgotten, or taken back."""
    kept, conversation = tracker.get_slot("check_in_scores"), tracker.sender_id
    if name == "withdraw":
        await services().check_ins.withdraw(conversation)
        dispatcher.utter_message(response="utter_check_in_withdrawn")
        return remember()
    if name == "drop":
        dispatcher.utter_message(response="utter_check_in_dropped")
        return remember()
    if kept:
        await services().check_ins.keep(conversation, Scores.read(str(kept)))
    if name == "person":
        await hand_over(dispatcher, conversation, OpenReason.ASKED)
    elif kept:
        dispatcher.utter_message(
            response="utter_check_in_kept",
            days=services().settings.retention_text_days,
            buttons=[step("还是不留了，删掉", "withdraw"), COUNSELLOR, PERSON],
        )
    else:
        dispatcher.utter_message(response="utter_check_in_lost", buttons=[step("从头再来", "begin"), LEAVE])
    return remember()
