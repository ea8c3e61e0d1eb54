"""What officers keep about a case: the summary they correct, private notes, tasks and return visits, referrals.

Nothing here speaks to her: this module has no way to put anything into the outbox.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.accounts import Officer, Permission, branch
from bot.domain.audit import Act, Deed
from bot.domain.case_topics import LEVEL_WORDS, TOPIC_WORDS, CaseLevel, Topic
from bot.domain.cases import BODY_WORDS, UNTAKEN, CaseAct, CaseRules, CaseStatus, Consent, OutsideBody, TaskKind
from bot.domain.errors import BadInput, NotFound
from bot.domain.offices import OFFICE_WORDS, level_of
from bot.language.masking import mask
from bot.services.case_access import AuditLog, held, held_as_hers, may_see, seen
from bot.services.case_routing import CaseRouting
from bot.services.webhooks import Webhooks
from bot.storage.case_papers import CaseReferral, CaseTask, PaperStore
from bot.storage.cases import Case, CaseStore
from bot.storage.database import Database
from bot.storage.records import new_public_id
from bot.storage.rota import RotaStore
from bot.storage.sealing import Keyring

SUBMIT, NAME_LENGTH = "case paper", 32
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Correction:
    """What an officer corrects; None leaves it as it is. Texts get masked."""

    level: CaseLevel | None = None
    topic: Topic | None = None
    area: str | None = None
    place: str | None = None
    need: str | None = None
    wishes: str | None = None
    may_call: Consent | None = None
    safe_to_write: Consent | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A private note, opened."""

    id: str
    officer: str
    text: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done for her. `done_at` None: not yet."""

    id: str
    case: str
    kind: TaskKind
    officer: str
    text: str = field(repr=False)
    due_at: datetime
    done_at: datetime | None
    result: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Referral:
    """A new referral. `facts` and `contact` are for the sheet only, and sealed; `consented`: she agreed."""

    body: OutsideBody
    name: str
    facts: str = field(repr=False)
    contact: str = field(default="", repr=False)
    consented: bool = False


@dataclass(frozen=True, slots=True)
class ReferralSheet:
    """All that the printed sheet says, in words."""

    id: str
    case: str
    to: str
    body: str
    office: str
    officer: str
    level: str
    topic: str
    place: str
    facts: str = field(repr=False)
    contact: str = field(repr=False)
    consented: bool
    opened_at: datetime
    referred_at: datetime


class CasePapers:
    """Every method raises NotFound for a case that is not the officer's to see."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        routing: CaseRouting,
        audit: AuditLog,
        webhooks: Webhooks,
        *,
        clock: Callable[[], datetime],
        rules: CaseRules,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._routing = routing
        self._audit = audit
        self._webhooks = webhooks
        self._clock = clock
        self._rules = rules

    async def correct(self, case_id: str, by: Officer, correction: Correction) -> None:
        """Correct the summary; a new area or level of a case that waits finds other officers."""
        now = self._clock()
        async with self._database.write() as session:
            case, _ = await held(session, case_id, by)
            changed = _apply(case, correction)
            if "level" in changed and case.status is not CaseStatus.CLOSED:
                case.due_at = self._rules.deadline(case.level, now)
            if case.status in UNTAKEN and {"area", "level"} & set(changed):
                case.next_look_at = now if case.status is CaseStatus.WAITING else None
                await self._routing.route(session, case, now)
            if changed:
                await CaseStore(session).note(case, CaseAct.EDITED, by.id, now, "、".join(changed))

    async def add_note(self, case_id: str, by: Officer, text: str) -> str:
        """Write a note that only officers who may see the case can read → its public id."""
        async with self._database.write() as session:
            case, _ = await held(session, case_id, by)
            store = PaperStore(session, self._keyring)
            return (await store.add_note(case, by.id, _text(text), self._clock())).public_id

    async def notes(self, case_id: str, by: Officer) -> list[Note]:
        """The notes, oldest first."""
        async with self._database.read() as session:
            case = await seen(session, case_id, by)
            store = PaperStore(session, self._keyring)
            rows = await store.notes(case)
            names = await RotaStore(session).names([row.officer_id for row in rows])
            return [
                Note(row.public_id, names.get(row.officer_id, ""), store.note_text(row), row.created_at)
                for row in rows
            ]  # fmt: skip

    async def add_task(
        self, case_id: str, by: Officer, kind: TaskKind, text: str, due_at: datetime, *, officer: str = "",
        key: str = "",
    ) -> str:  # fmt: skip
        """Put a task on her own list, or on another's who may see the case → its public id. Raises BadInput.

        `key` names the submit: the same one again adds nothing.
        """
        now = self._clock()
        if due_at <= now:
            raise BadInput("请选一个以后的时间。")
        async with self._database.write() as session:
            case, _ = await held(session, case_id, by)
            if officer and officer != by.id:
                account = await RotaStore(session).officer(officer)
                if account is None or not await may_see(session, case, account.officer(now)):
                    raise BadInput("这位工作人员看不到这个个案。")
            store = PaperStore(session, self._keyring)
            name = self._name(case, by, key)
            if await store.task(name) is not None:
                return name
            task = await store.add_task(case, officer or by.id, kind, _text(text), due_at, now, name=name)
            return task.public_id

    async def finish_task(self, task_id: str, by: Officer, result: str = "") -> None:
        """Tick it off; the second time changes nothing."""
        async with self._database.write() as session:
            store = PaperStore(session, self._keyring)
            found = await store.task(task_id)
            if found is None or not await may_see(session, found[1], by):
                raise NotFound
            await store.finish(found[0], result.strip()[:LONGEST_TEXT], self._clock())

    async def tasks(self, case_id: str, by: Officer) -> list[Task]:
        """Every task of a case, the next due first."""
        async with self._database.read() as session:
            case = await seen(session, case_id, by)
            store = PaperStore(session, self._keyring)
            rows = await store.tasks_of_case(case)
            names = await RotaStore(session).names([row.officer_id for row in rows])
            return [self._task(row, case, names, store) for row in rows]

    async def refer(self, case_id: str, by: Officer, referral: Referral, *, key: str = "") -> str:
        """Refer her to an outside body → the sheet's public id; the case stays with its officer until it is closed.

        Without her consent only while a life is in danger (个人信息保护法 13(1)(4)). `key` names the submit: the same one
        again refers her once. Raises BadInput.
        """
        if not referral.name.strip() or not referral.facts.strip():
            raise BadInput("请写明转介到哪里、要对方办什么。")
        now = self._clock()
        async with self._database.write() as session:
            case, _ = await held_as_hers(session, case_id, by)
            if not referral.consented and case.level is not CaseLevel.RED:
                raise BadInput("没有生命危险时，转介要先得到她本人同意。")
            store, name = PaperStore(session, self._keyring), self._name(case, by, key)
            if await store.referral(name) is not None:
                return name
            row = await store.add_referral(
                case, by.id, referral.body, referral.name.strip()[:100], _text(referral.facts),
                referral.contact.strip()[:200], now, consented=referral.consented, public_id=name,
            )  # fmt: skip
            await self._webhooks.referred(session, row, now)
            await CaseStore(session).note(case, CaseAct.REFERRED, by.id, now, BODY_WORDS[referral.body])
            await self._audit.append(
                session, Deed(Act.CASE_REFERRED, by.id, "case", case.public_id, referral.body.value)
            )
            return row.public_id

    async def sheet(self, referral_id: str, by: Officer, reason: str, *, source: str = "") -> ReferralSheet:
        """The sheet to be printed; it holds sealed text, so the reason is written down before it is shown."""
        if not by.may(Permission.OPEN_SEALED):
            raise NotFound
        async with self._database.read() as session:
            store = PaperStore(session, self._keyring)
            found = await store.referral(referral_id)
            if found is None or not await may_see(session, found[1], by):
                raise NotFound
            row, case = found
            account = await RotaStore(session).account(row.officer_id)
            facts, contact = store.referral_text(row)
        await self._audit.sealed_opened(by, "referral", referral_id, reason, source)
        return ReferralSheet(
            id=row.public_id,
            case=case.public_id,
            to=row.body_name,
            body=BODY_WORDS[row.body],
            office=OFFICE_WORDS[level_of(account.scope if account else "")],
            officer=account.name if account else "",
            level=LEVEL_WORDS[case.level],
            topic=TOPIC_WORDS[case.topic],
            place=case.place,
            facts=facts,
            contact=contact,
            consented=row.consented,
            opened_at=case.opened_at,
            referred_at=row.created_at,
        )

    async def referrals(self, case_id: str, by: Officer) -> list[tuple[str, str, datetime]]:
        """(public id, 「派出所：名称（对方系统已收到）」, when) of every referral, oldest first."""
        async with self._database.read() as session:
            case = await seen(session, case_id, by)
            rows = await PaperStore(session, self._keyring).referrals(case)
            states = await self._webhooks.states(session, rows)
            return [(row.public_id, _referred_to(row, states.get(row.id, "")), row.created_at) for row in rows]

    def _name(self, case: Case, by: Officer, key: str) -> str:
        """The public id of what this submit makes: the same each time. The case is held, so the second one sees the first."""
        if not key:
            return new_public_id()
        return self._keyring.digest(f"{case.public_id}\0{by.id}\0{key}", SUBMIT)[:NAME_LENGTH]

    def _task(self, row: CaseTask, case: Case, names: dict[str, str], store: PaperStore) -> Task:
        text, result = store.task_text(row)
        officer = names.get(row.officer_id, "")
        return Task(row.public_id, case.public_id, row.kind, officer, text, row.due_at, row.done_at, result)


def _referred_to(row: CaseReferral, state: str) -> str:
    words = f"{BODY_WORDS[row.body]}：{row.body_name}"
    return f"{words}（{state}）" if state else words


def _apply(case: Case, correction: Correction) -> list[str]:
    changed = []
    for name, longest in (("place", 100), ("need", 1000), ("wishes", 500)):
        text = getattr(correction, name)
        if text is not None:
            setattr(case, name, mask(text.strip())[:longest])
            changed.append(name)
    for name in ("level", "topic", "may_call", "safe_to_write"):
        value = getattr(correction, name)
        if value is not None and value is not getattr(case, name):
            setattr(case, name, value)
            changed.append(name)
    if correction.area is not None:
        try:
            case.area = case.route_from = branch(correction.area)
        except ValueError as odd:
            raise BadInput("没有这个地区。") from odd
        changed.append("area")
    return changed


def _text(text: str) -> str:
    if not text.strip():
        raise BadInput("请先写点什么。")
    if len(text) > LONGEST_TEXT:
        raise BadInput(f"最多 {LONGEST_TEXT} 个字。")
    return text.strip()
