"""What is offered beside an answer, once a talk each: 心理 and 法律 booked together, and the check-in. Never in danger."""

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.domain.joint_help import both_show
from bot.domain.risk import RiskLevel
from bot.language.risk import read_risk
from bot.language.speakers import Voice

Events = list[dict[str, Any]]
TOGETHER = {"title": "心理和法律一起约", "payload": '/book_appointment{"kinds":"psychological+legal"}'}
CHECK_IN = {"title": "做四道小题，看看心情", "payload": "/take_check_in"}
IN_PAIN = frozenset({"feel_distressed", "feel_postpartum"})
"""Who is offered the check-in. Who has just lost somebody is not asked how often she was sad."""


def offer_beside(
    dispatcher: CollectingDispatcher, tracker: Tracker, needs: Sequence[str], voice: Voice = Voice.SELF
) -> Events:
    """Offer both kinds of help where both show, else the check-in to one in pain; what the talk remembers of it."""
    if is_unfit(tracker, voice):
        return []
    offer, remembered = both_show(str(tracker.get_slot("joint_help") or ""), needs)
    events: Events = [SlotSet("joint_help", remembered or None)]
    if offer:
        dispatcher.utter_message(response="utter_offer_joint", buttons=[TOGETHER])
    elif voice is Voice.SELF and IN_PAIN.intersection(needs) and not tracker.get_slot("check_in_offered"):
        dispatcher.utter_message(response="utter_offer_check_in", buttons=[CHECK_IN])
        events.append(SlotSet("check_in_offered", value=True))
    return events


def is_unfit(tracker: Tracker, voice: Voice) -> bool:
    """Danger, a booking under way, one who struck, a child: nothing is offered beside the answer."""
    if voice in (Voice.PERPETRATOR, Voice.CHILD) or tracker.active_loop:
        return True
    text = str(tracker.latest_message.get("text") or "")
    return read_risk(text).level.rank >= RiskLevel.URGENT.rank
