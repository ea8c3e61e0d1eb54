"""Sample volunteers and calls of the pilot area: invented, marked `synthetic`; nobody of them can be asked or called."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.accounts import branch
from bot.domain.volunteers import CallStatus, FreeTime, VolunteerKind, VolunteerStatus
from bot.language.places import Gazetteer
from bot.storage.database import Database
from bot.storage.volunteers import Volunteer, VolunteerCall, VolunteerStore, coded

VOLUNTEER, EXPERT, MENTOR = VolunteerKind.VOLUNTEER, VolunteerKind.EXPERT, VolunteerKind.MENTOR
APPLIED, ACCEPTED, PAUSED = VolunteerStatus.APPLIED, VolunteerStatus.ACCEPTED, VolunteerStatus.PAUSED
DAYTIME, EVENING, WEEKEND = FreeTime.WORKDAY, FreeTime.WORKDAY_EVENING, FreeTime.WEEKEND
ROWS = (
    (VOLUNTEER, ("company", "errands"), (DAYTIME,), ACCEPTED, 1830),
    (VOLUNTEER, ("children",), (EVENING, WEEKEND), ACCEPTED, 960),
    (VOLUNTEER, ("law",), (WEEKEND,), ACCEPTED, 240),
    (VOLUNTEER, ("mind", "company"), (EVENING,), ACCEPTED, 420),
    (VOLUNTEER, ("craft",), (), PAUSED, 300),
    (VOLUNTEER, ("driving", "errands"), (WEEKEND,), APPLIED, 0),
    (EXPERT, ("planting",), (DAYTIME,), ACCEPTED, 600),
    (EXPERT, ("planting", "processing"), (), ACCEPTED, 180),
    (EXPERT, ("breeding",), (DAYTIME,), ACCEPTED, 360),
    (EXPERT, ("ecommerce",), (EVENING,), ACCEPTED, 90),
    (MENTOR, ("startup", "finance"), (WEEKEND,), ACCEPTED, 480),
    (MENTOR, ("startup", "ecommerce"), (), APPLIED, 0),
)
"""(as what, skills, free, state, minutes served)."""
CALLS = (
    ("（示例）周末带困难家庭的孩子写作业", VOLUNTEER, ("children",), 9, 10, 3),
    ("（示例）去看望独居的老人，陪着说说话", VOLUNTEER, ("company",), 4, 14, 2),
    ("（示例）给创业学苑的姐妹看商业计划", MENTOR, ("startup",), 16, 14, 1),
)
"""(what, who, skills, days from now, hour, how many)."""


async def load_sample_volunteers(
    database: Database, gazetteer: Gazetteer, *, clock: Callable[[], datetime], zone: str
) -> int:
    """Replace the sample rows → how many volunteers there are; none where the office has volunteers of its own."""
    areas = [branch(one.code) for one in gazetteer.districts()]
    now = clock().astimezone(ZoneInfo(zone))
    async with database.write() as session:
        store = VolunteerStore(session)
        await store.remove_synthetic()
        if not await store.is_empty():
            return 0
        for at, (kind, skills, free, status, minutes) in enumerate(ROWS):
            row = Volunteer(
                kind=kind, skills=coded(skills), free=coded(free), status=status, earlier_minutes=minutes,
                area=areas[at % len(areas)], applied_at=now - timedelta(days=60 - at), synthetic=True,
            )  # fmt: skip
            await store.add(row)
        for at, (need, kind, skills, days, hour, wanted) in enumerate(CALLS):
            starts_at = (now + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
            call = VolunteerCall(
                need=need, kind=kind, skills=coded(skills), area=areas[at % len(areas)], starts_at=starts_at,
                wanted=wanted, status=CallStatus.OPEN, made_at=now - timedelta(days=1), synthetic=True,
            )  # fmt: skip
            await store.add_call(call)
    return len(ROWS)
