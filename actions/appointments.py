"""Booking by talk: the form's answers, the slots to choose from, the read-back, and booking it."""

import secrets
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_slots import CLEARED, booking_from, said_from, slots_of
from actions.context import services
from bot.domain.appointments import BookedAppointment, moment_words
from bot.domain.errors import Conflict, NotFound, SlotTaken
from bot.services.appointments import BookingRequest
from bot.services.availability import FreeSlot
from bot.services.booking_form import Step, kinds_words, write_visits
from bot.services.booking_talk import belongs, is_pause

Events = list[dict[str, Any]]
NOTES = {"past": "utter_booking_past", "outside": "utter_booking_outside", "not_free": "utter_booking_not_free"}


class ValidateBookAppointmentForm(Action):
    """Reads one message into the form's answers; a message about something else is left to the other rules.

    Rasa calls it again with the same message when the form comes back after such a digression: it is left alone again.
    """

    def name(self) -> str:
        return "validate_book_appointment_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said = said_from(tracker)
        step = await services().booking_form.read(booking_from(tracker), said)
        begins = said.asked == ""
        if not begins and not belongs(said, tracker.latest_message["intent"].get("confidence", 1.0), step):
            return []
        say_notes(dispatcher, step, pause=is_pause(said.text), unheard=not step.heard and not begins)
        request = [SlotSet("appointment_request", secrets.token_urlsafe(12))] if begins else []
        unheard = 0.0 if step.heard or begins else (tracker.get_slot("appointment_unheard") or 0.0) + 1
        return [*slots_of(step.booking), *request, SlotSet("appointment_unheard", unheard)]


def say_notes(dispatcher: CollectingDispatcher, step: Step, *, pause: bool, unheard: bool) -> None:
    """What must be said before the next question."""
    if step.options:
        buttons = [{"title": words, "payload": f'/inform{{"wish":"{wish}"}}'} for words, wish in step.options]
        dispatcher.utter_message(response="utter_which_time", buttons=buttons)
    if step.places:
        buttons = [{"title": name, "payload": f'/inform{{"place":"{code}"}}'} for code, name in step.places]
        dispatcher.utter_message(response="utter_ask_which_place", buttons=buttons)
    for note in step.notes:
        dispatcher.utter_message(response=NOTES[note])
    if pause:
        dispatcher.utter_message(response="utter_booking_pause")
    elif unheard:
        dispatcher.utter_message(response="utter_booking_unheard")


class ActionAskBookAppointmentFormAppointmentVisits(Action):
    """The nearest free slots, each with its date, hour and place."""

    def name(self) -> str:
        return "action_ask_book_appointment_form_appointment_visits"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        booking = booking_from(tracker)
        found = await services().booking_form.offers(booking)
        kind = kinds_words(booking.kinds)
        if not found.slots:
            dispatcher.utter_message(response="utter_slots_none", kind=kind, buttons=WAIT)
            return []
        response = "utter_slots_later" if found.widened else "utter_slots_free"
        dispatcher.utter_message(response=response, kind=kind, buttons=[*slot_buttons(found.slots), *WAIT])
        return []


WAIT = [{"title": "都不合适，帮我排队，有空位告诉我", "payload": "/join_waiting_list"}]


def slot_buttons(slots: tuple[FreeSlot, ...]) -> list[dict[str, str]]:
    """One choice a slot; a joint visit shows both."""
    return [
        {
            "title": slot_title(slot),
            "payload": f'/inform{{"visits":"{write_visits([(v.service, v.starts_at) for v in slot.visits])}"}}',
        }
        for slot in slots
    ]


def slot_title(slot: FreeSlot) -> str:
    """「11月28日（周六）10:00 某某站 · 1.2公里」"""
    first = slot.visits[0]
    then = "".join(f"，{visit.starts_at:%H:%M} {visit.place}" for visit in slot.visits[1:])
    far = "" if slot.distance_m is None else f" · {slot.distance_m / 1000:.1f}公里"
    return f"{moment_words(first.starts_at)} {first.place}{then}{far}"


class ActionAskBookAppointmentFormAppointmentConfirmed(Action):
    """Everything read back in full; nothing is booked before a yes."""

    def name(self) -> str:
        return "action_ask_book_appointment_form_appointment_confirmed"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        booking = booking_from(tracker)
        slot = await services().booking_form.chosen(booking)
        if slot is None:
            dispatcher.utter_message(response="utter_booking_not_free")
            found = await services().booking_form.offers(booking)
            dispatcher.utter_message(
                response="utter_slots_free", kind=kinds_words(booking.kinds), buttons=slot_buttons(found.slots)
            )
            return [SlotSet("appointment_visits", None), SlotSet("requested_slot", "appointment_visits")]
        response = "utter_confirm_move" if booking.moving else "utter_confirm_appointment"
        dispatcher.utter_message(
            response=response,
            visits="\n".join(f"{kinds_words([visit.kind])}：{visit.words()}" for visit in slot.visits),
            who=f"称呼：{booking.called}" if booking.called else "称呼：不留",
            note="\n这是示例地点，预约也是示例，请勿前往。" if any(visit.synthetic for visit in slot.visits) else "",
        )
        return []


class ActionBookAppointment(Action):
    """Books (or moves) what she said yes to."""

    def name(self) -> str:
        return "action_book_appointment"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        booking = booking_from(tracker)
        try:
            if booking.moving:
                done = await services().appointments.move(
                    booking.moving, booking.visits, conversation=tracker.sender_id
                )
            else:
                done = await services().appointments.book(
                    BookingRequest(
                        key=f"{tracker.sender_id} {tracker.get_slot('appointment_request')}",
                        visits=booking.visits,
                        conversation=tracker.sender_id,
                        called=booking.called or "",
                        phone=booking.phone,
                        remind=booking.confirmed == "remind",
                    )
                )
        except SlotTaken as taken:
            dispatcher.utter_message(response="utter_appointment_slot_taken", why=taken.words)
            again = [SlotSet("appointment_visits", None), SlotSet("appointment_confirmed", None)]
            return [*again, FollowupAction("book_appointment_form")]
        except (Conflict, NotFound) as refused:
            dispatcher.utter_message(response="utter_appointment_refused", why=refused.words)
            return CLEARED
        say_done(dispatcher, done, moved=bool(booking.moving))
        return CLEARED


def say_done(dispatcher: CollectingDispatcher, done: BookedAppointment, *, moved: bool) -> None:
    """The full date, weekday, hour and place once more, and how to change it."""
    dispatcher.utter_message(
        response="utter_appointment_moved" if moved else "utter_appointment_booked",
        visits=done.words(),
        number=done.number,
        note="\n到时我会提前一天和提前两小时提醒您，话里不提是什么事。" if done.remind else "",
        json_message={"calendar": done.id},
    )


class ActionLeaveBooking(Action):
    """She would rather not: the form ends, nothing is kept of it."""

    def name(self) -> str:
        return "action_leave_booking"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(response="utter_booking_left")
        return [ActiveLoop(None), *CLEARED]
