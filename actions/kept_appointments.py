"""What she has booked: seeing it, changing it, cancelling it, waiting for a seat."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_slots import CLEARED, booking_from, said_from
from actions.context import services
from bot.domain.appointments import BookedAppointment, moment_words
from bot.domain.errors import BotError
from bot.services.booking_form import kinds_words
from bot.settings import settings

Events = list[dict[str, Any]]
NUMBER = re.compile(r"(?<!\d)\d{6}(?!\d)")


class ActionListAppointments(Action):
    """Everything that is to come, each with its choices."""

    def name(self) -> str:
        return "action_list_appointments"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        coming = await services().appointments.coming(tracker.sender_id)
        if not coming:
            dispatcher.utter_message(response="utter_no_appointments")
            return []
        dispatcher.utter_message(
            response="utter_appointments_listed",
            appointments="\n".join(f"预约号 {one.number}\n{one.words()}" for one in coming),
            buttons=[
                *choices(coming, "change_appointment", "改"),
                *choices(coming, "cancel_appointment", "取消"),
            ],
        )
        return []


class ActionChangeAppointment(Action):
    """Starts the form again for one appointment: only its time and place are asked; the old one is kept till a yes."""

    def name(self) -> str:
        return "action_change_appointment"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        meant = await meant_appointment(dispatcher, tracker, "change_appointment", "改")
        if meant is None:
            return []
        return [
            *CLEARED,
            SlotSet("appointment_moving", meant.id),
            SlotSet("appointment_kinds", "+".join(meant.kinds)),
            SlotSet("appointment_place", f"service:{meant.visits[0].service}"),
            SlotSet("appointment_called", meant.called),
            FollowupAction("book_appointment_form"),
        ]


class ActionCancelAppointment(Action):
    """Asks once, then cancels; keeping it is one press."""

    def name(self) -> str:
        return "action_cancel_appointment"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said = said_from(tracker)
        if said.choice("sure") == "no":
            dispatcher.utter_message(response="utter_appointment_kept")
            return []
        if said.choice("sure") == "yes":
            return await cancel(dispatcher, said.choice("appointment"), tracker.sender_id)
        meant = await meant_appointment(dispatcher, tracker, "cancel_appointment", "取消")
        if meant is not None:
            buttons = [
                {"title": "取消它", "payload": f'/cancel_appointment{{"appointment":"{meant.id}","sure":"yes"}}'},
                {"title": "不，给我留着", "payload": '/cancel_appointment{"sure":"no"}'},
                {"title": "改个时间", "payload": f'/change_appointment{{"appointment":"{meant.id}"}}'},
            ]
            dispatcher.utter_message(response="utter_confirm_cancel", appointment=meant.words(), buttons=buttons)
        return []


async def cancel(dispatcher: CollectingDispatcher, appointment: str, conversation: str) -> Events:
    """Cancel it, or say why it cannot be."""
    try:
        done = await services().appointments.cancel(appointment, conversation=conversation)
    except BotError as refused:
        dispatcher.utter_message(response="utter_appointment_refused", why=refused.words)
        return []
    dispatcher.utter_message(
        response="utter_appointment_cancelled",
        json_message={"calendar": done.id},
    )
    return []


class ActionJoinWaitingList(Action):
    """Waits for what the form was asking for; asks for it when there is nothing yet."""

    def name(self) -> str:
        return "action_join_waiting_list"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        booking = booking_from(tracker)
        if not booking.kinds or not booking.place:
            dispatcher.utter_message(response="utter_waiting_ask")
            return [] if tracker.active_loop.get("name") else [FollowupAction("book_appointment_form")]
        wish = await services().booking_form.waiting_wish(booking)
        try:
            waiting = await services().waiting_list.join(
                tracker.sender_id, wish, called=booking.called or "", phone=booking.phone, may_message=True
            )
        except BotError as refused:
            dispatcher.utter_message(response="utter_appointment_refused", why=refused.words)
            return []
        dispatcher.utter_message(
            response="utter_waiting_joined",
            kind=kinds_words(waiting.kinds),
            when=f"{moment_words(waiting.first)}到{moment_words(waiting.last)}之间",
            minutes=settings().appointment_offer_minutes,
            buttons=[{"title": "不排了", "payload": "/decline_offer"}],
        )
        return [*CLEARED, {"event": "active_loop", "name": None}]


class ActionAnswerOffer(Action):
    """Yes or no to a seat that became free."""

    def name(self) -> str:
        return "action_answer_offer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        declines = tracker.latest_message["intent"]["name"] == "decline_offer"
        offers = await services().waiting_list.offers(tracker.sender_id)
        appointment = said_from(tracker).choice("appointment") or (offers[0].id if offers else "")
        if not appointment:
            left = await services().waiting_list.leave(tracker.sender_id) if declines else 0
            dispatcher.utter_message(response="utter_waiting_left" if left else "utter_no_offer")
            return []
        try:
            if declines:
                await services().waiting_list.decline(appointment, conversation=tracker.sender_id)
                dispatcher.utter_message(response="utter_offer_declined")
                return []
            taken = await services().waiting_list.accept(appointment, conversation=tracker.sender_id)
        except BotError as refused:
            dispatcher.utter_message(response="utter_appointment_refused", why=refused.words)
            return []
        dispatcher.utter_message(
            response="utter_appointment_booked",
            visits=taken.words(),
            number=taken.number,
            note="",
            json_message={"calendar": taken.id},
        )
        return []


async def meant_appointment(
    dispatcher: CollectingDispatcher, tracker: Tracker, intent: str, verb: str
) -> BookedAppointment | None:
    """The one she means: chosen, named by its number, or the only one. Otherwise she is asked, and it is None."""
    coming = await services().appointments.coming(tracker.sender_id)
    said = said_from(tracker)
    named = NUMBER.search(said.text)
    wanted = said.choice("appointment") or (named.group() if named else "")
    meant = [one for one in coming if wanted in (one.id, one.number)] if wanted else list(coming)
    if len(meant) == 1:
        return meant[0]
    if not coming:
        dispatcher.utter_message(response="utter_no_appointments")
    else:
        dispatcher.utter_message(response="utter_which_appointment", buttons=choices(coming, intent, verb))
    return None


def choices(coming: tuple[BookedAppointment, ...], intent: str, verb: str) -> list[dict[str, str]]:
    """One choice an appointment."""
    return [
        {
            "title": f"{verb}：{moment_words(one.starts_at)} {one.visits[0].place}",
            "payload": f'/{intent}{{"appointment":"{one.id}"}}',
        }
        for one in coming
    ]
