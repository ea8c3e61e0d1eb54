"""Telling a woman unasked about an activity: stored with what happened, by day, and without a word that tells what it is."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.activities import SignUpStatus, moved_up_words, remind_at, telling_at
from bot.domain.messages import Choice, Reply
from bot.services.change_notices import FETCHED, NOT_AGREED
from bot.storage.activities import Activity, ActivitySignUp, ActivityStore
from bot.storage.outbox import OutboxStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore


def mine_choice(title: str) -> Choice:
    """Opens the list of hers."""
    return Choice(title, '/manage_activity{"mine":"list"}')


class ActivityNotices:
    """In the caller's transaction, which holds the activity; a conversation is held before its sign-up is written."""

    def __init__(self, keyring: Keyring, zone: tzinfo) -> None:
        self._keyring = keyring
        self._zone = zone

    async def tell(
        self, session: AsyncSession, sign_up: ActivitySignUp, words: str, starts_at: datetime, now: datetime,
        choices: Sequence[Choice] = (),
    ) -> bool:  # fmt: skip
        """Say it in her conversation. No phone rings for it unless she agreed. False when the conversation is gone."""
        turns = TurnStore(session, self._keyring)
        conversation = await turns.lock(sign_up.conversation_id)
        if conversation is None:
            return False
        fetched = conversation.channel in FETCHED
        at = telling_at(now.astimezone(self._zone), starts_at.astimezone(self._zone))
        (message,) = await turns.say(
            conversation.id, [Reply(words, tuple(choices))], now=now, masked=[words], delivered=fetched,
            next_attempt_at=None if fetched else at,
        )  # fmt: skip
        if not fetched and not sign_up.remind:
            await OutboxStore(session).failed(message.id, NOT_AGREED, None)
        return True

    async def fill(self, session: AsyncSession, activity: Activity, now: datetime) -> bool:
        """Give one free seat to who has waited longest, and tell her. False when nothing is free or nobody waits."""
        store = ActivityStore(session)
        while (waiting := await store.next_waiting(activity.id)) is not None:
            if await TurnStore(session, self._keyring).lock(waiting.conversation_id) is None:
                session.expire_all()
                continue  # she was deleted meanwhile, and her sign-up with her
            seat = await store.free_seat(activity)
            if seat is None:
                return False
            if await store.move(waiting, [SignUpStatus.WAITING], SignUpStatus.SIGNED_UP, now, seat):
                starts_at = activity.starts_at.astimezone(self._zone)
                waiting.remind_at = remind_at(starts_at, now) if waiting.remind else None
                await self.tell(
                    session, waiting, moved_up_words(starts_at), starts_at, now, [mine_choice("看我报的活动")]
                )
                return True
        return False
