"""献策谏言 in the talk: kept with thanks, put elsewhere or taken back at a tap, and how hers stand."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_slots import said_from
from actions.context import services
from bot.domain.errors import NotFound, TooMany
from bot.services.booking_form import Said
from bot.services.suggestions import Hers, Kept, day_words

Events = list[dict[str, Any]]
Button = dict[str, str]
A_MESSAGE = 5
"""Categories that are offered at once; the rest stands behind 「别的类别」."""
PERSON: Button = {"title": "找工作人员", "payload": "/ask_human"}


def button(title: str, suggestion: str, step: str) -> Button:
    """A choice about one of hers."""
    return {"title": title, "payload": f'/make_suggestion{{"suggestion":"{suggestion}","step":"{step}"}}'}


def public_page() -> dict[str, list[dict[str, str]]]:
    """The link to what everybody may read."""
    return {"links": [{"title": "大家提了什么、办得怎样", "url": f"{services().settings.public_url}/suggestions"}]}


class ActionKeepSuggestion(Action):
    """Keeps it and says where it was put; a tap puts it elsewhere or takes it back. A complaint offers a person."""

    def name(self) -> str:
        return "action_keep_suggestion"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said = said_from(tracker)
        if said.choice("suggestion"):
            await change(dispatcher, tracker.sender_id, said)
            return []
        complaint = said.intent == "make_complaint"
        text = "" if said.text.startswith("/") else said.text
        place = str(tracker.get_slot("place_code") or "")
        try:
            kept = await services().suggestions.receive(tracker.sender_id, text, place=place, complaint=complaint)
        except TooMany:
            dispatcher.utter_message(response="utter_suggestion_enough", buttons=[PERSON])
            return []
        say_kept(dispatcher, kept, complaint=complaint)
        return []


def say_kept(dispatcher: CollectingDispatcher, kept: Kept, *, complaint: bool) -> None:
    """What was kept, or that there is nothing in it yet; what cannot wait is asked for once more."""
    if not kept.id:
        dispatcher.utter_message(response="utter_suggestion_what", buttons=[PERSON])
        return
    more = [button("换个类别", kept.id, "more-0"), button("撤回这条", kept.id, "withdraw")]
    where = f"记在{kept.area}" if kept.area else "没听出在哪里，先交给区里和市里看"
    if kept.again:
        dispatcher.utter_message(response="utter_suggestion_again", category=kept.category, buttons=more)
    elif complaint:
        dispatcher.utter_message(
            response="utter_complaint_kept", category=kept.category, where=where, buttons=[PERSON, *more]
        )
    else:
        dispatcher.utter_message(
            response="utter_suggestion_kept",
            category=kept.category,
            where=where,
            buttons=more,
            json_message=public_page(),
        )
        if kept.urgent:
            dispatcher.utter_message(response="utter_suggestion_urgent", buttons=[PERSON])


async def change(dispatcher: CollectingDispatcher, conversation: str, said: Said) -> None:
    """A tap under one of hers: the categories page by page, one of them, or taking it back."""
    suggestion, step = said.choice("suggestion"), said.choice("step")
    try:
        if step == "withdraw":
            await services().suggestions.withdraw(conversation, suggestion)
            dispatcher.utter_message(response="utter_suggestion_withdrawn")
        elif step.startswith("more-"):
            buttons = categories_from(suggestion, int(step.removeprefix("more-")))
            dispatcher.utter_message(response="utter_suggestion_category", buttons=buttons)
        else:
            name = await services().suggestions.resort(conversation, suggestion, step)
            again = [button("再换一个", suggestion, "more-0"), button("撤回这条", suggestion, "withdraw")]
            dispatcher.utter_message(response="utter_suggestion_sorted", category=name, buttons=again)
    except NotFound:
        dispatcher.utter_message(response="utter_suggestion_gone")


def categories_from(suggestion: str, first: int) -> list[Button]:
    """A few categories as choices, and the way to the others."""
    every = services().suggestions.categories.all
    buttons = [button(one.name, suggestion, one.key) for one in every[first : first + A_MESSAGE]]
    if len(every) > A_MESSAGE:
        after = first + A_MESSAGE if first + A_MESSAGE < len(every) else 0
        buttons.append(button("看别的类别", suggestion, f"more-{after}"))
    return buttons


class ActionTellSuggestions(Action):
    """How hers stand: who promised what by when, or why not. A tap on one asks for that one alone."""

    def name(self) -> str:
        return "action_tell_suggestions"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        wanted = said_from(tracker).choice("suggestion")
        hers = await services().suggestions.hers(tracker.sender_id)
        shown = [one for one in hers if one.id == wanted] or hers
        if not shown:
            dispatcher.utter_message(response="utter_suggestions_none", json_message=public_page())
            return []
        few = "这一条" if len(shown) == 1 else f"最近 {len(shown)} 条"
        dispatcher.utter_message(
            response="utter_suggestions_listed", few=few, lines="\n".join(line(one) for one in shown),
            buttons=buttons_of(shown), json_message=public_page(),
        )  # fmt: skip
        return []


def line(one: Hers) -> str:
    """「11月24日“妇女之家晚上也开门”（开放时间与办事）：收到，还没答复」"""
    others = "，还有别的姐妹也提了" if one.others else ""
    return f"{day_words(one.day)}“{one.words}”（{one.category}）：{one.state}{others}"


def buttons_of(shown: list[Hers]) -> list[Button]:
    """Changing one where one is shown; else which one is meant."""
    if len(shown) > 1:
        return [
            {"title": f"只看“{one.words[:10]}”", "payload": f'/ask_suggestion{{"suggestion":"{one.id}"}}'}
            for one in shown
        ]
    [one] = shown
    change = [] if one.is_settled else [button("换个类别", one.id, "more-0")]
    return [*change, button("撤回这条", one.id, "withdraw"), PERSON]
