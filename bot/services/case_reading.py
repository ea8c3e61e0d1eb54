"""Cases as the console shows them: the queue, one case at a glance, the conversation (masked until opened), the history."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.accounts import Officer, Permission
from bot.domain.case_filter import CaseFilter
from bot.domain.case_topics import LEVEL_WORDS, TOPIC_WORDS, CaseLevel, Topic
from bot.domain.cases import (
    ACT_WORDS,
    REASON_WORDS,
    STATUS_WORDS,
    UNTAKEN,
    CaseOutcome,
    CaseStatus,
    Consent,
    Helped,
    OpenReason,
)
from bot.domain.errors import NotFound
from bot.domain.messages import Owner
from bot.domain.risk import RiskKind, RiskLevel
from bot.services.case_access import AuditLog, seen, viewer_of
from bot.services.case_history import detail_words
from bot.services.case_lines import Transcript, transcript_of
from bot.storage.case_alerts import AlertStore, CaseAlert
from bot.storage.case_lists import CaseLists
from bot.storage.cases import SYSTEM, WOMAN, Case, CaseStore
from bot.storage.database import Database
from bot.storage.rota import RotaStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore

MOST_ROWS = 200
EVERYTHING = CaseFilter()


@dataclass(frozen=True, slots=True)
class Shown:
    """A case in a list and on its page; texts are masked. Names are "" where there is nobody."""

    id: str
    conversation: str
    status: CaseStatus
    level: CaseLevel
    reason: OpenReason
    topic: Topic
    area: str
    place: str
    need: str
    tried: str
    wishes: str
    risk: RiskLevel
    risk_kind: RiskKind | None
    may_call: Consent
    safe_to_write: Consent
    officer: str
    officer_name: str
    alerted: str
    alerted_name: str
    alert_until: datetime | None
    opened_at: datetime
    due_at: datetime
    waiting_since: datetime | None
    taken_at: datetime | None
    closed_at: datetime | None
    routing_since: datetime
    outcome: CaseOutcome | None
    helped: Helped | None
    helped_why: str

    @property
    def title(self) -> str:
        """「红 家庭暴力 等待」"""
        return f"{LEVEL_WORDS[self.level]} {TOPIC_WORDS[self.topic]} {STATUS_WORDS[self.status]}"

    @property
    def waits_since(self) -> datetime | None:
        """Since when she waits: for somebody to take it, or for an answer of who has it; None when she does not."""
        if self.status is CaseStatus.CLOSED:
            return None
        return self.routing_since if self.status in UNTAKEN else self.waiting_since

    def is_overdue(self, now: datetime) -> bool:
        """Nobody has it, and its deadline is over."""
        return self.status in UNTAKEN and self.due_at <= now

    @property
    def reason_words(self) -> str:
        """「她要找人」"""
        return REASON_WORDS[self.reason]


@dataclass(frozen=True, slots=True)
class Happened:
    """One act of the history, in words. `who` is 「她」, 「系统」 or an officer's name."""

    at: datetime
    who: str
    what: str
    detail: str


class CaseReading:
    """Every method raises NotFound for what is not the officer's to see."""

    def __init__(self, database: Database, keyring: Keyring, audit: AuditLog, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._audit = audit
        self._clock = clock

    async def page(
        self, by: Officer, wanted: CaseFilter = EVERYTHING, *, offset: int = 0, limit: int = 50
    ) -> list[Shown]:
        """A page of cases; see CaseFilter. The queue is `closed=False`, her own care (台账) `officer=by.id`."""
        async with self._database.read() as session:
            rows = await CaseLists(session).page(
                viewer_of(by), wanted, offset=max(0, offset), limit=max(1, min(limit, MOST_ROWS))
            )
            involved = [row.case.officer_id or "" for row in rows] + [
                row.alert.officer_id for row in rows if row.alert is not None
            ]
            names = await RotaStore(session).names(involved)
        return [_shown(row.case, row.conversation, row.alert, names) for row in rows]

    async def counts(self, by: Officer) -> Mapping[str, int]:
        """Open cases by status and level, and 「overdue」."""
        async with self._database.read() as session:
            return await CaseLists(session).counts(viewer_of(by), self._clock())

    async def officers(self, by: Officer) -> list[tuple[str, str]]:
        """(public id, name) of who has or had a case that she may see, by name."""
        async with self._database.read() as session:
            names = await RotaStore(session).names(await CaseLists(session).officers(viewer_of(by)))
        return sorted(names.items(), key=lambda named: (named[1], named[0]))

    async def case(self, case_id: str, by: Officer) -> Shown:
        """One case."""
        async with self._database.read() as session:
            row = await seen(session, case_id, by)
            alert = await AlertStore(session).pending(row)
            names = await RotaStore(session).names([row.officer_id or "", alert.officer_id if alert else ""])
            return _shown(row, await CaseStore(session).conversation_name(row), alert, names)

    async def earlier(self, case_id: str, by: Officer) -> list[Shown]:
        """Her other cases, newest first."""
        async with self._database.read() as session:
            row = await seen(session, case_id, by)
            rows = await CaseLists(session).earlier(viewer_of(by), row)
            names = await RotaStore(session).names([other.officer_id or "" for other in rows])
            conversation = await CaseStore(session).conversation_name(row)
        return [_shown(other, conversation, None, names) for other in rows]

    async def history(self, case_id: str, by: Officer) -> list[Happened]:
        """What happened, oldest first."""
        async with self._database.read() as session:
            row = await seen(session, case_id, by)
            events = await CaseStore(session).events(row)
            names = await RotaStore(session).names([event.actor for event in events] + [e.detail for e in events])
        actors = {WOMAN: "她", SYSTEM: "系统"} | names
        return [
            Happened(
                event.at, actors.get(event.actor, ""), ACT_WORDS[event.act],
                names.get(event.detail) or detail_words(event.detail),
            )
            for event in events
        ]  # fmt: skip

    async def transcript(self, case_id: str, by: Officer) -> Transcript:
        """The conversation, masked."""
        return await self._lines(case_id, by, opened=False)

    async def open_transcript(self, case_id: str, by: Officer, reason: str, *, source: str = "") -> Transcript:
        """The conversation as it was written. Why is written down before it is shown. Raises BadInput without a reason."""
        if not by.may(Permission.OPEN_SEALED):
            raise NotFound
        opened = await self._lines(case_id, by, opened=True)
        await self._audit.sealed_opened(by, "case", case_id, reason, source)
        return opened

    async def _lines(self, case_id: str, by: Officer, *, opened: bool) -> Transcript:
        async with self._database.read() as session:
            row = await seen(session, case_id, by)
            if row.conversation_id is None:
                return Transcript(Owner.BOT, (), opened)
            conversation = await TurnStore(session, self._keyring).conversation(row.conversation_id)
            return await transcript_of(session, self._keyring, conversation, self._clock(), opened=opened)


def _shown(row: Case, conversation: str, alert: CaseAlert | None, names: Mapping[str, str]) -> Shown:
    officer, alerted = row.officer_id or "", alert.officer_id if alert else ""
    return Shown(
        id=row.public_id,
        conversation=conversation,
        status=row.status,
        level=row.level,
        reason=row.reason,
        topic=row.topic,
        area=row.area,
        place=row.place,
        need=row.need,
        tried=row.tried,
        wishes=row.wishes,
        risk=row.risk,
        risk_kind=row.risk_kind,
        may_call=row.may_call,
        safe_to_write=row.safe_to_write,
        officer=officer,
        officer_name=names.get(officer, ""),
        alerted=alerted,
        alerted_name=names.get(alerted, ""),
        alert_until=alert.deadline_at if alert else None,
        opened_at=row.opened_at,
        due_at=row.due_at,
        waiting_since=row.waiting_since,
        taken_at=row.taken_at,
        closed_at=row.closed_at,
        routing_since=row.routing_since,
        outcome=row.outcome,
        helped=row.helped,
        helped_why=row.helped_why,
    )
