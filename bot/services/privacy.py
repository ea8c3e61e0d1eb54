"""Her own records at her own wish: what may go and what stays, asking for it, and doing it when no turn is under way.

Asking and doing are two things: the wish is a row, and the job takes her out of every table some seconds later, then out of
the engine. A process that dies in between leaves the row, and another goes on.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.audit import Act, Deed
from bot.domain.errors import EngineUnavailable, NotFound
from bot.domain.retention import Block
from bot.services.case_access import AuditLog
from bot.services.words import privacy_words
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.privacy import ForgetRequest, ForgetStore
from bot.storage.sealing import Keyring

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=10)
"""Between her yes and the deed: longer than a turn's answer takes to reach her page."""
BUSY_AGAIN = timedelta(seconds=5)
BLOCKED_AGAIN = timedelta(hours=1)
ENGINE_AGAIN = timedelta(seconds=30)
LAST_LOOK = timedelta(minutes=1)
"""How long after the deed the engine is asked once more: a turn that ended at the same moment may have written again."""
OWED_FOR = timedelta(minutes=10)
"""How long the last words are tried to be brought to her before they go too."""
AT_ONCE = 10
MOST_STEPS = 100
WEB = "web"


class Forgetting(Protocol):
    """What the engine keeps of a conversation."""

    async def forget(self, conversation: str) -> None:
        """Delete it. Raises EngineUnavailable."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What deleting would meet: what is in the way, how many messages go, and how many closed cases and suggestions leave a
    trace."""

    block: Block | None
    messages: int
    closed_cases: int
    suggestions: int = 0

    @property
    def stays(self) -> str:
        """What stays and why, a line each."""
        told = privacy_words()
        lines = [told["stays_audit"], told["stays_appointments"]]
        lines += [told["stays_cases"]] if self.closed_cases else []
        return "\n".join([*lines, told["stays_suggestions"]] if self.suggestions else lines)


class Privacy:
    """Called by her actions, and by the job."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        engine: Forgetting,
        audit: AuditLog,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._engine = engine
        self._audit = audit
        self._clock = clock

    async def outlook(self, conversation: str) -> Outlook:
        """What she is told before she says yes. Raises NotFound."""
        async with self._database.read() as session:
            store = ForgetStore(session, self._keyring)
            row = await _known(store, conversation)
            return Outlook(
                await store.block(row.id), await store.messages(row.id), await store.closed_cases(row.id),
                await store.suggestions(row.id),
            )  # fmt: skip

    async def ask(self, conversation: str, *, keep_appointments: bool) -> Block | None:
        """She said yes for the second time → what is in the way: then it is done when that is over. Raises NotFound."""
        now = self._clock()
        async with self._database.write() as session:
            store = ForgetStore(session, self._keyring)
            row = await _known(store, conversation)
            block = await store.block(row.id)
            await store.ask(conversation, now, now + GRACE, keep_appointments=keep_appointments)
            await self._audit.append(session, Deed(Act.DELETION_ASKED, "", "conversation", conversation, block or ""))
        return block

    async def withdraw(self, conversation: str) -> bool:
        """She changed her mind; False when there was nothing to take back."""
        async with self._database.write() as session:
            gone = await ForgetStore(session, self._keyring).withdraw(conversation)
            if gone:
                await self._audit.append(session, Deed(Act.DELETION_WITHDRAWN, "", "conversation", conversation))
        return gone

    async def forget_due(self) -> int:
        """The job: how many conversations were taken out of our tables."""
        async with self._database.read() as session:
            due = await ForgetStore(session, self._keyring).due(self._clock(), AT_ONCE)
        return sum([await self._take_on(conversation) for conversation in due])

    async def _take_on(self, conversation: str) -> bool:
        now = self._clock()
        async with self._database.write() as session:
            store = ForgetStore(session, self._keyring)
            # The conversation first: a turn that is being written down holds it, and goes before.
            row = await store.hold(conversation)
            request = await store.request(conversation, lock=True)
            if request is None or request.next_at > now:
                return False
            erased = request.erased_at is not None
            if not erased and not await self._erase(session, store, row, request, now):
                return False
        await self._finish(conversation, now, last=erased)
        return not erased

    async def _erase(
        self, session: AsyncSession, store: ForgetStore, row: Conversation | None, request: ForgetRequest, now: datetime
    ) -> bool:
        """Take her out of our tables, or say when to look again."""
        if row is not None:
            wait = await self._wait(store, row, request, now)
            if wait is not None:
                await store.postpone(request, now + wait)
                return False
        await store.mark_erased(request, now, now + LAST_LOOK)
        if row is not None:
            await store.erase(row, now, keep_appointments=request.keep_appointments)
            deed = Deed(Act.RECORDS_DELETED, "", "conversation", row.public_id, "", "her own wish")
            await self._audit.append(session, deed)
        return True

    async def _wait(
        self, store: ForgetStore, row: Conversation, request: ForgetRequest, now: datetime
    ) -> timedelta | None:
        if await store.block(row.id) is not None:
            return BLOCKED_AGAIN
        if await store.is_busy(row.id):
            return BUSY_AGAIN
        owed = row.channel != WEB and now - request.asked_at < OWED_FOR and await store.is_owed(row.id)
        return BUSY_AGAIN if owed else None

    async def _finish(self, conversation: str, now: datetime, *, last: bool) -> None:
        """The engine, and the bytes that deleted rows leave in files. The row goes when the engine forgot for the last time."""
        try:
            await self._engine.forget(conversation)
        except EngineUnavailable:
            async with self._database.write() as session:
                store = ForgetStore(session, self._keyring)
                request = await store.request(conversation)
                if request is not None:
                    await store.postpone(request, now + ENGINE_AGAIN)
            return
        if last:
            async with self._database.write() as session:
                await ForgetStore(session, self._keyring).done(conversation)
            await self._close_up()
        await self._database.settle()

    async def _close_up(self) -> None:
        """The index of words forgets in small steps, so that nobody who writes waits for it."""
        for step in range(MOST_STEPS):
            async with self._database.write() as session:
                if not await ForgetStore(session, self._keyring).close_up(first=step == 0):
                    return


async def _known(store: ForgetStore, conversation: str) -> Conversation:
    row = await store.conversation(conversation)
    if row is None:
        raise NotFound("这段对话不存在或者已经删除。")
    return row
