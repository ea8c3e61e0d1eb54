"""Her own records: having them deleted, which takes two taps and a warning, and getting a copy."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.booking_slots import said_from
from actions.context import services
from bot.domain.appointments import moment_words
from bot.domain.retention import Block

Events = list[dict[str, Any]]
COPY, KEEP = (
    {"title": "先给我一份记录", "payload": "/copy_my_data"},
    {"title": "不删了", "payload": '/delete_my_data{"records":"keep"}'},
)


class ActionDeleteMyData(Action):
    """Warns first; then says what stays and asks again; then writes her wish down. The job does it when this turn is over."""

    def name(self) -> str:
        return "action_delete_my_data"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        match said_from(tracker).choice("records"):
            case "keep":
                await services().privacy.withdraw(tracker.sender_id)
                dispatcher.utter_message(response="utter_delete_kept")
            case "sure":
                await confirm(dispatcher, tracker.sender_id)
            case "all" | "but_appointments" as how:
                block = await services().privacy.ask(tracker.sender_id, keep_appointments=how != "all")
                say_asked(dispatcher, block, keeps_appointments=how != "all")
            case _:
                sure = {"title": "我想好了，要删", "payload": '/delete_my_data{"records":"sure"}'}
                dispatcher.utter_message(response="utter_delete_warning", buttons=[COPY, sure, KEEP])
        return []


async def confirm(dispatcher: CollectingDispatcher, conversation: str) -> None:
    """What goes, what stays and why; what is to become of appointments is asked with the last tap."""
    outlook = await services().privacy.outlook(conversation)
    coming = await services().appointments.coming(conversation)
    everything = {"title": "全部删除", "payload": '/delete_my_data{"records":"all"}'}
    buttons = [everything, KEEP]
    if coming:
        everything["title"] = "全部删除，预约也取消"
        but = {"title": "删除，预约给我留着", "payload": '/delete_my_data{"records":"but_appointments"}'}
        buttons = [everything, but, KEEP]
        booked = "\n".join(f"{moment_words(one.starts_at)}，预约号 {one.number}" for one in coming)
        dispatcher.utter_message(response="utter_delete_appointments", appointments=booked)
    dispatcher.utter_message(
        response="utter_delete_confirm", count=outlook.messages, stays=outlook.stays, buttons=buttons
    )


def say_asked(dispatcher: CollectingDispatcher, block: Block | None, *, keeps_appointments: bool) -> None:
    """It is done in a moment; or it waits for something, and she may take it back."""
    if block is Block.HELD:
        dispatcher.utter_message(response="utter_delete_held", buttons=[COPY, KEEP])
    elif block is Block.OPEN_CASE:
        dispatcher.utter_message(response="utter_delete_waits", buttons=[COPY, KEEP])
    elif keeps_appointments:
        dispatcher.utter_message(response="utter_delete_begun_but_appointments")
    else:
        dispatcher.utter_message(response="utter_delete_begun")


class ActionCopyMyData(Action):
    """Files behind links that work once, where she has a page; her latest words and where to get the rest, where not."""

    def name(self) -> str:
        return "action_copy_my_data"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        copies = services().record_copies
        tickets = await copies.offer(tracker.sender_id)
        if tickets is None:
            dispatcher.utter_message(text=await copies.short(tracker.sender_id))
            return []
        page, data = tickets
        dispatcher.utter_message(
            response="utter_copy_ready",
            json_message={
                "links": [
                    {"title": "下载记录（能看能打印）", "url": f"/chat/api/copies/{page}.html"},
                    {"title": "下载数据文件（给程序用）", "url": f"/chat/api/copies/{data}.json"},
                ]
            },
        )
        return []
