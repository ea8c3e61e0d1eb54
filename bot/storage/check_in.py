"""Check-ins that she agreed to have kept, and blanking the results that she only read."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    CursorResult,
    ForeignKey,
    LargeBinary,
    UniqueConstraint,
    delete,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.check_in import RESULT_GONE, RESULT_SAID, Scores
from bot.domain.messages import Reply
from bot.storage.conversations import Conversation, OutboundMessage
from bot.storage.figures import Areas, Stretch
from bot.storage.records import Record
from bot.storage.replies import write_reply
from bot.storage.review_entries import ReviewEntry
from bot.storage.sealing import Keyring
from bot.storage.turns import REPLY

SCORES = "check in scores"


class CheckIn(Record):
    """The sums of one check-in, sealed; there is a row only because she agreed. Of one local day the last is kept."""

    __tablename__ = "check_ins"
    __table_args__ = (UniqueConstraint("conversation_id", "day"),)

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    day: Mapped[date]
    sealed_scores: Mapped[bytes] = mapped_column(LargeBinary)
    consented_at: Mapped[datetime] = mapped_column(index=True)


class CheckInStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession, keyring: Keyring) -> None:
        self._session = session
        self._keyring = keyring

    async def conversation_id(self, public_id: str) -> int | None:
        """The row's id, or None when it is gone."""
        return await self._session.scalar(select(Conversation.id).where(Conversation.public_id == public_id))

    async def keep(self, conversation_id: int, scores: Scores, day: date, now: datetime) -> None:
        """Write one down; a second one of the same day takes the place of the first."""
        kind = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        values = {"sealed_scores": self._keyring.seal(scores.write(), SCORES), "consented_at": now}
        await self._session.execute(
            kind(CheckIn)
            .values(conversation_id=conversation_id, day=day, **values)
            .on_conflict_do_update(index_elements=["conversation_id", "day"], set_=values)
        )

    async def withdraw(self, conversation_id: int) -> int:
        """Delete all of hers; how many there were."""
        gone = await self._session.execute(delete(CheckIn).where(CheckIn.conversation_id == conversation_id))
        return int(gone.rowcount) if isinstance(gone, CursorResult) else 0

    async def of_conversation(self, conversation_id: int) -> list[tuple[CheckIn, Scores]]:
        """Hers, opened, the oldest first."""
        rows = await self._session.scalars(
            select(CheckIn).where(CheckIn.conversation_id == conversation_id).order_by(CheckIn.day)
        )
        return [(row, self._opened(row.sealed_scores)) for row in rows]

    async def counted(self, stretch: Stretch, areas: Areas) -> Sequence[tuple[str, Scores]]:
        """(area, scores) of every one that was kept in a stretch of time; to be counted, never listed."""
        area = func.coalesce(ReviewEntry.area, "")
        rows = await self._session.execute(
            select(areas.cut(area), CheckIn.sealed_scores)
            .outerjoin(ReviewEntry, ReviewEntry.conversation_id == CheckIn.conversation_id)
            .where(CheckIn.consented_at >= stretch.since, CheckIn.consented_at < stretch.until, areas.holds(area))
        )
        return [(where, self._opened(sealed)) for where, sealed in rows]

    async def blank_results(self, before: datetime, limit: int) -> int:
        """Take results that were read before this moment out of the messages; how many."""
        # Written out, not bound: only so the partial index is used.
        said = OutboundMessage.masked == literal_column(f"'{RESULT_SAID}'")
        due = await self._session.scalars(
            select(OutboundMessage.id)
            .where(said, OutboundMessage.created_at < before, OutboundMessage.delivered_at.is_not(None))
            .limit(limit)
        )
        numbers = due.all()
        if numbers:
            nothing = self._keyring.seal(write_reply(Reply(RESULT_GONE)), REPLY)
            await self._session.execute(
                update(OutboundMessage)
                .where(OutboundMessage.id.in_(numbers))
                .values(masked=RESULT_GONE, sealed=nothing)
                .execution_options(synchronize_session=False)
            )
        return len(numbers)

    def _opened(self, sealed: bytes) -> Scores:
        return Scores.read(self._keyring.open(sealed, SCORES))
