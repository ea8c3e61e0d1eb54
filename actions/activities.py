"""Activities in the talk: which there are, a seat at two taps, and what she has, cancels, signs in to and thought of it."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.activity_words import (
    HOME,
    MARKS,
    MINE,
    OTHERS,
    details,
    give_up_button,
    join_button,
    line,
    sign_up_button,
    told_words,
    where,
)
from actions.booking_slots import said_from
from actions.context import services
from actions.directory import request_from
from actions.kept_activities import say_kept
from bot.domain.activities import ActivityCard, ActivityStatus
from bot.domain.errors import NotChangeable, NotFound, SlotTaken
from bot.language.activity_wishes import gives_up, read_activity_wishes, which_of_several, would_wait
from bot.services.activity_search import ActivityAnswer, read_wishes_of, write_wishes
from bot.services.place_search import Outcome

Events = list[dict[str, Any]]
TOPIC = "activities"
"""In the slot `service_kind`: what a place that she names or sends next is for."""


class ActionFindActivity(Action):
    """The next three that fit, near ones first; without a place those of the whole area, and she is asked where."""

    def name(self) -> str:
        return "action_find_activity"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return await say_activities(dispatcher, tracker)


async def say_activities(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """For her words, a choice of a page or place, or a bare place after the question where."""
    said = said_from(tracker)
    answer = await search(tracker, int(said.choice("page") or 0))
    say_answer(dispatcher, answer)
    return remembered(tracker, answer)


async def search(tracker: Tracker, page: int = 0) -> ActivityAnswer:
    """What fits; her earlier wish counts when this message only names a place or a page."""
    request = request_from(tracker)
    follows = said_from(tracker).chosen or tracker.latest_message["intent"]["name"] in {"share_location", "inform"}
    wish = tracker.get_slot("activity_wish") if follows else None
    text = "" if request.text.startswith("/") else request.text
    request = type(request)(
        text=text, place=request.place, shared_point=request.shared_point, remembered_place=request.remembered_place
    )
    return await services().activity_search.find(request, read_wishes_of(wish) if wish else None, page)


def remembered(tracker: Tracker, answer: ActivityAnswer) -> Events:
    """Slots: the place, the wish, which were shown in which order."""
    place = answer.place or tracker.get_slot("place_code")
    shown = ",".join(card.id for card in answer.cards) or tracker.get_slot("activity_shown")
    return [
        SlotSet("service_kind", TOPIC), SlotSet("place_code", place or None), SlotSet("activity_shown", shown),
        SlotSet("activity_wish", write_wishes(answer.wishes) or None),
    ]  # fmt: skip


def say_answer(dispatcher: CollectingDispatcher, answer: ActivityAnswer) -> None:
    """One response for each outcome."""
    match answer.outcome:
        case Outcome.OUTSIDE:
            dispatcher.utter_message(response="utter_place_outside", place=answer.outside)
        case Outcome.ASK_WHICH:
            buttons = [
                {"title": name, "payload": f'/find_activity{{"place":"{code}"}}'} for code, name in answer.candidates
            ]
            dispatcher.utter_message(response="utter_ask_which_place", buttons=buttons)
        case Outcome.FOUND:
            say_found(dispatcher, answer)
        case _:
            dispatcher.utter_message(response="utter_activities_none", buttons=[HOME])


def say_found(dispatcher: CollectingDispatcher, answer: ActivityAnswer) -> None:
    """The list, with what a careful person would add: what could not be had, how to get nearer, what is only a sample."""
    head = f"{answer.near}附近的活动" if answer.near and "area" not in answer.relaxed else "近期的活动"
    notes = [
        f"没有找到完全合适的（{answer.missing}没有），下面是最接近的。" if answer.missing else "",
        "" if answer.near else "想看离您近的，写区和街道（比如“北辰区集贤里街道”），或者发位置。",
        "标着“示例”的是样子，请勿前往；真实安排请打 12338 问。" if answer.synthetic else "",
    ]
    buttons = [sign_up_button(f"{mark} 看详情、报名", card) for mark, card in zip(MARKS, answer.cards, strict=False)]
    if answer.more:
        buttons.append({"title": "再看几个", "payload": f'/find_activity{{"page":"{answer.page + 1}"}}'})
    elif answer.missing:
        buttons.append(HOME)
    lines = "\n".join(line(mark, card) for mark, card in zip(MARKS, answer.cards, strict=False))
    dispatcher.utter_message(
        response="utter_activities_found", head=head, lines=lines, notes="\n".join(filter(None, notes)), buttons=buttons
    )


class ActionJoinActivity(Action):
    """Which one, then one tap: a seat or a turn to wait, and whether she may be written to."""

    def name(self) -> str:
        return "action_join_activity"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said = said_from(tracker)
        try:
            if activity := said.choice("activity"):
                await take_step(dispatcher, tracker.sender_id, activity, said.choice("step"))
                return []
            if gives_up(said.text):
                await say_kept(dispatcher, tracker.sender_id, said.text)
                return []
            return await which_one(dispatcher, tracker, said.text)
        except SlotTaken:
            say_full(dispatcher, await services().activities.card(said.choice("activity")))
        except NotChangeable as too_late:
            dispatcher.utter_message(response="utter_activity_not_open", why=too_late.words, buttons=[OTHERS, MINE])
        except NotFound:
            dispatcher.utter_message(response="utter_activity_gone", buttons=[OTHERS])
        return []


async def which_one(dispatcher: CollectingDispatcher, tracker: Tracker, text: str) -> Events:
    """The one she named by its number or by its words; else the list to choose from."""
    shown = str(tracker.get_slot("activity_shown") or "").split(",")
    number = which_of_several(text)
    if number is not None and number < len(shown) and shown[number]:
        say_details(dispatcher, await services().activities.card(shown[number]), text)
        return []
    wishes = read_activity_wishes(text, services().activities.now())
    if wishes.is_plain and len(shown) == 1 and shown[0]:
        say_details(dispatcher, await services().activities.card(shown[0]), text)
        return []
    answer = await search(tracker)
    if len(answer.cards) == 1 and not answer.missing and not wishes.is_plain:
        say_details(dispatcher, answer.cards[0], text)
    else:
        say_answer(dispatcher, answer)
    return remembered(tracker, answer)


async def take_step(dispatcher: CollectingDispatcher, conversation: str, activity: str, step: str) -> None:
    """`ask` shows it; the others take a seat or a turn, with or without messages to her. Raises what sign_up raises."""
    if step == "ask":
        say_details(dispatcher, await services().activities.card(activity), "")
        return
    wait, remind = step.startswith("wait"), step.endswith("told")
    mine = await services().activities.sign_up(conversation, activity, remind=remind, wait=wait)
    response = "utter_activity_waiting" if mine.waits else "utter_activity_signed_up"
    dispatcher.utter_message(
        response=response, title=mine.card.title, when=mine.card.when, where=where(mine.card), number=mine.seat or "",
        ahead=mine.ahead, told=told_words(mine), buttons=[give_up_button("不去了，取消", mine), MINE],
    )  # fmt: skip


def say_details(dispatcher: CollectingDispatcher, card: ActivityCard, text: str) -> None:
    """One activity whole, and the tap that signs her up."""
    if card.status is ActivityStatus.CANCELLED:
        dispatcher.utter_message(response="utter_activity_not_open", why="这个活动取消了，对不起。", buttons=[OTHERS])
        return
    if card.free == 0:
        say_full(dispatcher, card)
        return
    note = "现在还有名额，不用候补。" if would_wait(text) else ""
    buttons = [
        join_button("报名，前一天提醒我", card.id, "seat-told"),
        join_button("报名，不用给我发消息", card.id, "seat"),
        OTHERS,
    ]
    dispatcher.utter_message(response="utter_activity_details", details=details(card), note=note, buttons=buttons)


def say_full(dispatcher: CollectingDispatcher, card: ActivityCard) -> None:
    """Full: she may wait, or look at others."""
    buttons = [
        join_button("候补，排到了告诉我", card.id, "wait-told"),
        join_button("候补，不用给我发消息", card.id, "wait"),
        OTHERS,
    ]
    dispatcher.utter_message(response="utter_activity_full", details=details(card), buttons=buttons)
