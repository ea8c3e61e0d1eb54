"""What happened in a stretch of time, counted: rows of (area, what, how many), never a text of hers nor a conversation.

Every woman is counted once in each distribution: under what her gravest or newest message was about, the worst that became of
her messages, and the hour and weekday of the first. Areas are cut as `Areas` says, so that few rows leave the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Index,
    Integer,
    SQLColumnExpression,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.appointments import AppointmentStatus
from bot.domain.case_topics import BY_DANGER, BY_INTENT, ERRANDS, Topic
from bot.domain.cases import CaseAct, CaseStatus
from bot.domain.messages import InboundKind
from bot.domain.risk import RiskLevel
from bot.storage.appointments import Appointment, Visit
from bot.storage.cases import Case, CaseEvent
from bot.storage.conversations import Conversation, InboundMessage, InboundStatus
from bot.storage.directory import Location, ServiceAtLocation
from bot.storage.review_entries import ReviewEntry
from bot.storage.unmet import PlaceMiss
from bot.storage.waiting_list import WaitingEntry

UNCLEAR = "nlu_fallback"
NOT_OURS = "out_of_scope"
TOPICS = tuple(Topic)
ANSWERS = ("answered", "late", "unclear", "open")
"""From the best to the worst: at once, at a second try, not understood at least once, or still waiting."""
NIGHT, MORNING = "22:00", "06:00"
SHARES = (50, 90)
A_RANK, A_MESSAGE = 10**15, 100
LONGEST_PHRASE, MOST_PHRASES = 30, 20
Counts = Mapping[tuple[str, str], int]

Index(
    "ix_inbound_messages_figures", InboundMessage.received_at, InboundMessage.conversation_id, InboundMessage.kind,
    InboundMessage.intent, InboundMessage.risk, InboundMessage.risk_kind, InboundMessage.status, InboundMessage.attempts,
)  # fmt: skip
"""Holds everything that is counted of messages: a month is read without touching their rows, which are wide."""


@dataclass(frozen=True, slots=True)
class Areas:
    """How areas are told apart. `cuts`: (branch, digits) from the nearest to the furthest: in that branch, this many digits.

    `within`: nothing outside this branch is counted. `unknown`: whether it holds what has no known place.
    """

    within: str
    unknown: bool
    cuts: Sequence[tuple[str, int]]

    def cut(self, area: SQLColumnExpression[str]) -> ColumnElement[str]:
        """The area as it is told apart."""
        branches = [
            (area.startswith(branch, autoescape=True), func.substr(area, 1, digits)) for branch, digits in self.cuts
        ]
        return when(*branches, else_=literal("")) if branches else literal("")

    def holds(self, area: SQLColumnExpression[str]) -> ColumnElement[bool]:
        """Whether it is counted at all."""
        inside = and_(area != "", area.startswith(self.within, autoescape=True))
        return or_(inside, area == "") if self.unknown else inside


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `since` to before `until`; `offset_minutes` is what local clocks are ahead of UTC."""

    since: datetime
    until: datetime
    offset_minutes: int


@dataclass(frozen=True, slots=True)
class OffHours:
    """When offices are closed: before `opens`, from `closes` on (「08:30」), and all day on `free_days` (「2026-11-28」)."""

    opens: str
    closes: str
    free_days: Sequence[str]


@dataclass(frozen=True, slots=True)
class Wait:
    """How long until somebody took a case of this level: half of them no longer than `p50` seconds, nine in ten than `p90`."""

    level: str
    cases: int
    p50: float
    p90: float


class FigureStore:
    """Queries only. Every count is by (area, key)."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    async def women(self, stretch: Stretch, areas: Areas) -> Mapping[str, Counts]:
        """「topic」「answer」「channel」「handed」「hour」「weekday」 → how many women of each kind wrote."""
        woman = self._women(stretch, areas)
        parts = ("topic", "answer", "channel", "handed", "hour", "weekday")
        rows = await self._session.execute(
            union_all(*(
                select(literal(part), woman.c.area, cast(woman.c[part], Text), func.count())
                .group_by(woman.c.area, woman.c[part]) for part in parts
            ))
        )  # fmt: skip
        found: dict[str, dict[tuple[str, str], int]] = {part: {} for part in parts}
        for part, area, key, count in rows:
            found[part][area, _named(part, key)] = count
        return found

    async def topics(self, stretch: Stretch, areas: Areas) -> Counts:
        """Only the topics, for the stretch before."""
        woman = self._women(stretch, areas)
        rows = await self._session.execute(
            select(woman.c.area, woman.c.topic, func.count()).group_by(woman.c.area, woman.c.topic)
        )
        return {(area, TOPICS[topic].value): count for area, topic, count in rows}

    async def bands(self, stretch: Stretch, areas: Areas, off: OffHours) -> Mapping[tuple[str, str, str], int]:
        """By (area, topic, band) how many women: the band of the first message that she wrote while offices were closed."""
        woman = self._women(stretch, areas, off)
        rows = await self._session.execute(
            select(woman.c.area, woman.c.topic, woman.c.band, func.count()).group_by(
                woman.c.area, woman.c.topic, woman.c.band
            )
        )
        return {(area, TOPICS[topic].value, band): count for area, topic, band, count in rows}

    def _women(self, stretch: Stretch, areas: Areas, off: OffHours | None = None) -> CTE:
        sent = InboundMessage
        first_off = when((self._is_off(sent.received_at, stretch, off), sent.received_at)) if off else sent.received_at
        said = (
            select(
                sent.conversation_id,
                func.max(_rank()).label("rank"),
                func.max(_answer()).label("answer"),
                func.min(sent.received_at).label("first"),
                func.min(first_off).label("first_off"),
            )
            .where(sent.received_at >= stretch.since, sent.received_at < stretch.until, sent.kind != InboundKind.EVENT)
            .group_by(sent.conversation_id)
            .cte("said")
        )
        area = func.coalesce(ReviewEntry.area, "")
        handed = exists().where(
            Case.conversation_id == said.c.conversation_id,
            Case.opened_at >= stretch.since,
            Case.opened_at < stretch.until,
        )
        return (
            select(
                areas.cut(area).label("area"),
                (said.c.rank % A_MESSAGE).label("topic"),
                said.c.answer,
                Conversation.channel.label("channel"),
                when((handed, "yes"), else_="no").label("handed"),
                self._clock(said.c.first, "%H", "hour", stretch).label("hour"),
                self._clock(said.c.first, "%w", "dow", stretch).label("weekday"),
                self._band(said.c.first_off, stretch, off).label("band") if off else literal("").label("band"),
            )
            .join(Conversation, Conversation.id == said.c.conversation_id)
            .outerjoin(ReviewEntry, ReviewEntry.conversation_id == said.c.conversation_id)
            .where(areas.holds(area))
            .cte("woman")
        )

    def _clock(self, moment: ColumnElement[Any], sqlite: str, postgresql: str, stretch: Stretch) -> ColumnElement[Any]:
        """The hour, or the weekday from Sunday (0), on a local clock."""
        if self._sqlite:
            return cast(func.strftime(sqlite, moment, f"{stretch.offset_minutes:+d} minutes"), Integer)
        local = func.timezone("UTC", moment) + func.make_interval(0, 0, 0, 0, 0, stretch.offset_minutes)
        return cast(func.extract(postgresql, local), Integer)

    def _local(
        self, moment: SQLColumnExpression[Any], sqlite: str, postgresql: str, stretch: Stretch
    ) -> ColumnElement[str]:
        """Written as a local clock shows it."""
        if self._sqlite:
            return func.strftime(sqlite, moment, f"{stretch.offset_minutes:+d} minutes")
        local = func.timezone("UTC", moment) + func.make_interval(0, 0, 0, 0, 0, stretch.offset_minutes)
        return func.to_char(local, postgresql)

    def _is_off(self, moment: SQLColumnExpression[Any], stretch: Stretch, off: OffHours) -> ColumnElement[bool]:
        hour = self._local(moment, "%H:%M", "HH24:MI", stretch)
        day = self._local(moment, "%Y-%m-%d", "YYYY-MM-DD", stretch)
        return or_(hour < off.opens, hour >= off.closes, day.in_(off.free_days))

    def _band(self, moment: ColumnElement[Any], stretch: Stretch, off: OffHours) -> ColumnElement[str]:
        hour = self._local(moment, "%H:%M", "HH24:MI", stretch)
        return when(
            (moment.is_(None), "office"), (or_(hour < MORNING, hour >= NIGHT), "night"),
            (hour < off.opens, "morning"), (hour >= off.closes, "evening"), else_="free",
        )  # fmt: skip

    async def cases(self, stretch: Stretch, areas: Areas) -> Mapping[str, Counts]:
        """「level」「taken」 of cases that were opened, 「helped」 of those that were closed."""
        opened = and_(Case.opened_at >= stretch.since, Case.opened_at < stretch.until)
        taken = taken_state()
        closed = and_(Case.closed_at >= stretch.since, Case.closed_at < stretch.until)
        return {
            "level": await self._by(Case.area, cast(Case.level, Text), opened, areas),
            "taken": await self._by(Case.area, taken, opened, areas),
            "helped": await self._by(Case.area, func.coalesce(cast(Case.helped, Text), "unsaid"), closed, areas),
        }

    async def waits(self, stretch: Stretch, branch: str, *, unknown: bool) -> list[Wait]:
        """Time to a person of the cases opened in the branch, by level; the nearest rank, so that it is somebody's own time."""
        since = self._seconds(_first_taken(), Case.opened_at)
        inside = Case.area.startswith(branch, autoescape=True)
        waited = (
            select(Case.level.label("level"), since.label("seconds"))
            .where(
                Case.opened_at >= stretch.since, Case.opened_at < stretch.until, since.is_not(None),
                inside if unknown else and_(Case.area != "", inside),
            )
            .cte("waited")
        )  # fmt: skip
        ordered = select(
            waited.c.level, waited.c.seconds, func.count().over(partition_by=waited.c.level).label("cases"),
            func.row_number().over(partition_by=waited.c.level, order_by=waited.c.seconds).label("place"),
        ).cte("ordered")  # fmt: skip
        ranks = [
            func.max(when((ordered.c.place == _nearest_rank(ordered.c.cases, per_cent), ordered.c.seconds)))
            for per_cent in SHARES
        ]
        rows = await self._session.execute(
            select(ordered.c.level, func.max(ordered.c.cases), *ranks).group_by(ordered.c.level)
        )
        return [Wait(level.value, cases, float(p50), float(p90)) for level, cases, p50, p90 in rows]

    async def appointments(self, stretch: Stretch, areas: Areas) -> Counts:
        """By what became of those whose first visit begins in the stretch. Offers that wait for a yes are none yet."""
        begins = (
            select(Visit.appointment_id, func.min(Visit.id).label("visit"), func.min(Visit.starts_at).label("at"))
            .group_by(Visit.appointment_id)
            .where(Visit.starts_at >= stretch.since, Visit.starts_at < stretch.until)
            .subquery()
        )
        area, status = func.coalesce(Location.division_code, ""), cast(Appointment.status, Text)
        rows = await self._session.execute(
            select(areas.cut(area).label("cut"), status.label("status"), func.count())
            .select_from(begins)
            .join(Appointment, Appointment.id == begins.c.appointment_id)
            .join(Visit, Visit.id == begins.c.visit)
            .outerjoin(ServiceAtLocation, ServiceAtLocation.public_id == Visit.service_id)
            .outerjoin(Location, Location.id == ServiceAtLocation.location_id)
            .where(Appointment.status != AppointmentStatus.HELD, areas.holds(area))
            .group_by("cut", "status")
        )
        return {(cut, key): count for cut, key, count in rows}

    async def misses(self, stretch: Stretch, areas: Areas) -> Counts:
        """Women who looked for a place of a kind in vain, by 「kind」; who looked for several counts with the first by name."""
        area, miss = func.max(PlaceMiss.area), PlaceMiss
        sought = (
            select(area.label("area"), func.min(miss.kind).label("kind"))
            .where(miss.at >= stretch.since, miss.at < stretch.until)
            .group_by(miss.conversation_id)
            .subquery()
        )
        return await self._by(sought.c.area, sought.c.kind, literal(True), areas)

    async def waiting(self, stretch: Stretch, areas: Areas) -> Counts:
        """Women who joined the waiting list, by what became of it; the best of several counts."""
        entry = WaitingEntry
        joined = (
            select(func.max(entry.division).label("area"), func.max(when({"served": 2, "offered": 1, "waiting": 1},
                   value=cast(entry.status, Text), else_=0)).label("came"))
            .where(entry.joined_at >= stretch.since, entry.joined_at < stretch.until)
            .group_by(entry.conversation_id)
            .subquery()
        )  # fmt: skip
        key = when((joined.c.came == 2, "served"), (joined.c.came == 1, "waiting"), else_="gone")
        return await self._by(joined.c.area, key, literal(True), areas)

    async def unclear_phrases(self, stretch: Stretch, areas: Areas, women: int) -> list[tuple[str, int]]:
        """Short masked texts without an answer that at least so many different women wrote, and how many did."""
        sent, area = InboundMessage, func.coalesce(ReviewEntry.area, "")
        writers = func.count(func.distinct(sent.conversation_id))
        rows = await self._session.execute(
            select(sent.masked, writers)
            .outerjoin(ReviewEntry, ReviewEntry.conversation_id == sent.conversation_id)
            .where(
                sent.received_at >= stretch.since, sent.received_at < stretch.until,
                sent.intent.in_([UNCLEAR, NOT_OURS]), sent.kind == InboundKind.TEXT, sent.payload.is_(None),
                func.length(sent.masked) <= LONGEST_PHRASE, sent.masked != "", areas.holds(area),
            )
            .group_by(sent.masked)
            .having(writers >= women)
            .order_by(writers.desc(), sent.masked)
            .limit(MOST_PHRASES)
        )  # fmt: skip
        return [(masked, count) for masked, count in rows]

    async def _by(
        self, area: SQLColumnExpression[str], key: ColumnElement[Any], wanted: ColumnElement[bool], areas: Areas
    ) -> Counts:
        rows = await self._session.execute(
            select(areas.cut(area).label("cut"), key.label("key"), func.count())
            .where(wanted, areas.holds(area))
            .group_by("cut", "key")
        )
        return {(cut, str(key)): count for cut, key, count in rows}

    def _seconds(self, later: SQLColumnExpression[Any], earlier: SQLColumnExpression[Any]) -> ColumnElement[Any]:
        if self._sqlite:
            return (func.julianday(later) - func.julianday(earlier)) * 86400.0
        return func.extract("epoch", later - earlier)


def _rank() -> ColumnElement[int]:
    """Orders messages as `bot.domain.case_topics.topic_of` does, danger before need before errand; holds the topic's place."""
    grave = InboundMessage.risk.in_([RiskLevel.URGENT, RiskLevel.EMERGENCY])
    place = {topic: at for at, topic in enumerate(TOPICS)}
    danger = {kind.value: 3 * A_RANK + place[topic] for kind, topic in BY_DANGER.items()}
    needs = {intent: 2 * A_RANK + place[topic] for intent, topic in BY_INTENT.items()}
    errands = {intent: A_RANK + place[Topic.ERRAND] for intent in ERRANDS}
    by_danger = when((and_(grave, InboundMessage.risk_kind.is_not(None)),
                      when(danger, value=cast(InboundMessage.risk_kind, Text), else_=0)), else_=0)  # fmt: skip
    by_intent = when(errands | needs, value=InboundMessage.intent, else_=place[Topic.UNKNOWN])
    return when((by_danger > 0, by_danger), else_=by_intent) + cast(InboundMessage.id, BigInteger) * A_MESSAGE


def _answer() -> ColumnElement[int]:
    """The place in `ANSWERS`."""
    return when(
        (InboundMessage.status != InboundStatus.ANSWERED, 3), (InboundMessage.intent == UNCLEAR, 2),
        (InboundMessage.attempts > 1, 1), else_=0,
    )  # fmt: skip


def _first_taken() -> ColumnElement[Any]:
    """When somebody first took the case."""
    return (
        select(func.min(CaseEvent.at))
        .where(CaseEvent.case_id == Case.id, CaseEvent.act == CaseAct.TAKEN)
        .correlate(Case)
        .scalar_subquery()
    )


def taken_state() -> ColumnElement[str]:
    """「taken」 by somebody, 「left」 before that, or still 「waiting」, of a case."""
    return when((_first_taken().is_not(None), "taken"), (Case.status == CaseStatus.CLOSED, "left"), else_="waiting")


def _nearest_rank(count: ColumnElement[int], per_cent: int) -> ColumnElement[int]:
    """The place of the percentile among so many, counted from 1: rounded up."""
    return (count * per_cent + 99) // 100


def _named(part: str, key: str) -> str:
    """A number of the query as the word that figures use; weekdays count from Monday."""
    if part == "topic":
        return TOPICS[int(key)].value
    if part == "answer":
        return ANSWERS[int(key)]
    return str((int(key) + 6) % 7) if part == "weekday" else str(int(key)) if part == "hour" else key
