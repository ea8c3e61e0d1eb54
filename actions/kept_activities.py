"""What she has of activities: her list, giving a seat up, signing in on the day, and how it was."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.activity_words import MARKS, MINE, OTHERS, give_up_button, join_button, manage_button, where
from actions.booking_slots import said_from
from actions.context import services
from bot.domain.activities import SIGN_UP_WORDS, ActivityStatus, SignUpStatus
from bot.domain.errors import BadInput, BotError, NotChangeable, NotFound, SlotTaken
from bot.language.activity_wishes import feedback_in, gives_up, rating_in, sign_in_code
from bot.services.activities import Mine
from bot.services.activity_rounds import rating_choices
from bot.services.booking_form import Said

Events = list[dict[str, Any]]
MOST_BUTTONS = 5


class ActionManageActivity(Action):
    """A tap or her words about what she signed up for: seen, cancelled, signed in to, rated."""

    def name(self) -> str:
        return "action_manage_activity"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said, conversation = said_from(tracker), tracker.sender_id
        try:
            if said.choice("sign_up"):
                await take_choice(dispatcher, conversation, said)
            elif said.choice("mine"):
                await say_kept(dispatcher, conversation, "")
            else:
                await hear(dispatcher, conversation, said.text)
        except (NotFound, NotChangeable, SlotTaken, BadInput) as refused:
            dispatcher.utter_message(response="utter_activity_refused", why=why(refused), buttons=[MINE, OTHERS])
        return []


def why(refused: BotError) -> str:
    """What she reads instead of a code."""
    return refused.words if refused.words != NotFound.default_words else "没有找到这次报名，可能已经取消了。"


async def hear(dispatcher: CollectingDispatcher, conversation: str, text: str) -> None:
    """Six digits sign her in; 「评价」 and stars are about the last one; everything else is about her list."""
    if code := sign_in_code(text):
        mine = await services().activities.sign_in(conversation, code)
        dispatcher.utter_message(response="utter_activity_signed_in", title=mine.card.title, number=mine.seat)
    elif (words := feedback_in(text)) or rating_in(text):
        mine = await services().activities.feedback(conversation, rating=rating_in(text), words=words)
        say_rated(dispatcher, mine)
    else:
        await say_kept(dispatcher, conversation, text)


async def take_choice(dispatcher: CollectingDispatcher, conversation: str, said: Said) -> None:
    """One of hers: a rating, the question whether she gives it up, or that she does."""
    sign_up, activities = said.choice("sign_up"), services().activities
    if rating := said.choice("rating"):
        say_rated(dispatcher, await activities.feedback(conversation, sign_up, rating=int(rating)))
    elif remind := said.choice("remind"):
        mine = await activities.set_remind(conversation, sign_up, wanted=remind == "yes")
        response = "utter_activity_reminder_on" if mine.remind else "utter_activity_reminder_off"
        dispatcher.utter_message(response=response, buttons=[MINE])
    elif said.choice("rate"):
        say_rating(dispatcher, await one_of(conversation, sign_up))
    elif said.choice("step") == "cancel":
        gone = await activities.cancel(conversation, sign_up)
        buttons = [join_button("后悔了，再报一次", gone.card.id, "ask"), OTHERS]
        dispatcher.utter_message(response="utter_activity_given_up", title=gone.card.title, buttons=buttons)
    else:
        await say_one(dispatcher, await one_of(conversation, sign_up))


async def one_of(conversation: str, sign_up: str) -> Mine:
    """One of hers. Raises NotFound."""
    for mine in await services().activities.mine(conversation):
        if mine.id == sign_up:
            return mine
    raise NotFound


async def say_one(dispatcher: CollectingDispatcher, mine: Mine) -> None:
    """What she would give up, and that somebody else gets it."""
    buttons = [manage_button("对，取消", mine, step="cancel"), {**MINE, "title": "不取消，留着"}]
    dispatcher.utter_message(
        response="utter_activity_give_up", title=mine.card.title, when=mine.card.when, buttons=buttons
    )


async def say_kept(dispatcher: CollectingDispatcher, conversation: str, text: str) -> None:
    """Her list with what she can do; the question at once where she wants out and there is one only."""
    hers = await services().activities.mine(conversation)
    if not hers:
        dispatcher.utter_message(response="utter_activities_none_kept", buttons=[OTHERS])
        return
    standing = [mine for mine in hers if is_standing(mine)]
    if gives_up(text) and len(standing) == 1:
        await say_one(dispatcher, standing[0])
        return
    lines = "\n".join(line(mark, mine) for mark, mine in zip(MARKS, hers, strict=False))
    dispatcher.utter_message(response="utter_activities_kept", lines=lines, buttons=buttons_of(hers))


def is_standing(mine: Mine) -> bool:
    """Whether she can still give it up."""
    running = mine.card.starts_at > services().activities.now() and mine.card.status is ActivityStatus.PUBLISHED
    return running and mine.status in {SignUpStatus.SIGNED_UP, SignUpStatus.WAITING}


def line(mark: str, mine: Mine) -> str:
    """「① 11月28日（周六）10:00–11:30 亲子手工，已报名 3 号\\n　北辰区 … · 前一天提醒」"""
    card = mine.card
    if card.status is ActivityStatus.CANCELLED:
        return f"{mark} {card.when} {card.title}：活动取消了（{card.reason}）"
    state = f"候补，前面还有 {mine.ahead} 人" if mine.waits else f"{SIGN_UP_WORDS[mine.status]} {mine.seat} 号"
    told = " · 会提醒您" if mine.remind and not mine.waits else ""
    sample = " · 示例，请勿前往" if card.synthetic else ""
    return f"{mark} {card.when} {card.title}，{state}\n　{where(card)}{told}{sample}"


def buttons_of(hers: list[Mine]) -> list[dict[str, str]]:
    """Giving up what is to come, rating what is over; of one alone the reminder too."""
    buttons = [
        give_up_button(f"{mark} 取消", mine) if is_standing(mine) else manage_button(f"{mark} 评价", mine, rate="ask")
        for mark, mine in zip(MARKS, hers, strict=False)
        if is_standing(mine) or mine.status is SignUpStatus.ATTENDED
    ][:MOST_BUTTONS]
    if len(hers) == 1 and is_standing(hers[0]):
        title = "不用提醒我" if hers[0].remind else "前一天提醒我"
        buttons.append(manage_button(title, hers[0], remind="no" if hers[0].remind else "yes"))
    return [*buttons, OTHERS]


def say_rating(dispatcher: CollectingDispatcher, mine: Mine) -> None:
    """Five taps to choose from."""
    buttons = [{"title": choice.title, "payload": choice.payload} for choice in rating_choices(mine.id)]
    dispatcher.utter_message(response="utter_activity_rate", title=mine.card.title, buttons=buttons)


def say_rated(dispatcher: CollectingDispatcher, mine: Mine) -> None:
    """Thanks, and how to say more."""
    stars = f"{mine.rating} 分，" if mine.rating else ""
    dispatcher.utter_message(response="utter_activity_rated", title=mine.card.title, stars=stars, buttons=[OTHERS])
