"""Which conversations a reviewer may read: those of her branch. What is not hers is NotFound, as if it were not there."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission
from bot.domain.errors import NotFound
from bot.storage.conversations import Conversation, InboundMessage
from bot.storage.review_lists import ReviewLists
from bot.storage.talks import TalkStore


class OutOfScope(NotFound):
    """It is there, but not for her: she is told the same as when it is not, and the audit log is told the truth."""


async def talk_of(session: AsyncSession, public_id: str, by: Officer) -> Conversation:
    """A conversation of her branch, or of which no place is known. Raises NotFound, OutOfScope."""
    conversation = await TalkStore(session).named(public_id)
    if conversation is None or not by.may(Permission.REVIEW):
        raise NotFound
    if not await ReviewLists(session).is_visible(by.area, conversation.id):
        raise OutOfScope
    return conversation


async def message_of(
    session: AsyncSession, public_id: str, message: str, by: Officer
) -> tuple[Conversation, InboundMessage]:
    """A message of hers in such a conversation. Raises NotFound, OutOfScope."""
    conversation = await talk_of(session, public_id, by)
    found = await TalkStore(session).message(conversation, message)
    if found is None:
        raise NotFound
    return conversation, found
