"""Finding an officer for a case, and the job that moves on what was not accepted in time.

Any number of workers may run the job: every step begins with one conditional statement, and who loses does nothing.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.case_topics import CaseLevel
from bot.domain.cases import AlertOutcome, CaseAct, CaseRules, CaseStatus, status_after
from bot.domain.messages import Owner
from bot.domain.rota import Asked, Candidate, is_excluded, monday, next_to_ask, offices_for
from bot.services.case_words import CaseWords
from bot.services.telling import Telling
from bot.storage.case_alerts import AlertStore, Away, CaseAlert
from bot.storage.cases import SYSTEM, Case, CaseStore
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.rota import RotaStore

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(minutes=1)
"""How soon to look again for somebody when nobody is there; who comes on duty is found at once."""
AT_ONCE = 20


class CaseRouting:
    """`route` and what follows it work in the caller's transaction, with the case held; `run_due` is the job."""

    def __init__(
        self, database: Database, telling: Telling, *, clock: Callable[[], datetime], rules: CaseRules
    ) -> None:
        self._database = database
        self._telling = telling
        self._clock = clock
        self._rules = rules
        self._words = CaseWords(rules)

    async def route(self, session: AsyncSession, case: Case, now: datetime) -> CaseAlert | None:
        """The alert that runs for an untaken case: the one there is, or a new one; None when nobody is there."""
        alerts = AlertStore(session)
        running = await alerts.pending(case)
        if running is not None:
            return running
        chosen = await self._choose(session, case, now)
        if chosen is None:
            case.next_look_at = now + LOOK_AGAIN
            await session.flush()
            return None
        return await self.ask(session, case, chosen.officer, chosen.office, now, at_work=bool(chosen.federation))

    async def ask(
        self, session: AsyncSession, case: Case, officer: str, office: str, now: datetime, *, at_work: bool = False
    ) -> CaseAlert:
        """Ask this officer. The case waits and nobody else is asked."""
        alert = await AlertStore(session).ask(
            case, officer, office, now, self._rules.deadline(case.level, now), at_work=at_work
        )  # fmt: skip
        case.status, case.next_look_at = CaseStatus.ALERTED, None
        await CaseStore(session).note(case, CaseAct.ALERTED, SYSTEM, now, officer)
        return alert

    async def requeue(
        self, session: AsyncSession, case: Case, conversation: Conversation | None, act: CaseAct, now: datetime, *,
        actor: str, detail: str = "", preferred: str | None = None,
    ) -> None:  # fmt: skip
        """Take the case from its officer; a new round of asking begins. Who routes it is the caller."""
        then = status_after(case.status, act)
        assert then is not None  # noqa: S101 - the caller has looked
        case.status, case.officer_id, case.preferred_officer_id = then, None, preferred
        case.routing_since = case.next_look_at = now
        case.due_at, case.waiting_since = self._rules.deadline(case.level, now), None
        store = CaseStore(session)
        if conversation is not None and conversation.owner is Owner.OFFICER:
            await store.own(conversation, Owner.QUEUE)
        await store.note(case, act, actor, now, detail)

    async def withdraw_if_excluded(
        self, session: AsyncSession, case: Case, conversation: Conversation | None, now: datetime
    ) -> bool:
        """Take the case (or the alert) from an officer whom she rules out, or whose federation she does not choose any more.

        True when she had it.
        """
        officer = case.officer_id if case.status is CaseStatus.TAKEN else await self._alerted(session, case)
        account = None if officer is None else await RotaStore(session).account(officer)
        if account is None:
            return False
        works_for = account.federation_id or ""
        exclusions = await CaseStore(session).exclusions(case)
        ruled_out = is_excluded(exclusions, account.public_id, account.name, account.scope, works_for)
        if not ruled_out and works_for in {"", case.federation_id or ""}:
            return False
        if case.status is CaseStatus.TAKEN:
            await self.requeue(session, case, conversation, CaseAct.REMOVED, now, actor=SYSTEM)
        else:
            await AlertStore(session).end(case, AlertOutcome.WITHDRAWN, now)
            case.status = CaseStatus.WAITING
            await CaseStore(session).note(case, CaseAct.WITHDRAWN, SYSTEM, now, account.public_id)
        await self.route(session, case, now)
        return True

    async def ask_anew(self, session: AsyncSession, case: Case, now: datetime) -> CaseAlert | None:
        """She chose who shall have an untaken case: whoever was asked before is not asked any more."""
        if await AlertStore(session).end(case, AlertOutcome.WITHDRAWN, now):
            case.status = CaseStatus.WAITING
            await CaseStore(session).note(case, CaseAct.WITHDRAWN, SYSTEM, now)
        case.preferred_officer_id, case.routing_since = None, now
        return await self.route(session, case, now)

    async def run_due(self) -> int:
        """One look at everything that is due → how many cases moved."""
        now = self._clock()
        async with self._database.read() as session:
            alerts = AlertStore(session)
            overdue = await alerts.overdue(now, AT_ONCE)
            away = await alerts.away(now - self._rules.away, AT_ONCE)
            waiting = await alerts.waiting(now, AT_ONCE)
        moved = [await self._expire(case) for case in overdue]
        moved += [await self._return(gone) for gone in away]
        moved += [await self._look(case) for case in waiting]
        return sum(moved)

    async def look_for_everyone(self) -> None:
        """Somebody came on duty: the queue runs again, now."""
        async with self._database.write() as session:
            await AlertStore(session).look_now(self._clock())
        while await self.run_due():
            pass

    async def _expire(self, public_id: str) -> bool:
        now = self._clock()
        async with self._database.write() as session:
            held = await CaseStore(session).hold(public_id)
            if held is None:
                return False
            case, conversation = held
            officer = await self._alerted(session, case)
            if not await AlertStore(session).end(case, AlertOutcome.EXPIRED, now, due=True):
                return False
            case.status = CaseStatus.WAITING
            await CaseStore(session).note(case, CaseAct.EXPIRED, SYSTEM, now, officer or "")
            alert = await self.route(session, case, now)
            await self._tell_of_expiry(session, case, conversation, alert, now)
            log.info("case %s was not accepted in time", case.public_id)
        return True

    async def _tell_of_expiry(
        self, session: AsyncSession, case: Case, conversation: Conversation | None, alert: CaseAlert | None,
        now: datetime,
    ) -> None:  # fmt: skip
        """She is told when the first did not come and when the first round is over; no more, as messages are counted."""
        if conversation is None or conversation.owner is not Owner.QUEUE:
            return
        asked = await AlertStore(session).of_case(case, case.routing_since)
        passed = [one.officer_id for one in asked if one.outcome is AlertOutcome.EXPIRED]
        round_is_over = alert is None or alert.officer_id in passed
        if round_is_over and len(passed) == len(set(passed)):
            await self._telling.say(session, conversation, [self._words.plain("nobody_took")], now)
        elif alert is not None and len(passed) == 1:
            await self._telling.say(session, conversation, [self._words.climbed(alert, now)], now)

    async def _return(self, gone: Away) -> bool:
        now = self._clock()
        async with self._database.write() as session:
            held = await CaseStore(session).hold(gone.case)
            if held is None:
                return False
            case, conversation = held
            if case.status is not CaseStatus.TAKEN or case.officer_id != gone.officer:
                return False
            rota = RotaStore(session)
            works_here = await rota.officer(gone.officer) is not None
            if works_here and await rota.presence(gone.officer, now) is not None:
                return False
            waits = conversation is not None and conversation.owner is Owner.OFFICER
            if works_here and case.level is not CaseLevel.RED and case.waiting_since is None:
                return False
            await self.requeue(
                session, case, conversation, CaseAct.AWAY, now, actor=SYSTEM, detail=gone.officer,
                preferred=gone.officer if works_here else None,
            )  # fmt: skip
            await self.route(session, case, now)
            if waits and conversation is not None:
                await self._telling.say(session, conversation, [self._words.plain("away")], now)
        return True

    async def _look(self, public_id: str) -> bool:
        now = self._clock()
        async with self._database.write() as session:
            held = await CaseStore(session).hold(public_id)
            if held is None:
                return False
            case, _ = held
            if case.status is not CaseStatus.WAITING or case.next_look_at is None or case.next_look_at > now:
                return False
            return await self.route(session, case, now) is not None

    async def _choose(self, session: AsyncSession, case: Case, now: datetime) -> Candidate | None:
        rota = RotaStore(session)
        offices = offices_for(case.area, case.route_from)
        week = monday(now.astimezone(self._rules.hours.zone).date())
        federation = case.federation_id or ""
        there = await rota.there(offices, week, now, also=case.preferred_officer_id or "", federation=federation)
        asked = await AlertStore(session).of_case(case, case.routing_since)
        return next_to_ask(
            there,
            [Asked(one.officer_id, one.sent_at, one.ended_at, one.outcome) for one in asked],
            await CaseStore(session).exclusions(case),
            offices=offices,
            preferred=case.preferred_officer_id or "",
            now=now,
            again=self._rules.again,
            federation=federation,
            work_first=case.level is not CaseLevel.RED,
        )

    async def _alerted(self, session: AsyncSession, case: Case) -> str | None:
        running = await AlertStore(session).pending(case)
        return None if running is None else running.officer_id
