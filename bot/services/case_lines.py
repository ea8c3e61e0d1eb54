"""The lines of a conversation as an officer reads them: both sides in order, and of ours whether each one reached her."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.messages import Author, InboundKind, Owner, Reply
from bot.domain.risk import RiskLevel
from bot.language.masking import mask
from bot.storage.conversations import Conversation, OutboundMessage
from bot.storage.listening import ListeningStore
from bot.storage.outbox import OutboxStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore

LINES = 200
LISTENING = timedelta(seconds=50)
"""Her page says every twenty seconds that it is open; after two that are missing it is not."""
PULLED = frozenset({"web"})
"""Channels whose pages fetch messages themselves: there, a message has reached her when her page was open after it."""
AWAY = "away"
"""Why a line has not reached her: her page is not open."""
FAILURES = {
    AWAY: "她没有开着聊天页，回来才看得到",
    "45047": "微信：她再写来以前，可发的条数用完了",
    "45015": "微信：她超过 48 小时没有写来",
    "43004": "她取消了关注",
    "no_delivery": "公众号没有接好，发不出去",
}


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of the conversation as she sees it. `under`: choices, links and places that hung under it.

    `delivered`: of ours, whether it reached her; `failure`: why not ("" while it is on its way).
    """

    id: str
    author: Author
    at: datetime
    text: str = field(repr=False)
    risk: RiskLevel = RiskLevel.NONE
    delivered: bool = True
    failure: str = ""
    under: tuple[str, ...] = field(default=(), repr=False)

    @property
    def failure_words(self) -> str:
        """Why it has not reached her, for people; "" while it is on its way."""
        return FAILURES.get(self.failure, f"没有送到（{self.failure}）") if self.failure else ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Who speaks now, and the lines, oldest first. `opened`: the words as they were written; `cut`: older ones are left out."""

    owner: Owner
    lines: tuple[CaseLine, ...]
    opened: bool = False
    cut: bool = False


async def transcript_of(
    session: AsyncSession, keyring: Keyring, conversation: Conversation, now: datetime, *, opened: bool
) -> Transcript:
    """The latest lines of both sides. What a channel tells by itself (she follows, she clicked a menu) is no line of hers."""
    store, outbox = TurnStore(session, keyring), OutboxStore(session)
    heard = await outbox.inbound_history(conversation.id, LINES)
    said = await outbox.after(conversation.id, None, LINES)
    seen_at = await ListeningStore(session).seen_at(conversation.id)
    hers = [
        CaseLine(one.public_id, Author.WOMAN, one.received_at, store.text_of(one) if opened else one.masked, one.risk)
        for one in heard
        if one.kind is not InboundKind.EVENT
    ]
    ours = [_line(one, store.message(one).reply, conversation.channel, seen_at, now, opened=opened) for one in said]
    # From where both sides are known: half a conversation misleads.
    full = [heard[0].received_at] if len(heard) >= LINES else []
    full += [said[0].created_at] if len(said) >= LINES else []
    lines = [line for line in sorted(hers + ours, key=lambda line: line.at) if not full or line.at >= max(full)]
    return Transcript(conversation.owner, tuple(lines), opened, cut=bool(full))


def _line(
    row: OutboundMessage, reply: Reply, channel: str, seen_at: datetime | None, now: datetime, *, opened: bool
) -> CaseLine:
    delivered, failure = row.delivered_at is not None, row.failure or ""
    if channel in PULLED:
        delivered = seen_at is not None and row.created_at <= seen_at
        failure = "" if delivered or is_listening(seen_at, now) else AWAY
    under = _under(reply)
    if not opened:
        under = tuple(mask(words) for words in under)
    return CaseLine(
        row.public_id, row.author, row.created_at, reply.text if opened else row.masked,
        delivered=delivered, failure="" if delivered else failure, under=under,
    )  # fmt: skip


def is_listening(seen_at: datetime | None, now: datetime) -> bool:
    """Whether a page that was last open at `seen_at` is open now."""
    return seen_at is not None and now - seen_at <= LISTENING


def _under(reply: Reply) -> tuple[str, ...]:
    return (
        *(place.name for place in reply.places),
        *(link.title for link in reply.links),
        *(choice.title for choice in reply.choices),
    )
