"""The acts of officers on a case: taking, answering, giving away, closing. Who speaks to her is decided here and nowhere else.

Each act is one transaction: it holds the conversation, then the case, looks again, writes, and logs last. What the engine
has to be told is told after the commit.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, branch
from bot.domain.audit import Act, Deed
from bot.domain.cases import BY_OFFICER, AlertOutcome, CaseAct, CaseOutcome, CaseRules, CaseStatus, ExclusionKind
from bot.domain.errors import BadInput, EngineUnavailable, NotPossibleNow, TooLong
from bot.domain.federations import CHOSEN_WORDS, EVERY, WORK_KINDS
from bot.domain.messages import Author, Owner, Reply
from bot.domain.offices import OFFICE_WORDS, OfficeLevel, office_at
from bot.domain.rota import is_excluded
from bot.language.masking import mask
from bot.services.case_access import AuditLog, held, held_as_hers, may_hand_to, taken_by_other
from bot.services.case_routing import CaseRouting
from bot.services.case_words import CaseWords, who_words
from bot.services.telling import Telling
from bot.storage.case_alerts import AlertStore
from bot.storage.case_papers import PaperStore
from bot.storage.cases import Case, CaseStore
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.federations import FederationStore
from bot.storage.rota import RotaStore
from bot.storage.sealing import Keyring

log = logging.getLogger(__name__)

LONGEST_REPLY = 2000
ACTIVE = timedelta(minutes=10)
"""She is there when she wrote within this time; only then is she told of an officer whom she did not ask for."""


class Forms(Protocol):
    """The engine, as far as it is told that a person spoke meanwhile."""

    async def reset(self, conversation: str) -> None:
        """Leave the form that is under way, if any."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply in the outbox. `again`: this very submit was sent before, and nothing was sent now."""

    message: str
    again: bool = False


class Handover:
    """Public ids in. Every method raises NotFound for a case that is not the officer's to see."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        routing: CaseRouting,
        telling: Telling,
        audit: AuditLog,
        forms: Forms,
        *,
        clock: Callable[[], datetime],
        rules: CaseRules,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._routing = routing
        self._telling = telling
        self._audit = audit
        self._forms = forms
        self._clock = clock
        self._rules = rules
        self._words = CaseWords(rules)

    async def take(self, case_id: str, by: Officer) -> None:
        """接单. Of many at once exactly one gets it; the others learn who did (AlreadyTaken). Taking twice is no error."""
        now = self._clock()
        async with self._database.write() as session:
            case, conversation = await held(session, case_id, by)
            if case.status is CaseStatus.TAKEN and case.officer_id == by.id:
                return
            await self._take(session, case, conversation, by, now, greet=True)
            await self._log(session, Act.CASE_TAKEN, by, case)

    async def decline(self, case_id: str, by: Officer, reason: str = "") -> None:
        """She was asked and cannot: the next one is. Raises NotPossibleNow when she is not asked any more."""
        now = self._clock()
        async with self._database.write() as session:
            case, _ = await held(session, case_id, by)
            if not await AlertStore(session).end(case, AlertOutcome.DECLINED, now, officer=by.id):
                raise NotPossibleNow
            case.status = CaseStatus.WAITING
            await CaseStore(session).note(case, CaseAct.DECLINED, by.id, now, mask(reason))
            await self._routing.route(session, case, now)

    async def reply(self, case_id: str, by: Officer, text: str, key: str) -> Sent:
        """Write to her. A reply takes the conversation, whoever had it before but another officer (AlreadyTaken).

        `key` names the submit: the same one again sends nothing. Raises BadInput, TooLong, NotPossibleNow (closed).
        """
        if not text.strip() or not key:
            raise BadInput("请先写点什么再发送。")
        if len(text) > LONGEST_REPLY:
            raise TooLong(f"一次最多 {LONGEST_REPLY} 个字，请分开发送。")
        now = self._clock()
        async with self._database.write() as session:
            case, conversation = await held(session, case_id, by)
            sent, first = await PaperStore(session, self._keyring).begin_reply(case, by.id, key, now)
            if not first:
                return Sent(sent.message_id, again=True)
            if conversation is None:
                raise BadInput("她没有在这里写过话，请打电话或当面联系。")
            if case.status is CaseStatus.CLOSED:
                raise NotPossibleNow("这个个案已经结案，请先重新打开。")
            took = case.status is not CaseStatus.TAKEN
            if took:
                await self._take(session, case, conversation, by, now, greet=False)
            elif case.officer_id != by.id:
                raise await taken_by_other(session, case)
            store = CaseStore(session)
            await store.own(conversation, Owner.OFFICER)
            conversation.leave_forms = True
            case.waiting_since, case.told_at = None, case.told_at or now
            [message] = await self._telling.say(
                session, conversation, [Reply(text.strip())], now, author=Author.OFFICER
            )  # fmt: skip
            sent.message_id = message.id
            await store.note(case, CaseAct.REPLIED, by.id, now)
            await RotaStore(session).stay(by.id, now, now + self._rules.presence)
            if took:
                await self._log(session, Act.CASE_TAKEN, by, case)
            return Sent(message.id)

    async def release(self, case_id: str, by: Officer, reason: str = "") -> None:
        """Put the case back into the queue; she is not asked again at once."""
        now = self._clock()
        async with self._database.write() as session:
            case, conversation = await held_as_hers(session, case_id, by)
            await self._give_away(session, case, conversation, CaseAct.RELEASED, by, now, mask(reason))
            await self._routing.route(session, case, now)
            await self._tell(session, conversation, self._words.plain("released"), now)
            await self._log(session, Act.CASE_RELEASED, by, case, mask(reason))

    async def transfer_to_officer(self, case_id: str, by: Officer, to: str, reason: str = "") -> None:
        """Ask this officer to take it over.

        Raises BadInput when she cannot: gone, disabled, ruled out by the woman, or neither above the case nor in `by`'s branch.
        """
        now = self._clock()
        async with self._database.write() as session:
            case, conversation = await held_as_hers(session, case_id, by)
            rota = RotaStore(session)
            account = await rota.officer(to)
            exclusions = await CaseStore(session).exclusions(case)
            if account is None or to == case.officer_id:
                raise BadInput("不能转给这位工作人员。")
            works_for = account.federation_id or ""
            if is_excluded(exclusions, to, account.name, account.scope, works_for):
                raise BadInput("不能转给这位工作人员。")
            if not may_hand_to(by, case, account.scope, works_for):
                raise BadInput("不能转给这位工作人员。")
            if await rota.presence(to, now) is None:
                raise BadInput("她现在不在岗，请转给别人，或者转给一级妇联。")
            await self._give_away(session, case, conversation, CaseAct.TRANSFERRED, by, now, to)
            await self._routing.ask(session, case, to, account.scope, now, at_work=bool(works_for))
            await self._tell_of_transfer(session, conversation, who_words(account.scope, at_work=bool(works_for)), now)
            await self._log(session, Act.CASE_TRANSFERRED, by, case, mask(reason))

    async def transfer_to_level(self, case_id: str, by: Officer, level: OfficeLevel, reason: str = "") -> None:
        """Hand it to the office of this level, and up from there. Raises BadInput when her area is not known so well."""
        now = self._clock()
        async with self._database.write() as session:
            case, conversation = await held_as_hers(session, case_id, by)
            office = office_at(case.area, level)
            if office is None:
                raise BadInput("还不知道她在哪个社区或街道，请先补上地区。")
            await self._give_away(session, case, conversation, CaseAct.TRANSFERRED, by, now, OFFICE_WORDS[level])
            case.route_from, case.federation_id = office, None
            await self._routing.route(session, case, now)
            await self._tell_of_transfer(session, conversation, OFFICE_WORDS[level], now)
            await self._log(session, Act.CASE_TRANSFERRED, by, case, mask(reason))

    async def transfer_to_federation(
        self, case_id: str, by: Officer, federation: str, reason: str = "", *, she_asked: bool
    ) -> None:
        """Hand it to the federation at her work, and to the area tree if nobody there takes it.

        Raises BadInput unless she asked for it herself, when she ruled it out, or when nobody works here for it.
        """
        if not she_asked:
            raise BadInput("转给单位、系统的妇联，只能是她本人提出来的。请先问她，她不提就不转。")
        now = self._clock()
        async with self._database.write() as session:
            case, conversation = await held_as_hers(session, case_id, by)
            federations = FederationStore(session)
            row = await federations.named(federation)
            if row is None or row.kind not in WORK_KINDS or federation == by.federation:
                raise BadInput("不能转给这个妇联。")
            ruled_out = {value for kind, value in await CaseStore(session).exclusions(case)
                         if kind is ExclusionKind.FEDERATION}  # fmt: skip
            if ruled_out & {federation, EVERY}:
                raise BadInput("她说过不要让那里知道，不能转。")
            if not await federations.taking([federation]):
                raise BadInput("那里还没有人在这里接个案。可以按妇联组织里登记的办公电话联系。")
            await self._give_away(session, case, conversation, CaseAct.TRANSFERRED, by, now, row.name)
            case.federation_id = federation
            await self._routing.route(session, case, now)
            await self._tell_of_transfer(session, conversation, CHOSEN_WORDS, now)
            await self._log(session, Act.CASE_TRANSFERRED, by, case, mask(reason))

    async def give_back(self, case_id: str, by: Officer) -> None:
        """The assistant speaks again; the case stays hers, and her next reply takes the conversation back."""
        now = self._clock()
        async with self._database.write() as session:
            case, conversation = await held_as_hers(session, case_id, by)
            if conversation is None or conversation.owner is Owner.BOT:
                raise NotPossibleNow("现在就是智能助手在回答。")
            await CaseStore(session).give_to_bot(conversation)
            case.waiting_since = None
            await CaseStore(session).note(case, CaseAct.GIVEN_BACK, by.id, now)
            await self._telling.say(session, conversation, [self._words.plain("given_back")], now)
            await self._log(session, Act.CASE_RETURNED_TO_BOT, by, case)
            name = conversation.public_id
        await self._reset(name)

    async def close(self, case_id: str, by: Officer, outcome: CaseOutcome) -> None:
        """End it; she is asked once, in two taps, whether it helped. Raises BadInput for what is no officer's outcome."""
        if outcome not in BY_OFFICER:
            raise BadInput("请选一个结果。")
        now = self._clock()
        async with self._database.write() as session:
            case, conversation = await held_as_hers(session, case_id, by)
            case.status, case.closed_at, case.outcome = CaseStatus.CLOSED, now, outcome
            case.waiting_since = None
            await CaseStore(session).note(case, CaseAct.CLOSED, by.id, now, outcome.value)
            if conversation is not None:
                await CaseStore(session).give_to_bot(conversation)
                words = self._words.closed(case.public_id, ask=case.help_asked_at is None)
                case.help_asked_at = case.help_asked_at or now
                await self._telling.say(session, conversation, [words], now)
            await self._log(session, Act.CASE_CLOSED, by, case)
            name = "" if conversation is None else conversation.public_id
        await self._reset(name)

    async def reopen(self, case_id: str, by: Officer) -> None:
        """Open a closed case again and have it. Raises NotPossibleNow when another is open for the same woman."""
        now = self._clock()
        async with self._database.write() as session:
            case, conversation = await held(session, case_id, by)
            if case.status is not CaseStatus.CLOSED:
                raise NotPossibleNow("这个个案没有结案。")
            store = CaseStore(session)
            if conversation is not None and await store.hold_open(conversation.id) is not None:
                raise NotPossibleNow("她已经有一个新的个案，请在那里处理。")
            case.status, case.closed_at, case.outcome = CaseStatus.TAKEN, None, None
            case.officer_id, case.taken_at, case.routing_since = by.id, now, now
            await store.note(case, CaseAct.REOPENED_BY_OFFICER, by.id, now)
            await self._log(session, Act.CASE_REOPENED, by, case)

    async def _take(
        self, session: AsyncSession, case: Case, conversation: Conversation | None, by: Officer, now: datetime, *,
        greet: bool,
    ) -> None:  # fmt: skip
        store = CaseStore(session)
        if case.status is CaseStatus.CLOSED:
            raise NotPossibleNow("这个个案已经结案，请先重新打开。")
        if not await store.take(case, by.id, now):
            raise await taken_by_other(session, case)
        alerts = AlertStore(session)
        if not await alerts.end(case, AlertOutcome.ACCEPTED, now, officer=by.id):
            await alerts.end(case, AlertOutcome.WITHDRAWN, now)
        await store.note(case, CaseAct.TAKEN, by.id, now)
        if conversation is None:
            return
        asked = conversation.owner is Owner.QUEUE or now - conversation.last_inbound_at <= ACTIVE
        await store.own(conversation, Owner.OFFICER)
        case.waiting_since, case.told_at, conversation.leave_forms = now, case.told_at or now, True
        if greet and asked:
            words = self._words.taken(by.area, at_work=bool(by.federation))
            await self._telling.say(session, conversation, [words], now)

    async def _give_away(
        self, session: AsyncSession, case: Case, conversation: Conversation | None, act: CaseAct, by: Officer,
        now: datetime, detail: str,
    ) -> None:  # fmt: skip
        had = case.officer_id or by.id
        await self._routing.requeue(session, case, conversation, act, now, actor=by.id, detail=detail)
        await AlertStore(session).mark(case, had, branch(by.area), now, AlertOutcome.RELEASED)

    async def _tell(
        self, session: AsyncSession, conversation: Conversation | None, words: Reply, now: datetime
    ) -> None:
        if conversation is not None and conversation.owner is Owner.QUEUE:
            await self._telling.say(session, conversation, [words], now)

    async def _tell_of_transfer(
        self, session: AsyncSession, conversation: Conversation | None, who: str, now: datetime
    ) -> None:
        await self._tell(session, conversation, self._words.transferred(who), now)

    async def _log(self, session: AsyncSession, act: Act, by: Officer, case: Case, reason: str = "") -> None:
        await session.flush()
        await self._audit.append(session, Deed(act, by.id, "case", case.public_id, reason))

    async def _reset(self, conversation: str) -> None:
        """Now if the engine is there; if not, the next turn does it (`leave_forms`)."""
        if not conversation:
            return
        try:
            await self._forms.reset(conversation)
        except EngineUnavailable:
            log.info("the engine is down; its form is left before the next turn")
