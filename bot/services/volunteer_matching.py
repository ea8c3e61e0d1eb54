"""Who fits a call for help, the best first, and why; and who may answer a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.volunteers import Able, FreeTime, Needed, Skills, VolunteerKind, fit, free_time_of, nearness
from bot.services.volunteer_desk import Entry, entry_of
from bot.storage.volunteer_lists import VolunteerLists
from bot.storage.volunteers import Volunteer, VolunteerCall, VolunteerStore, decoded

MOST_PROPOSED = 30


@dataclass(frozen=True, slots=True)
class Proposal:
    """One who fits and was not asked yet, with the reasons in words."""

    volunteer: Entry
    why: str


async def fitting(
    session: AsyncSession, call: VolunteerCall | None, needed: Needed, skills: Skills, zone: tzinfo
) -> list[Proposal]:
    """Accepted volunteers who fit and were not asked for this call, the best first."""
    rows = await VolunteerLists(session).to_ask(call, needed.area, needed.kind)
    minutes = await VolunteerStore(session).minutes([row.id for row in rows])
    scored = [(fit(needed, _able(row, minutes.get(row.id, 0))), row) for row in rows]
    best = sorted(((score, row) for score, row in scored if score is not None), key=lambda one: one[0], reverse=True)
    return [
        Proposal(entry_of(row, minutes.get(row.id, 0), zone), _why(needed, row, skills))
        for _, row in best[:MOST_PROPOSED]
    ]


async def experts(
    session: AsyncSession, wanted: Sequence[str], area: str, skills: Skills, zone: tzinfo
) -> list[Proposal]:
    """Experts and mentors with one of these skills, the nearest first; nobody where no skill is known."""
    if not wanted:
        return []
    found = await fitting(session, None, Needed(None, tuple(wanted), area, None), skills, zone)
    return [one for one in found if one.volunteer.kind is not VolunteerKind.VOLUNTEER]


def needed_by(row: VolunteerCall, zone: tzinfo) -> Needed:
    """What a call asks for; its hour as one of the four free times."""
    free = free_time_of(row.starts_at.astimezone(zone)) if row.starts_at else None
    return Needed(row.kind, decoded(row.skills), row.area, free)


def _why(needed: Needed, row: Volunteer, skills: Skills) -> str:
    """「特长对得上：种植；同一个区；时间合适」"""
    shared = skills.names([one for one in decoded(row.skills) if one in needed.skills])
    near = {2: "就在这一带", 1: "同一个区", 0: "别的区"}[nearness(needed.area, row.area)]
    free = decoded(row.free)
    hours = "" if needed.free is None or not free else "时间合适" if needed.free in free else "时间要商量"
    return "；".join(filter(None, (f"特长对得上：{shared}" if shared else "", near, hours)))


def _able(row: Volunteer, minutes: int) -> Able:
    free = tuple(FreeTime(one) for one in decoded(row.free))
    return Able(row.kind, decoded(row.skills), row.area, free, minutes + row.earlier_minutes)
