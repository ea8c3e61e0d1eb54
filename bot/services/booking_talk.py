"""Whether a message in the middle of a booking belongs to it, or is about something else that comes first."""

import re

from bot.services.booking_form import Said, Step

OF_A_BOOKING = frozenset(
    {
        "book_appointment",
        "change_appointment",
        "inform",
        "affirm",
        "deny",
        "share_location",
        "nlu_fallback",
        "thank",
        "",
    }
)
"""Intents that a form takes; `nlu_fallback` because a bare answer is often nothing else."""
NEVER = frozenset(
    {"stop", "report_violence_now", "report_suicide", "report_child_danger", "ask_human", "cancel_appointment",
     "list_appointments", "join_waiting_list", "delete_my_data", "say_goodbye"}
)  # fmt: skip
SURE = 0.5
SHORT = 14
"""Up to so many characters, words that answer the question are an answer whatever else they resemble."""
PAUSE = re.compile(r"^(等(一?下|等|会儿?|我)|稍等|先等|我?先?(忙|想想|问问)|一会儿?再)")


def belongs(said: Said, confidence: float, step: Step) -> bool:
    """Whether the form should take the message."""
    if said.chosen or said.shared_point:
        return step.heard
    if said.intent in NEVER and not step.heard:
        return False
    if said.intent in {"stop", "ask_human"}:
        return False
    if said.intent in OF_A_BOOKING:
        return True
    return (step.heard and len(said.text) <= SHORT) or (step.heard and confidence < SURE) or is_pause(said.text)


def is_pause(text: str) -> bool:
    """「等一下」: she will come back to it."""
    return bool(PAUSE.match(text.strip()))
