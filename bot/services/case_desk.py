"""What becomes of her messages while a person has her conversation or is being found: the part of a turn that is the desk's.

It works in the turn's writing transaction with the conversation held, and never asks the engine.
"""

import json
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import branch
from bot.domain.case_topics import ERRANDS, SMALL_TALK, CaseLevel
from bot.domain.cases import (
    UNTAKEN,
    AlertOutcome,
    CaseAct,
    CaseOutcome,
    CaseRules,
    CaseStatus,
    Consent,
    ExclusionKind,
    Helped,
    OpenReason,
)
from bot.domain.federations import EVERY, work_choice
from bot.domain.messages import InboundKind, Owner, Reply
from bot.domain.risk import RiskLevel
from bot.language.contact_wishes import may_call, safe_to_write, wants_to_leave
from bot.language.work_wishes import wants_work
from bot.services.case_routing import CaseRouting
from bot.services.case_summary import CaseSummaries, exclusions_in, wishes_in, wishes_of
from bot.services.case_words import ASK_HUMAN, LEAVE, MEANWHILE, RATE, WHY, CaseWords
from bot.services.cases import Cases
from bot.services.turns import Heard
from bot.services.work_choices import WorkChoices
from bot.storage.case_alerts import AlertStore
from bot.storage.cases import SYSTEM, WOMAN, Case, CaseStore
from bot.storage.conversations import Conversation

SHORTEST_NEED = 4


class CaseDesk:
    """The desk of `bot.services.turns`."""

    def __init__(self, cases: Cases, summaries: CaseSummaries, routing: CaseRouting, *, rules: CaseRules) -> None:
        self._cases = cases
        self._summaries = summaries
        self._routing = routing
        self._rules = rules
        self._words = CaseWords(rules)
        self._work = WorkChoices(cases, routing, rules=rules)

    def takes(self, payload: str | None) -> bool:
        """Whether a choice is the desk's, whoever has the conversation: it must work while the engine is down."""
        if payload is None or work_choice(payload) is not None:
            return payload is not None
        return payload.partition("{")[0] in {ASK_HUMAN, LEAVE, MEANWHILE, RATE}

    async def heard(self, session: AsyncSession, heard: Heard, now: datetime) -> list[Reply]:
        """What is said to this message in the end; `heard.replies` is what the turn came to without the desk."""
        conversation, row = heard.conversation, heard.inbound
        if row.kind is InboundKind.EVENT and row.payload is None:
            return heard.replies
        case = await CaseStore(session).hold_open(conversation.id)
        if self.takes(row.payload):
            return await self._press(session, case, conversation, str(row.payload), now)
        if case is None:
            return await self._maybe_reopen(session, heard, now)
        replies = list(heard.replies)
        if row.kind is InboundKind.TEXT and row.payload is None:
            if conversation.owner is Owner.QUEUE and not replies and wants_to_leave(heard.text):
                return await self._leave(session, case, conversation, now)
            if await self._learn(session, case, conversation, heard, now) and conversation.owner is not Owner.OFFICER:
                replies.append(self._words.plain("excluded"))
            if conversation.owner is Owner.QUEUE and not replies and wants_work(heard.text):
                replies.append(await self._work.offer(session, case, heard.text))
        return replies + await self._news(session, case, heard, now, spoken=bool(replies))

    async def _press(
        self, session: AsyncSession, case: Case | None, conversation: Conversation, payload: str, now: datetime
    ) -> list[Reply]:
        name, _, rest = payload.partition("{")
        choice = work_choice(payload)
        if choice is not None:
            return await self._work.press(session, case, conversation, choice, now)
        if name == ASK_HUMAN:
            return await self._cases.ask_within(session, conversation, OpenReason.ASKED, now)
        if name == RATE:
            return await self._rate(session, conversation, json.loads("{" + rest), now)
        if case is None:
            return [self._words.plain("left")]
        if conversation.owner is Owner.OFFICER:
            case.waiting_since = case.waiting_since or now
            return []
        return await self._wait_or_leave(session, case, conversation, name, now)

    async def _wait_or_leave(
        self, session: AsyncSession, case: Case, conversation: Conversation, name: str, now: datetime
    ) -> list[Reply]:
        """The two choices of the queue."""
        if name == LEAVE and case.status in UNTAKEN:
            return await self._leave(session, case, conversation, now)
        if conversation.owner is Owner.BOT:
            return [self._words.plain("left" if name == LEAVE else "meanwhile")]
        await CaseStore(session).give_to_bot(conversation)
        return [self._words.plain("meanwhile")]

    async def _leave(self, session: AsyncSession, case: Case, conversation: Conversation, now: datetime) -> list[Reply]:
        """She waits no longer. In danger the case stays, so that somebody looks at it all the same."""
        store = CaseStore(session)
        await CaseStore(session).give_to_bot(conversation)
        await store.note(case, CaseAct.LEFT, WOMAN, now)
        if case.level is CaseLevel.RED or case.risk.rank >= RiskLevel.URGENT.rank:
            return [self._words.plain("left_in_danger")]
        await AlertStore(session).end(case, AlertOutcome.WITHDRAWN, now)
        case.status, case.closed_at, case.outcome = CaseStatus.CLOSED, now, CaseOutcome.LEFT
        case.next_look_at = None
        return [self._words.plain("left")]

    async def _rate(
        self, session: AsyncSession, conversation: Conversation, answer: dict[str, str], now: datetime
    ) -> list[Reply]:
        """Her answer in two taps, kept once. 「想再找工作人员」 opens the case again."""
        held = await CaseStore(session).hold(answer["case"])
        if held is None or held[0].conversation_id != conversation.id:
            return [self._words.plain("rated_before")]
        case, helped, why = held[0], Helped(answer["helped"]), answer.get("why", "")
        if why not in WHY:
            if case.helped is not None:
                return [self._words.plain("rated_before")]
            case.helped, case.rated_at = helped, now
            await CaseStore(session).note(case, CaseAct.RATED, WOMAN, now, helped.value)
            return [self._words.rated(case.public_id, helped)]
        if not case.helped_why:
            case.helped_why = why
            await CaseStore(session).note(case, CaseAct.RATED, WOMAN, now, why)
            if why == "again":
                return await self._cases.ask_within(session, conversation, OpenReason.ASKED, now)
            return [self._words.plain("rated_why")]
        return [self._words.plain("rated_before")]

    async def _maybe_reopen(self, session: AsyncSession, heard: Heard, now: datetime) -> list[Reply]:
        """Soon after closing, words that are neither small talk nor an errand for the assistant are for the officer."""
        row = heard.inbound
        if row.kind is not InboundKind.TEXT or row.payload is not None or not heard.by_engine:
            return heard.replies
        if heard.intent in SMALL_TALK or heard.intent in ERRANDS or heard.conversation.owner is not Owner.BOT:
            return heard.replies
        case = await self._cases.reopen_recent(session, heard.conversation, now)
        if case is None:
            return heard.replies
        await CaseStore(session).own(heard.conversation, Owner.QUEUE)
        heard.conversation.leave_forms = True
        case.told_at = case.acknowledged_at = now
        await self._routing.route(session, case, now)
        safety = heard.replies[:1] if heard.safety_words else []
        return [*safety, self._words.reopened()]

    async def _learn(
        self, session: AsyncSession, case: Case, conversation: Conversation, heard: Heard, now: datetime
    ) -> bool:
        """Add to the summary what the message tells → whether she ruled somebody out."""
        text = heard.text
        call, safe = may_call(text), safe_to_write(text)
        case.may_call = case.may_call if call is Consent.UNKNOWN else call
        case.safe_to_write = case.safe_to_write if safe is Consent.UNKNOWN else safe
        if not case.need and len(text) >= SHORTEST_NEED:
            case.need = heard.inbound.masked[:1000]
        if not case.area and len(text) >= SHORTEST_NEED:
            await self._learn_place(session, case, text, now)
        return await self._rule_out(session, case, conversation, text, now)

    async def _learn_place(self, session: AsyncSession, case: Case, text: str, now: datetime) -> None:
        area, place = self._summaries.place_in(text)
        if not area:
            return
        case.area = case.route_from = branch(area)
        case.place = place
        if case.status in UNTAKEN:
            case.next_look_at = now if case.status is CaseStatus.WAITING else None
            await self._routing.route(session, case, now)
        await CaseStore(session).note(case, CaseAct.EDITED, SYSTEM, now, place)

    async def _rule_out(
        self, session: AsyncSession, case: Case, conversation: Conversation, text: str, now: datetime
    ) -> bool:
        store = CaseStore(session)
        known = await store.exclusions(case)
        new = exclusions_in(text) - known
        if not new:
            return False
        await store.exclude(case, sorted(new))
        if (ExclusionKind.FEDERATION, EVERY) in new:
            case.federation_id = None
        case.wishes = await wishes_in(session, case)
        await store.note(case, CaseAct.EXCLUDED, WOMAN, now, wishes_of(frozenset(new)))
        await self._routing.withdraw_if_excluded(session, case, conversation, now)
        return True

    async def _news(
        self, session: AsyncSession, case: Case, heard: Heard, now: datetime, *, spoken: bool
    ) -> list[Reply]:
        """What she has to know besides: once that a person was asked for in danger, and in the queue that she is heard."""
        if heard.conversation.owner is Owner.OFFICER:
            case.waiting_since = case.waiting_since or now
            return []
        alerts = AlertStore(session)
        if case.told_at is None:
            case.told_at = now
            return [] if case.status is CaseStatus.TAKEN else [self._words.danger(await alerts.pending(case), now)]
        due = case.acknowledged_at is None or now - case.acknowledged_at >= self._rules.acknowledge
        if heard.conversation.owner is not Owner.QUEUE or spoken or not due:
            return []
        if await CaseStore(session).was_answered(heard.inbound.id):
            return []
        case.acknowledged_at = now
        running = await alerts.pending(case)
        asked = bool(await alerts.of_case(case, case.routing_since))
        return [self._words.acknowledged(running, now, asked=asked)]
