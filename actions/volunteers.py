"""Volunteering in the talk: signing up step by step, at any time something else; and how hers stands, with pause and leaving.

The sign-up travels in the choices themselves, so that nothing holds her: what she does not finish was never kept.
"""

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_slots import said_from
from actions.context import services
from actions.knowledge import ActionAnswerQuestion, say_other_needs
from bot.domain.accounts import branch
from bot.domain.errors import BadInput, NotFound
from bot.domain.volunteers import (
    FREE_WORDS,
    KIND_WORDS,
    STATUS_WORDS,
    Draft,
    FreeTime,
    MatchStatus,
    VolunteerStatus,
    hour_words,
    is_wish,
    kind_in,
    phone_in,
    wants_to_leave,
)
from bot.language.places import PlaceKind
from bot.services.volunteer_calls import Answered
from bot.services.volunteers import Asked, Mine

Events = list[dict[str, Any]]
Button = dict[str, str]
TOPIC = "volunteers"
"""In the slot `service_kind`: what a place that she names next is for."""
CONTACT = "contact"
"""In the slot `volunteer_draft`: she was just told that she may leave a telephone."""
A_PAGE = 4
"""Skills or districts that are offered at once, beside going on and seeing others."""


def step(title: str, name: str, draft: Draft | None = None) -> Button:
    """A choice of the sign-up."""
    carried = f',"draft":"{draft.write()}"' if draft else ""
    return {"title": title, "payload": f'/join_volunteers{{"volunteer":"{name}"{carried}}}'}


def act(title: str, name: str, match: str = "") -> Button:
    """A choice of somebody who signed up."""
    which = f',"match":"{match}"' if match else ""
    return {"title": title, "payload": f'/manage_volunteering{{"volunteer":"{name}"{which}}}'}


QUIT, SIGN_UP, MINE = step("不报了", "quit"), step("报名当志愿者", "begin"), act("看我的志愿服务", "mine")
CONDITIONS: Button = {"title": "先问问有什么条件", "payload": '/join_volunteers{"answer":"volunteer_rules"}'}
PERSON: Button = {"title": "找工作人员", "payload": "/ask_human"}


class ActionJoinVolunteers(Action):
    """A plain wish begins the sign-up; a question about volunteering is answered as every question is."""

    def name(self) -> str:
        return "action_join_volunteers"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said = said_from(tracker)
        if said.choice("volunteer"):
            return await take_step(dispatcher, tracker, said.choice("volunteer"), Draft.read(said.choice("draft")))
        pressed = said.text.startswith("/") and not said.choice("answer")
        if not pressed and not is_wish(said.text):
            return await ActionAnswerQuestion().run(dispatcher, tracker, domain)
        events = await begin(dispatcher, tracker, "" if pressed else said.text)
        say_other_needs(dispatcher, tracker)
        return events


async def begin(dispatcher: CollectingDispatcher, tracker: Tracker, text: str) -> Events:
    """The first question that her words leave open; who signed up before sees how hers stands."""
    mine = await services().volunteers.mine(tracker.sender_id)
    if mine is not None:
        return await say_mine(dispatcher, tracker.sender_id, mine)
    found = services().gazetteer.read(text).division
    area = branch(found.code)[:9] if found else ""
    draft = Draft(kind_in(text), services().volunteers.skills.read(text), area)
    if draft.kind is not None:
        return ask_skills(dispatcher, draft, 0)
    kinds = [step(title, "skills-0", replace(draft, kind=kind)) for kind, title in KIND_TITLES.items()]
    dispatcher.utter_message(response="utter_volunteer_kind", buttons=[*kinds, CONDITIONS, QUIT])
    return []


KIND_TITLES = {
    kind: f"{KIND_WORDS[kind]}（{what}）"
    for kind, what in zip(
        KIND_WORDS, ("陪伴、带孩子、手工、帮活动", "种植、养殖、电商上答疑", "带姐妹创业"), strict=True
    )
}


async def take_step(dispatcher: CollectingDispatcher, tracker: Tracker, name: str, draft: Draft) -> Events:
    """One tap of the sign-up."""
    if name == "quit":
        dispatcher.utter_message(response="utter_volunteer_quit", buttons=[SIGN_UP])
        return cleared()
    if name == "begin" or draft.kind is None:
        return await begin(dispatcher, tracker, "")
    what, _, page = name.partition("-")
    if what == "apply":
        return await apply(dispatcher, tracker, draft)
    if what == "skills" or not draft.skills:
        return ask_skills(dispatcher, draft, int(page or 0))
    if what == "area":
        return ask_area(dispatcher, draft, int(page or 0), str(tracker.get_slot("place_code") or ""))
    return ask_free(dispatcher, draft)


def ask_skills(dispatcher: CollectingDispatcher, draft: Draft, page: int) -> Events:
    """A few at a time; a tap puts one in, another takes it out."""
    offered = services().volunteers.skills.of_kind(draft.kind) if draft.kind else ()
    draft = replace(draft, skills=tuple(one.key for one in offered if one.key in draft.skills))
    pages = max(1, -(-len(offered) // A_PAGE))
    page %= pages
    buttons = [
        step(f"{'✓ ' if one.key in draft.skills else ''}{one.name}", f"skills-{page}", draft.with_skill(one.key))
        for one in offered[page * A_PAGE : (page + 1) * A_PAGE]
    ]
    buttons += [step("看别的特长", f"skills-{(page + 1) % pages}", draft)] if pages > 1 else []
    chosen = services().volunteers.skills.names(draft.skills)
    if chosen:
        buttons.append(step("选好了", "area", draft))
        dispatcher.utter_message(response="utter_volunteer_skills_more", chosen=chosen, buttons=buttons)
    else:
        kind = KIND_WORDS[draft.kind] if draft.kind else ""
        dispatcher.utter_message(response="utter_volunteer_skills", kind=kind, buttons=[*buttons, QUIT])
    return []


def ask_area(dispatcher: CollectingDispatcher, draft: Draft, page: int, remembered: str) -> Events:
    """Where: what she named, a district, or a place in her own words."""
    gazetteer = services().gazetteer
    named = draft.area or (branch(remembered)[:9] if gazetteer.division(remembered) else "")
    districts, known = gazetteer.districts(), gazetteer.division(named.ljust(12, "0")) if named else None
    pages = max(1, -(-len(districts) // A_PAGE))
    page %= pages
    buttons = [step(f"就在{gazetteer.words(known)}", "free", replace(draft, area=named))] if known else []
    buttons += [
        step(one.name, "free", replace(draft, area=branch(one.code)))
        for one in districts[page * A_PAGE : (page + 1) * A_PAGE] if one is not known
    ]  # fmt: skip
    buttons += [step("看别的区", f"area-{page + 1}", draft)] if pages > 1 else []
    dispatcher.utter_message(response="utter_volunteer_area", buttons=buttons)
    return [SlotSet("service_kind", TOPIC), SlotSet("volunteer_draft", draft.write())]


def take_place(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """A place in her own words answers where; a point is not kept, so she is asked for the district."""
    draft = Draft.read(str(tracker.get_slot("volunteer_draft") or ""))
    reading = services().gazetteer.read(str(tracker.latest_message.get("text") or ""))
    if reading.kind is PlaceKind.AMBIGUOUS:
        buttons = [
            step(services().gazetteer.words(one), "free", replace(draft, area=branch(one.code)[:9]))
            for one in reading.candidates
        ]
        dispatcher.utter_message(response="utter_ask_which_place", buttons=buttons)
        return []
    if reading.division is None:
        dispatcher.utter_message(response="utter_volunteer_area_unheard")
        return ask_area(dispatcher, draft, 0, "")
    return ask_free(dispatcher, replace(draft, area=branch(reading.division.code)[:9]))


def ask_free(dispatcher: CollectingDispatcher, draft: Draft) -> Events:
    """When; nothing chosen means that it is open."""
    buttons = [
        step(f"{'✓ ' if free in draft.free else ''}{title}", "free", draft.with_free(free))
        for free, title in FREE_WORDS.items()
    ]
    done = "选好了，就这样报名" if draft.free else "时间不固定，就这样报名"
    chosen = "、".join(FREE_WORDS[one] for one in FreeTime if one in draft.free) or "还没选"
    buttons += [step(done, "apply", draft), QUIT]
    dispatcher.utter_message(response="utter_volunteer_when", chosen=chosen, buttons=buttons)
    return [SlotSet("service_kind", None), SlotSet("volunteer_draft", draft.write())]


async def apply(dispatcher: CollectingDispatcher, tracker: Tracker, draft: Draft) -> Events:
    """Signed up, or changed; of a telephone she is told once and never asked."""
    before = await services().volunteers.mine(tracker.sender_id)
    try:
        mine = await services().volunteers.apply(tracker.sender_id, draft)
    except BadInput:
        dispatcher.utter_message(response="utter_volunteer_missing", buttons=[SIGN_UP])
        return cleared()
    said = {"kind": mine.kind, "skills": mine.skills, "area": mine.area, "free": mine.free}
    buttons = [MINE, act("退出", "leave")]
    if before is not None:
        dispatcher.utter_message(response="utter_volunteer_changed", buttons=buttons, **said)
        return cleared()
    dispatcher.utter_message(response="utter_volunteer_applied", buttons=buttons, **said)
    return [SlotSet("service_kind", None), SlotSet("volunteer_draft", CONTACT)]


async def take_contact(dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
    """Keep a telephone that she writes after signing up; False when this message has none, or she is no volunteer."""
    phone = phone_in(str(tracker.latest_message.get("text") or ""))
    if not phone or not await services().volunteers.keep_contact(tracker.sender_id, phone):
        return False
    dispatcher.utter_message(
        response="utter_volunteer_contact_kept", buttons=[act("不留了，删掉电话", "drop_contact"), MINE]
    )
    return True


def cleared() -> Events:
    """Nothing of a sign-up is under way."""
    return [SlotSet("service_kind", None), SlotSet("volunteer_draft", None)]


class ActionManageVolunteering(Action):
    """How hers stands, and every change of it by a tap."""

    def name(self) -> str:
        return "action_manage_volunteering"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said, mine = said_from(tracker), await services().volunteers.mine(tracker.sender_id)
        if mine is None:
            dispatcher.utter_message(response="utter_volunteer_none", buttons=[SIGN_UP, CONDITIONS])
            return []
        name = said.choice("volunteer")
        try:
            if name in ("accept", "decline"):
                return await say_answered(dispatcher, tracker.sender_id, said.choice("match"), comes=name == "accept")
            if not name and await take_contact(dispatcher, tracker):
                return cleared()
            if not name and wants_to_leave(said.text):
                name = "leave"
            return await manage(dispatcher, tracker.sender_id, name, mine)
        except NotFound:
            dispatcher.utter_message(response="utter_volunteer_call_gone", buttons=[MINE])
            return []


async def manage(dispatcher: CollectingDispatcher, conversation: str, name: str, mine: Mine) -> Events:
    """One change, or how it stands."""
    volunteers = services().volunteers
    match name:
        case "change":
            return ask_skills(dispatcher, mine.draft, 0)
        case "pause" if await volunteers.pause(conversation):
            dispatcher.utter_message(response="utter_volunteer_paused", buttons=[act("恢复", "resume"), MINE])
        case "resume" if await volunteers.resume(conversation):
            dispatcher.utter_message(response="utter_volunteer_resumed", buttons=[act("再停一停", "pause"), MINE])
        case "leave":
            buttons = [act("退出", "leave_sure"), act("只停一阵", "pause"), act("不退了", "mine")]
            dispatcher.utter_message(response="utter_volunteer_leave", buttons=buttons)
        case "leave_sure":
            await volunteers.leave(conversation)
            dispatcher.utter_message(response="utter_volunteer_left", hours=hour_words(mine.minutes), buttons=[SIGN_UP])
        case "drop_contact":
            await volunteers.keep_contact(conversation, "")
            dispatcher.utter_message(response="utter_volunteer_contact_dropped", buttons=[MINE])
        case _:
            return await say_mine(dispatcher, conversation, mine)
    return []


async def say_mine(dispatcher: CollectingDispatcher, conversation: str, mine: Mine) -> Events:
    """As what, where and when, the hours, what she is asked for, and every change."""
    asked = await services().volunteers.asked(conversation)
    lines = [f"· {line(one)}" for one in asked] or ["· 现在没有"]
    first = next((one for one in asked if one.status is MatchStatus.ASKED), None)
    coming = next((one for one in asked if one.status is MatchStatus.ACCEPTED), None)
    buttons = (
        [act(f"去：{short(first)}", "accept", first.id), act(f"不去：{short(first)}", "decline", first.id)]
        if first
        else []
    )
    buttons += [act(f"去不了了：{short(coming)}", "decline", coming.id)] if coming else []
    buttons.append(act("改一改", "change"))
    if mine.status in (VolunteerStatus.ACCEPTED, VolunteerStatus.PAUSED):
        paused = mine.status is VolunteerStatus.PAUSED
        buttons.append(act("恢复", "resume") if paused else act("停一停", "pause"))
    buttons.append(act("退出", "leave"))
    dispatcher.utter_message(
        response="utter_volunteer_mine", kind=mine.kind, state=STATUS_WORDS[mine.status], skills=mine.skills,
        area=mine.area, free=mine.free, hours=hour_words(mine.minutes), calls="\n".join(lines), buttons=buttons,
    )  # fmt: skip
    return []


def line(one: Asked) -> str:
    """「去社区陪老人聊天，11月28日（周六）10:00，北辰区：等您回话」"""
    state = "您答应了" if one.status is MatchStatus.ACCEPTED else "等您回话"
    return f"{one.need}，{one.when}{f'，{one.where}' if one.where else ''}：{state}"


def short(one: Asked) -> str:
    """Enough of a call for a choice."""
    return one.need if len(one.need) <= 10 else f"{one.need[:10]}…"


async def say_answered(dispatcher: CollectingDispatcher, conversation: str, match: str, *, comes: bool) -> Events:
    """What came of her yes or no; both can be taken back until the call is over."""
    outcome, one = await services().volunteers.answer(conversation, match, comes=comes)
    about = {"need": one.need, "when": one.when, "where": one.where or "地点再告诉您"}
    match outcome:
        case Answered.COMES:
            buttons = [act("去不了了", "decline", match), MINE]
            dispatcher.utter_message(response="utter_volunteer_comes", buttons=buttons, **about)
        case Answered.DECLINED:
            buttons = [act("还是可以", "accept", match), MINE]
            dispatcher.utter_message(response="utter_volunteer_declined", buttons=buttons)
        case Answered.FULL:
            dispatcher.utter_message(response="utter_volunteer_full", buttons=[MINE])
        case Answered.OVER:
            dispatcher.utter_message(response="utter_volunteer_over", buttons=[MINE, PERSON])
    return []
