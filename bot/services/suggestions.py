"""献策谏言 from her side: kept in a category and an area, told how it stands, taken back; and what everybody may read.

The text itself is her message, which the turn wrote down before anything else; here stands only what is made of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import branch
from bot.domain.errors import NotFound, TooMany
from bot.domain.figures import SMALLEST, is_small
from bot.domain.messages import InboundKind
from bot.domain.suggestions import (
    OPEN,
    STATUS_WORDS,
    Categories,
    Promise,
    Source,
    SuggestionAct,
    SuggestionStatus,
    says_something,
)
from bot.language.masking import mask
from bot.language.places import Gazetteer
from bot.services.case_access import AuditLog
from bot.services.suggestion_desk import SuggestionDesk, promise_of
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore
from bot.storage.sealing import Keyring
from bot.storage.suggestion_lists import Listed, SuggestionLists
from bot.storage.suggestions import Suggestion, SuggestionStore
from bot.storage.turns import TurnStore

KEY = "suggestion words"
MOST_A_DAY = 20
"""Of one conversation; more stand in the log like every message, and nowhere else."""
LONGEST_WORDS = 2000
SHORT = 24
"""Characters of hers that are repeated to her."""
TOWN, DISTRICT = 9, 6
MOST_PUBLIC = 200
FEW = f"少于{SMALLEST}"


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of her words. `id` "": nothing was kept, as there is no suggestion in them yet.

    `area`: in words, "" unknown. `again`: she said the very same before.
    """

    id: str
    category: str = ""
    area: str = ""
    urgent: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Hers:
    """One of hers as she is told of it; local day. `others`: whether other women asked for the same."""

    id: str
    day: date
    words: str
    category: str
    status: SuggestionStatus
    promise: Promise | None
    answer: str
    others: bool
    overdue: bool

    @property
    def is_settled(self) -> bool:
        """Whether it is done or declined."""
        return self.status not in OPEN

    @property
    def state(self) -> str:
        """In one sentence: who promised what by when, or why not."""
        if self.promise is not None and self.status is SuggestionStatus.PROMISED:
            late = "（已经过了日子，还没办好，我们记着）" if self.overdue else ""
            return f"{self.promise.who}答应：{self.promise.words}，{day_words(self.promise.due)}以前{late}"
        if self.answer:
            return f"{STATUS_WORDS[self.status]}：{self.answer}"
        return STATUS_WORDS[self.status]


@dataclass(frozen=True, slots=True)
class PublicLine:
    """One matter on the public page. `voices`: 「12」 or 「少于5」."""

    wording: str
    category: str
    area: str
    day: date
    voices: str
    status: SuggestionStatus
    promise: Promise | None
    overdue: bool
    answer: str
    synthetic: bool


class Suggestions:
    """Called by her actions and by the page; `desk` is the officers' side."""

    def __init__(
        self, database: Database, keyring: Keyring, gazetteer: Gazetteer, categories: Categories, desk: SuggestionDesk, *,
        clock: Callable[[], datetime], zone: tzinfo,
    ) -> None:  # fmt: skip
        self._database = database
        self._keyring = keyring
        self._gazetteer = gazetteer
        self.categories = categories
        self.desk = desk
        self._clock = clock
        self._zone = zone

    @classmethod
    def furnish(
        cls, database: Database, keyring: Keyring, gazetteer: Gazetteer, categories: Categories, audit: AuditLog, *,
        clock: Callable[[], datetime], zone: str,
    ) -> "Suggestions":  # fmt: skip
        """Both sides over one database; `zone` by its name."""
        local = ZoneInfo(zone)
        desk = SuggestionDesk(database, keyring, gazetteer, categories, audit, clock=clock, zone=local)
        return cls(database, keyring, gazetteer, categories, desk, clock=clock, zone=local)

    async def receive(self, conversation: str, text: str, *, place: str = "", complaint: bool = False) -> Kept:
        """Keep what she asks for. `text` "": a choice was pressed, and her message before it counts.

        `place`: a division's code that she named before. The same words again are the same suggestion. Raises NotFound,
        TooMany.
        """
        now = self._clock()
        async with self._database.write() as session:
            store = SuggestionStore(session)
            row = await _conversation(store, conversation)
            text = text or await self._words_before(session, row)
            if not says_something(text):
                return Kept("")
            if (known := await store.by_key(self._keyring.digests(f"{conversation}\0{text}", KEY))) is not None:
                return self._kept(known, text, again=True)
            if await store.since(row.id, now - timedelta(days=1)) >= MOST_A_DAY:
                raise TooMany("今天记下的已经很多了，您写的都留着，工作人员看得到。明天再接着提吧。")
            made = Suggestion(
                conversation_id=row.id, source=Source.CHAT, complaint=complaint, received_at=now, voices=1,
                category=self.categories.sort(text), area=self._area(text, place, complaint=complaint),
                status=SuggestionStatus.RECEIVED,
            )  # fmt: skip
            key = self._keyring.digest(f"{conversation}\0{text}", KEY)
            made, is_new = await store.add(made, mask(text)[:LONGEST_WORDS], key)
            if is_new:
                await store.note(made, SuggestionAct.RECEIVED, now)
            return self._kept(made, text, again=not is_new)

    async def resort(self, conversation: str, suggestion: str, category: str) -> str:
        """She says in which category it belongs → its name. Raises NotFound; of a settled one nothing changes any more."""
        now = self._clock()
        async with self._database.write() as session:
            store = SuggestionStore(session)
            row = await self._of_hers(store, conversation, suggestion)
            if not self.categories.has(category):
                raise NotFound
            if row.settled_at is None and row.category != category:
                row.category = category
                await store.note(row, SuggestionAct.RESORTED, now, "", f"本人：{self.categories.name(category)}")
            return self.categories.name(row.category)

    async def withdraw(self, conversation: str, suggestion: str) -> None:
        """She takes it back: her words go; what others asked for too, or was promised, stays without her. Raises NotFound."""
        async with self._database.write() as session:
            store = SuggestionStore(session)
            await store.forget_words(await self._of_hers(store, conversation, suggestion))

    async def hers(self, conversation: str, limit: int = 5) -> list[Hers]:
        """Her latest ones, the newest first. Raises NotFound."""
        async with self._database.read() as session:
            store = SuggestionStore(session)
            rows = await store.of((await _conversation(store, conversation)).id, limit)
            heads = [await store.head(row) for row in rows]
            words = await store.words(rows)
            about = {one.row.id: one for one in await SuggestionLists(session).listed(heads)}
        return [self._hers(row, words.get(row.id, ""), about[head.id]) for row, head in zip(rows, heads, strict=True)]

    async def public(self, area: str = "", category: str = "") -> list[PublicLine]:
        """What was asked for and what became of it, in officers' words; `area`: a branch, "" all."""
        async with self._database.read() as session:
            found = await SuggestionLists(session).public(area, category, MOST_PUBLIC)
        return [self._line(one) for one in found]

    def _line(self, one: Listed) -> PublicLine:
        promise = promise_of(one.promise)
        return PublicLine(
            wording=one.row.wording,
            category=self.categories.name(one.row.category),
            area=self._district(one.row.area),
            day=self._day(one.row.received_at),
            voices=FEW if is_small(one.voices) else str(one.voices),
            status=one.row.status,
            promise=promise,
            overdue=promise is not None and promise.is_overdue(self._day(self._clock())),
            answer=one.row.answer,
            synthetic=one.row.synthetic,
        )

    def _hers(self, row: Suggestion, words: str, about: Listed) -> Hers:
        promise = promise_of(about.promise)
        return Hers(
            id=row.public_id,
            day=self._day(row.received_at),
            words=words if len(words) <= SHORT else words[:SHORT] + "…",
            category=self.categories.name(row.category),
            status=row.status,
            promise=promise,
            answer=row.answer,
            others=about.voices > row.voices,
            overdue=promise is not None and promise.is_overdue(self._day(self._clock())),
        )

    def _kept(self, row: Suggestion, text: str, *, again: bool) -> Kept:
        area = self._gazetteer.division(row.area.ljust(12, "0")) if row.area else None
        where = self._gazetteer.words(area) if area else ""
        return Kept(row.public_id, self.categories.name(row.category), where, self.categories.is_urgent(text), again)

    def _area(self, text: str, place: str, *, complaint: bool) -> str:
        """At most her town; of a complaint the district, so that it is not read where it happened."""
        division = self._gazetteer.read(text).division or (self._gazetteer.division(place) if place else None)
        return branch(division.code)[: DISTRICT if complaint else TOWN] if division else ""

    def _district(self, area: str) -> str:
        division = self._gazetteer.division(area[:DISTRICT].ljust(12, "0")) if area else None
        return division.name if division else ""

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    async def _words_before(self, session: AsyncSession, conversation: Conversation) -> str:
        """What she wrote before the choice she pressed; "" when that was no text."""
        said = await OutboxStore(session).inbound_history(conversation.id, 2)
        if len(said) < 2 or said[0].kind is not InboundKind.TEXT:
            return ""
        return TurnStore(session, self._keyring).text_of(said[0])

    async def _of_hers(self, store: SuggestionStore, conversation: str, suggestion: str) -> Suggestion:
        row, found = await _conversation(store, conversation), await store.named(suggestion, lock=True)
        if found is None or found.conversation_id != row.id:
            raise NotFound
        return found


async def _conversation(store: SuggestionStore, public_id: str) -> Conversation:
    row = await store.conversation(public_id)
    if row is None:
        raise NotFound
    return row


def day_words(day: date) -> str:
    """「12月20日」"""
    return f"{day.month}月{day.day}日"
