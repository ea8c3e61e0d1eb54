"""Activities from her side: found by topic, place and time; signed up for, waited for, cancelled, signed in to, rated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from bot.domain.activities import (
    RATINGS,
    ActivityCard,
    ActivityQuery,
    ActivityStatus,
    SignUpStatus,
    is_evening,
    is_weekend,
    may_sign_in,
    remind_at,
)
from bot.domain.errors import BadInput, NotChangeable, NotFound, SlotTaken
from bot.language.masking import mask
from bot.language.places import Gazetteer
from bot.services.activity_cards import Cards
from bot.services.activity_desk import ActivityDesk
from bot.services.activity_notices import ActivityNotices
from bot.services.activity_rounds import ActivityRounds
from bot.services.case_access import AuditLog
from bot.services.reminders import ReminderChannel
from bot.storage.activities import CALLED, FEEDBACK, Activity, ActivitySignUp, ActivityStore, Tally
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.sealing import Keyring

AT_ONCE = 8
"""Activities to come that one woman may have signed up for or wait for."""
LOOKED_AT = 400
LONGEST_CALLED, LONGEST_WORDS = 10, 300
NEAR_M = (3_000, 10_000)
"""What is as near as the first counts as near, up to the second as not far; within each the soonest comes first."""
ASKED_FOR = timedelta(days=14)
"""How long after it she may still say how it was."""
WALK_IN_OPEN = (SignUpStatus.SIGNED_UP, SignUpStatus.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Mine:
    """One sign-up as she sees it. `seat`: her number, None while she waits; `ahead`: how many wait longer than she."""

    id: str
    card: ActivityCard
    status: SignUpStatus
    seat: int | None = None
    ahead: int = 0
    remind: bool = False
    rating: int | None = None

    @property
    def waits(self) -> bool:
        """Whether she has no seat yet."""
        return self.status is SignUpStatus.WAITING


class Activities:
    """Public ids in. `desk` is the officers' side, `rounds` what is done by itself."""

    def __init__(
        self, database: Database, keyring: Keyring, cards: Cards, desk: ActivityDesk, rounds: ActivityRounds,
        notices: ActivityNotices, *, clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._keyring = keyring
        self._cards = cards
        self._notices = notices
        self._clock = clock
        self.desk = desk
        self.rounds = rounds

    @classmethod
    def furnish(
        cls, database: Database, keyring: Keyring, gazetteer: Gazetteer, audit: AuditLog,
        channels: Mapping[str, ReminderChannel], *, clock: Callable[[], datetime], zone: str,
    ) -> "Activities":  # fmt: skip
        """All sides over one database; `zone` by its name, `channels` as reminders have them."""
        cards = Cards(gazetteer, ZoneInfo(zone))
        notices = ActivityNotices(keyring, cards.zone)
        desk = ActivityDesk(database, keyring, cards, notices, audit, clock=clock)
        rounds = ActivityRounds(database, keyring, notices, channels, clock=clock, zone=cards.zone)
        return cls(database, keyring, cards, desk, rounds, notices, clock=clock)

    def now(self) -> datetime:
        """Local."""
        return self._cards.local(self._clock())

    async def find(self, query: ActivityQuery) -> list[ActivityCard]:
        """Announced ones that have not begun: near ones first (where `point` is known), full ones last, the soonest first."""
        found = await self._announced(query)
        cards = [self._cards.of(row, tally, query.point) for row, tally in found]
        wanted = [
            card for card in cards
            if (not query.weekend or is_weekend(card.starts_at)) and (not query.evening or is_evening(card.starts_at))
        ]  # fmt: skip
        return sorted(wanted, key=lambda card: (_ring(card.distance_m), card.free == 0, card.starts_at))[: query.limit]

    async def announced(self, area: str = "", *, limit: int = LOOKED_AT) -> list[ActivityCard]:
        """For everybody, the soonest first; nothing of who comes. `area`: a branch, "" all."""
        return [self._cards.of(row, tally) for row, tally in await self._announced(ActivityQuery(area=area))][:limit]

    async def card(self, activity: str) -> ActivityCard:
        """One that is (or was) announced. Raises NotFound."""
        async with self._database.read() as session:
            store = ActivityStore(session)
            row = await store.named(activity)
            if row is None or row.status is ActivityStatus.DRAFT:
                raise NotFound
            return self._cards.of(row, (await store.tallies([row.id])).get(row.id))

    async def sign_up(
        self, conversation: str, activity: str, *, remind: bool = False, wait: bool = False, called: str = ""
    ) -> Mine:
        """One seat for her; with `wait`, her turn in the queue when it is full. A second time nothing changes but `remind`.

        `remind`: she may be written to, the day before and when something changes. Raises SlotTaken (full, and she did not
        say that she waits), NotChangeable (begun, cancelled, or she has as many as she may), NotFound.
        """
        now = self._clock()
        async with self._database.write() as session:
            store = ActivityStore(session)
            hers = await _conversation(store, conversation)
            row = await self._open(store, activity, now)
            known = await store.hers(hers.id, row.id)
            if known is None:
                if len(await store.all_hers(hers.id, now, AT_ONCE)) >= AT_ONCE:
                    raise NotChangeable(f"您已经报了 {AT_ONCE} 个活动，先取消一个再报。")
                known = await self._take(store, row, hers, now, wait=wait)
                known.sealed_called = self._keyring.seal(called[:LONGEST_CALLED], CALLED) if called else None
            self._set_remind(known, row, now, wanted=remind)
            await session.flush()
            return await self._mine(store, known, row)

    async def set_remind(self, conversation: str, sign_up: str, *, wanted: bool) -> Mine:
        """Whether she may be written to about it. Raises NotFound."""
        async with self._database.write() as session:
            store = ActivityStore(session)
            row, activity = await self._of_hers(store, conversation, sign_up)
            self._set_remind(row, activity, self._clock(), wanted=wanted)
            await session.flush()
            return await self._mine(store, row, activity)

    async def cancel(self, conversation: str, sign_up: str) -> Mine:
        """Her seat goes to who has waited longest, who is told. Raises NotChangeable (begun, or over), NotFound."""
        now = self._clock()
        async with self._database.write() as session:
            store = ActivityStore(session)
            row, activity = await self._of_hers(store, conversation, sign_up)
            if activity.starts_at <= now:
                raise NotChangeable("活动已经开始了，不用再取消。")
            seated = row.status is SignUpStatus.SIGNED_UP
            await store.move(row, [SignUpStatus.SIGNED_UP, SignUpStatus.WAITING], SignUpStatus.CANCELLED, now)
            if seated and activity.status is ActivityStatus.PUBLISHED:
                await self._notices.fill(session, activity, now)
            return await self._mine(store, row, activity)

    async def mine(self, conversation: str) -> list[Mine]:
        """What she has signed up for and is not over, cancelled ones with their reason too; then what she may still rate."""
        now = self._clock()
        async with self._database.read() as session:
            store = ActivityStore(session)
            hers = await store.conversation(conversation)
            if hers is None:
                return []
            rows = await store.all_hers(hers.id, now - ASKED_FOR)
            coming = [(row, activity) for row, activity in rows if activity.ends_at > now]
            over = [
                (row, activity) for row, activity in rows
                if activity.ends_at <= now and row.status is SignUpStatus.ATTENDED and row.rating is None
            ]  # fmt: skip
            return [await self._mine(store, row, activity) for row, activity in [*coming, *over]]

    async def sign_in(self, conversation: str, code: str) -> Mine:
        """She is there: the six digits that the officer shows. Whoever comes unannounced gets a seat if one is free.

        Raises BadInput (no activity under way has this code), SlotTaken (full).
        """
        now = self._clock()
        async with self._database.write() as session:
            store = ActivityStore(session)
            hers = await _conversation(store, conversation)
            row = await self._by_code(store, hers, code, now)
            known = await store.hers(hers.id, row.id)
            if known is None or known.status is SignUpStatus.WAITING:
                seat = await store.free_seat(row)
                if seat is None:
                    raise SlotTaken("今天人满了，请直接问问现场的工作人员。")
                known = known or await self._seated(store, row, hers, seat, now)
                await store.move(known, [SignUpStatus.WAITING], SignUpStatus.SIGNED_UP, now, seat)
            await store.move(known, WALK_IN_OPEN, SignUpStatus.ATTENDED, now)
            return await self._mine(store, known, row)

    async def feedback(
        self, conversation: str, sign_up: str = "", *, rating: int | None = None, words: str = ""
    ) -> Mine:
        """How it was, from 1 to 5, or in her words; "" is the latest she went to. Raises BadInput, NotFound."""
        if rating is not None and rating not in RATINGS:
            raise BadInput("请在 1 到 5 之间选一个。")
        async with self._database.write() as session:
            store = ActivityStore(session)
            row, activity = await self._been(store, conversation, sign_up)
            row.rating = row.rating if rating is None else rating
            if words:
                row.sealed_words = self._keyring.seal(words[:LONGEST_WORDS], FEEDBACK)
                row.masked_words = mask(words)[:LONGEST_WORDS]
            row.feedback_asked_at = row.feedback_asked_at or self._clock()
            await session.flush()
            return await self._mine(store, row, activity)

    async def _announced(self, query: ActivityQuery) -> list[tuple[Activity, Tally]]:
        async with self._database.read() as session:
            store = ActivityStore(session)
            rows = await store.coming(
                self._clock(), topic=query.topic, area=query.area, first=query.first, last=query.last,
                words=query.words, limit=LOOKED_AT,
            )  # fmt: skip
            tallies = await store.tallies([row.id for row in rows])
        return [(row, tallies.get(row.id, Tally())) for row in rows]

    async def _open(self, store: ActivityStore, activity: str, now: datetime) -> Activity:
        """The activity, held, if one may still sign up for it."""
        row = await store.named(activity, lock=True)
        if row is None or row.status is ActivityStatus.DRAFT:
            raise NotFound
        if row.status is ActivityStatus.CANCELLED:
            raise NotChangeable("这个活动取消了，对不起。")
        if row.starts_at <= now:
            raise NotChangeable("这个活动已经开始了，报不了名了。")
        return row

    async def _take(
        self, store: ActivityStore, row: Activity, hers: Conversation, now: datetime, *, wait: bool
    ) -> ActivitySignUp:
        """A seat, unless somebody waits for it already; else her turn."""
        seat = None if await store.next_waiting(row.id) is not None else await store.free_seat(row)
        if seat is None and not wait:
            raise SlotTaken("这个活动刚刚报满了。")
        if seat is not None:
            return await self._seated(store, row, hers, seat, now)
        return await self._added(store, row, hers, SignUpStatus.WAITING, None, now)

    async def _seated(
        self, store: ActivityStore, row: Activity, hers: Conversation, seat: int, now: datetime
    ) -> ActivitySignUp:
        return await self._added(store, row, hers, SignUpStatus.SIGNED_UP, seat, now)

    async def _added(
        self, store: ActivityStore, row: Activity, hers: Conversation, status: SignUpStatus, seat: int | None,
        now: datetime,
    ) -> ActivitySignUp:  # fmt: skip
        made = ActivitySignUp(
            activity_id=row.id, conversation_id=hers.id, status=status, seat=seat, remind=False, signed_up_at=now,
        )  # fmt: skip
        try:
            await store.add(made)
        except IntegrityError as taken:
            raise SlotTaken("这个名额刚刚被别人报走了，请再试一次。") from taken
        return made

    def _set_remind(self, row: ActivitySignUp, activity: Activity, now: datetime, *, wanted: bool) -> None:
        row.remind = wanted
        seated = row.status is SignUpStatus.SIGNED_UP
        row.remind_at = remind_at(self._cards.local(activity.starts_at), now) if wanted and seated else None

    async def _of_hers(self, store: ActivityStore, conversation: str, sign_up: str) -> tuple[ActivitySignUp, Activity]:
        """Her standing sign-up; the activity is held first, so that its seats do not change meanwhile."""
        hers, found = await _conversation(store, conversation), await store.sign_up(sign_up)
        if found is None or found[0].conversation_id != hers.id:
            raise NotFound
        activity = await store.numbered(found[1].id, lock=True)
        row = await store.hers(hers.id, found[1].id, lock=True)
        if row is None or activity is None or row.public_id != sign_up:
            raise NotFound("这次报名已经取消过了。")
        return row, activity

    async def _by_code(self, store: ActivityStore, hers: Conversation, code: str, now: datetime) -> Activity:
        """The activity under way with this code, held; one that she signed up for before others."""
        day = timedelta(days=1)
        under_way = [
            row for row in await store.by_code(code, now + day, now - day)
            if may_sign_in(row.starts_at, row.ends_at, now)
        ]  # fmt: skip
        booked = [row for row in under_way if await store.hers(hers.id, row.id) is not None]
        row = next(iter(booked or under_way), None)
        held = None if row is None else await store.numbered(row.id, lock=True)
        if held is None:
            raise BadInput("没有找到这个签到码的活动。请看看现场的六位数字对不对，也可以让现场工作人员帮您签到。")
        return held

    async def _been(self, store: ActivityStore, conversation: str, sign_up: str) -> tuple[ActivitySignUp, Activity]:
        hers, now = await _conversation(store, conversation), self._clock()
        been = [
            (row, activity) for row, activity in await store.all_hers(hers.id, now - ASKED_FOR)
            if row.status is SignUpStatus.ATTENDED and (not sign_up or row.public_id == sign_up)
        ]  # fmt: skip
        if not been:
            raise NotFound("没有找到您参加过、还能评价的活动。")
        return been[-1]

    async def _mine(self, store: ActivityStore, row: ActivitySignUp, activity: Activity) -> Mine:
        tally = (await store.tallies([activity.id])).get(activity.id)
        ahead = await store.waiting_before(row) if row.status is SignUpStatus.WAITING else 0
        card = self._cards.of(activity, tally)
        return Mine(row.public_id, card, row.status, row.seat, ahead, row.remind, row.rating)


def _ring(distance: int | None) -> int:
    """0 near, 1 not far, 2 far or unknown."""
    return len(NEAR_M) if distance is None else sum(distance > limit for limit in NEAR_M)


async def _conversation(store: ActivityStore, public_id: str) -> Conversation:
    row = await store.conversation(public_id)
    if row is None:
        raise NotFound
    return row
