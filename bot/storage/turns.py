"""Queries of a turn: record what came in, claim it, finish it with what was said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.domain.messages import Author, Inbound, InboundKind, Message, Owner, Reply
from bot.storage.conversations import (
    Conversation,
    InboundMessage,
    InboundStatus,
    OfferedChoice,
    OutboundMessage,
    hold_conversation,
)
from bot.storage.records import new_public_id
from bot.storage.replies import read_reply, write_reply
from bot.storage.review_entries import ReviewEntryStore
from bot.storage.sealing import Keyring

TEXT, REPLY, SENDER = "message text", "reply", "sender"


class TurnStore:
    """What one turn reads and writes. Flushes; the caller commits."""

    def __init__(self, session: AsyncSession, keyring: Keyring) -> None:
        self._session = session
        self._keyring = keyring

    async def conversation_of(self, channel: str, account: str, sender: str) -> Conversation | None:
        """The conversation of this sender, under the current or an older key."""
        names = self._keyring.digests(f"{channel}\0{account}\0{sender}", SENDER)
        return await self._session.scalar(select(Conversation).where(Conversation.sender_digest.in_(names)))

    async def begin(self, channel: str, account: str, sender: str, now: datetime) -> Conversation:
        """A new conversation. Two first messages at once: the loser gets the winner's."""
        row = Conversation(
            channel=channel,
            account=account,
            sender_digest=self._keyring.digest(f"{channel}\0{account}\0{sender}", SENDER),
            sealed_sender=self._keyring.seal(sender, SENDER),
            owner=Owner.BOT,
            version=0,
            created_at=now,
            last_inbound_at=now,
        )
        try:
            async with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            found = await self.conversation_of(channel, account, sender)
            if found is None:
                raise
            return found
        return row

    async def record(
        self, conversation: Conversation, text: str, inbound: Inbound, *, masked: str, payload: str | None,
        now: datetime, claim_until: datetime, waits: bool = True,
    ) -> tuple[InboundMessage, bool]:  # fmt: skip
        """Write the message before any work → (row, whether it is new).

        It is claimed at once if none before it is open, or if it does not wait for its turn (an emergency).
        """
        key = self._keyring.digest(f"{inbound.channel}\0{inbound.account}\0{inbound.message_id}", "message key")
        known = await self.by_key(inbound)
        if known is not None:
            return known, False
        earlier = await self._session.scalar(
            select(exists().where(InboundMessage.conversation_id == conversation.id, _open(InboundMessage)))
        )
        row = InboundMessage(
            conversation_id=conversation.id,
            message_key=key,
            kind=inbound.kind,
            sealed=self._keyring.seal(text, TEXT),
            masked=masked,
            payload=payload,
            status=InboundStatus.RECEIVED,
            claimed_until=None if earlier and waits else claim_until,
            attempts=0,
            sent_at=inbound.sent_at,
            received_at=now,
        )
        try:
            async with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            found = await self.by_key(inbound)
            if found is None:
                raise
            return found, False
        conversation.last_inbound_at = now
        if inbound.kind is not InboundKind.EVENT:
            await ReviewEntryStore(self._session).heard(conversation, now)
        return row, True

    async def by_key(self, inbound: Inbound) -> InboundMessage | None:
        """The row of a message that came before, or None."""
        names = self._keyring.digests(f"{inbound.channel}\0{inbound.account}\0{inbound.message_id}", "message key")
        return await self._session.scalar(select(InboundMessage).where(InboundMessage.message_key.in_(names)))

    async def claim(self, inbound_id: int, now: datetime, until: datetime) -> bool:
        """Take an unanswered message that nobody works on and whose elders are answered."""
        elder = aliased(InboundMessage)
        taken = await self._session.execute(
            update(InboundMessage)
            .where(
                InboundMessage.id == inbound_id,
                _open(InboundMessage),
                or_(InboundMessage.claimed_until.is_(None), InboundMessage.claimed_until < now),
                ~exists().where(
                    elder.conversation_id == InboundMessage.conversation_id,
                    elder.id < InboundMessage.id,
                    elder.status != InboundStatus.ANSWERED,
                ),
            )
            .values(claimed_until=until, attempts=InboundMessage.attempts + 1)
        )
        return bool(taken.rowcount)  # type: ignore[attr-defined]

    async def inbound(self, inbound_id: int) -> InboundMessage:
        """The row itself."""
        return await self._session.get_one(InboundMessage, inbound_id)

    async def conversation(self, conversation_id: int) -> Conversation:
        """The row itself."""
        return await self._session.get_one(Conversation, conversation_id)

    async def hold(self, conversation_id: int) -> Conversation:
        """The row as it is now; nobody else changes its owner before the commit."""
        return await hold_conversation(self._session, conversation_id)

    async def lock(self, conversation_id: int) -> Conversation | None:
        """The row, and nobody else speaks before this transaction ends: a page reads messages in the order of their ids.

        None when the conversation was deleted.
        """
        return await self._session.scalar(
            select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        )

    def text_of(self, row: InboundMessage) -> str:
        """What she wrote, opened; masked when the original is gone by age."""
        return self._keyring.open(row.sealed, TEXT) if row.sealed else row.masked

    def sender_of(self, conversation: Conversation) -> str:
        """The channel's name for her, opened."""
        return self._keyring.open(conversation.sealed_sender, SENDER)

    async def finish(self, inbound_id: int, now: datetime) -> bool:
        """Mark answered. False when somebody else has answered meanwhile."""
        done = await self._session.execute(
            update(InboundMessage)
            .where(InboundMessage.id == inbound_id, _open(InboundMessage))
            .values(status=InboundStatus.ANSWERED, answered_at=now, claimed_until=None)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def postpone(self, inbound_id: int, claimed_until: datetime) -> bool:
        """She is told that the answer comes later. False when it was answered, or she was told, before."""
        told = await self._session.execute(
            update(InboundMessage)
            .where(InboundMessage.id == inbound_id, InboundMessage.status == InboundStatus.RECEIVED)
            .values(status=InboundStatus.WAITING, claimed_until=claimed_until)
        )
        return bool(told.rowcount)  # type: ignore[attr-defined]

    async def release(self, inbound_id: int, until: datetime) -> None:
        """Give an open message back; nobody takes it before `until`."""
        await self._session.execute(
            update(InboundMessage)
            .where(InboundMessage.id == inbound_id, _open(InboundMessage))
            .values(claimed_until=until)
        )

    async def still_owned_by_bot(self, conversation_id: int, version: int) -> bool:
        """Whether nobody took the conversation since `version` was read. Locks the row until the commit."""
        kept = await self._session.execute(
            update(Conversation)
            .where(
                Conversation.id == conversation_id,
                Conversation.version == version,
                Conversation.owner == Owner.BOT,
            )
            .values(version=version)
        )
        return bool(kept.rowcount)  # type: ignore[attr-defined]

    async def say(
        self, conversation_id: int, replies: Sequence[Reply], *, now: datetime, masked: Sequence[str],
        inbound_id: int | None = None, author: Author = Author.BOT, holding: bool = False,
        delivered: bool = False, next_attempt_at: datetime | None = None,
    ) -> list[Message]:  # fmt: skip
        """Store replies, with their choices numbered through, before anybody sees them."""
        messages: list[Message] = []
        position = 0
        for reply, words in zip(replies, masked, strict=True):
            numbered = []
            for choice in reply.choices:
                position += 1
                numbered.append(replace(choice, id=new_public_id(), position=position))
            reply = replace(reply, choices=tuple(numbered))  # noqa: PLW2901
            row = OutboundMessage(
                public_id=new_public_id(),
                conversation_id=conversation_id,
                inbound_id=inbound_id,
                author=author,
                holding=holding,
                sealed=self._keyring.seal(write_reply(reply), REPLY),
                masked=words,
                created_at=now,
                delivered_at=now if delivered else None,
                attempts=0,
                next_attempt_at=next_attempt_at,
            )
            self._session.add(row)
            await self._session.flush()
            self._session.add_all(
                OfferedChoice(
                    public_id=choice.id,
                    conversation_id=conversation_id,
                    outbound_id=row.id,
                    position=choice.position,
                    title=choice.title,
                    payload=choice.payload,
                )
                for choice in numbered
            )
            messages.append(Message(row.public_id, author, reply, now))
        if messages and not holding and (inbound_id is not None or author is Author.OFFICER):
            await ReviewEntryStore(self._session).answered(conversation_id, by_person=author is Author.OFFICER)
        return messages

    async def replies_to(self, inbound_id: int) -> list[Message]:
        """What was said in answer to one message, a holding sentence included, oldest first."""
        rows = await self._session.scalars(
            select(OutboundMessage).where(OutboundMessage.inbound_id == inbound_id).order_by(OutboundMessage.id)
        )
        return [self.message(row) for row in rows]

    def message(self, row: OutboundMessage) -> Message:
        """A stored row as a message, opened; masked when the original is gone by age."""
        reply = read_reply(self._keyring.open(row.sealed, REPLY)) if row.sealed else Reply(row.masked)
        return Message(row.public_id, row.author, reply, row.created_at)

    async def choice(self, conversation_id: int, public_id: str) -> OfferedChoice | None:
        """A choice that was offered in this conversation."""
        return await self._session.scalar(
            select(OfferedChoice).where(
                OfferedChoice.conversation_id == conversation_id, OfferedChoice.public_id == public_id
            )
        )

    async def choice_by_number(self, conversation_id: int, position: int) -> OfferedChoice | None:
        """The choice with this number, among what reached her since she wrote last: the latest that offered choices counts."""
        latest = await self._session.scalar(
            select(OutboundMessage)
            .where(OutboundMessage.conversation_id == conversation_id)
            .order_by(OutboundMessage.id.desc())
            .limit(1)
        )
        if latest is None:
            return None
        same_answer = (
            OutboundMessage.id == latest.id
            if latest.inbound_id is None
            else OutboundMessage.inbound_id == latest.inbound_id
        )
        # A question that was kept back, or came by itself, may stand beside an answer without choices.
        wrote_last = await self._session.scalar(
            select(func.max(InboundMessage.received_at)).where(InboundMessage.conversation_id == conversation_id)
        )
        if wrote_last is not None:
            same_answer |= OutboundMessage.delivered_at > wrote_last
        return await self._session.scalar(
            select(OfferedChoice)
            .join(OutboundMessage, OutboundMessage.id == OfferedChoice.outbound_id)
            .where(
                OfferedChoice.conversation_id == conversation_id,
                OfferedChoice.position == position,
                same_answer,
            )
            .order_by(OfferedChoice.id.desc())
            .limit(1)
        )


def _open(row: type[InboundMessage]) -> ColumnElement[bool]:
    return row.status != InboundStatus.ANSWERED
