"""Finding places and their hours."""

from dataclasses import asdict
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import services
from actions.knowledge import say_other_needs
from bot.language.wishes import read_wishes
from bot.services.after_hours import closed_words
from bot.services.place_search import Outcome, PlaceAnswer, PlaceRequest, relaxed_words


class ActionFindPlace(Action):
    """The three nearest places, or the one question that is missing."""

    INTENT = "find_place"

    def name(self) -> str:
        return "action_find_place"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        request = request_from(tracker)
        if answers_about(tracker, request):
            from actions.mobile import say_stops  # it reads messages by this module

            return await say_stops(dispatcher, tracker)
        if answers_about(tracker, request, "activities"):
            from actions.activities import say_activities

            return await say_activities(dispatcher, tracker)
        if answers_about(tracker, request, "volunteers"):
            from actions.volunteers import take_place  # it answers questions, and so finds places by this

            return take_place(dispatcher, tracker)
        if answers_about(tracker, request, "federations"):
            from actions.federations import say_in_charge

            return await say_in_charge(dispatcher, tracker)
        answer = await services().place_search.find(request)
        if tracker.latest_message["intent"]["name"] == self.INTENT:
            say_other_needs(dispatcher, tracker)
        say(dispatcher, answer, request.text)
        await services().unmet.note(tracker.sender_id, answer, request.text)
        return [SlotSet("service_kind", answer.kind), SlotSet("place_code", answer.place or request.remembered_place)]


def answers_about(tracker: Tracker, request: PlaceRequest, topic: str = "mobile") -> bool:
    """Whether a bare place or point answers the question where, asked for what comes to her and not for a place to go."""
    bare = tracker.latest_message["intent"]["name"] in {"share_location", "inform"} and not request.kind
    return bare and request.remembered_kind == topic and not read_wishes(request.text).kind


def request_from(tracker: Tracker) -> PlaceRequest:
    """Her words, a choice's values, and what the slots remember."""
    message = tracker.latest_message
    chosen = {
        entity["entity"]: entity["value"]
        for entity in message.get("entities", ())
        if entity.get("extractor") == "choice"
    }
    return PlaceRequest(
        text=str(message.get("text") or "") if not chosen.get("place") else "",
        place=str(chosen.get("place", "")),
        kind=str(chosen.get("service_kind", "")),
        shared_point=str((message.get("metadata") or {}).get("shared_point", "")),
        remembered_place=tracker.get_slot("place_code") or "",
        remembered_kind=tracker.get_slot("service_kind") or "",
    )


def say(dispatcher: CollectingDispatcher, answer: PlaceAnswer, text: str) -> None:
    """One response for each outcome."""
    match answer.outcome:
        case Outcome.ASK_WHERE:
            dispatcher.utter_message(response="utter_ask_where", kind=answer.kind_words)
        case Outcome.ASK_WHICH:
            buttons = [
                {"title": name, "payload": f'/find_place{{"place":"{code}"}}'} for code, name in answer.candidates
            ]
            dispatcher.utter_message(response="utter_ask_which_place", buttons=buttons)
        case Outcome.OUTSIDE:
            dispatcher.utter_message(response="utter_place_outside", place=answer.outside)
        case Outcome.NOTHING:
            dispatcher.utter_message(response="utter_no_place", kind=answer.kind_words)
        case Outcome.FOUND:
            say_found(dispatcher, answer, text)


def say_found(dispatcher: CollectingDispatcher, answer: PlaceAnswer, text: str) -> None:
    """The places, with every reservation that a careful person would make."""
    dispatcher.utter_message(
        response="utter_places_found",
        near=answer.near,
        kind=answer.kind_words,
        notes=notes(answer, text),
        json_message={"places": [asdict(place) for place in answer.places]},
    )


def notes(answer: PlaceAnswer, text: str) -> str:
    """A line for each reservation; "" for none."""
    missing = relaxed_words(answer.relaxed, read_wishes(text).facilities)
    lines = [
        f"您说的是“{answer.near}”吗？不是的话，请再写一次地名。" if answer.corrected else "",
        f"没有找到完全符合“{missing}”的，下面是最近的，请看清开放时间。" if missing else "",
        "您要的时间都不开门，下面几处那时有人值班接电话：先打电话，别直接过去。" if "door" in answer.relaxed else "",
        "距离从这一带的中心算起，是大约数。" if answer.approximate else "",
        "这些是示例数据，请勿前往；真实地点请打 12338 问。" if answer.synthetic else "",
        closed_words(answer.closed) if answer.closed else "",
    ]
    return "\n".join(filter(None, lines))


class ActionTellOpeningHours(Action):
    """The hours of the places near where she is."""

    def name(self) -> str:
        return "action_tell_opening_hours"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        request = request_from(tracker)
        answer = await services().place_search.find(request)
        if answer.outcome is Outcome.FOUND:
            dispatcher.utter_message(
                response="utter_opening_hours",
                near=answer.near,
                kind=answer.kind_words,
                notes=notes(answer, request.text),
                json_message={"places": [asdict(place) for place in answer.places]},
            )
        else:
            say(dispatcher, answer, request.text)
        await services().unmet.note(tracker.sender_id, answer, request.text)
        return [SlotSet("service_kind", answer.kind), SlotSet("place_code", answer.place or request.remembered_place)]
