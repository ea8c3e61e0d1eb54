"""What activities need by themselves: a reminder the day before, seats passed on, one question after it. Any worker may run it.

Each row is taken by a conditional update in the transaction that stores the words, so she reads them once. Where a message
has to be sent, the outbox sends it again only if the first way was cut off half-way.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo

from bot.domain.activities import WAKING, ActivityStatus, feedback_words, reminder_words
from bot.domain.messages import Choice, Reply
from bot.services.activity_notices import ActivityNotices, mine_choice
from bot.services.change_notices import FETCHED
from bot.services.late_answers import DeliveryRefused
from bot.services.reminders import Notice, ReminderChannel
from bot.storage.activities import ActivityStore
from bot.storage.activity_rounds import ActivityRoundsStore
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore

TAKES = timedelta(seconds=60)
"""Longer than all ways of a channel may take; after it the outbox tries."""
ASK_AFTER, ASK_WITHIN = timedelta(hours=1), timedelta(days=3)
STARS = {5: "5 分，很好", 4: "4 分，不错", 3: "3 分，一般", 2: "2 分，不太好", 1: "1 分，不好"}


def rating_choices(sign_up: str) -> list[Choice]:
    """From five down to one."""
    return [
        Choice(title, f'/manage_activity{{"sign_up":"{sign_up}","rating":"{stars}"}}') for stars, title in STARS.items()
    ]


class ActivityRounds:
    """Three jobs; each returns how many it did."""

    def __init__(
        self, database: Database, keyring: Keyring, notices: ActivityNotices, channels: Mapping[str, ReminderChannel], *,
        clock: Callable[[], datetime], zone: tzinfo,
    ) -> None:  # fmt: skip
        self._database = database
        self._keyring = keyring
        self._notices = notices
        self._channels = channels
        self._clock = clock
        self._zone = zone

    async def remind_due(self) -> int:
        """Remind whoever wished it, once; what did not reach her before it began is taken back."""
        async with self._database.read() as session:
            store, now = ActivityRoundsStore(session), self._clock()
            due, stale = await store.due_reminders(now), await store.stale_reminders(now, 1)
        if stale:
            await self._take_back()
        return sum([await self._remind(number) for number in due])

    async def pass_on(self) -> int:
        """Free seats to who waits: after a conversation was deleted, or an officer added seats."""
        async with self._database.read() as session:
            roomy = await ActivityRoundsStore(session).with_room(self._clock())
        return sum([await self._fill(number) for number in roomy])

    async def ask_feedback(self) -> int:
        """Ask who came, once, by day, an hour after it or later."""
        now = self._clock()
        if not WAKING[0] <= now.astimezone(self._zone).time() < WAKING[1]:
            return 0
        async with self._database.read() as session:
            unasked = await ActivityRoundsStore(session).unasked(now - ASK_AFTER, now - ASK_WITHIN)
        return sum([await self._ask(number) for number in unasked])

    async def _remind(self, number: int) -> bool:
        now = self._clock()
        async with self._database.write() as session:
            rounds, turns = ActivityRoundsStore(session), TurnStore(session, self._keyring)
            conversation = await turns.lock(await rounds.conversation_of(number))
            row = None if conversation is None else await rounds.take_reminder(number, now)
            activity = None if row is None else await ActivityStore(session).numbered(row.activity_id)
            if conversation is None or row is None or activity is None:
                return False
            if activity.status is not ActivityStatus.PUBLISHED:
                return False
            fetched = conversation.channel in FETCHED
            starts_at = activity.starts_at.astimezone(self._zone)
            words = reminder_words(starts_at)
            (message,) = await turns.say(
                conversation.id, [Reply(words, (mine_choice("看我报的活动"),))], now=now, masked=[words],
                delivered=fetched, next_attempt_at=None if fetched else now + TAKES,
            )  # fmt: skip
            row.reminder_id = None if fetched else message.id
            sender = "" if fetched else turns.sender_of(conversation)
        if not fetched:
            await self._send(conversation.channel, sender, Notice(message, starts_at))
        return True

    async def _send(self, channel: str, sender: str, notice: Notice) -> None:
        """By whatever way is open; refused for good, it waits for her to write."""
        way, message = self._channels.get(channel), notice.message.id
        try:
            if way is None:
                raise DeliveryRefused("no_delivery", retry=False)
            await way.remind(sender, notice)
        except DeliveryRefused as refused:
            if not refused.retry:
                async with self._database.write() as session:
                    await OutboxStore(session).failed(message, refused.code, None)
            return
        async with self._database.write() as session:
            await OutboxStore(session).delivered([message], self._clock())

    async def _take_back(self) -> None:
        now = self._clock()
        async with self._database.write() as session:
            for row in await ActivityRoundsStore(session).stale_reminders(now):
                await OutboxStore(session).withdraw(row.reminder_id or "")
                row.reminder_id = None

    async def _fill(self, number: int) -> bool:
        now = self._clock()
        async with self._database.write() as session:
            activity = await ActivityStore(session).numbered(number, lock=True)
            if activity is None or activity.status is not ActivityStatus.PUBLISHED or activity.starts_at <= now:
                return False
            return await self._notices.fill(session, activity, now)

    async def _ask(self, number: int) -> bool:
        now = self._clock()
        async with self._database.write() as session:
            rounds = ActivityRoundsStore(session)
            await TurnStore(session, self._keyring).lock(await rounds.conversation_of(number))
            row = await rounds.take_asking(number, now)
            activity = None if row is None else await ActivityStore(session).numbered(row.activity_id)
            if row is None or activity is None:
                return False
            starts_at = activity.starts_at.astimezone(self._zone)
            choices = rating_choices(row.public_id)
            return await self._notices.tell(session, row, feedback_words(starts_at), starts_at, now, choices)
