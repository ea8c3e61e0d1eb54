"""Activities from the officers' side: written, published, repeated, changed, cancelled, and who comes. She hears of changes.

What is not in an officer's branch is NotFound. An officer sees numbers and masked words; how a woman is called and what she
wrote stay sealed.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission, branch
from bot.domain.activities import (
    CODE_LENGTH,
    LONGEST,
    MOST_SEATS,
    MOST_WEEKS,
    ActivityCard,
    ActivityFilter,
    ActivityPlan,
    ActivityStatus,
    SignUpStatus,
    cancelled_words,
    changed_words,
    may_sign_in,
    remind_at,
)
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, NotFound, NotPossibleNow
from bot.domain.figures import SMALLEST, is_small
from bot.services.activity_cards import Cards
from bot.services.activity_notices import ActivityNotices, mine_choice
from bot.services.case_access import AuditLog
from bot.storage.activities import CALLED, Activity, ActivitySignUp, ActivityStore, Tally
from bot.storage.database import Database
from bot.storage.records import new_public_id
from bot.storage.sealing import Keyring

MOST_REPEATED = 1000
ALL_SEATED = (SignUpStatus.SIGNED_UP, SignUpStatus.ATTENDED, SignUpStatus.NO_SHOW)


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """An activity as its office sees it; `plan` fills the form to change it. `series` "": it stands alone.

    `sign_in_code` "": not her day yet, or over. `rating`: the mean of at least five, "" of fewer.
    """

    card: ActivityCard
    plan: ActivityPlan
    seated: int
    waiting: int
    attended: int
    no_show: int
    rating: str
    series: str
    sign_in_code: str


@dataclass(frozen=True, slots=True)
class Attendee:
    """One who comes or waits; `number` is her seat, None while she waits. `called` is masked, "" when she gave no name."""

    id: str
    number: int | None
    called: str
    status: SignUpStatus
    signed_up_at: datetime
    remind: bool
    rating: int | None
    words: str


@dataclass(frozen=True, slots=True)
class ActivityFigures:
    """One line at the top. Counts of women below five are 「少于5」; `rating` "": of fewer than five."""

    activities: int
    cancelled: int
    seated: str
    waiting: str
    attended: str
    rating: str


class ActivityDesk:
    """Every method raises NotFound for whoever may not run services, and for what is not in her branch."""

    def __init__(
        self, database: Database, keyring: Keyring, cards: Cards, notices: ActivityNotices, audit: AuditLog, *,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._keyring = keyring
        self._cards = cards
        self._notices = notices
        self._audit = audit
        self._clock = clock

    async def page(
        self, by: Officer, wanted: ActivityFilter, *, offset: int = 0, limit: int = 50, newest: bool = True
    ) -> list[ActivityEntry]:
        """A page of her branch, by when they begin."""
        _check(by)
        async with self._database.read() as session:
            store = ActivityStore(session)
            rows = await store.page(by.area, wanted, offset=max(0, offset), limit=max(1, limit), newest=newest)
            tallies = await store.tallies([row.id for row in rows])
        return [self._entry(row, tallies.get(row.id, Tally())) for row in rows]

    async def one(self, activity: str, by: Officer) -> ActivityEntry:
        """One of her branch."""
        async with self._database.read() as session:
            store = ActivityStore(session)
            row = await self._seen(store, activity, by)
            return self._entry(row, (await store.tallies([row.id])).get(row.id, Tally()))

    async def create(self, plan: ActivityPlan, by: Officer) -> str:
        """A draft → its public id. Raises BadInput."""
        async with self._database.write() as session:
            return (await self._add(ActivityStore(session), self.checked(plan, by), by.id)).public_id

    async def create_all(self, plans: Sequence[ActivityPlan], by: Officer, *, synthetic: bool = False) -> list[str]:
        """Drafts, all or none; real ones take the place of the sample. Raises BadInput."""
        async with self._database.write() as session:
            return await self.add_all(session, plans, by, synthetic=synthetic)

    async def add_all(
        self, session: AsyncSession, plans: Sequence[ActivityPlan], by: Officer, *, synthetic: bool = False
    ) -> list[str]:
        """The same in the caller's transaction, for an import that writes its own line of the audit log."""
        checked, store = [self.checked(plan, by) for plan in plans], ActivityStore(session)
        if checked and not synthetic:
            await store.remove_sample()
        return [(await self._add(store, plan, by.id, synthetic=synthetic)).public_id for plan in checked]

    async def change(self, activity: str, plan: ActivityPlan, by: Officer) -> int:
        """Write it anew → how many were told, when time or place changed. Raises BadInput, Conflict."""
        plan, now = self.checked(plan, by), self._clock()
        async with self._database.write() as session:
            store, row = await self._held(session, activity, by)
            if row.status is ActivityStatus.CANCELLED or row.ends_at <= now:
                raise NotPossibleNow("已经取消或结束的活动不能再改，可以复制一份。")
            tally = (await store.tallies([row.id])).get(row.id, Tally())
            if plan.seats is not None and plan.seats < tally.seated:
                raise BadInput(f"已经有 {tally.seated} 人报上了，名额不能比这少。")
            published = row.status is ActivityStatus.PUBLISHED
            if published and plan.starts_at <= now < row.starts_at:
                raise BadInput("开始时间已经过去了。")
            before, place = row.starts_at, row.place
            _write(row, plan)
            changed = (row.starts_at != before or row.place != place) and published and before > now
            told = await self._tell_changed(session, row, before, moved=row.place != place) if changed else 0
            if published:
                await self._log(session, Act.ACTIVITY_CHANGED, by, row)
            return told

    async def publish(self, activity: str, by: Officer) -> None:
        """From now on it is found. Raises BadInput (begun already), Conflict."""
        async with self._database.write() as session:
            _, row = await self._held(session, activity, by)
            if row.status is not ActivityStatus.DRAFT:
                raise NotPossibleNow("这个活动已经发布过或取消了，请刷新后再看。")
            self._check_coming(row.starts_at)
            row.status = ActivityStatus.PUBLISHED
            await self._log(session, Act.ACTIVITY_PUBLISHED, by, row)

    async def cancel(self, activity: str, by: Officer, reason: str) -> int:
        """It does not take place → how many were told. The reason stands in their lists. Raises BadInput, Conflict."""
        reason, now = _text(reason, "取消的原因", "reason"), self._clock()
        if not reason:
            raise BadInput("请写取消的原因，报了名的人会看到。")
        async with self._database.write() as session:
            store, row = await self._held(session, activity, by)
            if row.status is ActivityStatus.CANCELLED or row.ends_at <= now:
                raise NotPossibleNow("这个活动已经取消或结束了，请刷新后再看。")
            was_published = row.status is ActivityStatus.PUBLISHED
            row.status, row.reason, row.cancelled_at = ActivityStatus.CANCELLED, reason, now
            starts_at = self._cards.local(row.starts_at)
            told = 0
            for sign_up in await _standing(store, row):
                choices = [mine_choice("看原因")]
                told += await self._notices.tell(session, sign_up, cancelled_words(starts_at), starts_at, now, choices)
            if was_published:
                await self._log(session, Act.ACTIVITY_CANCELLED, by, row, reason)
            return told

    async def copy(self, activity: str, by: Officer, starts_at: datetime) -> str:
        """A new draft that begins then and lasts as long → its public id. Raises BadInput."""
        async with self._database.write() as session:
            store = ActivityStore(session)
            plan = _plan(await self._seen(store, activity, by))
            length = plan.ends_at - plan.starts_at
            moved = replace(plan, starts_at=starts_at, ends_at=starts_at + length)
            return (await self._add(store, self.checked(moved, by), by.id)).public_id

    async def repeat(self, activity: str, by: Officer, times: int) -> list[str]:
        """The same on the same weekday and hour of the next weeks, `times` more, published if this one is → public ids.

        A week that this series has already stays as it is: pressed twice makes none twice. Raises BadInput, Conflict (it
        was cancelled).
        """
        if not 1 <= times <= MOST_WEEKS:
            raise BadInput(f"一次可以重复 1 到 {MOST_WEEKS} 周。")
        async with self._database.write() as session:
            store, row = await self._held(session, activity, by)
            if row.status is ActivityStatus.CANCELLED:
                raise NotPossibleNow("已经取消的活动不能重复，可以复制一份。")
            self._check_coming(row.starts_at + timedelta(weeks=1))
            row.series = row.series or new_public_id()
            series = await store.page("", ActivityFilter(series=row.series), limit=MOST_REPEATED)
            there, made = {one.starts_at for one in series}, list[Activity]()
            for plan in (self._weeks_later(_plan(row), week) for week in range(1, times + 1)):
                if plan.starts_at in there:
                    continue
                added = await self._add(store, plan, by.id, synthetic=row.synthetic)
                added.series, added.status = row.series, row.status
                made.append(added)
            for added in made if row.status is ActivityStatus.PUBLISHED else ():
                await self._log(session, Act.ACTIVITY_PUBLISHED, by, added)
            return [added.public_id for added in made]

    async def attendees(self, activity: str, by: Officer, *, offset: int = 0, limit: int = 500) -> list[Attendee]:
        """Who comes, by number, then who waits in their order; local times."""
        async with self._database.read() as session:
            store = ActivityStore(session)
            rows = await store.attendees(await self._seen(store, activity, by), offset=offset, limit=limit)
        return [self._attendee(row) for row in rows]

    async def mark(self, activity: str, sign_up: str, by: Officer, status: SignUpStatus) -> None:
        """She came, did not come, or (signed_up) a slip is put right. Raises BadInput, Conflict (not yet, or no seat)."""
        if status not in ALL_SEATED:
            raise BadInput("只能标“到了”“没来”或改回“已报名”。")
        now = self._clock()
        async with self._database.write() as session:
            store, row = await self._held(session, activity, by)
            found = await store.sign_up(sign_up)
            if found is None or found[0].activity_id != row.id:
                raise NotFound
            if now < row.starts_at and not may_sign_in(row.starts_at, row.ends_at, now):
                raise NotPossibleNow("活动还没到时候，当天再标。")
            if not await store.move(found[0], ALL_SEATED, status, now):
                raise NotPossibleNow("她没有名额（在候补或已取消），不能标。")

    async def counts(
        self, by: Officer, *, area: str = "", first: datetime | None = None, last: datetime | None = None
    ) -> ActivityFigures:
        """Of her branch, an area in it, and a span by when they begin (None: no bound)."""
        _check(by)
        async with self._database.read() as session:
            found = await ActivityStore(session).counts(by.area, area, first, last)
        return ActivityFigures(
            found["activities"], found["cancelled"], _shown(found["seated"]), _shown(found["waiting"]),
            _shown(found["attended"]), _mean(found["rated"], found["stars"]),
        )  # fmt: skip

    def _weeks_later(self, plan: ActivityPlan, weeks: int) -> ActivityPlan:
        """On the wall clock, whatever the clocks do in between."""
        starts_at = self._cards.local(plan.starts_at) + timedelta(weeks=weeks)
        return replace(plan, starts_at=starts_at, ends_at=starts_at + (plan.ends_at - plan.starts_at))

    async def _add(
        self, store: ActivityStore, plan: ActivityPlan, officer: str, *, synthetic: bool = False
    ) -> Activity:
        now = self._clock()
        row = Activity(
            public_id=new_public_id(), status=ActivityStatus.DRAFT, sign_in_code=await _fresh_code(store, now),
            created_at=now, created_by=officer, synthetic=synthetic,
        )  # fmt: skip
        _write(row, plan)
        await store.add(row)
        return row

    def checked(self, plan: ActivityPlan, by: Officer) -> ActivityPlan:
        """The plan with its words trimmed. Raises BadInput for what cannot be, NotFound for who may not."""
        _check(by)
        try:
            area = branch(plan.area)
        except ValueError as wrong:
            raise BadInput("没有这样的区划代码。") from wrong
        if not by.covers(area):
            raise BadInput("只能办在您的管辖范围里。")
        title, place = _text(plan.title, "名称", "title"), _text(plan.place, "地点", "place")
        if not (title and place):
            raise BadInput("活动要有名称和地点。")
        if plan.starts_at.tzinfo is None or plan.ends_at.tzinfo is None or plan.ends_at <= plan.starts_at:
            raise BadInput("结束时间要在开始时间之后。")
        if plan.seats is not None and not 1 <= plan.seats <= MOST_SEATS:
            raise BadInput(f"名额要在 1 到 {MOST_SEATS} 之间；不限名额就空着。")
        return replace(
            plan, area=area, title=title, place=place, audience=_text(plan.audience, "对象", "audience"),
            description=_text(plan.description, "介绍", "description"),
            organizer=_text(plan.organizer, "主办单位", "organizer"),
        )  # fmt: skip

    def _check_coming(self, starts_at: datetime) -> None:
        if starts_at <= self._clock():
            raise BadInput("开始时间已经过去了，请先改时间。")

    async def _tell_changed(self, session: AsyncSession, row: Activity, before: datetime, *, moved: bool) -> int:
        """New reminders for the new time, and words for whoever has a seat or a turn."""
        store, now, told = ActivityStore(session), self._clock(), 0
        starts_at = self._cards.local(row.starts_at)
        words = changed_words(self._cards.local(before), starts_at, moved=moved)
        for sign_up in await _standing(store, row):
            soonest = min(starts_at, self._cards.local(before))
            if not await self._notices.tell(session, sign_up, words, soonest, now, [mine_choice("看我报的活动")]):
                continue
            told += 1
            if row.starts_at != before and sign_up.remind and sign_up.status is SignUpStatus.SIGNED_UP:
                sign_up.remind_at, sign_up.reminded_at = remind_at(starts_at, now), None
        return told

    async def _seen(self, store: ActivityStore, activity: str, by: Officer) -> Activity:
        _check(by)
        row = await store.named(activity)
        if row is None or not by.covers(row.division_code):
            raise NotFound
        return row

    async def _held(self, session: AsyncSession, activity: str, by: Officer) -> tuple[ActivityStore, Activity]:
        _check(by)
        store = ActivityStore(session)
        row = await store.named(activity, lock=True)
        if row is None or not by.covers(row.division_code):
            raise NotFound
        return store, row

    async def _log(self, session: AsyncSession, act: Act, by: Officer, row: Activity, reason: str = "") -> None:
        await self._audit.append(session, Deed(act, by.id, "activity", row.public_id, reason))

    def _entry(self, row: Activity, tally: Tally) -> ActivityEntry:
        code = row.sign_in_code if may_sign_in(row.starts_at, row.ends_at, self._clock()) else ""
        return ActivityEntry(
            self._cards.of(row, tally), _plan(row), tally.seated, tally.waiting, tally.attended, tally.no_show,
            _mean(tally.rated, tally.stars), row.series or "", code,
        )  # fmt: skip

    def _attendee(self, row: ActivitySignUp) -> Attendee:
        called = self._keyring.open(row.sealed_called, CALLED) if row.sealed_called else ""
        return Attendee(
            row.public_id, row.seat, f"{called[:1]}**" if called else "", row.status,
            self._cards.local(row.signed_up_at), row.remind, row.rating, row.masked_words,
        )  # fmt: skip


def _check(by: Officer) -> None:
    if not by.may(Permission.RUN_SERVICES):
        raise NotFound


async def _standing(store: ActivityStore, row: Activity) -> list[ActivitySignUp]:
    """Who has a seat or a turn, in the order in which conversations are always held."""
    rows = await store.attendees(row, limit=MOST_SEATS)
    waiting = [one for one in rows if one.status in {SignUpStatus.SIGNED_UP, SignUpStatus.WAITING}]
    return sorted(waiting, key=lambda one: one.conversation_id)


async def _fresh_code(store: ActivityStore, now: datetime) -> str:
    """Six digits that no other activity to come has."""
    while await store.code_in_use(code := f"{secrets.randbelow(10**CODE_LENGTH):0{CODE_LENGTH}}", now):
        continue
    return code


def _write(row: Activity, plan: ActivityPlan) -> None:
    row.topic, row.title, row.description, row.audience = plan.topic, plan.title, plan.description, plan.audience
    row.division_code, row.place, row.organizer, row.seats = plan.area, plan.place, plan.organizer, plan.seats
    row.latitude = plan.point.latitude if plan.point else None
    row.longitude = plan.point.longitude if plan.point else None
    row.starts_at, row.ends_at = plan.starts_at, plan.ends_at


def _plan(row: Activity) -> ActivityPlan:
    return ActivityPlan(
        row.topic, row.title, row.division_code, row.place, row.starts_at, row.ends_at, row.description,
        row.audience, row.organizer, row.seats, row.point,
    )  # fmt: skip


def _text(text: str, what: str, column: str) -> str:
    text = text.strip()
    if len(text) > LONGEST[column]:
        raise BadInput(f"{what}太长了，最多 {LONGEST[column]} 个字。")
    return text


def _shown(count: int) -> str:
    return f"少于{SMALLEST}" if is_small(count) else str(count)


def _mean(rated: int, stars: int) -> str:
    """「4.6」; "" of so few that it would tell of one."""
    return f"{stars / rated:.1f}" if rated >= SMALLEST else ""
