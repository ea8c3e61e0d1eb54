"""Opening a case: because she asks for a person, because of danger, because the assistant failed, or by an officer.

However often it is opened, a conversation has one open case: what comes later makes it graver, never a second one.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission, branch
from bot.domain.audit import Act, Deed
from bot.domain.case_topics import CaseLevel, Topic, level_of_case, topic_of
from bot.domain.cases import (
    BY_OFFICER,
    BY_TALK,
    REASON_WORDS,
    UNTAKEN,
    AlertOutcome,
    CaseAct,
    CaseOutcome,
    CaseRules,
    CaseStatus,
    ExclusionKind,
    OpenReason,
)
from bot.domain.errors import BadInput, NotFound
from bot.domain.federations import EVERY
from bot.domain.messages import Owner, Reply
from bot.domain.risk import Risk, RiskLevel
from bot.domain.rota import is_excluded
from bot.language.masking import mask
from bot.services.case_access import AuditLog, may_see
from bot.services.case_routing import CaseRouting
from bot.services.case_summary import CaseSummaries, Summary, wishes_in, wishes_of
from bot.services.case_words import CaseWords
from bot.services.telling import Telling
from bot.storage.case_alerts import AlertStore
from bot.storage.cases import SYSTEM, WOMAN, Case, CaseStore
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.records import PUBLIC_ID_BYTES, new_public_id

LONGEST_NEED = 1000
NO_DANGER = Risk()


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case that an officer opens. `conversation`: its public id, "" when the woman came or called; texts get masked.

    `key` names the submit: the same one again opens nothing.
    """

    need: str
    conversation: str = ""
    topic: Topic = Topic.UNKNOWN
    level: CaseLevel = CaseLevel.YELLOW
    area: str = ""
    place: str = ""
    key: str = ""

    def public_id(self, by: Officer) -> str:
        """The name of the case that this submit opens."""
        if not self.key:
            return new_public_id()
        digest = hashlib.sha256(f"{by.id}\0{self.key}".encode()).digest()
        return base64.urlsafe_b64encode(digest[:PUBLIC_ID_BYTES]).decode()


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of something she asked for: the case, held; whether it is new; who will come and by when, in words."""

    case: Case
    fresh: bool
    told: str


class Cases:
    """Whoever opens a case."""

    def __init__(
        self,
        database: Database,
        summaries: CaseSummaries,
        routing: CaseRouting,
        telling: Telling,
        audit: AuditLog,
        *,
        clock: Callable[[], datetime],
        rules: CaseRules,
    ) -> None:
        self._database = database
        self._summaries = summaries
        self._routing = routing
        self._telling = telling
        self._audit = audit
        self._clock = clock
        self._rules = rules
        self._words = CaseWords(rules)

    async def raise_alarm(self, session: AsyncSession, conversation_id: int, risk: Risk, now: datetime) -> None:
        """Open an urgent case, or make the open one graver, and ask the officer on duty; in the turn's transaction.

        The conversation stays with whoever has it: in danger she is never left in a queue that answers nothing.
        """
        store = CaseStore(session)
        conversation = await store.hold_conversation(conversation_id)
        case = await store.hold_open(conversation_id) or await self.reopen_recent(session, conversation, now)
        if case is None:
            reason = OpenReason.EMERGENCY if risk.level is RiskLevel.EMERGENCY else OpenReason.URGENT
            case = await self._open(session, conversation, reason, now, risk)
        else:
            await self._grow(session, case, risk, now)
        if case.status is not CaseStatus.TAKEN:
            await self._routing.route(session, case, now)

    async def ask(self, conversation: str, reason: OpenReason = OpenReason.ASKED) -> bool:
        """She asks for a person, or the assistant failed twice: open the case and tell her; False when she was told before.

        For actions: it speaks by itself, in the turn that is under way; what the engine says afterwards is dropped, as the
        conversation is no longer the assistant's. Raises NotFound for an unknown conversation.
        """
        now = self._clock()
        async with self._database.write() as session:
            store = CaseStore(session)
            conversation_id = await store.conversation_named(conversation)
            if conversation_id is None:
                raise NotFound
            held = await store.hold_conversation(conversation_id)
            answering = await store.being_answered(conversation_id)
            if answering is not None and await store.was_answered(answering.id):
                return False
            replies = await self.ask_within(session, held, reason, now)
            await self._telling.say(session, held, replies, now, answering=answering)
        return True

    async def ask_within(
        self, session: AsyncSession, conversation: Conversation, reason: OpenReason, now: datetime
    ) -> list[Reply]:
        """The same in a transaction that holds the conversation → what she is told."""
        store = CaseStore(session)
        case = await store.hold_open(conversation.id)
        if case is None:
            case = await self.reopen_recent(session, conversation, now)
        if case is None:
            case = await self._open(session, conversation, reason, now)
        before = [self._words.plain("unclear")] if reason is OpenReason.NOT_UNDERSTOOD else []
        case.told_at, case.acknowledged_at = now, None
        if case.reason in BY_TALK:
            case.reason = OpenReason.ASKED  # she wants a person now, whatever becomes of what she asked for before
        if case.status is CaseStatus.TAKEN:
            await store.own(conversation, Owner.OFFICER)
            case.waiting_since = case.waiting_since or now
            return [*before, self._words.plain("with_her")]
        await store.own(conversation, Owner.QUEUE)
        alert = await self._routing.route(session, case, now)
        asked = bool(await AlertStore(session).of_case(case, case.routing_since))
        return [*before, self._words.asked(alert, now, asked=asked)]

    async def open_in_talk(
        self, session: AsyncSession, conversation: Conversation, reason: OpenReason, topic: Topic, now: datetime, *,
        place: str = "",
    ) -> Opened:  # fmt: skip
        """A case for what she asked the assistant for, or the one that is open; the conversation stays the assistant's.

        The conversation is held. `place`: a division's code, for when her words named none.
        """
        store = CaseStore(session)
        case = await store.hold_open(conversation.id)
        fresh = case is None
        if case is None:
            summary = await self._summaries.of(session, conversation.id)
            grave = summary.risk.rank >= RiskLevel.URGENT.rank
            summary = summary if grave else replace(summary, topic=topic)
            if not summary.area:
                area, words = self._summaries.place_named(place)
                summary = replace(summary, area=area, place=words)
            case = await self._add(session, conversation, reason, now, summary)
            case.told_at = now
        elif case.topic in {Topic.UNKNOWN, Topic.ERRAND}:
            case.topic = topic
        if case.status is CaseStatus.TAKEN:
            return Opened(case, fresh, self._words.plain("added").text)
        alert = await self._routing.route(session, case, now)
        return Opened(case, fresh, self._words.noted(alert, now).text)

    async def leave_in_talk(self, session: AsyncSession, case: Case, now: datetime) -> bool:
        """She takes back what a held case was opened for → whether it is closed: not if somebody has it or she is in danger."""
        grave = case.level is CaseLevel.RED or case.risk.rank >= RiskLevel.URGENT.rank
        if case.reason not in BY_TALK or case.status not in UNTAKEN or grave:
            return False
        await AlertStore(session).end(case, AlertOutcome.WITHDRAWN, now)
        await CaseStore(session).note(case, CaseAct.LEFT, WOMAN, now)
        case.status, case.closed_at, case.outcome = CaseStatus.CLOSED, now, CaseOutcome.LEFT
        case.next_look_at = None
        return True

    async def takes_place(self, conversation: str, text: str) -> bool:
        """Whether this tells where she is, and that was missing to find somebody for what she asked for."""
        if not self._summaries.place_in(text)[0]:
            return False
        async with self._database.read() as session:
            return await CaseStore(session).lacks_place(conversation, BY_TALK)

    async def open_by_officer(self, by: Officer, new: NewCase) -> str:
        """An officer opens a case and has it → its public id; an open one of the same conversation is given instead.

        The conversation stays the assistant's until she writes to it. Raises NotFound (also for a conversation of a woman who
        lives in another branch, who ruled this officer out, or whose last case is not hers to see), BadInput.
        """
        if not by.may(Permission.TAKE_CASES) or not (by.covers(new.area) or not new.area):
            raise NotFound
        if not new.need.strip():
            raise BadInput("请写一句她需要什么。")
        now, public_id = self._clock(), new.public_id(by)
        async with self._database.write() as session:
            store = CaseStore(session)
            if await store.named(public_id) is not None:
                return public_id
            conversation, summary = None, Summary()
            if new.conversation:
                conversation_id = await store.conversation_named(new.conversation)
                if conversation_id is None:
                    raise NotFound
                conversation = await store.hold_conversation(conversation_id)
                known = await store.hold_open(conversation_id)
                if known is not None and await may_see(session, known, by):
                    return known.public_id
                summary = await self._summaries.of(session, conversation_id)
                if known is not None or not await self._may_open(session, conversation_id, summary, by):
                    raise NotFound
            case = await self._add(
                session, conversation, OpenReason.OFFICER, now, summary, new=new, by=by, public_id=public_id
            )
            await self._audit.append(session, Deed(Act.CASE_OPENED, by.id, "case", case.public_id))
            return case.public_id

    async def _may_open(self, session: AsyncSession, conversation_id: int, summary: Summary, by: Officer) -> bool:
        """Whether a conversation without an open case is hers to open one for. To know its name is not enough."""
        if by.federation and summary.federation != by.federation:
            return False
        if summary.area and not by.federation and not by.covers(summary.area):
            return False
        last = await CaseStore(session).hold_last_closed(conversation_id)
        if last is not None and not await may_see(session, last, by):
            return False
        return not is_excluded(summary.exclusions, by.id, by.name, by.area, by.federation)

    async def open_for_review(self, by: Officer, conversation: str, why: str, risk: RiskLevel) -> bool:
        """A reviewer found that a person should look: open a case and ask the officer on duty; she is told nothing of it.

        `risk`: the gravest that the reviewer judged. The conversation stays the assistant's. False when there is an open case:
        `why` is added to it, and it grows graver if it must. Raises NotFound, BadInput. Whether the conversation lies in the
        reviewer's branch is looked at before (`bot.services.review_access`).
        """
        if not by.may(Permission.REVIEW):
            raise NotFound
        if not why.strip():
            raise BadInput("请写一句为什么要请工作人员看。")
        now, said = self._clock(), f"质检员：{mask(why.strip())}"
        async with self._database.write() as session:
            store = CaseStore(session)
            conversation_id = await store.conversation_named(conversation)
            if conversation_id is None:
                raise NotFound
            held = await store.hold_conversation(conversation_id)
            known = await store.hold_open(conversation_id)
            case = known or await self._open(session, held, OpenReason.REVIEW, now, Risk(risk))
            case.need = f"{said}\n{case.need}"[:LONGEST_NEED]
            if known is not None:
                await store.note(case, CaseAct.EDITED, by.id, now, said)
                await self._grow(session, case, Risk(risk), now)
            if case.status is not CaseStatus.TAKEN:
                await self._routing.route(session, case, now)
            if known is None:
                await self._audit.append(session, Deed(Act.CASE_OPENED, by.id, "case", case.public_id, "质检"))
            return known is None

    async def reopen_recent(self, session: AsyncSession, conversation: Conversation, now: datetime) -> Case | None:
        """Open the case again that an officer closed a short while ago; her former officer is asked first."""
        store = CaseStore(session)
        case = await store.hold_last_closed(conversation.id)
        if case is None or case.closed_at is None or now - case.closed_at > self._rules.reopen:
            return None
        if case.outcome not in BY_OFFICER:
            return None
        return await self.reopen(session, case, now)

    async def reopen(self, session: AsyncSession, case: Case, now: datetime) -> Case:
        """Open a held, closed case again for her; who routes it is the caller."""
        case.status, case.closed_at, case.outcome = CaseStatus.WAITING, None, None
        case.preferred_officer_id, case.officer_id, case.taken_at, case.told_at = case.officer_id, None, None, None
        case.routing_since = case.next_look_at = now
        case.due_at = self._rules.deadline(case.level, now)
        await CaseStore(session).note(case, CaseAct.REOPENED, WOMAN, now)
        await self._remember(session, case, now)
        return case

    async def _remember(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """Whom she ruled out after the case was closed, before anybody is asked for it again."""
        if case.conversation_id is None:
            return
        store, summary = CaseStore(session), await self._summaries.of(session, case.conversation_id)
        known = await store.exclusions(case)
        if not (new := summary.exclusions - known):
            return
        await store.exclude(case, sorted(new))
        if {value for kind, value in new if kind is ExclusionKind.FEDERATION} & {EVERY, case.federation_id or EVERY}:
            case.federation_id = None
        case.wishes = await wishes_in(session, case)
        await store.note(case, CaseAct.EXCLUDED, WOMAN, now, wishes_of(new))

    async def _open(
        self,
        session: AsyncSession,
        conversation: Conversation,
        reason: OpenReason,
        now: datetime,
        risk: Risk = NO_DANGER,
    ) -> Case:
        summary = await self._summaries.of(session, conversation.id)
        return await self._add(session, conversation, reason, now, summary, risk=risk)

    async def _add(
        self, session: AsyncSession, conversation: Conversation | None, reason: OpenReason, now: datetime,
        summary: Summary, *, risk: Risk = NO_DANGER, new: NewCase | None = None, by: Officer | None = None,
        public_id: str = "",
    ) -> Case:  # fmt: skip
        graver = risk.level.rank > summary.risk.rank
        danger, kind = (risk.level, risk.kind) if graver else (summary.risk, summary.risk_kind)
        topic = new.topic if new else topic_of([], kind) if graver and kind else summary.topic
        level = new.level if new else level_of_case(topic, danger)
        area = branch((new.area or (by.area if by else "")) if new else summary.area)
        case = Case(
            public_id=public_id or new_public_id(),
            conversation_id=None if conversation is None else conversation.id,
            status=CaseStatus.TAKEN if by else CaseStatus.WAITING,
            level=level,
            reason=reason,
            topic=topic,
            area=area,
            route_from=area,
            due_at=self._rules.deadline(level, now),
            need=mask(new.need.strip())[:LONGEST_NEED] if new else summary.need,
            place=mask(new.place.strip())[:100] if new else summary.place,
            risk=danger,
            risk_kind=kind,
            tried=summary.tried,
            may_call=summary.may_call,
            safe_to_write=summary.safe_to_write,
            wishes=summary.wishes,
            officer_id=by.id if by else None,
            opened_at=now,
            told_at=now if by else None,
            taken_at=now if by else None,
            routing_since=now,
            next_look_at=None if by else now,
            federation_id=(by.federation if by else summary.federation) or None,
        )
        store = CaseStore(session)
        if not await store.add(case):
            first = await store.named(case.public_id)  # the same form, sent twice at once
            assert first is not None  # noqa: S101 - the conversation is held and has no open case
            return first
        await store.exclude(case, sorted(summary.exclusions))
        await store.note(case, CaseAct.OPENED, by.id if by else SYSTEM, now, REASON_WORDS[reason])
        return case

    async def _grow(self, session: AsyncSession, case: Case, risk: Risk, now: datetime) -> None:
        """A graver danger makes the level higher and every deadline shorter; a lesser one changes nothing."""
        if risk.level.rank <= case.risk.rank:
            return
        case.risk, case.risk_kind = risk.level, risk.kind or case.risk_kind
        if risk.kind is not None:
            case.topic = topic_of([], risk.kind)
        level = level_of_case(case.topic, risk.level)
        if level.rank > case.level.rank:
            case.level = level
            case.due_at = min(case.due_at, self._rules.deadline(level, now))
            await AlertStore(session).hurry(case, self._rules.deadline(level, now))
        case.next_look_at = now if case.status is CaseStatus.WAITING else None
        await CaseStore(session).note(case, CaseAct.RAISED, SYSTEM, now, risk.level.value)
