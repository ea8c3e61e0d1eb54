"""Her taps about the federation at her work: it shall have her matter, it must not know, or the area's offices after all.

Part of the desk: it works in the turn's writing transaction with the conversation held, and never asks the engine.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.cases import UNTAKEN, CaseAct, CaseRules, CaseStatus, ExclusionKind, OpenReason
from bot.domain.federations import AREA_TREE, EVERY, WORK_KINDS
from bot.domain.messages import Owner, Reply
from bot.services.case_routing import CaseRouting
from bot.services.case_summary import wishes_of
from bot.services.case_words import CaseWords
from bot.services.cases import Cases
from bot.storage.cases import WOMAN, Case, CaseStore
from bot.storage.conversations import Conversation
from bot.storage.federations import FederationStore


class WorkChoices:
    """`case` is her open case, held; without one her tap stands in what she sent, and the next case is opened by it."""

    def __init__(self, cases: Cases, routing: CaseRouting, *, rules: CaseRules) -> None:
        self._cases = cases
        self._routing = routing
        self._words = CaseWords(rules)

    async def press(
        self,
        session: AsyncSession,
        case: Case | None,
        conversation: Conversation,
        choice: tuple[str, str],
        now: datetime,
    ) -> list[Reply]:
        """What she is told."""
        act, federation = choice
        if act == "keep_away":
            return await self._keep_away(session, case, conversation, federation, now)
        if federation == AREA_TREE:
            return await self._back_to_area(session, case, conversation, now)
        row = await FederationStore(session).named(federation)
        if row is None or row.kind not in WORK_KINDS or not await FederationStore(session).taking([federation]):
            return [self._words.plain("work_gone")]
        if case is None:
            replies = await self._cases.ask_within(session, conversation, OpenReason.ASKED, now)
            case = await CaseStore(session).hold_open(conversation.id)
            if case is None or case.federation_id == federation:
                return replies
        return await self._choose(session, case, conversation, federation, row.name, now)

    async def _choose(
        self, session: AsyncSession, case: Case, conversation: Conversation, federation: str, name: str, now: datetime
    ) -> list[Reply]:
        """Who was asked before is not asked any more; an officer who has the case keeps it and hands it on herself."""
        store = CaseStore(session)
        await store.allow_federations(case, [federation, EVERY])
        case.federation_id = federation
        case.wishes = await wishes_in(session, case)
        await store.note(case, CaseAct.CHOSEN, WOMAN, now, name)
        if await self._routing.withdraw_if_excluded(session, case, conversation, now):
            return [self._words.plain("work_chosen")]
        if case.status not in UNTAKEN:
            case.waiting_since = case.waiting_since or now
            return [self._words.plain("work_chosen_taken")]
        alert = await self._routing.ask_anew(session, case, now)
        if conversation.owner is Owner.QUEUE:
            return [self._words.asked(alert, now)]
        return [self._words.noted(alert, now)]

    async def _keep_away(
        self, session: AsyncSession, case: Case | None, conversation: Conversation, federation: str, now: datetime
    ) -> list[Reply]:
        family = {EVERY} if federation == EVERY else await FederationStore(session).family(federation)
        if case is None or not family:
            return [self._words.plain("work_away" if family else "work_gone")]
        store = CaseStore(session)
        known = await store.exclusions(case)
        new = {(ExclusionKind.FEDERATION, name) for name in family} - known
        await store.exclude(case, sorted(new))
        if federation == EVERY or case.federation_id in family:
            case.federation_id = None
        case.wishes = await wishes_in(session, case)
        await store.note(case, CaseAct.EXCLUDED, WOMAN, now, wishes_of(frozenset(new), await _names(session, new)))
        await self._routing.withdraw_if_excluded(session, case, conversation, now)
        return [self._words.plain("work_away")]

    async def _back_to_area(
        self, session: AsyncSession, case: Case | None, conversation: Conversation, now: datetime
    ) -> list[Reply]:
        if case is not None and case.federation_id is not None:
            case.federation_id = None
            case.wishes = await wishes_in(session, case)
            await CaseStore(session).note(case, CaseAct.CHOSEN, WOMAN, now, "还是找她住的地方的妇联")
            await self._routing.withdraw_if_excluded(session, case, conversation, now)
            if case.status is CaseStatus.WAITING:
                await self._routing.route(session, case, now)
        return [self._words.plain("work_area")]


async def wishes_in(session: AsyncSession, case: Case) -> str:
    """Her wishes as the case has them now, federations by their names."""
    exclusions = await CaseStore(session).exclusions(case)
    chosen = case.federation_id or ""
    names = await _names(session, exclusions | {(ExclusionKind.FEDERATION, chosen)})
    return wishes_of(exclusions, names, chosen)


async def _names(
    session: AsyncSession, exclusions: frozenset[tuple[ExclusionKind, str]] | set[tuple[ExclusionKind, str]]
) -> dict[str, str]:
    ids = {value for kind, value in exclusions if kind is ExclusionKind.FEDERATION}
    return await FederationStore(session).names(ids)
