"""妇联组织 in the talk: who answers for where she lives, and the federation at her work, which she may choose or keep away."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_slots import said_from
from actions.context import services
from actions.directory import request_from
from bot.domain.federations import AREA_TREE, EVERY, Person, work_payload
from bot.language.work_wishes import asks_of_work, keeps_from_work
from bot.services.federations import InCharge, Office
from bot.services.place_search import Outcome

Events = list[dict[str, Any]]
TOPIC = "federations"
"""In the slot `service_kind`: what a place that she names or sends next is for."""
INTENT = "ask_who_is_in_charge"
PERSON = {"title": "请工作人员来帮我", "payload": "/ask_human"}
WORK = {"title": "看单位、系统的妇联", "payload": f'/{INTENT}{{"seek":"work"}}'}
HOME = {"title": "看附近的妇女之家", "payload": '/find_place{"service_kind":"womens_home"}'}
AWAY = {"title": "别让我单位知道", "payload": work_payload("keep_away", EVERY)}
AREA = {"title": "还是找住的地方的", "payload": work_payload("work", AREA_TREE)}
SAMPLE = "这些是示例数据，请勿前往；真实的请打 12338 问。"
SHOWN = 5
"""People of one office that a message names."""


class ActionTellWhoIsInCharge(Action):
    """Her area's office, unless she speaks of the federation at her work."""

    def name(self) -> str:
        return "action_tell_who_is_in_charge"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said = said_from(tracker)
        if keeps_from_work(said.text):
            dispatcher.utter_message(response="utter_work_kept_away", buttons=[PERSON, WORK])
            return []
        if said.choice("seek") == "work" or asks_of_work(said.text):
            return await say_work(dispatcher, tracker)
        return await say_in_charge(dispatcher, tracker)


async def say_in_charge(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """The nearest office that has people, or the one question that is missing."""
    request = request_from(tracker)
    answer = await services().federations.in_charge(request)
    match answer.outcome:
        case Outcome.ASK_WHERE:
            dispatcher.utter_message(response="utter_in_charge_where")
        case Outcome.ASK_WHICH:
            buttons = [{"title": name, "payload": f'/{INTENT}{{"place":"{code}"}}'} for code, name in answer.candidates]
            dispatcher.utter_message(response="utter_ask_which_place", buttons=buttons)
        case Outcome.OUTSIDE:
            dispatcher.utter_message(response="utter_place_outside", place=answer.outside)
        case Outcome.NOTHING:
            dispatcher.utter_message(response="utter_in_charge_none", near=answer.near, buttons=[PERSON, HOME])
        case Outcome.FOUND if answer.office:
            say_office(dispatcher, answer, answer.office)
    return [SlotSet("service_kind", TOPIC), SlotSet("place_code", answer.place or request.remembered_place)]


def say_office(dispatcher: CollectingDispatcher, answer: InCharge, office: Office) -> None:
    """Who, where, when, and how to reach a person."""
    higher = "" if answer.is_nearest else "（再近一级的还没有登记）"
    lines = [*people_lines(office, answer.named), *office_lines(office)]
    dispatcher.utter_message(
        response="utter_in_charge", near=answer.near, name=office.name, higher=higher, lines="\n".join(lines),
        notes=SAMPLE if office.synthetic else "", buttons=[PERSON, WORK, HOME],
    )  # fmt: skip


def people_lines(office: Office, named: tuple[Person, ...] = ()) -> list[str]:
    """Who answers for the neighbourhood that she wrote, who is on duty today, and the others."""
    first = [f"您说的这一片：{'、'.join(map(described, named))}。"] if named else []
    duty = [f"今天值班：{'、'.join(person.words for person in office.on_duty)}。"] if office.on_duty else []
    if not office.on_duty and office.by_rota:
        duty = ["这一周有工作人员值班。"]
    others = [described(person) for person in office.people if person not in named][:SHOWN]
    return [*first, *duty, *([f"还有：{'；'.join(others)}。" if named else f"{'；'.join(others)}。"] if others else [])]


def described(person: Person) -> str:
    """「副主席 示例乙，负责维权、婚姻家庭」"""
    return f"{person.words}，负责{person.duty}" if person.duty else person.words


def office_lines(office: Office) -> list[str]:
    """Where it sits, its public number, and its hours today; what is not known is said."""
    return [
        f"办公地点：{office.office or '没有登记'}",
        f"办公电话：{office.phone or '没有登记，打 12338 可以转'}",
        f"办公时间：{office.today or '没有登记，去之前先打电话'}",
    ]


async def say_work(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """Federations in systems, zones and companies that fit her words; nothing goes there unless she taps so."""
    place = str(tracker.get_slot("place_code") or "")
    found = await services().federations.find(said_from(tracker).text, place)
    if not found:
        dispatcher.utter_message(response="utter_work_none", buttons=[PERSON, AWAY])
        return []
    taking = [(mark, one) for mark, one in zip("①②③", found, strict=False) if one.takes]
    buttons = [{"title": f"请{mark}的人帮我", "payload": work_payload("work", one.id)} for mark, one in taking]
    lines = "\n".join(f"{mark} {work_line(one)}" for mark, one in zip("①②③", found, strict=False))
    notes = [
        "" if taking else "这几家还没有人在这里接，可以打办公电话；想在这里找人，点“请工作人员来帮我”。",
        SAMPLE if any(one.synthetic for one in found) else "",
    ]
    dispatcher.utter_message(
        response="utter_work_federations", lines=lines, notes="".join(notes),
        buttons=[*buttons, AWAY, *([AREA] if taking else [PERSON])],
    )  # fmt: skip
    return []


def work_line(one: Office) -> str:
    """「某某农业系统妇联（系统，北辰区）· 办公楼二层 · 电话… · 今天 9:00–17:00」"""
    known = [
        one.office,
        one.phone or "电话没有登记",
        one.today,
        "、".join(person.words for person in one.people[:SHOWN]),
    ]
    return " · ".join([f"{one.name}（{one.kind_words}，{one.area}）", *filter(None, known)])
