"""What an officer has to know at one glance, built from what is stored already: need, place, risk, what was tried, wishes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.case_topics import BY_INTENT, ERRANDS, SMALL_TALK, Topic, topic_of
from bot.domain.cases import Consent, ExclusionKind
from bot.domain.check_in import STEP
from bot.domain.federations import EVERY, WorkWish, work_choice
from bot.domain.messages import InboundKind
from bot.domain.offices import OFFICE_WORDS
from bot.domain.risk import RiskKind, RiskLevel
from bot.domain.rota import Exclusion
from bot.language.contact_wishes import may_call, safe_to_write
from bot.language.exclusions import Exclusions, read_exclusions
from bot.language.places import Division, Gazetteer, PlaceKind
from bot.language.work_wishes import keeps_from_work
from bot.services.words import guesses
from bot.storage.cases import Case, CaseStore
from bot.storage.conversations import InboundMessage
from bot.storage.federations import FederationStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore

LOOK_BACK = 40
"""Messages that are looked at."""
SHOWN = 3
PLACES_READ = 6
"""Finding a place takes long, and a write transaction waits for it."""
SHORTEST = 4
LONGEST_WISHES = 500
NOBODY: Mapping[str, str] = {}
UNCLEAR = "nlu_fallback"
CHOSEN_PLACE = re.compile(r'"place":\s*"(\d{12})"')


@dataclass(frozen=True, slots=True)
class Summary:
    """Texts are masked. `area` is a division's code, "" when she named none; `federation` the one at her work that she chose
    with her last tap about it, "" for the area tree."""

    topic: Topic = Topic.UNKNOWN
    area: str = ""
    place: str = ""
    need: str = ""
    tried: str = ""
    risk: RiskLevel = RiskLevel.NONE
    risk_kind: RiskKind | None = None
    may_call: Consent = Consent.UNKNOWN
    safe_to_write: Consent = Consent.UNKNOWN
    exclusions: frozenset[Exclusion] = frozenset()
    federation: str = ""
    wishes: str = ""


class CaseSummaries:
    """Reads a conversation for an officer."""

    def __init__(self, keyring: Keyring, gazetteer: Gazetteer) -> None:
        self._keyring = keyring
        self._gazetteer = gazetteer

    async def of(self, session: AsyncSession, conversation_id: int) -> Summary:
        """The summary of what she sent so far."""
        rows = await CaseStore(session).said(conversation_id, LOOK_BACK)
        store = TurnStore(session, self._keyring)
        texts = [store.text_of(row) for row in rows if row.kind is InboundKind.TEXT]
        gravest = max(rows, key=lambda row: row.risk.rank, default=None)
        area, place = self._place(rows, store)
        excluded = [exclusions_in(text) for text in texts]
        work = await self._work(session, rows, store)
        exclusions = frozenset(
            one for one in frozenset().union(*excluded) if one[0] is not ExclusionKind.FEDERATION
        ) | frozenset((ExclusionKind.FEDERATION, name) for name in work.away)  # fmt: skip
        names = await FederationStore(session).names({work.chosen, *work.away})
        grave = gravest is not None and gravest.risk.rank >= RiskLevel.URGENT.rank
        return Summary(
            topic=topic_of(
                [row.intent for row in rows if row.intent], gravest.risk_kind if gravest and grave else None
            ),
            area=area,
            place=place,
            need=_need(rows),
            tried=_tried(rows),
            risk=gravest.risk if gravest else RiskLevel.NONE,
            risk_kind=gravest.risk_kind if gravest else None,
            may_call=_latest(may_call(text) for text in texts),
            safe_to_write=_latest(safe_to_write(text) for text in texts),
            exclusions=exclusions,
            federation=work.chosen if work.chosen in names else "",
            wishes=wishes_of(exclusions, names, work.chosen),
        )

    async def _work(self, session: AsyncSession, rows: Sequence[InboundMessage], store: TurnStore) -> WorkWish:
        """What became of everything that she said and tapped about the federation at her work, in its order."""
        wish, federations = WorkWish(), FederationStore(session)
        for row in reversed(rows):
            choice = work_choice(row.payload)
            if choice is not None:
                wish = wish.after(*choice, await federations.family(choice[1]))
            elif row.kind is InboundKind.TEXT and keeps_from_work(store.text_of(row)):
                wish = wish.after("keep_away", EVERY, frozenset())
        return wish

    def _place(self, rows: Sequence[InboundMessage], store: TurnStore) -> tuple[str, str]:
        """(code, words) of the place she named last."""
        read = 0
        for row in rows:
            chosen = CHOSEN_PLACE.search(row.payload or "")
            division = self._gazetteer.division(chosen[1]) if chosen else None
            if division is None and row.kind is InboundKind.TEXT and row.payload is None and read < PLACES_READ:
                text = store.text_of(row)
                if len(text) >= SHORTEST:
                    read += 1
                    division = self._division(text)
            if division is not None:
                return division.code, self._gazetteer.words(division)
        return "", ""

    def place_in(self, text: str) -> tuple[str, str]:
        """(code, words) of the place a text names for certain, or ("", "")."""
        division = self._division(text)
        return ("", "") if division is None else (division.code, self._gazetteer.words(division))

    def place_named(self, code: str) -> tuple[str, str]:
        """(code, words) of a division, or ("", "") for a code that is none."""
        division = self._gazetteer.division(code) if code else None
        return ("", "") if division is None else (division.code, self._gazetteer.words(division))

    def _division(self, text: str) -> Division | None:
        reading = self._gazetteer.read(text)
        certain = reading.kind in {PlaceKind.EXACT, PlaceKind.DISTRICT} and not reading.corrected
        return reading.division if certain else None


def exclusions_in(text: str) -> frozenset[Exclusion]:
    """Whom a text rules out, as the case keeps it."""
    found: Exclusions = read_exclusions(text)
    work = {(ExclusionKind.FEDERATION, EVERY)} if keeps_from_work(text) else set()
    return (
        frozenset((ExclusionKind.LEVEL, level.value) for level in found.levels)
        | frozenset((ExclusionKind.SURNAME, surname) for surname in found.surnames)
        | frozenset(work)
    )


def wishes_of(exclusions: frozenset[Exclusion], names: Mapping[str, str] = NOBODY, chosen: str = "") -> str:
    """「不找社区（村）妇联；不找姓王的；不让她单位知道；请找某商会妇联（她自己选的）」. `names`: of federations by id."""
    levels = [
        f"不找{words}" for level, words in OFFICE_WORDS.items() if (ExclusionKind.LEVEL, level.value) in exclusions
    ]
    surnames = sorted(value for kind, value in exclusions if kind is ExclusionKind.SURNAME)
    work = sorted(value for kind, value in exclusions if kind is ExclusionKind.FEDERATION)
    away = [
        "不让她单位知道" if value == EVERY else f"不让{names[value]}知道" for value in work if value in {EVERY, *names}
    ]
    wanted = [f"请找{names[chosen]}（她自己选的）"] if chosen in names else []
    named = [f"不找姓{surname}的" for surname in surnames]
    return "；".join(levels + named + away + wanted)[:LONGEST_WISHES]


async def wishes_in(session: AsyncSession, case: Case) -> str:
    """Her wishes as the case has them now, federations by their names."""
    exclusions, chosen = await CaseStore(session).exclusions(case), case.federation_id or ""
    return wishes_of(
        exclusions, await names_in(session, exclusions | {(ExclusionKind.FEDERATION, chosen)}), chosen
    )  # fmt: skip


async def names_in(session: AsyncSession, exclusions: frozenset[Exclusion]) -> Mapping[str, str]:
    """Names of the federations among these, by public id."""
    return await FederationStore(session).names(
        {value for kind, value in exclusions if kind is ExclusionKind.FEDERATION}
    )


def _need(rows: Sequence[InboundMessage]) -> str:
    """The last messages that tell something, oldest first; when there is danger, the gravest among them."""
    telling = [
        row for row in rows
        if row.kind is InboundKind.TEXT and row.payload is None and len(row.masked) >= SHORTEST
        and row.intent not in SMALL_TALK
    ]  # fmt: skip
    gravest = sorted(telling, key=lambda row: -row.risk.rank)[:1]
    chosen = {row.id: row for row in (gravest if gravest and gravest[0].risk.rank else []) + telling[:SHOWN]}
    return "\n".join(row.masked for _, row in sorted(chosen.items()))[:1000]


def _tried(rows: Sequence[InboundMessage]) -> str:
    """「助手答过：离婚 2 次、找附近的地方；1 次没听懂」"""
    asked = Counter(
        row.intent
        for row in reversed(rows)
        if (row.intent in BY_INTENT or row.intent in ERRANDS) and not (row.payload or "").startswith(STEP)
    )
    named = [
        f"{guesses().get(str(intent), '办事')}{f' {count} 次' if count > 1 else ''}" for intent, count in asked.items()
    ]
    unclear = sum(row.intent == UNCLEAR for row in rows)
    parts = [f"助手答过：{'、'.join(dict.fromkeys(named))}"] if named else []
    return "；".join(parts + ([f"{unclear} 次没听懂"] if unclear else []))[:500]


def _latest(answers: Iterable[Consent]) -> Consent:
    """The newest thing that she said about it."""
    return next((one for one in answers if one is not Consent.UNKNOWN), Consent.UNKNOWN)
