"""Whom to ask next for a case: who is there and on duty, nearest office first, never somebody she ruled out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.cases import AlertOutcome, ExclusionKind
from bot.domain.federations import EVERY
from bot.domain.offices import climb, level_of

NOT_COUNTED = {AlertOutcome.WITHDRAWN, AlertOutcome.PENDING, AlertOutcome.ACCEPTED}
MAY_BE_ASKED_AGAIN = {AlertOutcome.EXPIRED}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is there and on duty: `office` is her branch, `rank` her place in its rota (0 where there is none).

    `federation`: the federation at work for which she takes cases, "" for an office of the area tree.
    """

    officer: str
    name: str
    office: str
    rank: int
    on_since: datetime
    federation: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One officer who was asked before, and what came of it."""

    officer: str
    sent_at: datetime
    ended_at: datetime | None
    outcome: AlertOutcome


Exclusion = tuple[ExclusionKind, str]


def monday(day: date) -> date:
    """The Monday that names a week."""
    return day - timedelta(days=day.weekday())


def offices_for(area: str, route_from: str) -> tuple[str, ...] | None:
    """The offices to be asked, nearest first; None when the area is not known: then any, the highest first."""
    if not area:
        return None
    return tuple(office for office in climb(area) if len(office) <= len(route_from))


def is_excluded(exclusions: Iterable[Exclusion], officer: str, name: str, office: str, federation: str) -> bool:
    """Whether she ruled out this officer, her name, her federation, or the level of her office if that is the area's."""
    return any(
        (kind is ExclusionKind.OFFICER and value == officer)
        or (kind is ExclusionKind.SURNAME and name.startswith(value))
        or (kind is ExclusionKind.LEVEL and not federation and value == level_of(office).value)
        or (kind is ExclusionKind.FEDERATION and bool(federation) and value in {federation, EVERY})
        for kind, value in exclusions
    )


def next_to_ask(
    candidates: Iterable[Candidate], asked: Sequence[Asked], exclusions: Iterable[Exclusion], *,
    offices: Sequence[str] | None, preferred: str = "", now: datetime, again: timedelta, federation: str = "",
    work_first: bool = True,
) -> Candidate | None:  # fmt: skip
    """Whoever was not asked yet, by nearness and rank; then who has come on duty anew; then who let it pass longest ago.

    `preferred` had the case before: she is first, and counts wherever she is. Who declined, or gave the case away, is not
    asked again before she goes and comes on duty once more. A page that flickers does not keep a case from climbing.
    `federation`: the one at her work that she chose; its people come before the area tree (or after: `work_first`), people
    of any other never do. Without her choice it is the area tree alone.
    """
    exclusions = list(exclusions)
    able = [
        who
        for who in candidates
        if who.federation in {"", federation}
        and (who.federation or offices is None or who.office in offices or who.officer == preferred)
        and not is_excluded(exclusions, who.officer, who.name, who.office, who.federation)
    ]

    def nearness(who: Candidate) -> tuple[object, ...]:
        near = len(who.office) if offices is None else offices.index(who.office) if who.office in offices else 0
        after = bool(who.federation) != work_first
        return (who.officer != preferred, after, near, who.rank, who.on_since, who.officer)

    def answers(who: Candidate) -> list[Asked]:
        return [
            one
            for one in asked
            if one.officer == who.officer and one.sent_at >= who.on_since and one.outcome not in NOT_COUNTED
        ]

    able.sort(key=nearness)
    ever = {one.officer for one in asked if one.outcome not in NOT_COUNTED}
    fresh = [who for who in able if who.officer not in ever] or [who for who in able if not answers(who)]
    if fresh:
        return fresh[0]
    passed = [
        (max(one.ended_at or one.sent_at for one in answers(who)), at, who)
        for at, who in enumerate(able)
        if all(one.outcome in MAY_BE_ASKED_AGAIN for one in answers(who))
    ]
    waited = [entry for entry in passed if now - entry[0] >= again]
    return min(waited, key=lambda entry: entry[:2])[2] if waited else None
