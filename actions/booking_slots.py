"""The booking form's slots, to and from what the service knows them as."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from bot.services.booking_form import Booking, Said, read_visits, read_wish, write_visits, write_wish

NAMES = ("kinds", "place", "wish", "visits", "called", "phone", "confirmed", "moving", "request", "unheard")
CLEARED: list[dict[str, Any]] = [SlotSet(f"appointment_{name}", None) for name in NAMES] + [
    SlotSet("requested_slot", None)
]


def booking_from(tracker: Tracker) -> Booking:
    """The answers so far. What place she looked for before is her first answer to where."""
    slot = {name: tracker.get_slot(f"appointment_{name}") for name in NAMES}
    return Booking(
        kinds=tuple(str(slot["kinds"]).split("+")) if slot["kinds"] else (),
        place=str(slot["place"] or tracker.get_slot("place_code") or ""),
        wish=read_wish(slot["wish"]) if slot["wish"] else None,
        visits=read_visits(slot["visits"]) if slot["visits"] else (),
        called=slot["called"],
        phone=str(slot["phone"] or ""),
        confirmed=str(slot["confirmed"] or ""),
        moving=str(slot["moving"] or ""),
    )


def slots_of(booking: Booking) -> list[dict[str, Any]]:
    """The same, as events."""
    values = {
        "kinds": "+".join(booking.kinds) or None,
        "place": booking.place or None,
        "wish": write_wish(*booking.wish) if booking.wish else None,
        "visits": write_visits(booking.visits) or None,
        "called": booking.called,
        "phone": booking.phone or None,
        "confirmed": booking.confirmed or None,
    }
    return [SlotSet(f"appointment_{name}", value) for name, value in values.items()]


def said_from(tracker: Tracker) -> Said:
    """The latest message; a choice's values stand for its words."""
    message = tracker.latest_message
    chosen = tuple(
        (str(entity["entity"]), str(entity["value"]))
        for entity in message.get("entities", ())
        if entity.get("extractor") == "choice"
    )
    return Said(
        text=str(message.get("text") or ""),
        intent=str(message["intent"].get("name") or ""),
        asked=str(tracker.get_slot("requested_slot") or ""),
        chosen=chosen,
        shared_point=str((message.get("metadata") or {}).get("shared_point", "")),
    )
