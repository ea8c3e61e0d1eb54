"""流动服务 in the talk: what comes near her and when, and being told of it or not."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_slots import said_from
from actions.context import services
from actions.directory import request_from
from bot.domain.mobile import span_words, wants_no_more
from bot.services.mobile import MobileAnswer, Stop
from bot.services.place_search import Outcome

Events = list[dict[str, Any]]
TOPIC = "mobile"
"""In the slot `service_kind`: what a place that she names or sends next is for."""
NO_MORE = {"title": "不用再告诉我", "payload": '/find_mobile_service{"mobile":"unsubscribe"}'}


class ActionFindMobileService(Action):
    """The next stops near her, or the one question that is missing; a tap and she is told of them, or no more."""

    def name(self) -> str:
        return "action_find_mobile_service"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said = said_from(tracker)
        place = said.choice("place") or str(tracker.get_slot("place_code") or "")
        match said.choice("mobile") or ("unsubscribe" if wants_no_more(said.text) else ""):
            case "subscribe" if services().gazetteer.division(place):
                await say_subscribed(dispatcher, tracker.sender_id, place)
                return [SlotSet("place_code", place)]
            case "unsubscribe":
                await services().mobile.unsubscribe(tracker.sender_id)
                dispatcher.utter_message(response="utter_mobile_unsubscribed")
                return []
        return await say_stops(dispatcher, tracker)


async def say_stops(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """What comes near the place of this message, of her wish to be told, or of before."""
    request = request_from(tracker)
    if said_from(tracker).choice("mobile") == "near" and (wish := await services().mobile.wish(tracker.sender_id)):
        request = type(request)(text="", place=wish.place)
    answer = await services().mobile.find(tracker.sender_id, request)
    say(dispatcher, answer)
    return [SlotSet("service_kind", TOPIC), SlotSet("place_code", answer.place or request.remembered_place)]


def say(dispatcher: CollectingDispatcher, answer: MobileAnswer) -> None:
    """One response for each outcome."""
    match answer.outcome:
        case Outcome.ASK_WHERE:
            dispatcher.utter_message(response="utter_ask_where", kind=answer.kind_words)
        case Outcome.ASK_WHICH:
            buttons = [
                {"title": name, "payload": f'/find_mobile_service{{"place":"{code}"}}'}
                for code, name in answer.candidates
            ]
            dispatcher.utter_message(response="utter_ask_which_place", buttons=buttons)
        case Outcome.OUTSIDE:
            dispatcher.utter_message(response="utter_place_outside", place=answer.outside)
        case Outcome.NOTHING:
            buttons = [tell_me(answer)]
            dispatcher.utter_message(
                response="utter_mobile_none", near=answer.near, kind=answer.kind_words, buttons=buttons
            )
        case Outcome.FOUND:
            say_found(dispatcher, answer)


def say_found(dispatcher: CollectingDispatcher, answer: MobileAnswer) -> None:
    """The stops, with what a careful person would add."""
    near = any(stop.near for stop in answer.stops)
    notes = [
        "" if near else "同一个街镇和 5 公里里暂时没有，上面是远一些的。",
        "距离是从中心算的大约数。"
        if any(stop.approximate and stop.distance_m is not None for stop in answer.stops)
        else "",
        "这些是示例数据，请勿前往；真实安排请打 12338 问。" if any(stop.synthetic for stop in answer.stops) else "",
    ]
    dispatcher.utter_message(
        response="utter_mobile_stops", near=answer.near, kind=answer.kind_words,
        lines="\n".join(line(at, stop) for at, stop in enumerate(answer.stops, start=1)),
        notes="".join(filter(None, notes)), buttons=[tell_me(answer)],
    )  # fmt: skip


def line(at: int, stop: Stop) -> str:
    """「① 11月28日（周六）09:00–11:30 · 某某社区门口 · 流动义诊：量血压 · 大约 1.2 公里」"""
    what = f"{stop.unit}：{stop.offers}" if stop.offers else stop.unit
    away = far_words(stop.distance_m, approximate=stop.approximate)
    changed = f"（有变动：{stop.moved}）" if stop.moved else ""
    return f"{'①②③④⑤'[at - 1]} {span_words(stop.starts_at, stop.ends_at)} · {stop.place} · {what}{away}{changed}"


def far_words(metres: int | None, *, approximate: bool) -> str:
    """「 · 大约 1.2 公里」; "" where it is not known."""
    if metres is None:
        return ""
    return f" · {'大约 ' if approximate else ''}{f'{metres / 1000:.1f} 公里' if metres >= 1000 else f'{metres} 米'}"


def tell_me(answer: MobileAnswer) -> dict[str, str]:
    """Being told of stops near this place, or not any more."""
    if answer.told:
        return NO_MORE
    payload = f'/find_mobile_service{{"mobile":"subscribe","place":"{answer.place}"}}'
    return {"title": "附近有了提前一天告诉我", "payload": payload}


async def say_subscribed(dispatcher: CollectingDispatcher, conversation: str, place: str) -> None:
    """What was kept, until when, and how to undo it."""
    wish = await services().mobile.subscribe(conversation, place)
    unit = services().gazetteer.division(place)
    near = services().gazetteer.words(unit) if unit else place
    until = f"{wish.until.month}月{wish.until.day}日"
    dispatcher.utter_message(response="utter_mobile_subscribed", near=near, until=until, buttons=[NO_MORE])
