"""One turn after another: what she sends is written down first, then worked on, then answered, in her order.

A turn survives the death of any process: the inbound row is written before work, claimed for a while by whoever
works on it, and picked up by `late_answers` when the claim runs out.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.check_in import ANSWER_SENT, is_answer
from bot.domain.errors import EngineUnavailable, NotFound
from bot.domain.messages import Answer, Inbound, InboundKind, Message, Owner, Reply
from bot.domain.risk import RiskLevel
from bot.language.masking import mask
from bot.language.risk import read_risk
from bot.services.turns import PASSIVE_REPLY, SHARED_POINT, Turn, Turns
from bot.services.words import words
from bot.storage.conversations import Conversation, InboundStatus
from bot.storage.database import Database
from bot.storage.listening import ListeningStore
from bot.storage.outbox import OutboxStore
from bot.storage.sealing import Keyring
from bot.storage.shared_points import SharedPointStore
from bot.storage.turns import TurnStore

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=12)
"""How long a worker may be silent before another takes its turn over; longer than the engine may take."""
LOOK_AGAIN = 0.05
"""Seconds between two looks at a turn that another worker has."""
PLACE_SENT = "［位置］"
EVENT_PAYLOADS = {"subscribe": "/greet"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation that is read again: hers (`message` None) or ours."""

    text: str
    sent_at: datetime
    message: Message | None = None


class Conversations:
    """What channels call. `pulled` names the channels whose pages fetch messages themselves (no outbox)."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        turns: Turns,
        *,
        clock: Callable[[], datetime],
        answer_within: float,
        pulled: frozenset[str] = frozenset({"web"}),
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._turns = turns
        self._clock = clock
        self._answer_within = answer_within
        self._pulled = pulled
        self._running: dict[int, asyncio.Task[None]] = {}
        self._writing: set[asyncio.Task[None]] = set()

    async def receive(self, inbound: Inbound, *, known: bool = False) -> Answer:
        """Take one message through its turn; always returns within `answer_within` seconds.

        A repeat does not run again: it gets the first one's answer. `known` refuses senders that never wrote
        (NotFound), for channels where the sender's name is a secret that we gave out.
        """
        deadline = time.monotonic() + self._answer_within
        turn, claimed = await self._record(inbound, known=known)
        if claimed:
            await self._work(turn, deadline)
        else:
            await self._wait_for(turn, deadline)
        return await self._answer(turn, inbound)

    async def _record(self, inbound: Inbound, *, known: bool) -> tuple[Turn, bool]:
        now = self._clock()
        async with self._database.write() as session:
            store = TurnStore(session, self._keyring)
            conversation = await store.conversation_of(inbound.channel, inbound.account, inbound.sender)
            if conversation is None:
                if known:
                    raise NotFound("这段对话不存在或者已经删除，请重新开始。")
                conversation = await store.begin(inbound.channel, inbound.account, inbound.sender, now)
            text, payload = await self._meaning(store, conversation, inbound)
            if inbound.point is not None:
                key = await SharedPointStore(session, self._keyring).put(inbound.point, now)
                payload = SHARED_POINT + key
            row, new = await store.record(
                conversation,
                text,
                inbound,
                masked=mask(text),
                payload=payload,
                now=now,
                claim_until=now + CLAIM,
                waits=not self.is_cry_for_help(inbound),
            )
            return Turn(row.id, conversation.id), new and row.claimed_until is not None

    async def _meaning(self, store: TurnStore, conversation: Conversation, inbound: Inbound) -> tuple[str, str | None]:
        """(what the log says she sent, the payload behind it or None)."""
        if inbound.kind is InboundKind.LOCATION:
            return PLACE_SENT, None
        if inbound.kind is InboundKind.EVENT:
            return inbound.text, EVENT_PAYLOADS.get(inbound.text)
        if inbound.kind is InboundKind.CHOICE:
            choice = await store.choice(conversation.id, inbound.choice)
            if choice is None:
                raise NotFound(words()["expired_choice"])
            return _logged(choice.title, choice.payload), choice.payload
        if inbound.kind is InboundKind.TEXT and (number := choice_number(inbound.text)):
            choice = await store.choice_by_number(conversation.id, number)
            if choice is not None:
                return _logged(choice.title, choice.payload), choice.payload
        return inbound.text, None

    async def _work(self, turn: Turn, deadline: float) -> None:
        """Work on a claimed turn until the deadline; after it the work goes on without us."""
        task = asyncio.create_task(self._run(turn))
        self._running[turn.inbound_id] = task
        task.add_done_callback(lambda _: self._running.pop(turn.inbound_id, None))
        await asyncio.wait({task}, timeout=max(0.0, deadline - time.monotonic()))

    async def _run(self, turn: Turn) -> None:
        """Whatever goes wrong, the row stays open and `late_answers` takes it."""
        try:
            await self._turns.run(turn)
        except EngineUnavailable as down:
            log.warning("turn %s waits for the engine: %s", turn.inbound_id, down.code)
        except Exception:
            log.exception("turn %s failed and will be tried again", turn.inbound_id)

    async def _wait_for(self, turn: Turn, deadline: float) -> None:
        """Wait for the worker that has this turn; take it over when its claim runs out."""
        while time.monotonic() < deadline:
            now = self._clock()
            async with self._database.read() as session:
                row = await TurnStore(session, self._keyring).inbound(turn.inbound_id)
            if row.status is not InboundStatus.RECEIVED:
                return
            if row.claimed_until is None or row.claimed_until < now:
                async with self._database.write() as session:
                    taken = await TurnStore(session, self._keyring).claim(turn.inbound_id, now, now + CLAIM)
                if taken:
                    return await self._work(turn, deadline)
            await asyncio.sleep(LOOK_AGAIN)

    async def _answer(self, turn: Turn, inbound: Inbound) -> Answer:
        """What there is to say now: the replies, or the honest sentence that they come later."""
        async with self._database.read() as session:
            status = (await TurnStore(session, self._keyring).inbound(turn.inbound_id)).status
        if status is InboundStatus.RECEIVED:
            await self._hold(turn, pulled=inbound.channel in self._pulled)
        async with self._database.read() as session:
            store = TurnStore(session, self._keyring)
            rows = [] if inbound.channel in self._pulled else await OutboxStore(session).stranded(turn.conversation_id)
            messages = {row.public_id: store.message(row) for row in rows}
            messages |= {message.id: message for message in await store.replies_to(turn.inbound_id)}
            owner = (await store.conversation(turn.conversation_id)).owner
            late = (await store.inbound(turn.inbound_id)).status is InboundStatus.WAITING
        return Answer(inbound.sender if inbound.channel in self._pulled else "", owner, tuple(messages.values()), late)

    async def _hold(self, turn: Turn, *, pulled: bool) -> None:
        """Tell her honestly that the answer comes later, unless it came just now."""
        now = self._clock()
        claimed_until = now + CLAIM if turn.inbound_id in self._running else now
        async with self._database.write() as session:
            store = TurnStore(session, self._keyring)
            if await store.postpone(turn.inbound_id, claimed_until):
                await store.say(
                    turn.conversation_id,
                    [Reply(words()["holding"])],
                    now=now,
                    masked=[words()["holding"]],
                    inbound_id=turn.inbound_id,
                    holding=True,
                    delivered=pulled,
                    next_attempt_at=None if pulled else now + PASSIVE_REPLY,
                )

    def is_cry_for_help(self, inbound: Inbound) -> bool:
        """Whether this must be heard whatever limits stand in its way."""
        return inbound.kind is InboundKind.TEXT and read_risk(inbound.text).level is RiskLevel.EMERGENCY

    def is_heard_always(self, inbound: Inbound) -> bool:
        """Whether no limit on how much is written may hold this up: it speaks of danger, whoever wrote before."""
        return inbound.kind is InboundKind.TEXT and read_risk(inbound.text).level.rank >= RiskLevel.URGENT.rank

    async def mark_delivered(self, message_ids: list[str]) -> None:
        """The channel handed these over."""
        async with self._database.write() as session:
            await OutboxStore(session).delivered(message_ids, self._clock())

    def new_sender(self, message_id: str) -> str:
        """The secret token of a web conversation that begins with this message (a random UUID).

        The same message sent again gives the same token, so that a lost answer is not a lost conversation.
        """
        return self._keyring.digest(message_id, "web token")

    async def name_of(self, channel: str, account: str, sender: str) -> str:
        """The conversation's public id. Raises NotFound for an unknown sender."""
        async with self._database.read() as session:
            return (await self._known(TurnStore(session, self._keyring), channel, account, sender)).public_id

    async def listens(self, channel: str, account: str, sender: str) -> None:
        """A page of hers is open and asks for messages by itself. Raises NotFound for an unknown sender.

        Pages close at any moment, and a write that is cut off half-way may keep the database busy: this one goes on alone.
        """
        task = asyncio.create_task(self._write_down_listener(channel, account, sender))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        await asyncio.shield(task)

    async def _write_down_listener(self, channel: str, account: str, sender: str) -> None:
        async with self._database.write() as session:
            known = await self._known(TurnStore(session, self._keyring), channel, account, sender)
            await ListeningStore(session).seen(known.id, self._clock())

    async def later(self, channel: str, account: str, sender: str, after: str | None) -> list[Message]:
        """Messages to her after the one named. Raises NotFound for an unknown sender."""
        async with self._database.read() as session:
            store = TurnStore(session, self._keyring)
            conversation = await self._known(store, channel, account, sender)
            return [store.message(row) for row in await OutboxStore(session).after(conversation.id, after)]

    async def history(self, channel: str, account: str, sender: str) -> tuple[Owner, list[Line]]:
        """The latest lines of both sides, oldest first. Raises NotFound for an unknown sender."""
        async with self._database.read() as session:
            store = TurnStore(session, self._keyring)
            outbox = OutboxStore(session)
            conversation = await self._known(store, channel, account, sender)
            hers = [Line(store.text_of(row), row.received_at) for row in await outbox.inbound_history(conversation.id)]
            ours = [store.message(row) for row in await outbox.after(conversation.id, None)]
        lines = hers + [Line(message.reply.text, message.sent_at, message) for message in ours]
        return conversation.owner, sorted(lines, key=lambda line: line.sent_at)

    async def _known(self, store: TurnStore, channel: str, account: str, sender: str) -> Conversation:
        conversation = await store.conversation_of(channel, account, sender)
        if conversation is None:
            raise NotFound("这段对话不存在或者已经删除，请重新开始。")
        return conversation

    async def finish_running(self) -> None:
        """Wait for the turns under way; called when the process stops."""
        if under_way := {*self._running.values(), *self._writing}:
            await asyncio.wait(under_way, timeout=self._answer_within)


def _logged(title: str, payload: str) -> str:
    """How a choice is written down: by its title, but an answer of a check-in without it."""
    return ANSWER_SENT if is_answer(payload) else title


NUMBERS = {word: number for number, word in enumerate("一二三四五六七八九十", start=1)}


def choice_number(text: str) -> int:
    """The number she answers with (「2」「２.」「第二个」「选3」), or 0 when it is not just a number."""
    core = text.strip().strip(".。、,， )）").removeprefix("选").removeprefix("第").removesuffix("个").strip()
    if core in NUMBERS:
        return NUMBERS[core]
    return int(core) if core.isdecimal() and len(core) <= 2 else 0
