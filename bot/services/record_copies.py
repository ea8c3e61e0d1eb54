"""Her own records, whole, for herself: what she wrote, what was said to her, her appointments, and what is public of her cases.

On the web page they go out as files behind links that work once, for minutes, and only in the conversation that asked. The
office has the command line, and the audit log says that it did.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.activities import SIGN_UP_WORDS
from bot.domain.aid import STATUS_WORDS as AID_WORDS
from bot.domain.appointments import APPOINTMENT_WORDS
from bot.domain.audit import Act, Deed
from bot.domain.case_topics import TOPIC_WORDS
from bot.domain.cases import BODY_WORDS, OUTCOME_WORDS, STATUS_WORDS
from bot.domain.errors import NotFound
from bot.domain.messages import Author, Reply
from bot.domain.suggestions import STATUS_WORDS as SUGGESTION_WORDS
from bot.language.masking import mask
from bot.services.case_access import AuditLog
from bot.services.volunteer_copy import CopyVolunteer, volunteering_of
from bot.services.words import privacy_words
from bot.storage.activities import FEEDBACK, ActivityStore
from bot.storage.aid import AidApplication
from bot.storage.check_in import CheckInStore
from bot.storage.database import Database
from bot.storage.mobile import MobileStore
from bot.storage.privacy import ForgetStore
from bot.storage.record_copies import CopyStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore

GOOD_FOR = timedelta(minutes=15)
WEB = "web"
LONGEST_SHORT = 600
"""Characters of her latest words that are told where there are no files."""
WHO = {Author.WOMAN: "我", Author.BOT: "智能助手", Author.OFFICER: "工作人员"}


@dataclass(frozen=True, slots=True)
class CopyLine:
    """One message of either side; local time."""

    at: datetime
    author: Author
    text: str = field(repr=False)

    @property
    def who(self) -> str:
        """「我」「智能助手」「工作人员」"""
        return WHO[self.author]


@dataclass(frozen=True, slots=True)
class CopyVisit:
    """One service of an appointment; local time. `number` is what the office asks for."""

    number: str
    starts_at: datetime
    place: str
    address: str
    status: str


@dataclass(frozen=True, slots=True)
class CopyCase:
    """What is hers to know of a case; officers' notes among themselves are not in it. Local times."""

    number: str
    topic: str
    status: str
    opened_at: datetime
    closed_at: datetime | None
    outcome: str
    referred_to: tuple[str, ...]
    applied_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CopySuggestion:
    """What she suggested, masked as it was kept (the original stands among the lines), and what became of it. Local time."""

    received_at: datetime
    words: str = field(repr=False)
    status: str
    answer: str


@dataclass(frozen=True, slots=True)
class CopyCheckIn:
    """A check-in that she agreed to have kept: both sums, 0 to 6 each. Local time."""

    kept_at: datetime
    low: int = field(repr=False)
    worry: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class CopyActivity:
    """An activity that she signed up for; local time. `rating` None: not rated. `words`: what she wrote about it."""

    starts_at: datetime
    title: str
    place: str
    status: str
    rating: int | None
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HerRecords:
    """Everything of one conversation. `made_at` is local."""

    conversation: str
    made_at: datetime
    lines: tuple[CopyLine, ...]
    visits: tuple[CopyVisit, ...]
    cases: tuple[CopyCase, ...]
    suggestions: tuple[CopySuggestion, ...] = ()
    check_ins: tuple[CopyCheckIn, ...] = ()
    activities: tuple[CopyActivity, ...] = ()
    told_of: str = ""
    """The division near which she is told of mobile services; "" for none."""
    volunteering: CopyVolunteer | None = None


class RecordCopies:
    """Gives her records to her, and to the office on her demand."""

    def __init__(
        self, database: Database, keyring: Keyring, audit: AuditLog, *, clock: Callable[[], datetime], zone: str
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._audit = audit
        self._clock = clock
        self._zone = ZoneInfo(zone)

    async def offer(self, conversation: str) -> tuple[str, str] | None:
        """Two tickets, each good once and for fifteen minutes; None where she has no page to open a file on.

        Raises NotFound.
        """
        now = self._clock()
        async with self._database.write() as session:
            store = ForgetStore(session, self._keyring)
            row = await store.conversation(conversation)
            if row is None:
                raise NotFound
            if row.channel != WEB:
                return None
            return await store.offer_copy(row.id, now + GOOD_FOR), await store.offer_copy(row.id, now + GOOD_FOR)

    async def take(self, ticket: str, conversation: str) -> HerRecords:
        """Use a ticket up. Raises NotFound for one that is used, old, or another conversation's."""
        async with self._database.write() as session:
            store = ForgetStore(session, self._keyring)
            row = await store.conversation(conversation)
            if row is None or not await store.take_copy(ticket, row.id, self._clock()):
                raise NotFound("这个下载链接已经用过或者过期了。想再要一份，跟我说“把我的记录给我”。")
            records = await self._read(session, conversation)
            await self._audit.append(session, Deed(Act.RECORDS_COPIED, "", "conversation", conversation))
        return records

    async def for_office(self, conversation: str, reason: str) -> HerRecords:
        """For the command line: written down before it is given out. Raises NotFound."""
        async with self._database.write() as session:
            records = await self._read(session, conversation)
            deed = Deed(Act.EXPORTED, "", "conversation", conversation, mask(reason), "command line")
            await self._audit.append(session, deed)
        return records

    async def short(self, conversation: str) -> str:
        """Her latest words as one message, and where she gets the rest. Raises NotFound."""
        async with self._database.read() as session:
            records = await self._read(session, conversation)
        told, length, lines = privacy_words(), 0, list[str]()
        for line in reversed([line for line in records.lines if line.author is Author.WOMAN]):
            length += len(line.text)
            if length > LONGEST_SHORT:
                break
            lines.insert(0, f"{line.at:%m-%d %H:%M} {line.text}")
        head = told["copy_short"].format(count=len(records.lines))
        return "\n".join([head, *lines, told["copy_elsewhere"]])

    async def _read(self, session: AsyncSession, conversation: str) -> HerRecords:
        row = await ForgetStore(session, self._keyring).conversation(conversation)
        if row is None:
            raise NotFound("没有这段对话，可能已经删除。")
        store, turns = CopyStore(session), TurnStore(session, self._keyring)
        hers = [
            CopyLine(self._local(one.received_at), Author.WOMAN, turns.text_of(one))
            for one in await store.inbound(row.id)
        ]
        ours = [
            CopyLine(self._local(one.created_at), one.author, _said(turns.message(one).reply))
            for one in await store.outbound(row.id)
        ]
        applications = await store.applications(row.id)
        cases = [
            CopyCase(
                case.public_id, TOPIC_WORDS[case.topic], STATUS_WORDS[case.status], self._local(case.opened_at),
                self._local(case.closed_at) if case.closed_at else None,
                OUTCOME_WORDS[case.outcome] if case.outcome else "", tuple(BODY_WORDS[body] for body in bodies),
                tuple(_application(one) for number, one in applications if number == case.public_id),
            )
            for case, bodies in await store.cases(row.id)
        ]  # fmt: skip
        visits = [
            CopyVisit(
                booked.number,
                self._local(visit.starts_at),
                visit.place,
                visit.address,
                APPOINTMENT_WORDS[booked.status],
            )
            for booked, visit in await store.visits(row.id)
        ]
        suggestions = [
            CopySuggestion(self._local(one.received_at), words, SUGGESTION_WORDS[one.status], one.answer)
            for one, words in await store.suggestions(row.id)
        ]
        check_ins = [
            CopyCheckIn(self._local(one.consented_at), scores.low, scores.worry)
            for one, scores in await CheckInStore(session, self._keyring).of_conversation(row.id)
        ]
        wish = await MobileStore(session).subscription(row.id, self._clock())
        lines = sorted(hers + ours, key=lambda line: line.at)
        return HerRecords(
            conversation, self._local(self._clock()), tuple(lines), tuple(visits), tuple(cases), tuple(suggestions),
            tuple(check_ins), await self._activities(session, row.id), told_of=wish.division_code if wish else "",
            volunteering=await volunteering_of(session, self._keyring, row.id, self._zone),
        )  # fmt: skip

    async def _activities(self, session: AsyncSession, conversation_id: int) -> tuple[CopyActivity, ...]:
        return tuple(
            CopyActivity(
                self._local(activity.starts_at), activity.title, activity.place, SIGN_UP_WORDS[one.status], one.rating,
                self._keyring.open(one.sealed_words, FEEDBACK) if one.sealed_words else "",
            )
            for one, activity in await ActivityStore(session).everything_of(conversation_id)
        )  # fmt: skip

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone)


def _application(row: AidApplication) -> str:
    reason = f"：{row.reason}" if row.reason else ""
    return f"{row.name}（{AID_WORDS[row.status]}{reason}）"


def _said(reply: Reply) -> str:
    """A reply in words: its places with their addresses too, without links that were good for minutes only."""
    places = [f"{place.name}，{place.address}" for place in reply.places]
    return "\n".join([reply.text, *places])
