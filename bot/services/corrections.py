"""Correcting what was understood: each reviewer judges for herself; what two say alike, or one decides, is accepted.

A judgement says the whole of what is right about a message, also when all of it was understood. Whoever has judged a message
sees what the others made of it and may decide which judgement teaches the assistant; until then it teaches nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, groupby

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission
from bot.domain.errors import BadInput, NotFound
from bot.domain.reviews import CorrectionState, Judgement, MarkedEntity, write_entities
from bot.language.masking import mask
from bot.services.agreement import Agreement, agreement
from bot.services.intent_names import ENTITY_WORDS, intent_names
from bot.services.judgements import Judged, judged, judgement_of
from bot.services.reading import is_typed
from bot.services.review_access import message_of
from bot.services.understood import next_free, understood
from bot.storage.conversations import InboundMessage, hold_conversation
from bot.storage.database import Database
from bot.storage.judgements import JudgementLists
from bot.storage.reviews import LONGEST_WISH, Correction, ReviewStore

MOST_JUDGED_TWICE = 5000
"""Messages over which agreement is counted: the newest."""
NEW_INTENT = "new"


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """How far two reviewers agree. `intent`: a wish for a new one counts as one of them; `risk`: the level."""

    reviewers: tuple[str, str]
    intent: Agreement
    risk: Agreement


@dataclass(frozen=True, slots=True)
class Undecided:
    """A message that she and perhaps others have judged, and nobody has decided. `text` is masked."""

    talk: str
    message: str
    text: str
    understood: str
    judgements: tuple[Judged, ...]

    @property
    def disputed(self) -> bool:
        """Whether they differ."""
        return any(not one.said.is_same(self.judgements[0].said) for one in self.judgements)


class Corrections:
    """Every method raises NotFound for what is not the reviewer's to see."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def judge(self, talk: str, message: str, said: Judgement, by: Officer) -> CorrectionState:
        """Keep what she says of the message, in place of what she said before → whether it is accepted by now.

        Two who say the same without having seen each other's are right until somebody decides otherwise. Raises BadInput.
        """
        now = self._clock()
        async with self._database.write() as session:
            row = await self._held(session, talk, message, by)
            said = _checked(row, said)
            store = ReviewStore(session)
            own = await store.judge(
                Correction(
                    inbound_id=row.id, reviewer_id=by.id, intent=said.intent, topic=said.topic, risk=said.risk,
                    entities=write_entities(said.entities), new_intent_wish=said.new_intent_wish,
                    changes=changes(row, said), at=now,
                )
            )  # fmt: skip
            return await _settle(store, row.id, own, now)

    async def withdraw(self, talk: str, message: str, by: Officer) -> None:
        """She says nothing about it any more."""
        async with self._database.write() as session:
            row = await self._held(session, talk, message, by)
            await ReviewStore(session).withdraw(row.id, by.id)

    async def decide(self, talk: str, message: str, correction: str, by: Officer, *, accept: bool) -> None:
        """Accept one judgement, which rejects those that differ, or reject it. She has to have judged the message herself."""
        now = self._clock()
        async with self._database.write() as session:
            row = await self._held(session, talk, message, by)
            store = ReviewStore(session)
            rows = await store.judgements([row.id])
            chosen = next((one for one in rows if one.public_id == correction), None)
            if chosen is None or all(one.reviewer_id != by.id for one in rows):
                raise NotFound("没有这条判断，或者您自己还没有判过这句话。")
            if not accept:
                await store.decide(chosen, CorrectionState.REJECTED, by.id, now)
                return
            for one in rows:
                if one is not chosen and one.state is not CorrectionState.REJECTED:
                    same = judgement_of(one).is_same(judgement_of(chosen))
                    then = CorrectionState.OPEN if same else CorrectionState.REJECTED
                    await store.decide(one, then, None if same else by.id, now)
            await store.decide(chosen, CorrectionState.ACCEPTED, by.id, now)

    async def undecided(self, by: Officer, *, offset: int = 0, limit: int = 20) -> list[Undecided]:
        """What she may decide, newest first."""
        self._may_review(by)
        async with self._database.read() as session:
            store = ReviewStore(session)
            found = await JudgementLists(session).undecided(by.id, by.area, offset=offset, limit=limit)
            rows = await store.judgements([message.id for message, _ in found])
            names = await store.names([row.reviewer_id for row in rows])
        return [
            Undecided(
                talk,
                message.public_id,
                message.masked,
                understood(message).name,
                tuple(judged(message, row, names) for row in rows if row.inbound_id == message.id),
            )
            for message, talk in found
        ]

    async def agreement(self, by: Officer) -> tuple[Agreement, Agreement, list[PairAgreement]]:
        """(of intents, of risk levels, by pairs of reviewers) over what several judged; overall the first two of each."""
        self._may_review(by)
        async with self._database.read() as session:
            store = ReviewStore(session)
            rows = await JudgementLists(session).judged_twice(by.area, MOST_JUDGED_TWICE)
            names = await store.names([row.reviewer_id for row in rows])
        told = [tuple(group) for _, group in groupby(rows, key=lambda row: row.inbound_id)]
        firsts = [(group[0], group[1]) for group in told]
        by_pair: dict[tuple[str, str], list[tuple[Correction, Correction]]] = {}
        for group in told:
            for one, other in combinations(sorted(group, key=lambda row: row.reviewer_id), 2):
                by_pair.setdefault((one.reviewer_id, other.reviewer_id), []).append((one, other))
        pairs = [
            PairAgreement((names.get(one, ""), names.get(other, "")), _of_intents(both), _of_risk(both))
            for (one, other), both in by_pair.items()
        ]
        return _of_intents(firsts), _of_risk(firsts), sorted(pairs, key=lambda pair: -pair.intent.count)

    async def _held(self, session: AsyncSession, talk: str, message: str, by: Officer) -> InboundMessage:
        """The message, its conversation held: who judges or decides at the same moment waits."""
        conversation, row = await message_of(session, talk, message, by)
        if not is_typed(row):
            raise NotFound
        await hold_conversation(session, conversation.id)
        return row

    def _may_review(self, by: Officer) -> None:
        if not by.may(Permission.REVIEW):
            raise NotFound


async def _settle(store: ReviewStore, inbound_id: int, own: str, now: datetime) -> CorrectionState:
    """Accept what two say alike, the earlier of them, when nothing is accepted yet → how hers stands."""
    rows = await store.judgements([inbound_id])
    hers = next(row for row in rows if row.public_id == own)
    if all(row.state is not CorrectionState.ACCEPTED for row in rows):
        for row in rows:
            if row is not hers and row.state is CorrectionState.OPEN and judgement_of(row).is_same(judgement_of(hers)):
                await store.decide(row, CorrectionState.ACCEPTED, None, now)
                return CorrectionState.ACCEPTED
    return hers.state


def changes(row: InboundMessage, said: Judgement) -> bool:
    """Whether a judgement says something else than what was understood."""
    heard = understood(row)
    return (
        bool(said.new_intent_wish)
        or said.topic is not None
        or (said.intent is not None and said.intent != heard.intent)
        or (said.risk is not None and said.risk is not heard.risk)
        or (said.entities is not None and said.entities != heard.entities)
    )


def entity_of(masked: str, words: str, name: str, taken: Sequence[MarkedEntity]) -> MarkedEntity:
    """An entity that was typed instead of selected: where these words stand. Raises BadInput when they do not."""
    words = words.strip()
    at = next_free(masked, words, taken)
    if at is None:
        raise BadInput(f"这句话里没有“{words}”，请照原样写。")
    return MarkedEntity(at, at + len(words), name)


def _checked(row: InboundMessage, said: Judgement) -> Judgement:
    """The same with the wish masked and the entities in order. Raises BadInput for what cannot be."""
    wish = mask(said.new_intent_wish.strip())[:LONGEST_WISH]
    if said.intent is not None and (wish or said.intent not in intent_names()):
        raise BadInput("请从列表里选一个意图；要新意图，就不要再选旧的。")
    if said.intent is None and said.topic is None and said.risk is None and said.entities is None and not wish:
        raise BadInput("还什么都没有选。")
    entities = None if said.entities is None else tuple(sorted(said.entities))
    _check_spans(row.masked, entities or ())
    return Judgement(said.intent, said.topic, said.risk, entities, wish)


def _check_spans(masked: str, entities: Sequence[MarkedEntity]) -> None:
    at = 0
    for one in entities:
        if one.name not in ENTITY_WORDS or not at <= one.start < one.end <= len(masked):
            raise BadInput("标的字有重叠，或者不在这句话里，请重新标。")
        at = one.end


def _of_intents(pairs: Sequence[tuple[Correction, Correction]]) -> Agreement:
    told = [(_intent(one), _intent(other)) for one, other in pairs]
    return agreement([(one, other) for one, other in told if one and other])


def _of_risk(pairs: Sequence[tuple[Correction, Correction]]) -> Agreement:
    return agreement([(one.risk, other.risk) for one, other in pairs if one.risk and other.risk])


def _intent(row: Correction) -> str:
    return NEW_INTENT if row.new_intent_wish else row.intent or ""
