"""The work of one turn, in the order that is never changed: risk, owner, engine, then say it if nobody took over."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.engine import EngineAnswer, EngineClient
from bot.domain.check_in import FORGOTTEN, RESULT_SAID, is_answer, tells_result
from bot.domain.messages import InboundKind, Owner, Reply, Understanding
from bot.domain.risk import Risk, RiskLevel
from bot.language.cleaning import clean
from bot.language.masking import mask
from bot.language.risk import read_risk
from bot.services.after_hours import AfterHours, Evening
from bot.services.noticing import Noticed, Noticing, sources_of, what_was_understood
from bot.services.safety import SafetyWords, combine
from bot.services.words import words
from bot.storage.conversations import Conversation, InboundMessage, InboundStatus
from bot.storage.database import Database
from bot.storage.review_entries import ReviewEntryStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore

SHARED_POINT = "/share_location#"
"""Payload of a shared location; what follows is the key under which the point waits."""
PASSIVE_REPLY = timedelta(seconds=15)
"""How long a channel has to hand over what it was given, before the outbox does it."""
SAFETY_WORDS_AGAIN = timedelta(minutes=30)
"""The same safety words are not repeated within this time, unless the danger has grown."""
AN_EVENING = timedelta(hours=12)
"""Within this time after safety words nothing else is added to an answer."""
READ_AT_MOST = 2000
"""Characters that the engine reads; the risk rules read ten times as many."""


class Alarm(Protocol):
    """Whoever must know of a danger: opens the case and calls the officer on duty, in the same transaction."""

    async def raise_alarm(self, session: AsyncSession, conversation_id: int, risk: Risk, now: datetime) -> None:
        """Called once for every urgent or emergency message."""


class Desk(Protocol):
    """Where people take over (`bot.services.case_desk`): it hears every message, and some choices are its own."""

    def takes(self, payload: str | None) -> bool:
        """Whether this choice is for the desk; the engine never sees it."""

    async def heard(self, session: AsyncSession, heard: "Heard", now: datetime) -> list[Reply]:
        """What is said in the end; in the writing transaction, the conversation held."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as the desk hears it; `replies` is what the turn came to so far, the first of them for danger or not."""

    conversation: Conversation
    inbound: InboundMessage
    text: str
    risk: Risk
    intent: str
    replies: list[Reply]
    safety_words: bool
    by_engine: bool


class HandedBack(Exception):
    """The assistant got the conversation back while a message was on its way to a person: it is decided anew."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Which message of which conversation (ids of rows)."""

    inbound_id: int
    conversation_id: int


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when the work begins."""

    turn: Turn
    conversation: str
    version: int
    owner: Owner
    kind: InboundKind
    text: str
    payload: str | None
    pulled: bool
    late: bool
    risk_before: RiskLevel
    safety_words_at: datetime | None
    leave_forms: bool


@dataclass(slots=True)
class Outcome:
    """What the turn came to."""

    replies: list[Reply] = field(default_factory=list)
    risk: Risk = field(default_factory=Risk)
    understanding: Understanding = field(default_factory=Understanding)
    engine_ms: float | None = None
    from_engine: bool = False
    safety_words: bool = False
    sources: tuple[str, ...] = ()
    noticed: Noticed = field(default_factory=Noticed)
    evening: Evening | None = None


class Turns:
    """Runs turns; keeps nothing between them."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        engine: EngineClient,
        safety: SafetyWords,
        *,
        clock: Callable[[], datetime],
        alarm: Alarm | None = None,
        desk: Desk | None = None,
        noticing: Noticing | None = None,
        after_hours: AfterHours | None = None,
        pulled: frozenset[str] = frozenset({"web"}),
    ) -> None:
        self._noticing = noticing or Noticing()
        self._after_hours = after_hours
        self._database = database
        self._keyring = keyring
        self._engine = engine
        self._safety = safety
        self._clock = clock
        self._alarm = alarm
        self._desk = desk
        self._pulled = pulled

    async def run(self, turn: Turn) -> None:
        """Answer one claimed message. Raises EngineUnavailable; the row then stays open."""
        situation = await self._situation(turn)
        outcome = await self._decide(situation)
        self._notice(situation, outcome)
        outcome.evening = await self._evening(situation, outcome)
        try:
            await self._write(situation, outcome)
        except HandedBack:
            return await self.run(turn)
        if outcome.risk.level is RiskLevel.EMERGENCY and not outcome.from_engine:
            await self._engine.reset(situation.conversation)

    async def _situation(self, turn: Turn) -> Situation:
        async with self._database.read() as session:
            store = TurnStore(session, self._keyring)
            row = await store.inbound(turn.inbound_id)
            conversation = await store.conversation(turn.conversation_id)
            return Situation(
                turn=turn,
                conversation=conversation.public_id,
                version=conversation.version,
                owner=conversation.owner,
                kind=row.kind,
                text=store.text_of(row),
                payload=row.payload,
                pulled=conversation.channel in self._pulled,
                late=row.status is InboundStatus.WAITING,
                risk_before=conversation.risk,
                safety_words_at=conversation.safety_words_at,
                leave_forms=conversation.leave_forms,
            )

    async def _decide(self, situation: Situation) -> Outcome:
        outcome = Outcome()
        if situation.kind is InboundKind.TEXT and situation.payload is None:
            outcome.risk = read_risk(situation.text)
        if self._desk is not None and self._desk.takes(situation.payload):
            return outcome
        if outcome.risk.level is RiskLevel.EMERGENCY:
            if situation.owner is Owner.OFFICER and self._were_said_lately(situation, outcome.risk):
                return outcome
            outcome.replies = [self._safety.reply(outcome.risk)]
            outcome.safety_words = True
            return outcome
        if situation.owner is not Owner.BOT or (situation.kind is InboundKind.EVENT and situation.payload is None):
            return outcome
        if situation.kind is InboundKind.MEDIA:
            outcome.replies = [Reply(words()["media"])]
        elif situation.payload is None and not clean(situation.text):
            outcome.replies = [Reply(words()["empty"])]
        else:
            await self._ask_engine(situation, outcome)
        return outcome

    async def _ask_engine(self, situation: Situation, outcome: Outcome) -> None:
        began = time.perf_counter()
        answer = await self._turn_of_engine(situation)
        outcome.engine_ms = (time.perf_counter() - began) * 1000
        outcome.from_engine = True
        outcome.understanding, outcome.sources = answer.understanding, answer.sources
        if situation.payload is None:
            outcome.risk = combine(outcome.risk, answer.understanding)
        replies = list(answer.replies)
        if outcome.risk.level is RiskLevel.EMERGENCY:
            replies = []
        if self._safety_words_needed(situation, outcome.risk):
            replies.insert(0, self._safety.reply(outcome.risk))
            outcome.safety_words = True
        if len(situation.text) > READ_AT_MOST and situation.payload is None:
            replies.append(Reply(words()["too_long"]))
        outcome.replies = replies

    def _notice(self, situation: Situation, outcome: Outcome) -> None:
        outcome.sources = sources_of(outcome.sources, safety_words=outcome.safety_words)
        if situation.kind is not InboundKind.EVENT:
            outcome.noticed = self._noticing.look(
                mask(situation.text), situation.payload, outcome.risk, outcome.understanding, outcome.sources
            )

    async def _evening(self, situation: Situation, outcome: Outcome) -> Evening | None:
        """What is to be said of the hour; never in danger, nor on the evening of one."""
        said, typed = situation.safety_words_at, situation.kind is InboundKind.TEXT and situation.payload is None
        in_danger = outcome.safety_words or outcome.risk.level is not RiskLevel.NONE
        lately = said is not None and self._clock() - said <= AN_EVENING
        if self._after_hours is None or not (typed and outcome.from_engine) or in_danger or lately:
            return None
        intent, area = outcome.understanding.intent, outcome.noticed.area
        return await self._after_hours.words(situation.turn.conversation_id, intent, situation.text, area)

    async def _turn_of_engine(self, situation: Situation) -> EngineAnswer:
        payload, metadata = situation.payload, {}
        if payload is not None and payload.startswith(SHARED_POINT):
            payload, metadata = "/share_location", {"shared_point": payload.removeprefix(SHARED_POINT)}
        text = clean(situation.text, READ_AT_MOST)
        if situation.leave_forms:
            await self._engine.reset(situation.conversation)
        return await self._engine.turn(situation.conversation, text, payload=payload, metadata=metadata)

    def _safety_words_needed(self, situation: Situation, risk: Risk) -> bool:
        if risk.level.rank < RiskLevel.URGENT.rank:
            return False
        return risk.level is RiskLevel.EMERGENCY or not self._were_said_lately(situation, risk)

    def _were_said_lately(self, situation: Situation, risk: Risk) -> bool:
        """Whether she has had the words for this danger; an officer is not talked over with them again and again."""
        said = situation.safety_words_at
        if said is None or risk.level.rank > situation.risk_before.rank:
            return False
        return self._clock() - said <= SAFETY_WORDS_AGAIN

    async def _write(self, situation: Situation, outcome: Outcome) -> None:
        """Everything that came of the turn, in one transaction; what an officer overtook is not said."""
        now = self._clock()
        turn = situation.turn
        async with self._database.write() as session:
            store = TurnStore(session, self._keyring)
            if not await store.finish(turn.inbound_id, now):
                return
            conversation = await store.hold(turn.conversation_id)
            if self._is_handed_back(situation, conversation, outcome):
                raise HandedBack
            row = await store.inbound(turn.inbound_id)
            if is_answer(row.payload):
                _forget_answer(row, outcome)
            self._note(row, conversation, outcome, now)
            await self._note_for_reviewers(session, row, outcome)
            if outcome.from_engine and situation.leave_forms and conversation.version == situation.version:
                conversation.leave_forms = False
            if self._alarm is not None and outcome.risk.level.rank >= RiskLevel.URGENT.rank:
                await self._alarm.raise_alarm(session, turn.conversation_id, outcome.risk, now)
            if situation.owner is Owner.BOT and not await store.still_owned_by_bot(
                turn.conversation_id, situation.version
            ):
                outcome.replies = outcome.replies[:1] if _is_emergency(outcome) else []
            if self._desk is not None:
                outcome.replies = await self._desk.heard(session, _heard(situation, conversation, row, outcome), now)
            outcome.replies = _with_evening(conversation, outcome)
            await store.say(
                turn.conversation_id,
                outcome.replies,
                now=now,
                masked=_masked(situation, outcome),
                inbound_id=turn.inbound_id,
                delivered=situation.pulled,
                next_attempt_at=None if situation.pulled else now if situation.late else now + PASSIVE_REPLY,
            )

    def _is_handed_back(self, situation: Situation, conversation: Conversation, outcome: Outcome) -> bool:
        """Whether it was decided for a person, but the assistant has to answer now."""
        if situation.owner is Owner.BOT or conversation.owner is not Owner.BOT or outcome.replies:
            return False
        return situation.kind is not InboundKind.EVENT and not (self._desk and self._desk.takes(situation.payload))

    def _note(self, row: InboundMessage, conversation: Conversation, outcome: Outcome, now: datetime) -> None:
        understood = outcome.understanding
        row.intent = understood.intent or None
        row.confidence = understood.confidence if understood.intent else None
        row.risk, row.risk_kind = outcome.risk.level, outcome.risk.kind
        row.engine_ms = outcome.engine_ms
        row.understanding = what_was_understood(understood, outcome.risk, outcome.noticed, outcome.sources)
        if outcome.risk.level.rank > conversation.risk.rank:
            conversation.risk = outcome.risk.level
        if outcome.safety_words:
            conversation.safety_words_at = now

    @staticmethod
    async def _note_for_reviewers(session: AsyncSession, row: InboundMessage, outcome: Outcome) -> None:
        noticed, typed = outcome.noticed, row.payload is None
        await ReviewEntryStore(session).understood(
            row.conversation_id,
            intent=row.intent or "",
            confidence=row.confidence if typed else None,
            risk=row.risk,
            reasons=noticed.reasons,
            topic=noticed.topic,
            area=noticed.area,
        )


def _masked(situation: Situation, outcome: Outcome) -> list[str]:
    """What lists and the search see of the replies; the result of a check-in is hers alone."""
    result = outcome.from_engine and tells_result(situation.payload)
    return [RESULT_SAID if result else mask(reply.text) for reply in outcome.replies]


def _forget_answer(row: InboundMessage, outcome: Outcome) -> None:
    """An answer of a check-in has been counted: no table keeps which it was."""
    row.payload = FORGOTTEN
    outcome.understanding = replace(outcome.understanding, entities=())


def _with_evening(conversation: Conversation, outcome: Outcome) -> list[Reply]:
    """The replies with the words of the hour, once an evening; the conversation is held. Who took over speaks alone."""
    evening, replies = outcome.evening, outcome.replies
    if (
        evening is None
        or conversation.owner is not Owner.BOT
        or not replies
        or conversation.after_hours_on == evening.day
    ):
        return replies
    conversation.after_hours_on = evening.day
    if evening.reply is None:
        return replies
    return [evening.reply, *replies] if evening.first else [*replies, evening.reply]


def _is_emergency(outcome: Outcome) -> bool:
    """Whether the first reply is the words for a life in danger, which are said whoever has the conversation."""
    return outcome.safety_words and outcome.risk.level is RiskLevel.EMERGENCY


def _heard(situation: Situation, conversation: Conversation, row: InboundMessage, outcome: Outcome) -> Heard:
    return Heard(
        conversation=conversation,
        inbound=row,
        text=situation.text,
        risk=outcome.risk,
        intent=outcome.understanding.intent,
        replies=outcome.replies,
        safety_words=outcome.safety_words and bool(outcome.replies),
        by_engine=outcome.from_engine,
    )
