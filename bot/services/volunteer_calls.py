"""Calls for help: what is needed, who fits, asking them, who comes, and the hours that an officer records.

A question of a woman that goes to an expert is such a call too: the expert is told the masked question and nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer
from bot.domain.appointments import moment_words
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.messages import Choice
from bot.domain.volunteers import KIND_WORDS, CallFilter, CallStatus, MatchStatus, Skills, VolunteerKind, hour_words
from bot.language.masking import mask
from bot.services.case_access import AuditLog, may_see, seen, sees_branch
from bot.services.volunteer_desk import Entry, branch_of, entry_of, tell_volunteer
from bot.services.volunteer_matching import Proposal, experts, fitting, needed_by
from bot.storage.cases import Case
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.volunteer_lists import VolunteerLists
from bot.storage.volunteers import Volunteer, VolunteerCall, VolunteerMatch, VolunteerStore, coded, comes, decoded

TIME_OPEN = "时间再商量"
LONGEST_NEED = 300
MOST_WANTED = 200
MOST_MINUTES = 6000
OF_A_CASE = "（个案里的一个问题，从个案里看）"
OVER = "这次求助已经结束了。"


class Answered(StrEnum):
    """What came of an answer to a call."""

    COMES = "comes"
    DECLINED = "declined"
    FULL = "full"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class CallForm:
    """What an officer writes. `area`: a branch; `kind` None: any; `starts_at` None: open; `case`: a public id, or ""."""

    area: str
    need: str
    skills: tuple[str, ...] = ()
    kind: VolunteerKind | None = None
    starts_at: datetime | None = None
    wanted: int = 1
    case: str = ""


@dataclass(frozen=True, slots=True)
class CallEntry:
    """A call in a list. `when` in words, `starts_at` local, `coming`: how many accepted; `of_case`: made for a woman's."""

    id: str
    need: str
    area: str
    kind: VolunteerKind | None
    skills: tuple[str, ...]
    when: str
    starts_at: datetime | None
    wanted: int
    coming: int
    status: CallStatus
    of_case: bool
    day: date
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One who was asked. `id` is the match's."""

    id: str
    volunteer: Entry
    status: MatchStatus
    hours: str


@dataclass(frozen=True, slots=True)
class CallSheet:
    """A call whole: who was asked, and who else fits, the best first. `case`: the public id, "" for none."""

    entry: CallEntry
    asked: tuple[Asked, ...]
    proposals: tuple[Proposal, ...]
    case: str


class VolunteerCalls:
    """Every method raises NotFound for whoever may not run services, and for what is not in her branch."""

    def __init__(
        self, database: Database, keyring: Keyring, skills: Skills, audit: AuditLog, *,
        clock: Callable[[], datetime], zone: tzinfo,
    ) -> None:  # fmt: skip
        self._database = database
        self._keyring = keyring
        self._skills = skills
        self._audit = audit
        self._clock = clock
        self._zone = zone

    async def page(
        self, by: Officer, wanted: CallFilter, *, offset: int = 0, limit: int = 50, of_cases: bool = True
    ) -> list[CallEntry]:
        """A page of calls; what was asked in a case is told there only."""
        async with self._database.read() as session:
            found = await VolunteerLists(session).calls(
                branch_of(by), wanted, offset=max(0, offset), limit=max(1, limit), of_cases=of_cases
            )
        return [self._entry(call, coming, OF_A_CASE if call.case_id else call.need) for call, coming in found]

    async def one(self, call: str, by: Officer) -> CallSheet:
        """All of one."""
        async with self._database.read() as session:
            store = VolunteerStore(session)
            row = await self._seen(session, await store.call(call), by)
            matches = await store.matches(row)
            minutes = await store.minutes([volunteer.id for _, volunteer in matches])
            others = [] if row.status is CallStatus.CLOSED else await self._fitting(session, row)
            case = await session.get(Case, row.case_id) if row.case_id else None
        asked = tuple(
            Asked(match.public_id, entry_of(one, minutes.get(one.id, 0), self._zone), match.status,
                  hour_words(match.minutes) if match.minutes else "")
            for match, one in matches
        )  # fmt: skip
        coming = sum(comes(match) for match, _ in matches)
        return CallSheet(self._entry(row, coming, row.need), asked, tuple(others), case.public_id if case else "")

    async def make(self, by: Officer, form: CallForm) -> str:
        """A new call → its public id; one for a case lies where the case lies. Raises BadInput, NotFound."""
        self._check(by, form)
        async with self._database.write() as session:
            case = await seen(session, form.case, by) if form.case else None
            need = mask(form.need.strip()) if case else form.need.strip()
            row = await VolunteerStore(session).add_call(
                VolunteerCall(
                    area=(case.area or by.area) if case else form.area, need=need, kind=form.kind, skills=coded(form.skills),
                    starts_at=form.starts_at, wanted=form.wanted, made_by=by.id, made_at=self._clock(),
                    status=CallStatus.OPEN, case_id=case.id if case else None,
                )
            )  # fmt: skip
            await self._log(session, Act.VOLUNTEERS_CALLED, by, row)
            return row.public_id

    async def question_of(self, case: str, by: Officer) -> CallForm:
        """The form for asking an expert: the masked question of a case, and the skills that it tells of. Raises NotFound."""
        branch_of(by)
        async with self._database.read() as session:
            row = await seen(session, case, by)
            question, area = row.need, row.area
        return CallForm(area or by.area, question[:LONGEST_NEED], self._skills.read(question), None, None, 1, case)

    async def of_case(self, case: str, by: Officer) -> list[CallEntry]:
        """What volunteers were asked for a case, the newest first. Raises NotFound."""
        branch_of(by)
        async with self._database.read() as session:
            row = await seen(session, case, by)
            found = await VolunteerLists(session).of_case(row.id)
        return [self._entry(call, coming, call.need) for call, coming in found]

    async def experts_for(self, words: str | Sequence[str], area: str, by: Officer) -> list[Proposal]:
        """Who may answer: experts and mentors whose skills the words tell of (or are given by key), the nearest first."""
        branch_of(by)
        wanted = self._skills.read(words) if isinstance(words, str) else words
        async with self._database.read() as session:
            return await experts(session, wanted, area, self._skills, self._zone)

    async def ask(self, call: str, volunteers: Sequence[str], by: Officer) -> tuple[int, int]:
        """Ask these, in the chat where they have one → (asked, of them to be called by telephone). Raises Conflict."""
        now, asked, by_phone = self._clock(), 0, 0
        async with self._database.write() as session:
            store = VolunteerStore(session)
            row = await self._seen(session, await store.call(call, lock=True), by)
            if row.status is CallStatus.CLOSED:
                raise Conflict(OVER)
            known = {one.public_id: one for one in await VolunteerLists(session).to_ask(row, row.area, row.kind)}
            for name in sorted(set(volunteers) & set(known)):
                match = await store.ask(row, known[name], now)
                if match is not None:
                    asked += 1
                    by_phone += known[name].conversation_id is None
                    await self._put(session, known[name], row, match, now)
            if asked:
                await self._log(session, Act.VOLUNTEERS_ASKED, by, row, f"{asked} 位")
        return asked, by_phone

    async def answer_for(self, match: str, by: Officer, *, comes: bool) -> Answered:
        """What somebody said by telephone."""
        async with self._database.write() as session:
            store = VolunteerStore(session)
            call, _, row = await self._held(session, store, match, by)
            return await settle(store, call, row, self._clock(), comes=comes)

    async def record(self, match: str, by: Officer, minutes: int) -> None:
        """She did it, for so long; a second time corrects the first. Raises BadInput, Conflict."""
        if not 0 < minutes <= MOST_MINUTES:
            raise BadInput(f"小时数要在 0 到 {MOST_MINUTES // 60} 之间，可以写半小时，例如 2.5。")
        now = self._clock()
        async with self._database.write() as session:
            store = VolunteerStore(session)
            call, volunteer, row = await self._held(session, store, match, by)
            if not comes(row):
                raise Conflict("她没有答应这次，不能记时长。")
            row.status, row.minutes, row.recorded_by, row.answered_at = MatchStatus.DONE, minutes, by.id, now
            await session.flush()
            total = (await store.minutes([volunteer.id])).get(volunteer.id, 0) + volunteer.earlier_minutes
            await tell_volunteer(
                session, self._keyring, volunteer, "recorded", now, hours=hour_words(minutes), total=hour_words(total)
            )
            await self._log(session, Act.VOLUNTEER_HOURS_RECORDED, by, call, f"{row.public_id} {minutes} 分钟")

    async def close(self, call: str, by: Officer) -> None:
        """Over: nobody can accept any more; who was asked and had not answered hears that it is settled. Raises Conflict."""
        now = self._clock()
        async with self._database.write() as session:
            store = VolunteerStore(session)
            row = await self._seen(session, await store.call(call, lock=True), by)
            if row.status is CallStatus.CLOSED:
                raise Conflict(OVER)
            row.status, row.closed_at = CallStatus.CLOSED, now
            for match, volunteer in await store.matches(row):
                if match.status is MatchStatus.ASKED:
                    await tell_volunteer(session, self._keyring, volunteer, "settled", now)
            await self._log(session, Act.VOLUNTEER_CALL_CLOSED, by, row)

    async def tell(self, call: str, by: Officer, words: str) -> int:
        """Something for all who come, such as where to meet → how many hear it in the chat. Raises BadInput."""
        words = words.strip()
        if not words or len(words) > LONGEST_NEED:
            raise BadInput(f"请写要告诉她们什么，最多 {LONGEST_NEED} 个字。")
        now, told = self._clock(), 0
        async with self._database.write() as session:
            store = VolunteerStore(session)
            row = await self._seen(session, await store.call(call, lock=True), by)
            for match, volunteer in await store.matches(row):
                if match.status is MatchStatus.ACCEPTED and volunteer.conversation_id is not None:
                    told += 1
                    about = "" if row.case_id else row.need
                    await tell_volunteer(session, self._keyring, volunteer, "news", now, need=about, words=words)
            await self._log(session, Act.VOLUNTEERS_ASKED, by, row, f"通知 {told} 位")
        return told

    def _check(self, by: Officer, form: CallForm) -> None:
        branch_of(by)
        if not form.need.strip():
            raise BadInput("请写要帮什么忙。")
        if len(form.need.strip()) > LONGEST_NEED:
            raise BadInput(f"要帮的忙最多写 {LONGEST_NEED} 个字。")
        if not form.case and "［" in mask(form.need):
            raise BadInput("要帮的忙里像有姓名、电话或住址，会发给志愿者，请去掉；细节等她答应了再当面说。")
        if not form.case and not sees_branch(by, form.area):
            raise BadInput("地区只能写您管辖范围里的。")
        if any(not self._skills.has(one) for one in form.skills):
            raise BadInput("没有这项特长。")
        if not 1 <= form.wanted <= MOST_WANTED:
            raise BadInput(f"人数要在 1 到 {MOST_WANTED} 之间。")

    async def _fitting(self, session: AsyncSession, row: VolunteerCall) -> list[Proposal]:
        return await fitting(session, row, needed_by(row, self._zone), self._skills, self._zone)

    async def _put(
        self, session: AsyncSession, volunteer: Volunteer, call: VolunteerCall, match: VolunteerMatch, now: datetime
    ) -> None:
        """The question, with the two answers under it."""
        choices = (
            Choice("可以，算我一个", f'/manage_volunteering{{"volunteer":"accept","match":"{match.public_id}"}}'),
            Choice("这次不行", f'/manage_volunteering{{"volunteer":"decline","match":"{match.public_id}"}}'),
        )
        said = "asked_expert" if call.case_id else "asked"
        when = when_words(call.starts_at, self._zone)
        await tell_volunteer(
            session, self._keyring, volunteer, said, now, *choices, need=call.need, when=when, wanted=str(call.wanted)
        )

    async def _seen(self, session: AsyncSession, row: VolunteerCall | None, by: Officer) -> VolunteerCall:
        """In her branch; what was asked in a case is hers when the case is. Raises NotFound."""
        branch_of(by)
        if row is None:
            raise NotFound
        case = await session.get(Case, row.case_id) if row.case_id else None
        if not (sees_branch(by, row.area) if case is None else await may_see(session, case, by)):
            raise NotFound
        return row

    async def _held(
        self, session: AsyncSession, store: VolunteerStore, match: str, by: Officer
    ) -> tuple[VolunteerCall, Volunteer, VolunteerMatch]:
        found = await store.hold_match(match)
        await self._seen(session, found[0] if found else None, by)
        if found is None:
            raise NotFound
        return found

    def _entry(self, row: VolunteerCall, coming: int, need: str) -> CallEntry:
        starts_at = row.starts_at.astimezone(self._zone) if row.starts_at else None
        return CallEntry(
            row.public_id, need or "（内容已经不在了）", row.area, row.kind, decoded(row.skills),
            when_words(row.starts_at, self._zone), starts_at, row.wanted, coming, row.status, row.case_id is not None,
            row.made_at.astimezone(self._zone).date(), row.synthetic,
        )  # fmt: skip

    async def _log(self, session: AsyncSession, act: Act, by: Officer, row: VolunteerCall, reason: str = "") -> None:
        await self._audit.append(session, Deed(act, by.id, "volunteer_call", row.public_id, reason))


async def settle(
    store: VolunteerStore, call: VolunteerCall, match: VolunteerMatch, now: datetime, *, comes: bool
) -> Answered:
    """The answer to a call that is held, whoever gives it. What was said last counts, until the call is over."""
    if call.status is CallStatus.CLOSED or match.status is MatchStatus.DONE:
        return Answered.OVER
    if not comes:
        await store.give_up(call, match, now)
        return Answered.DECLINED
    if match.status is MatchStatus.ACCEPTED or await store.take_place(call, match, now):
        return Answered.COMES
    return Answered.FULL


def when_words(starts_at: datetime | None, zone: tzinfo) -> str:
    """「11月28日（周六）10:00」「时间再商量」"""
    return moment_words(starts_at.astimezone(zone)) if starts_at else TIME_OPEN


def kind_words(kind: VolunteerKind | None) -> str:
    """「女科技专家」; 「不限」 for any."""
    return KIND_WORDS[kind] if kind else "不限"
