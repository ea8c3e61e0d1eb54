"""Handing over to a person. The service speaks to her by itself, so that the words and the act are one transaction."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import services
from bot.domain.cases import OpenReason

SPOKE_ITSELF = {"spoke_itself": True}
"""Sent instead of words: an answer without any message would look like an action server that is down."""


async def hand_over(dispatcher: CollectingDispatcher, conversation: str, reason: OpenReason) -> None:
    """Ask for a person; the service tells her."""
    await services().office.cases.ask(conversation, reason)
    dispatcher.utter_message(json_message=SPOKE_ITSELF)


class ActionAskHuman(Action):
    """Opens her case, or finds the one that is open, and calls the officer on duty."""

    def name(self) -> str:
        return "action_ask_human"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        await hand_over(dispatcher, tracker.sender_id, OpenReason.ASKED)
        return []
