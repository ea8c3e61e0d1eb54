"""What keeps a talk going: asking back when a message was not clear, taking a bare answer for what it answers, small talk."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.cases import hand_over
from actions.context import services
from actions.directory import ActionFindPlace
from actions.volunteers import CONTACT, cleared, take_contact
from bot.domain.cases import OpenReason
from bot.language.places import PlaceKind
from bot.language.wishes import read_wishes
from bot.services.words import guesses

MOST_GUESSES = 2
PATIENCE = 2


class ActionAskBack(Action):
    """The two best guesses as choices; after two unclear messages in a row a person, whom the service announces by itself.

    The count is set back by any message that was understood: a mapping of the slot in domain.yml sees to it.
    """

    def name(self) -> str:
        return "action_ask_back"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        unclear = (tracker.get_slot("unclear_count") or 0) + 1
        if unclear >= PATIENCE:
            await hand_over(dispatcher, tracker.sender_id, OpenReason.NOT_UNDERSTOOD)
            return [SlotSet("unclear_count", 0.0)]
        likely = [rank["name"] for rank in tracker.latest_message.get("intent_ranking", ())]
        offered = [name for name in likely if name in guesses()][:MOST_GUESSES]
        buttons = [{"title": guesses()[name], "payload": f"/{name}"} for name in offered]
        if buttons:
            dispatcher.utter_message(response="utter_ask_back", buttons=buttons)
        else:
            dispatcher.utter_message(response="utter_ask_again")
        return [SlotSet("unclear_count", unclear)]


class ActionTakeAnswer(Action):
    """A bare place or kind continues the search for a place, and tells where to find somebody for what she asked for.

    Anything else is acknowledged.
    """

    def name(self) -> str:
        return "action_take_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        text = str(tracker.latest_message.get("text") or "")
        if tracker.get_slot("volunteer_draft") == CONTACT and await take_contact(dispatcher, tracker):
            return cleared()
        named = services().gazetteer.read(text).kind is not PlaceKind.NONE
        if named and await services().office.cases.takes_place(tracker.sender_id, text):
            dispatcher.utter_message(response="utter_case_place_noted")
        if named or (read_wishes(text).kind and tracker.latest_message["intent"]["confidence"] < 1.0):
            return await ActionFindPlace().run(dispatcher, tracker, domain)
        dispatcher.utter_message(response="utter_affirm")
        return []


class ActionReplyToChat(Action):
    """Small talk; and what came without words to understand, named by engine/manners.py."""

    def name(self) -> str:
        return "action_reply_to_chat"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        entities = tracker.latest_message.get("entities", ())
        match next((entity["value"] for entity in entities if entity["entity"] == "manner"), ""):
            case "abuse":
                dispatcher.utter_message(response="utter_abuse")
            case "foreign":
                dispatcher.utter_message(response="utter_foreign")
            case "wordless":
                dispatcher.utter_message(response="utter_wordless")
            case "hotline":
                dispatcher.utter_message(response="utter_hotline")
            case _:
                dispatcher.utter_message(response="utter_chitchat")
        return []


class ActionReady(Action):
    """Says nothing: whoever calls it knows that the action server works, and that the directory has been read."""

    def name(self) -> str:
        return "action_ready"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        await services().directory.size()
        return []
