"""献策谏言 from the officers' side: sorted, merged when alike, promised, kept or declined with a reason; she hears of each.

What is not in an officer's branch is NotFound. Complaints are for supervisors only: an officer does not read what was said
of her or of whom she sits beside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import LEVELS, Officer, Permission
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.figures import is_small
from bot.domain.messages import Choice, Reply
from bot.domain.suggestions import (
    ACT_WORDS,
    OPEN,
    Categories,
    Promise,
    SuggestionAct,
    SuggestionFilter,
    SuggestionStatus,
    substance,
)
from bot.language.likeness import near
from bot.language.masking import mask
from bot.language.places import Gazetteer
from bot.services.case_access import AuditLog, sees_branch
from bot.services.change_notices import tell_quietly
from bot.services.suggestion_sheets import SuggestionSheets
from bot.services.words import suggestion_words
from bot.storage.database import Database
from bot.storage.rota import RotaStore
from bot.storage.sealing import Keyring
from bot.storage.suggestion_lists import Listed, Seen, SuggestionLists
from bot.storage.suggestions import Suggestion, SuggestionPromise, SuggestionStore

LOOKED_AT = 500
ALIKE = (0.5, 0.3, 0.18)
"""Shared pairs of letters (Jaccard, frame words taken out) from which another one is shown as likely the same, by rank."""
MOST_ALIKE = 6
LONGEST = 300
MOVED_ON = "这条已经有变化，请刷新后再看。"


@dataclass(frozen=True, slots=True)
class Entry:
    """The head of a group in a list; local day. `words` are masked, "" when she took them with her."""

    id: str
    words: str
    wording: str
    shown: bool
    complaint: bool
    category: str
    area: str
    status: SuggestionStatus
    voices: int
    own_voices: int
    day: date
    promise: Promise | None
    overdue: bool
    answer: str
    source: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One suggestion whole: the group's head, what else was said, what is likely the same, and its history."""

    entry: Entry
    members: tuple[Entry, ...]
    alike: tuple[tuple[str, str], ...]
    history: tuple[tuple[datetime, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """One line at the top: voices in all and by state, as they may be shown, and overdue promises."""

    received: str
    waiting: str
    promised: str
    done: str
    declined: str
    overdue: int


class SuggestionDesk:
    """Every method raises NotFound for whoever may not run services."""

    def __init__(
        self, database: Database, keyring: Keyring, gazetteer: Gazetteer, categories: Categories, audit: AuditLog, *,
        clock: Callable[[], datetime], zone: tzinfo,
    ) -> None:  # fmt: skip
        self._database = database
        self._keyring = keyring
        self._categories = categories
        self._audit = audit
        self.sheets = SuggestionSheets(database, gazetteer, categories, audit, clock=clock, zone=zone)
        self._clock = clock
        self._zone = zone

    async def page(
        self, by: Officer, wanted: SuggestionFilter, *, offset: int = 0, limit: int = 50, whole: bool = False
    ) -> list[Entry]:
        """A page of groups; `whole`: of every single one, merged ones too."""
        async with self._database.read() as session:
            rows = await SuggestionLists(session).page(
                seen_by(by), wanted, self.today, offset=max(0, offset), limit=max(1, limit), whole=whole
            )
        return [self._entry(row) for row in rows]

    async def one(self, suggestion: str, by: Officer) -> Sheet:
        """One group, by any of its members. Raises NotFound."""
        async with self._database.read() as session:
            store, lists = SuggestionStore(session), SuggestionLists(session)
            head = await store.head(await _seen(store, suggestion, by))
            _check(head, by)
            [listed] = await lists.listed([head])
            members = await lists.listed(await store.members(head))
            alike = await self._alike(lists, listed, by) if head.status in OPEN else []
            events = await store.events(head)
            names = await RotaStore(session).names([event.officer_id for event in events if event.officer_id])
        history = tuple(
            (event.at.astimezone(self._zone), ACT_WORDS[event.act], names.get(event.officer_id, ""), event.detail)
            for event in events
        )
        return Sheet(self._entry(listed), tuple(self._entry(one) for one in members), tuple(alike), history)

    async def may_see(self, suggestion: str, by: Officer) -> bool:
        """Whether it is (still) hers to see."""
        async with self._database.read() as session:
            row = await SuggestionStore(session).named(suggestion)
        return row is not None and sees_branch(by, row.area) and (not row.complaint or by.may(Permission.ASSIGN_CASES))

    async def sort(self, suggestion: str, by: Officer, category: str, area: str, *, complaint: bool) -> None:
        """Put it where it belongs. `area`: a branch in hers, "" unknown. Raises BadInput, NotFound."""
        if not self._categories.has(category):
            raise BadInput("没有这个类别。")
        if not sees_branch(by, area):
            raise BadInput("只能放在您的管辖范围里。")
        now = self._clock()
        async with self._database.write() as session:
            store, row = await self._held(session, suggestion, by)
            row.category, row.area, row.complaint = category, area, complaint
            row.shown = row.shown and not complaint
            detail = f"{self._categories.name(category)} {area}{' 投诉' if complaint else ''}"
            await store.note(row, SuggestionAct.RESORTED, now, by.id, detail)

    async def merge(self, suggestion: str, into: str, by: Officer) -> None:
        """They are one: every voice stays and counts. The head's state, promise and wording hold for all of them.

        Of several towns it becomes the district's. Raises BadInput, Conflict, NotFound.
        """
        now = self._clock()
        async with self._database.write() as session:
            store = SuggestionStore(session)
            # Always in the same order, so that two who merge crosswise do not wait for each other.
            held = {one: await self._locked_head(store, one, by) for one in sorted({suggestion, into})}
            row, head = held[suggestion], held[into]
            if row.id == head.id:
                raise BadInput("这两条已经是一条了。")
            if row.complaint != head.complaint:
                raise BadInput("建议和投诉不能合并。")
            if row.status is not SuggestionStatus.RECEIVED or head.status not in OPEN:
                raise Conflict("只有还没答复的才能合并进去，已经答应或办完的不能。")
            head.area = common_area(head.area, row.area)
            for one in [*await store.members(row), row]:
                one.merged_into_id, one.status, one.shown = head.id, head.status, False
            await store.note(head, SuggestionAct.MERGED, now, by.id, row.public_id)
            await store.note(row, SuggestionAct.MERGED, now, by.id, head.public_id)
            await self._log(session, Act.SUGGESTIONS_MERGED, by, head)
            if head.status is SuggestionStatus.PROMISED:
                await self._tell(session, [row], now)

    async def split(self, suggestion: str, by: Officer) -> None:
        """It was merged by mistake: it stands alone again, in the state it has. Raises NotFound."""
        now = self._clock()
        async with self._database.write() as session:
            store = SuggestionStore(session)
            row = await store.named(suggestion, lock=True)
            if row is None or row.merged_into_id is None:
                raise NotFound
            head = await store.head(row, lock=True)
            _check(head, by)
            if head.status not in OPEN:
                raise Conflict("已经办结的不能再分开。")
            row.merged_into_id, row.status = None, SuggestionStatus.RECEIVED
            await store.note(head, SuggestionAct.SPLIT, now, by.id, row.public_id)
            await store.note(row, SuggestionAct.SPLIT, now, by.id)

    async def promise(self, suggestion: str, by: Officer, words: str, who: str, due: date) -> None:
        """An office promises something by a day; a new promise takes the place of one not kept. Raises BadInput, Conflict."""
        words, who = _text(words, "答应做什么"), _text(who, "哪个单位负责", 60)
        if due < self.today:
            raise BadInput("日子要在今天或以后。")
        now = self._clock()
        async with self._database.write() as session:
            store, head = await self._held(session, suggestion, by)
            if not await store.move(head, SuggestionStatus.PROMISED, now):
                raise Conflict(MOVED_ON)
            await store.promise(head, words, who, due, now)
            await self._note(session, store, head, SuggestionAct.PROMISED, by, f"{who}，{due}以前：{words}")
            await self._log(session, Act.SUGGESTION_PROMISED, by, head)

    async def done(self, suggestion: str, by: Officer, words: str) -> None:
        """It is done, promised or not; `words` say what was done. Raises BadInput, Conflict."""
        words = _text(words, "办成了什么")
        now = self._clock()
        async with self._database.write() as session:
            store, head = await self._held(session, suggestion, by)
            if not await store.move(head, SuggestionStatus.DONE, now, words):
                raise Conflict(MOVED_ON)
            await store.keep_promise(head, words, now)
            await self._note(session, store, head, SuggestionAct.DONE, by, words)
            await self._log(session, Act.SUGGESTION_DONE, by, head)

    async def decline(self, suggestion: str, by: Officer, reason: str) -> None:
        """It cannot be done, and why. Raises BadInput without a reason, Conflict."""
        reason = _text(reason, "为什么办不了")
        now = self._clock()
        async with self._database.write() as session:
            store, head = await self._held(session, suggestion, by)
            if not await store.move(head, SuggestionStatus.DECLINED, now, reason):
                raise Conflict(MOVED_ON)
            await store.withdraw_promise(head, now)
            await self._note(session, store, head, SuggestionAct.DECLINED, by, reason)
            await self._log(session, Act.SUGGESTION_DECLINED, by, head)

    async def publish(self, suggestion: str, by: Officer, wording: str, *, shown: bool) -> None:
        """What the public page says of it, in an officer's words. Raises BadInput for what would tell who somebody is."""
        wording = wording.strip()[:200]
        if shown and not wording:
            raise BadInput("公开以前，请用自己的话写一句，不写是谁提的。")
        if tells_who(wording):
            raise BadInput("公开的说法里像有姓名、电话或住址，请去掉再存。")
        now = self._clock()
        async with self._database.write() as session:
            store, head = await self._held(session, suggestion, by)
            if shown and head.complaint:
                raise BadInput("投诉不公开。")
            moved, head.wording, head.shown = head.shown is not shown, wording, shown
            await store.note(head, SuggestionAct.WORDED, now, by.id, "公开" if shown else "不公开")
            if moved:
                act = Act.SUGGESTION_PUBLISHED if shown else Act.SUGGESTION_HIDDEN
                await self._log(session, act, by, head)

    async def counts(
        self, by: Officer, area: str = "", begins: datetime | None = None, ends: datetime | None = None
    ) -> dict[tuple[str, str], int]:
        """(category, status) → voices received in this area and span; whole numbers, for whoever hides small ones."""
        async with self._database.read() as session:
            return await SuggestionLists(session).counts(seen_by(by), area, begins, ends)

    async def figures(self, by: Officer, area: str = "") -> Figures:
        """The line at the top of the list."""
        counts = await self.counts(by, area)
        of = {
            status: sum(count for (_, name), count in counts.items() if name == status) for status in SuggestionStatus
        }
        async with self._database.read() as session:
            overdue = await SuggestionLists(session).overdue(seen_by(by), area, self.today)
        return Figures(
            _shown(sum(of.values())), _shown(of[SuggestionStatus.RECEIVED]), _shown(of[SuggestionStatus.PROMISED]),
            _shown(of[SuggestionStatus.DONE]), _shown(of[SuggestionStatus.DECLINED]), overdue,
        )  # fmt: skip

    @property
    def today(self) -> date:
        """The local day."""
        return self._clock().astimezone(self._zone).date()

    def _entry(self, one: Listed) -> Entry:
        row, promise = one.row, one.promise
        told = promise_of(promise)
        return Entry(
            row.public_id, one.words, row.wording, row.shown, row.complaint, row.category, row.area, row.status,
            one.voices, row.voices, row.received_at.astimezone(self._zone).date(), told,
            told is not None and told.is_overdue(self.today), row.answer, row.source.value, row.synthetic,
        )  # fmt: skip

    async def _alike(self, lists: SuggestionLists, listed: Listed, by: Officer) -> list[tuple[str, str]]:
        """(id, words) of what is likely the same, the likeliest first."""
        hers = substance(listed.words or listed.row.wording)
        others = await lists.candidates(listed.row, seen_by(by), LOOKED_AT)
        texts = [substance(words) for _, words in others]
        found: dict[int, None] = {}
        for bound in ALIKE:
            found |= {at: None for _, at in near([hers], texts, bound)}
        return [(others[at][0].public_id, others[at][1]) for at in list(found)[:MOST_ALIKE]]

    async def _locked_head(self, store: SuggestionStore, suggestion: str, by: Officer) -> Suggestion:
        row = await store.named(suggestion, lock=True)
        if row is None:
            raise NotFound
        head = await store.head(row, lock=True)
        _check(head, by)
        return head

    async def _held(self, session: AsyncSession, suggestion: str, by: Officer) -> tuple[SuggestionStore, Suggestion]:
        store = SuggestionStore(session)
        return store, await self._locked_head(store, suggestion, by)

    async def _note(
        self,
        session: AsyncSession,
        store: SuggestionStore,
        head: Suggestion,
        act: SuggestionAct,
        by: Officer,
        detail: str,
    ) -> None:
        now = self._clock()
        await store.note(head, act, now, by.id, detail)
        await self._tell(session, [head, *await store.members(head)], now)

    async def _tell(self, session: AsyncSession, rows: list[Suggestion], now: datetime) -> None:
        """Everybody who asked for it hears that there is an answer; what it is about stands behind a choice."""
        told, words = set[int](), suggestion_words()
        for row in sorted(rows, key=lambda row: row.conversation_id or 0):
            if row.conversation_id is None or row.conversation_id in told:
                continue
            told.add(row.conversation_id)
            see = Choice(words["see"], f'/ask_suggestion{{"suggestion":"{row.public_id}"}}')
            await tell_quietly(session, self._keyring, row.conversation_id, Reply(words["news"], choices=(see,)), now)

    async def _log(self, session: AsyncSession, act: Act, by: Officer, head: Suggestion) -> None:
        await self._audit.append(session, Deed(act, by.id, "suggestion", head.public_id))


def promise_of(row: SuggestionPromise | None) -> Promise | None:
    """The row as a fact."""
    return None if row is None else Promise(row.words, row.who, row.due, row.done_at, row.done_words)


def seen_by(by: Officer) -> Seen:
    """What she may see. Raises NotFound."""
    if not by.may(Permission.RUN_SERVICES):
        raise NotFound
    return Seen(by.area, sees_branch(by, ""), by.may(Permission.ASSIGN_CASES))


async def _seen(store: SuggestionStore, suggestion: str, by: Officer) -> Suggestion:
    row = await store.named(suggestion)
    if row is None:
        raise NotFound
    return row


def _check(row: Suggestion, by: Officer) -> None:
    seen = seen_by(by)
    if not sees_branch(by, row.area) or (row.complaint and not seen.complaints):
        raise NotFound


def common_area(one: str, other: str) -> str:
    """The smallest branch that holds both; the known one of two when the other is not known."""
    if not one or not other:
        return one or other
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[: max((level for level in LEVELS if level <= same), default=0)]


def _text(text: str, what: str, longest: int = LONGEST) -> str:
    """Raises BadInput when it is empty, too long, or tells who somebody is: it goes to everybody who asked."""
    text = " ".join(text.split())
    if not text:
        raise BadInput(f"请写{what}。")
    if len(text) > longest:
        raise BadInput(f"{what}最多写 {longest} 个字。")
    if tells_who(text):
        raise BadInput(f"“{what}”里像有姓名、电话或住址，会让别人看见，请只写单位和办法。")
    return text


def tells_who(text: str) -> bool:
    """Whether masking finds something in it that tells who somebody is."""
    return "［" in mask(text)


def _shown(count: int) -> str:
    return "少于5" if is_small(count) else str(count)
