"""专家解答 in the talk: a question on crops, animals or selling them goes to an expert; the assistant never answers it."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_slots import said_from
from actions.context import services
from bot.domain.errors import NotFound
from bot.services.experts import Asked

PERSON = {"title": "找工作人员", "payload": "/ask_human"}


class ActionAskExpert(Action):
    """Opens a case with her question, says honestly who answers, and closes it again at a tap."""

    def name(self) -> str:
        return "action_ask_expert"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        said, experts = said_from(tracker), services().office.experts
        if said.choice("expert") == "stop":
            await stop(dispatcher, tracker.sender_id, said.choice("case"))
            return []
        pressed = tracker.latest_message["intent"].get("confidence") == 1.0
        place = str(tracker.get_slot("place_code") or "")
        say_asked(dispatcher, await experts.ask(tracker.sender_id, "" if pressed else said.text, place=place))
        return []


def say_asked(dispatcher: CollectingDispatcher, asked: Asked) -> None:
    """Where her question went; or that there is no question in it yet."""
    if not asked.case:
        dispatcher.utter_message(response="utter_expert_what", buttons=[PERSON])
        return
    payload = f'/ask_expert{{"expert":"stop","case":"{asked.case}"}}'
    buttons = [{"title": "不用问了", "payload": payload}] if asked.fresh else []
    dispatcher.utter_message(response="utter_expert_asked", told=asked.told, buttons=buttons)
    if not asked.place_known:
        dispatcher.utter_message(response="utter_case_place_wanted")


async def stop(dispatcher: CollectingDispatcher, conversation: str, case: str) -> None:
    """She needs no expert any more."""
    try:
        in_time = await services().office.experts.withdraw(conversation, case)
    except NotFound:
        in_time = False
    dispatcher.utter_message(response="utter_expert_stopped" if in_time else "utter_expert_goes_on")
