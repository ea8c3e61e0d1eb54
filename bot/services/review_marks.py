"""What a reviewer leaves on a conversation besides judgements: flags, tags, notes, that she is through, a case."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bot.domain.accounts import Officer
from bot.domain.errors import BadInput, NotFound
from bot.domain.reviews import MarkKind
from bot.domain.risk import RiskLevel
from bot.language.masking import mask
from bot.services.review_access import message_of, talk_of
from bot.storage.database import Database
from bot.storage.reviews import LONGEST_MARK, ReviewStore
from bot.storage.talks import TalkStore

LONGEST_TAG = 20


class CaseDoor(Protocol):
    """Where a case is opened (`bot.services.cases`)."""

    async def open_for_review(self, by: Officer, conversation: str, why: str, risk: RiskLevel) -> bool:
        """False when there is an open one, which got the words added."""


class ReviewMarks:
    """Every method raises NotFound for what is not the reviewer's to see."""

    def __init__(self, database: Database, cases: CaseDoor, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._cases = cases
        self._clock = clock

    async def mark(self, talk: str, message: str, kind: MarkKind, words: str, by: Officer) -> None:
        """Flag, tag or note a message, or with `message` "" the whole conversation. Raises BadInput without words."""
        words = _words(kind, words)
        async with self._database.write() as session:
            conversation, row = (
                await message_of(session, talk, message, by) if message else (await talk_of(session, talk, by), None)
            )
            await TalkStore(session).mark(conversation, row, kind, words, by.id, self._clock())

    async def unmark(self, talk: str, mark: str, by: Officer) -> None:
        """Take a flag or tag away, whoever put it, or a note of her own."""
        async with self._database.write() as session:
            if not await TalkStore(session).unmark(await talk_of(session, talk, by), mark, by.id):
                raise NotFound

    async def set_reviewed(self, talk: str, by: Officer, *, done: bool) -> None:
        """She is through with it, or takes that back."""
        async with self._database.write() as session:
            conversation, store = await talk_of(session, talk, by), TalkStore(session)
            if done:
                await store.mark_reviewed(conversation.id, by.id, self._clock())
            else:
                await store.unmark_reviewed(conversation.id, by.id)

    async def send_to_officer(self, talk: str, why: str, by: Officer) -> bool:
        """Open a case for whoever is on duty there; the woman is told nothing. False: there was one, and it got the words."""
        async with self._database.read() as session:
            conversation = await talk_of(session, talk, by)
            judged = await ReviewStore(session).of_talk(conversation.id, by.id)
        gravest = max((row.risk for row in judged if row.risk), key=lambda level: level.rank, default=RiskLevel.NONE)
        return await self._cases.open_for_review(by, talk, why, gravest)


def _words(kind: MarkKind, words: str) -> str:
    """Masked and short; a flag has none."""
    if kind is MarkKind.FLAG:
        return ""
    words = mask(" ".join(words.split()) if kind is MarkKind.TAG else words.strip())
    if not words:
        raise BadInput("请写几个字。")
    return words[: LONGEST_TAG if kind is MarkKind.TAG else LONGEST_MARK]
