"""The Federation's own services counted for the figures, by (area, what became of it); sample data does not count."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, and_, cast, exists, func, or_, select
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.case_topics import BY_INTENT
from bot.domain.cases import OpenReason
from bot.domain.check_in import FORGOTTEN, INTENT, ITEMS, STEP
from bot.storage.activities import Activity, ActivitySignUp
from bot.storage.aid import AidApplication
from bot.storage.cases import Case
from bot.storage.conversations import InboundMessage
from bot.storage.figures import Areas, Counts, Stretch, taken_state
from bot.storage.mobile import MobileNotice, MobileSubscription
from bot.storage.review_entries import ReviewEntry
from bot.storage.suggestions import Suggestion
from bot.storage.volunteers import Volunteer

OFFERED = "utter_offer_check_in"
"""The response by which a check-in is offered, as `InboundMessage.understanding` names it among the sources."""


class ServiceFigures:
    """Queries only."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self, stretch: Stretch, areas: Areas) -> Mapping[str, Counts]:
        """Every table of the services, by the names of `bot.services.figure_words.KEYS`."""
        return {
            "activities": await self._activities(stretch, areas),
            "mobile": await self._mobile(stretch, areas),
            "aid": await self._aid(stretch, areas),
            "experts": await self._experts(stretch, areas),
            "volunteers": await self._volunteers(stretch, areas),
            "suggestions": await self._suggestions(stretch, areas),
            "check_in_steps": await self._check_ins(stretch, areas),
        }

    async def _activities(self, stretch: Stretch, areas: Areas) -> Counts:
        """Seats and turns to wait at activities that begin in the stretch."""
        cut = areas.cut(Activity.division_code).label("cut")
        rows = await self._session.execute(
            select(cut, cast(ActivitySignUp.status, Text).label("key"), func.count())
            .join(Activity, Activity.id == ActivitySignUp.activity_id)
            .where(
                Activity.starts_at >= stretch.since, Activity.starts_at < stretch.until,
                Activity.synthetic.is_(False), areas.holds(Activity.division_code),
            )
            .group_by("cut", "key")
        )  # fmt: skip
        return {(area, key): count for area, key, count in rows}

    async def _mobile(self, stretch: Stretch, areas: Areas) -> Counts:
        """Women who asked in the stretch to be told of stops, by whether one was told."""
        row = MobileSubscription
        told = when((exists().where(MobileNotice.subscription_id == row.id), "told"), else_="not_yet")
        return await self._by(row.division_code, told, areas, _within(row.created_at, stretch))

    async def _aid(self, stretch: Stretch, areas: Areas) -> Counts:
        """Applications that were begun in the stretch."""
        row = AidApplication
        rows = await self._session.execute(
            select(areas.cut(Case.area).label("cut"), cast(row.status, Text).label("key"), func.count())
            .join(Case, Case.id == row.case_id)
            .where(_within(row.applied_at, stretch), areas.holds(Case.area))
            .group_by("cut", "key")
        )
        return {(area, key): count for area, key, count in rows}

    async def _experts(self, stretch: Stretch, areas: Areas) -> Counts:
        """Questions for experts, by whether somebody took them."""
        asked = and_(Case.reason == OpenReason.EXPERT, _within(Case.opened_at, stretch))
        return await self._by(Case.area, taken_state(), areas, asked)

    async def _volunteers(self, stretch: Stretch, areas: Areas) -> Counts:
        """Who signed up in the stretch, by what became of it."""
        row = Volunteer
        signed_up = and_(_within(row.applied_at, stretch), row.synthetic.is_(False))
        return await self._by(row.area, cast(row.status, Text), areas, signed_up)

    async def _suggestions(self, stretch: Stretch, areas: Areas) -> Counts:
        """Voices received in the stretch, by what became of them."""
        row = Suggestion
        rows = await self._session.execute(
            select(areas.cut(row.area).label("cut"), cast(row.status, Text).label("key"), func.sum(row.voices))
            .where(_within(row.received_at, stretch), row.synthetic.is_(False), areas.holds(row.area))
            .group_by("cut", "key")
        )
        return {(area, key): int(count) for area, key, count in rows}

    async def _check_ins(self, stretch: Stretch, areas: Areas) -> Counts:
        """Each woman once, under how far she came: offered, begun, done, or at a person after it."""
        sent, area = InboundMessage, func.coalesce(ReviewEntry.area, "")
        answers = func.sum(when((sent.payload == FORGOTTEN, 1), else_=0))
        steps = func.sum(when((sent.payload.startswith(STEP, autoescape=True), 1), else_=0))
        asked = or_(
            sent.intent == INTENT, and_(sent.intent.in_(BY_INTENT), sent.understanding.contains(f'"{OFFERED}"'))
        )
        woman = (
            select(
                areas.cut(area).label("cut"), sent.conversation_id, steps.label("steps"), answers.label("answers"),
                func.min(sent.received_at).label("first"),
            )
            .outerjoin(ReviewEntry, ReviewEntry.conversation_id == sent.conversation_id)
            .where(_within(sent.received_at, stretch), asked, areas.holds(area))
            .group_by("cut", sent.conversation_id)
            .cte("woman")
        )  # fmt: skip
        person = exists().where(
            Case.conversation_id == woman.c.conversation_id,
            Case.opened_at >= woman.c.first,
            Case.opened_at < stretch.until,
        )
        rows = await self._session.execute(select(woman.c.cut, woman.c.steps, woman.c.answers, person))
        return Counter((where, _how_far(int(taken), int(given), bool(led))) for where, taken, given, led in rows)

    async def _by(
        self, area: SQLColumnExpression[str], key: ColumnElement[str], areas: Areas, wanted: ColumnElement[bool]
    ) -> Counts:
        rows = await self._session.execute(
            select(areas.cut(area).label("cut"), key.label("key"), func.count())
            .where(wanted, areas.holds(area))
            .group_by("cut", "key")
        )
        return {(cut, str(name)): count for cut, name, count in rows}


def _within(moment: SQLColumnExpression[object], stretch: Stretch) -> ColumnElement[bool]:
    return and_(moment >= stretch.since, moment < stretch.until)


def _how_far(steps: int, answers: int, person: bool) -> str:
    if answers < len(ITEMS):
        return "begun" if steps else "offered"
    return "person" if person else "done"
