"""The form of an activity: what an officer typed, read as a plan, and a plan as what she may type over."""

from datetime import datetime

from sanic import Request

from bot.console.fields import read_day, read_number, read_time
from bot.console.guard import form
from bot.domain.activities import LONGEST, ActivityPlan, ActivityTopic
from bot.domain.errors import BadInput
from bot.domain.geography import Point
from bot.services.areas import area_named

FIELDS = ("topic", "title", "day", "from", "to", "area", "place", "seats", "audience", "description", "organizer")
USUAL_TYPED = dict.fromkeys(FIELDS, "") | {"topic": ActivityTopic.FAMILY_CLASS.value}
MORE = 200
"""What is longer than it may be is read this much further, so that she is told and nothing is cut off unseen."""


def typed_plan(request: Request) -> dict[str, str]:
    """Every field as she wrote it, to be shown again."""
    return {name: form(request, name, LONGEST.get(name, 0) + MORE) for name in FIELDS}


def read_plan(request: Request, before: ActivityPlan | None = None) -> ActivityPlan:
    """The plan. `before`: what it was; its point stays while the place does. Raises BadInput."""
    typed, services = typed_plan(request), request.app.ctx.services
    if typed["topic"] not in set(ActivityTopic):
        raise BadInput("请选一个类别。")
    if not typed["area"]:
        raise BadInput("请写地区，附近的姐妹才找得到。")
    area, day, zone = (
        area_named(services.gazetteer, typed["area"]),
        read_day(typed["day"]),
        services.activities.now().tzinfo,
    )
    begins, ends = (datetime.combine(day, read_time(typed[end]), zone) for end in ("from", "to"))
    return ActivityPlan(
        ActivityTopic(typed["topic"]), typed["title"], area, typed["place"], begins, ends, _lines(typed["description"]),
        typed["audience"], typed["organizer"], read_number(typed["seats"]), _point(before, area, typed["place"]),
    )  # fmt: skip


def typed_of(plan: ActivityPlan, area: str, starts_at: datetime) -> dict[str, str]:
    """An activity as the form holds it; `starts_at` local."""
    ends_at = starts_at + (plan.ends_at - plan.starts_at)
    return {
        "topic": plan.topic.value, "title": plan.title, "day": starts_at.date().isoformat(),
        "from": f"{starts_at:%H:%M}", "to": f"{ends_at:%H:%M}", "area": area, "place": plan.place,
        "seats": str(plan.seats or ""), "audience": plan.audience, "description": plan.description,
        "organizer": plan.organizer,
    }  # fmt: skip


def _point(before: ActivityPlan | None, area: str, place: str) -> Point | None:
    return before.point if before and (before.area, before.place) == (area, place) else None


def _lines(text: str) -> str:
    """Browsers end lines with two signs, which would count twice."""
    return text.replace("\r\n", "\n")
