"""Answering questions from checked knowledge."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import services
from actions.joint_help import offer_beside
from bot.language.speakers import Speaker, Voice, read_speaker, was_struck
from bot.services.knowledge import NEXT_STEPS, Answer, Choice, asked_as
from bot.services.words import guesses, words

PLACE = "find_place"
MOST_CHOICES = 4


class ActionAnswerQuestion(Action):
    """One checked answer for each need of the message, the more pressing one first, then the place she also asked for."""

    def name(self) -> str:
        return "action_answer_question"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        chosen = chosen_answer(tracker)
        if chosen is not None:
            say_choice(dispatcher, chosen)
            intent = tracker.latest_message["intent"]["name"]
            return [*remember(intent, chosen.answer), *offer_beside(dispatcher, tracker, [intent])]
        intent, needs = tracker.latest_message["intent"]["name"], needs_of(tracker)
        speaker = speaker_of(tracker)
        say_for_whom(dispatcher, speaker)
        events = say_needs(dispatcher, tracker, services().knowledge.in_order([intent, *needs]))
        offer_the_rest(dispatcher, needs)
        where_known = intent == "need_counselling" and tracker.get_slot("place_code")
        if where_known or PLACE in needs:
            events = [*await find_place(dispatcher, tracker, domain), *events]
        return [*events, *offer_beside(dispatcher, tracker, [intent, *needs], speaker.voice)]


async def find_place(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
) -> list[dict[str, Any]]:
    """Search as `action_find_place` does. As a FollowupAction it would leave the rule, and Rasa would fall back after it."""
    from actions.directory import ActionFindPlace  # it answers needs by this module

    return await ActionFindPlace().run(dispatcher, tracker, domain)


def say_other_needs(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Answer what else a message asked for, when its main need is served by another action."""
    say_needs(dispatcher, tracker, services().knowledge.in_order(needs_of(tracker))[:1])


def needs_of(tracker: Tracker) -> list[str]:
    """The intents of the message beside its main one."""
    return list(tracker.latest_message.get("needs", ()))[1:]


def chosen_answer(tracker: Tracker) -> Choice | None:
    """The answer behind a choice that she pressed, or that her 「那孩子呢」 was found to mean; empty where none was."""
    entities = tracker.latest_message.get("entities", ())
    name = next((entity["value"] for entity in entities if entity["entity"] == "answer"), None)
    return None if name is None else Choice(services().knowledge.answers.get(name))


def speaker_of(tracker: Tracker) -> Speaker:
    """Who speaks; of a choice nobody knows."""
    message = tracker.latest_message
    chosen = any(entity.get("extractor") == "choice" for entity in message.get("entities", ()))
    return Speaker() if chosen else read_speaker(str(message.get("text") or ""))


def say_for_whom(dispatcher: CollectingDispatcher, speaker: Speaker) -> None:
    """One line when she asks for somebody else, or when a child asks: who is meant by 您."""
    if speaker.voice is Voice.OTHER:
        line = words()["for_another"] if speaker.relation else words()["for_somebody"]
        relation = speaker.relation * 2 if len(speaker.relation) == 1 else speaker.relation  # 妈 → 妈妈
        dispatcher.utter_message(text=line.format(relation=relation))
    elif speaker.voice is Voice.CHILD:
        dispatcher.utter_message(text=words()["for_child"])


def say_needs(dispatcher: CollectingDispatcher, tracker: Tracker, needs: Sequence[str]) -> list[dict[str, Any]]:
    """An answer to each, or what comes nearest to one; returns what is remembered of the last one."""
    ranked = [(answer["id"], answer["score"]) for answer in tracker.latest_message.get("answers", ())]
    text, voice = str(tracker.latest_message.get("text") or ""), speaker_of(tracker).voice
    events: list[dict[str, Any]] = []
    struck = was_struck(text)
    for at, need in enumerate(needs):
        asked = asked_as(need, voice, was_struck=struck)
        choice = services().knowledge.choose(asked, text, ranked, among_others=bool(needs_of(tracker)))
        say_choice(dispatcher, choice, before=words()["another_need"] if at else "")
        events = remember(choice.answer.intent if choice.answer else need, choice.answer)
    return events


def say_choice(dispatcher: CollectingDispatcher, choice: Choice, *, before: str = "") -> None:
    """The answer, the questions it might be, or that there is none."""
    if choice.answer is not None:
        say_answer(dispatcher, choice.answer, choice.offered, before=before)
    elif choice.offered:
        buttons = [*map(button, choice.offered), {"title": "都不是，找工作人员", "payload": "/ask_human"}]
        dispatcher.utter_message(response="utter_which_question", buttons=buttons)
    else:
        dispatcher.utter_message(response="utter_no_answer")


def say_answer(
    dispatcher: CollectingDispatcher, answer: Answer, instead: Sequence[Answer] = (), *, before: str = ""
) -> None:
    """The words, the law, and as choices the questions she may have meant instead and the next steps."""
    known = services().knowledge.answers
    steps = [
        {"title": NEXT_STEPS[step][0], "payload": NEXT_STEPS[step][1]} if step in NEXT_STEPS else button(known[step])
        for step in answer.next
    ]
    offered = [choice for message in dispatcher.messages for choice in message["buttons"]]
    buttons = [choice for choice in (*map(button, instead), *steps) if choice not in offered][:MOST_CHOICES]
    # `answer` is for reviewers: engine/sources.py keeps it from her.
    dispatcher.utter_message(text=before + answer.words(today()), buttons=buttons, answer=answer.id)


def button(answer: Answer) -> dict[str, str]:
    """An answer as a choice, under its question."""
    return {"title": answer.title, "payload": f'/{answer.intent}{{"answer":"{answer.id}"}}'}


def offer_the_rest(dispatcher: CollectingDispatcher, needs: Sequence[str]) -> None:
    """What else she wants that has no answer to read, such as an appointment, as choices."""
    rest = [need for need in needs if need not in services().knowledge.topics and need != PLACE and need in guesses()]
    if rest:
        buttons = [{"title": guesses()[need], "payload": f"/{need}"} for need in rest]
        dispatcher.utter_message(response="utter_offer_other_need", buttons=buttons)


def remember(topic: str, answer: Answer | None) -> list[dict[str, Any]]:
    """What a follow-up such as 「要多久」 goes on from."""
    return [SlotSet("last_topic", topic), SlotSet("last_answer", answer.id if answer else None)]


def today() -> date:
    """In the time of the people we serve."""
    return datetime.now(ZoneInfo(services().settings.timezone)).date()
