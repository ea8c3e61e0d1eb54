"""Reading a conversation: both sides in order, masked, and for each message of hers what was understood and judged."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.accounts import Officer, Permission
from bot.domain.case_topics import Topic
from bot.domain.errors import NotFound, StepUpNeeded
from bot.domain.messages import Author, InboundKind, Owner
from bot.domain.reviews import MarkKind
from bot.language.masking import mask
from bot.services.case_access import AuditLog
from bot.services.judgements import Judged, judged_by_her, judged_by_others
from bot.services.review import write_key
from bot.services.review_access import message_of, talk_of
from bot.services.understood import Understood, understood
from bot.storage.conversations import Conversation, InboundMessage, OutboundMessage
from bot.storage.database import Database
from bot.storage.review_entries import ReviewEntry
from bot.storage.review_lists import Key
from bot.storage.reviews import Correction, Reviewed, ReviewMark, ReviewStore
from bot.storage.sealing import Keyring
from bot.storage.talks import TalkStore, TalkWindow
from bot.storage.turns import TurnStore

KIND_WORDS: Mapping[InboundKind, str] = {
    InboundKind.TEXT: "",
    InboundKind.LOCATION: "位置",
    InboundKind.CHOICE: "点选",
    InboundKind.MEDIA: "图片、语音等",
    InboundKind.EVENT: "渠道事件",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A flag, tag or note; `own`: she wrote it."""

    id: str
    kind: MarkKind
    text: str
    by: str
    own: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class TalkLine:
    """One line, masked. `understood` is None for what we said and for what the channel told by itself.

    `can_be_judged`: she typed it herself. `others`: what other reviewers judged, empty until this one has judged it too;
    `others_wait`: how many there are that she may not see yet.
    """

    id: str
    author: Author
    at: datetime
    text: str
    kind: str = ""
    choices: tuple[str, ...] = ()
    understood: Understood | None = None
    can_be_judged: bool = False
    own: Judged | None = None
    others: tuple[Judged, ...] = ()
    others_wait: int = 0
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class TalkRead:
    """A conversation for a reviewer. `reviewed_at`: when she was through with it, None when she is not.

    `news`: she wrote after that. `earlier`, `later`: where the neighbouring pages of a long one begin, "" at its ends.
    """

    id: str
    channel: str
    area: str
    topic: Topic
    owner: Owner
    began_at: datetime
    lines: tuple[TalkLine, ...]
    marks: tuple[Mark, ...]
    tags: tuple[str, ...]
    reviewed_at: datetime | None
    reviewed_by: int
    news: bool
    kept_as: str
    earlier: str = ""
    later: str = ""

    @property
    def to_judge(self) -> int:
        """How many lines of this page she has not judged."""
        return sum(line.can_be_judged and line.own is None for line in self.lines)


class Reading:
    """Every method raises NotFound for what is not the reviewer's to see (OutOfScope when it is there)."""

    def __init__(self, database: Database, keyring: Keyring, audit: AuditLog, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._audit = audit
        self._clock = clock

    async def talk(self, public_id: str, by: Officer, start: str = "") -> TalkRead:
        """The conversation, from the message named `start` on ("": from its beginning)."""
        async with self._database.read() as session:
            conversation = await talk_of(session, public_id, by)
            store = TalkStore(session)
            first = await store.message(conversation, start) if start else None
            window = await store.window(conversation, first)
            judgements = await ReviewStore(session).judgements([row.id for row in window.heard])
            names = await ReviewStore(session).names([one.reviewer_id for one in judgements])
            marks = await store.marks(conversation)
            reviewed = await store.reviewed(conversation.id)
            kept = await store.dialogue_test(conversation)
            entry = await store.entry(conversation)
            hers = next((one for one in reviewed if one.reviewer_id == by.id), None)
            return TalkRead(
                id=conversation.public_id,
                channel=conversation.channel,
                area=entry.area if entry else "",
                topic=entry.topic if entry else Topic.UNKNOWN,
                owner=conversation.owner,
                began_at=conversation.created_at,
                lines=_lines(window, judgements, names, marks, by),
                marks=_of_talk(marks, by, may_see_notes=hers is not None),
                tags=tuple(await store.tags()),
                reviewed_at=hers.at if hers else None,
                reviewed_by=len(reviewed),
                news=_has_news(hers, conversation),
                kept_as=kept.name if kept else "",
                earlier=window.earlier,
                later=window.later,
            )

    async def place(self, public_id: str, by: Officer) -> str:
        """The key by which lists find the conversation after this one."""
        async with self._database.read() as session:
            return _key(await TalkStore(session).entry(await talk_of(session, public_id, by)))

    async def message(self, public_id: str, message: str, by: Officer) -> TalkLine:
        """One line of hers, as it stands now."""
        async with self._database.read() as session:
            conversation, row = await message_of(session, public_id, message, by)
            judgements = await ReviewStore(session).judgements([row.id])
            names = await ReviewStore(session).names([one.reviewer_id for one in judgements])
            marks = await TalkStore(session).marks(conversation)
        return _her_line(row, judgements, names, marks, by)

    async def open_message(self, public_id: str, message: str, by: Officer, reason: str, *, source: str = "") -> str:
        """What she wrote, as she wrote it. Who reviews may not; it needs the right to sealed text as well, and a second factor
        just given. Why is written down before it is shown. Raises NotFound, StepUpNeeded, BadInput without a reason."""
        if not by.may(Permission.OPEN_SEALED):
            raise NotFound
        async with self._database.read() as session:
            _, row = await message_of(session, public_id, message, by)
            text = TurnStore(session, self._keyring).text_of(row)
        if not by.is_fresh(self._clock()):
            raise StepUpNeeded
        await self._audit.sealed_opened(by, "message", message, reason, source)
        return text


def _lines(
    window: TalkWindow,
    judgements: Sequence[Correction],
    names: Mapping[str, str],
    marks: Sequence[tuple[ReviewMark, str]],
    by: Officer,
) -> tuple[TalkLine, ...]:
    """Both sides by time; an answer never stands before what it answers."""
    placed: list[tuple[tuple[datetime, float, int], TalkLine]] = [
        ((row.received_at, row.id, 0), _her_line(row, judgements, names, marks, by)) for row in window.heard
    ]
    placed += [
        ((row.created_at, row.inbound_id or math.inf, row.id), _our_line(row, window.choices.get(row.id, ())))
        for row in window.said
    ]
    return tuple(line for _, line in sorted(placed, key=lambda one: one[0]))


def _our_line(row: OutboundMessage, choices: Sequence[str]) -> TalkLine:
    return TalkLine(row.public_id, row.author, row.created_at, row.masked, choices=tuple(mask(one) for one in choices))


def _her_line(
    row: InboundMessage,
    judgements: Sequence[Correction],
    names: Mapping[str, str],
    marks: Sequence[tuple[ReviewMark, str]],
    by: Officer,
) -> TalkLine:
    told = [one for one in judgements if one.inbound_id == row.id]
    own = judged_by_her(row, told, names, by)
    others = judged_by_others(row, told, names, by)
    typed = is_typed(row)
    return TalkLine(
        id=row.public_id,
        author=Author.WOMAN,
        at=row.received_at,
        text=row.masked,
        kind="编号" if row.kind is InboundKind.TEXT and not typed else KIND_WORDS[row.kind],
        understood=understood(row) if row.kind is not InboundKind.EVENT else None,
        can_be_judged=typed,
        own=own,
        others=others if own else (),
        others_wait=0 if own else len(others),
        marks=tuple(
            _mark(mark, name, by)
            for mark, name in marks
            if mark.inbound_id == row.id and _may_see(mark, by, judged=own is not None)
        ),
    )


def is_typed(row: InboundMessage) -> bool:
    """Whether she wrote it in her own words: only such a message can be understood wrongly."""
    return row.kind is InboundKind.TEXT and row.payload is None


def _of_talk(marks: Sequence[tuple[ReviewMark, str]], by: Officer, *, may_see_notes: bool) -> tuple[Mark, ...]:
    return tuple(
        _mark(mark, name, by)
        for mark, name in marks
        if mark.inbound_id is None and _may_see(mark, by, judged=may_see_notes)
    )


def _may_see(mark: ReviewMark, by: Officer, *, judged: bool) -> bool:
    """Another reviewer's note may tell her judgement: it is shown once this one has judged by herself."""
    return judged or mark.kind is not MarkKind.NOTE or mark.reviewer_id == by.id


def _mark(mark: ReviewMark, name: str, by: Officer) -> Mark:
    return Mark(mark.public_id, mark.kind, mark.text, name, mark.reviewer_id == by.id, mark.at)


def _key(entry: ReviewEntry | None) -> str:
    return write_key(Key(entry.last_at, entry.conversation_id, entry.reasons)) if entry else ""


def _has_news(hers: Reviewed | None, conversation: Conversation) -> bool:
    return hers is not None and conversation.last_inbound_at > hers.at
