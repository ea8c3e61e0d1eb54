"""Her taps about the federation at her work: it shall have her matter, it must not know, or the area's offices after all.

Part of the desk: it works in the turn's writing transaction with the conversation held, and never asks the engine.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.cases import UNTAKEN, CaseAct, CaseRules, CaseStatus, ExclusionKind, OpenReason
from bot.domain.federations import AREA_TREE, EVERY, WORK_KINDS, FederationFilter, work_payload
from bot.domain.messages import Choice, Owner, Reply
from bot.services.case_routing import CaseRouting
from bot.services.case_summary import names_in, wishes_in, wishes_of
from bot.services.case_words import CaseWords
from bot.services.cases import Cases
from bot.services.federations import LOOKED_AT, SHOWN, fitting
from bot.storage.cases import WOMAN, Case, CaseStore
from bot.storage.conversations import Conversation
from bot.storage.federations import FederationStore

MARKS = "①②③"


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

    async def offer(self, session: AsyncSession, case: Case, text: str) -> Reply:
        """She asks for the federation at her work while nobody has her case yet: which ones she may tap."""
        store = FederationStore(session)
        rows = await store.page("", FederationFilter(), limit=LOOKED_AT, kinds=WORK_KINDS)
        taking = await store.taking([row.public_id for row in rows])
        found = fitting([row for row in rows if row.public_id in taking], text, case.area)[:SHOWN]
        if not found:
            return self._words.plain("work_none")
        lines = "\n".join(f"{mark} {row.name}" for mark, row in zip(MARKS, found, strict=False))
        choices = [
            Choice(f"请{mark}的人帮我", work_payload("work", row.public_id))
            for mark, row in zip(MARKS, found, strict=False)
        ]
        area = Choice("还是找住的地方的", work_payload("work", AREA_TREE))
        return Reply(self._words.plain("work_which").text.format(lines=lines), choices=(*choices, area))

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
        await store.note(
            case, CaseAct.EXCLUDED, WOMAN, now, wishes_of(frozenset(new), await names_in(session, frozenset(new)))
        )
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
