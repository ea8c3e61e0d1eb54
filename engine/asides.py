"""What is decided before a message is parsed: half sentences that go on from an answer, and messages without a matter.

Not while a form is under way: there, 「三天」 or a name in Latin letters is an answer.
"""

from typing import Optional, Text

from rasa.core.agent import Agent
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from engine import manners
from engine.follow_ups import follow_ups

LAST_ANSWER = "last_answer"
LAST_TOPIC = "last_topic"
PLACE = "place_code"
"""Set by a search for a place, which changes the subject."""
GOES_ON = 3
"""Messages of hers after an answer that may still go on from it."""
PASSED_OVER = frozenset({"action_listen", "action_session_start", "action_extract_slots", "action_answer_question",
                         "action_ask_back", "action_take_answer", "action_reply_to_chat"})  # fmt: skip
"""Actions between an answer and what goes on from it; any other one (a booking, opening hours) has changed the subject."""


async def aside(agent: Agent, conversation: Text, text: Text) -> Optional[Text]:
    """The payload that stands for such a message, or None: then it is parsed."""
    manner, aspects = manners.payload(text), follow_ups().aspects(text)
    if manner is None and not aspects:
        return None
    tracker = await agent.tracker_store.retrieve(conversation)
    if tracker is not None and tracker.active_loop_name:
        return None
    if manner is not None or tracker is None or not goes_on(tracker):
        return manner
    return follow_ups().payload(aspects, tracker.get_slot(LAST_TOPIC), tracker.get_slot(LAST_ANSWER))


def goes_on(tracker: DialogueStateTracker) -> bool:
    """Whether what she was told last, but for small talk, was an answer."""
    hers = 0
    for event in reversed(tracker.events):
        if isinstance(event, SlotSet) and event.key in (LAST_TOPIC, PLACE):
            return bool(event.key == LAST_TOPIC)
        if isinstance(event, ActionExecuted) and not passed_over(event.action_name or ""):
            return False
        hers += isinstance(event, UserUttered)
        if hers > GOES_ON:
            return False
    return False


def passed_over(action: Text) -> bool:
    """Whether the subject is still the same after this action."""
    return action in PASSED_OVER or action.startswith("utter_")
