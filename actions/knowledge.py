"""Answering questions from checked knowledge."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.context import services
from bot.services.knowledge import NEXT_STEPS, Answer

MOST_NEEDS = 2


class ActionAnswerQuestion(Action):
    """One checked answer for each need of the message, the main one first."""

    def name(self) -> str:
        return "action_answer_question"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        message = tracker.latest_message
        intent = message["intent"]["name"]
        ranked = [(answer["id"], answer["score"]) for answer in message.get("answers", ())]
        chosen = next((e["value"] for e in message.get("entities", ()) if e["entity"] == "answer"), None)
        if chosen in services().knowledge.answers:
            say_answer(dispatcher, services().knowledge.answers[chosen])
            return []
        needs = list(dict.fromkeys([intent, *message.get("needs", ())]))[:MOST_NEEDS]
        for need in needs:
            say_choice(dispatcher, need, ranked, main=need == intent)
        where_known = intent == "need_counselling" and tracker.get_slot("place_code")
        return [FollowupAction("action_find_place")] if where_known or "find_place" in needs[1:] else []


def say_other_needs(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Answer what else a message asked for, when its main need is served by another action."""
    message = tracker.latest_message
    ranked = [(answer["id"], answer["score"]) for answer in message.get("answers", ())]
    for need in list(message.get("needs", ()))[1:MOST_NEEDS]:
        say_choice(dispatcher, need, ranked, main=False)


def say_choice(dispatcher: CollectingDispatcher, need: str, ranked: list[tuple[str, float]], *, main: bool) -> None:
    """The answer, the questions it might be, or that there is none."""
    choice = services().knowledge.choose(need, ranked)
    if choice.answer is not None:
        say_answer(dispatcher, choice.answer)
    elif choice.offered:
        buttons = [
            {"title": answer.questions[0], "payload": f'/{answer.intent}{{"answer":"{answer.id}"}}'}
            for answer in choice.offered
        ]
        dispatcher.utter_message(response="utter_which_question", buttons=buttons)
    elif main:
        dispatcher.utter_message(response="utter_no_answer")


def say_answer(dispatcher: CollectingDispatcher, answer: Answer) -> None:
    """The words, the law, and the next steps as choices."""
    buttons = [
        {"title": NEXT_STEPS[step][0], "payload": NEXT_STEPS[step][1]} for step in answer.next if step in NEXT_STEPS
    ]
    dispatcher.utter_message(text=answer.words(), buttons=buttons)
