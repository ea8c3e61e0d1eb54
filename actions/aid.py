"""困难救助 in the talk: which programme, who qualifies, what to bring, applying, and how hers stand; all by choices."""

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_slots import said_from
from actions.context import services
from bot.domain.aid import STATUS_WORDS, AidStatus, Programme
from bot.domain.errors import NotFound
from bot.services.aid import Aid, Applied, Hers, asks_state, starts
from bot.services.booking_form import Said
from bot.services.suggestions import day_words

Events = list[dict[str, Any]]
Button = dict[str, str]
A_MESSAGE = 5
"""Programmes that are offered at once; the rest stands behind 「看别的救助」."""
PERSON: Button = {"title": "找工作人员", "payload": "/ask_human"}
FORGOTTEN: Events = [SlotSet("aid_programme", None), SlotSet("aid_have", None)]


def button(title: str, **values: str) -> Button:
    """A choice of this topic."""
    inside = ",".join(f'"{name}":"{value}"' for name, value in values.items())
    return {"title": title, "payload": f"/apply_for_aid{{{inside}}}"}


def aid() -> Aid:
    """The service."""
    return services().office.aid


class ActionApplyForAid(Action):
    """One step of applying, as her choice or her words have it; nothing is kept before she says 「帮我申请」."""

    def name(self) -> str:
        return "action_apply_for_aid"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said = said_from(tracker)
        try:
            if said.chosen:
                return await by_choice(dispatcher, tracker, said)
            pressed = tracker.latest_message["intent"].get("confidence") == 1.0
            return await by_words(dispatcher, tracker, "" if pressed else said.text)
        except NotFound:
            dispatcher.utter_message(response="utter_aid_gone", buttons=[button("看有哪些救助", aid="list-0"), PERSON])
            return FORGOTTEN


async def by_choice(dispatcher: CollectingDispatcher, tracker: Tracker, said: Said) -> Events:
    """What the choice carries: a step, a programme, the papers that she ticked so far, one of her applications."""
    step, programme, application = said.choice("aid"), said.choice("programme"), said.choice("application")
    have = [key for key in said.choice("have").split("+") if key]
    match step:
        case "apply":
            return await apply(dispatcher, tracker, programme, have)
        case "papers":
            return say_papers(dispatcher, aid().programme(programme), have)
        case "state":
            return await say_state(dispatcher, tracker.sender_id)
        case "tick":
            say_ticked(dispatcher, await aid().tick(tracker.sender_id, application, have[0]))
        case "withdraw":
            name = await aid().withdraw(tracker.sender_id, application)
            dispatcher.utter_message(response="utter_aid_withdrawn", name=name)
        case _ if programme:
            return say_programme(dispatcher, aid().programme(programme))
        case _:
            return say_list(dispatcher, (), first=int(step.removeprefix("list-") or 0))
    return FORGOTTEN


async def by_words(dispatcher: CollectingDispatcher, tracker: Tracker, text: str) -> Events:
    """Her words name a programme, ask how hers stand, or go on from the one she looked at."""
    programmes = aid().programmes
    guessed, looked_at = programmes.guessed(text), str(tracker.get_slot("aid_programme") or "")
    if asks_state(text):
        return await say_state(dispatcher, tracker.sender_id)
    if (
        looked_at
        and starts(text)
        and looked_at in {one.key for one in guessed} | ({looked_at} if not guessed else set())
    ):
        have = str(tracker.get_slot("aid_have") or "").split("+")
        return await apply(dispatcher, tracker, looked_at, have)
    answered = programmes.by_answer(str(tracker.get_slot("last_answer") or "")) if not text else None
    if answered is not None or len(guessed) == 1:
        return say_programme(dispatcher, answered or guessed[0])
    return say_list(dispatcher, guessed)


def say_list(dispatcher: CollectingDispatcher, guessed: Sequence[Programme], first: int = 0) -> Events:
    """A few programmes as choices, those that her words name before the others."""
    every = [*guessed, *(one for one in aid().programmes.all if one not in guessed)]
    buttons = [button(one.short, programme=one.key) for one in every[first : first + A_MESSAGE]]
    after = first + A_MESSAGE
    buttons.append(button("看别的救助", aid=f"list-{after if after < len(every) else 0}"))
    dispatcher.utter_message(response="utter_aid_which", buttons=buttons)
    return FORGOTTEN


def say_programme(dispatcher: CollectingDispatcher, one: Programme) -> Events:
    """What it is, who qualifies and where; of one that was not checked for too long only the first and the last."""
    fresh, day = not one.is_stale(aid().today()), one.checked_at
    who = f"谁能申请：{one.who}" if fresh else "条件很久没有核对了，不敢照着说，以窗口答复为准。"
    checked = f"{day.year}年{day.month}月{day.day}日核对"
    law = f"依据：{one.law_words}（{checked}）" if fresh and one.law else "能不能批、批多少，由窗口定。"
    dispatcher.utter_message(
        response="utter_aid_programme", name=one.name, gives=one.gives, who=who, where=one.where, law=law,
        buttons=[
            button("看要带什么", aid="papers", programme=one.key, have=""),
            button("先帮我申请，材料以后补", aid="apply", programme=one.key, have=""),
            button("不是这个，看别的", aid="list-0"),
        ],
    )  # fmt: skip
    return [SlotSet("aid_programme", one.key), SlotSet("aid_have", None)]


def say_papers(dispatcher: CollectingDispatcher, one: Programme, have: list[str]) -> Events:
    """The checklist: a tap ticks one, and she may apply whatever is ticked."""
    missing = one.missing(have)
    lines = "\n".join(f"{'☑' if paper.key in have else '☐'} {paper.name}" for paper in one.papers)
    ticks = [
        button(f"有：{paper.name}", aid="papers", programme=one.key, have="+".join([*have, paper.key]))
        for paper in missing
    ]
    title = "都齐了，帮我申请" if not missing else "先帮我申请，缺的以后补" if have else "都没有，先帮我申请"
    go = button(title, aid="apply", programme=one.key, have="+".join(have))
    buttons = [*ticks, go, button("不是这个，看别的", aid="list-0")]
    dispatcher.utter_message(response="utter_aid_papers", name=one.short, lines=lines, buttons=buttons)
    return [SlotSet("aid_programme", one.key), SlotSet("aid_have", "+".join(have) or None)]


async def apply(dispatcher: CollectingDispatcher, tracker: Tracker, programme: str, have: list[str]) -> Events:
    """Her application becomes a case; she is told what is missing, who comes and by when, and how to take it back."""
    place = str(tracker.get_slot("place_code") or "")
    applied = await aid().apply(tracker.sender_id, programme, have, place=place)
    say_applied(dispatcher, applied)
    return FORGOTTEN


def say_applied(dispatcher: CollectingDispatcher, applied: Applied) -> None:
    """What became of applying."""
    missing = f"还缺：{'、'.join(applied.missing)}。缺着也不耽误先问。" if applied.missing else "材料您说都齐了。"
    buttons = [
        button("看我的申请", aid="state"),
        button("撤回这个申请", aid="withdraw", application=applied.id),
    ]
    if applied.again:
        dispatcher.utter_message(response="utter_aid_again", name=applied.name, missing=missing, buttons=buttons)
        return
    dispatcher.utter_message(
        response="utter_aid_applied", name=applied.name, missing=missing, told=applied.told, buttons=buttons
    )
    if not applied.place_known:
        dispatcher.utter_message(response="utter_case_place_wanted")


def say_ticked(dispatcher: CollectingDispatcher, hers: Hers) -> None:
    """Another paper is there."""
    missing = "、".join(name for _, name in hers.missing)
    left = f"还缺：{missing}。" if missing else "材料都齐了，工作人员看得到。"
    dispatcher.utter_message(response="utter_aid_ticked", name=hers.name, left=left, buttons=buttons_of(hers))


async def say_state(dispatcher: CollectingDispatcher, conversation: str) -> Events:
    """How hers stand; what is still missing of the newest can be ticked."""
    hers = await aid().hers(conversation)
    if not hers:
        dispatcher.utter_message(
            response="utter_aid_none", buttons=[button("看有哪些救助", aid="list-0"), PERSON]
        )  # fmt: skip
        return FORGOTTEN
    newest = next((one for one in hers if one.is_open), hers[0])
    dispatcher.utter_message(
        response="utter_aid_listed", lines="\n".join(line(one) for one in hers), buttons=buttons_of(newest)
    )
    return FORGOTTEN


def line(one: Hers) -> str:
    """「11月24日 临时救助：在备材料，还缺身份证」"""
    said = f"{day_words(one.day)} {one.name}：{STATUS_WORDS[one.status]}"
    if one.status is AidStatus.COLLECTING and one.missing:
        said += f"，还缺{'、'.join(name for _, name in one.missing)}"
    if one.reason:
        said += f"（{one.reason}）"
    return f"{said}\n{one.refused}" if one.refused else said


def buttons_of(one: Hers) -> list[Button]:
    """What she can do about an application."""
    if not one.is_open:
        return [button("申请别的救助", aid="list-0"), PERSON]
    ticks = [button(f"有了：{name}", aid="tick", application=one.id, have=key) for key, name in one.missing[:4]]
    return [*ticks, button("撤回这个申请", aid="withdraw", application=one.id), PERSON][:6]
