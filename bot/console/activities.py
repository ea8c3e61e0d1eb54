"""活动: the list by day, filtered and paged, taken away and put in as a file; a new one is written down."""

from datetime import date, datetime, time, timedelta
from itertools import groupby
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request

from bot.console.activity_form import USUAL_TYPED, read_plan, typed_plan
from bot.console.fields import read_day, read_page
from bot.console.guard import guarded
from bot.console.pages import back_to, page
from bot.console.spreadsheet import export
from bot.console.uploads import Refused, taken_in
from bot.domain.accounts import Permission
from bot.domain.activities import LONGEST, STATUS_WORDS, TOPIC_WORDS, ActivityFilter, ActivityStatus, ActivityTopic
from bot.domain.errors import BadInput, NotFound
from bot.services.activity_import import COLUMNS, sheet_rows
from bot.services.areas import area_named, area_words

LIST = "/console/activities"
A_PAGE = 50
MOST_EXPORTED = 5000
SPANS = {"coming": "今后的", "week": "这一周", "month": "这个月", "past": "办过的", "all": "全部"}
FILTERS = ("q", "topic", "area", "status", "span", "from", "to", "series")


def add_activities(console: Blueprint) -> None:
    """Routes of the list, and of a new one."""
    console.add_route(activities, "/activities")
    console.add_route(export_activities, "/activities/export")
    console.add_route(import_activities, "/activities/import", methods=["POST"])
    console.add_route(new_activity, "/activities/new")
    console.add_route(write_activity, "/activities/new", methods=["POST"], name="write_activity")


@guarded(Permission.RUN_SERVICES)
async def activities(request: Request) -> HTTPResponse:
    """A page of them, day by day; from today on unless something else is asked for."""
    return await _list(request)


async def _list(request: Request, refused: Refused | None = None) -> HTTPResponse:
    desk, officer, asked = request.app.ctx.services.activities.desk, request.ctx.officer, _asked(request)
    number, found, wanted = read_page(request.args.get("page", "")), [], ActivityFilter()
    try:
        wanted = _wanted(request, asked)
        found = await desk.page(
            officer, wanted, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1, newest=asked["span"] == "past"
        )
    except BadInput as wrong:
        refused = refused or wrong
    figures = await desk.counts(officer, area=wanted.area, first=wanted.first, last=wanted.last)
    days = [(day, list(rows)) for day, rows in groupby(found[:A_PAGE], lambda one: one.card.starts_at.date())]
    return page(
        request, "activities.html", refused.status if refused else 200, days=days, more=len(found) > A_PAGE,
        number=number, asked=asked, refused=refused, said=_said(request), figures=figures, spans=SPANS,
        query=urlencode({name: value for name, value in asked.items() if value}), today=_today(request),
        topics=TOPIC_WORDS, states=STATUS_WORDS, columns=COLUMNS,
    )  # fmt: skip


@guarded(Permission.RUN_SERVICES)
async def export_activities(request: Request) -> HTTPResponse:
    """The same list as a file, whole; it can be put in again."""
    officer = request.ctx.officer
    if not officer.may(Permission.EXPORT):
        raise NotFound
    wanted = _wanted(request, _asked(request))
    found = await request.app.ctx.services.activities.desk.page(officer, wanted, limit=MOST_EXPORTED, newest=False)
    return await export(request, "活动", COLUMNS, sheet_rows(found))


@guarded(Permission.RUN_SERVICES)
async def import_activities(request: Request) -> HTTPResponse:
    """All rows or none, every bad one told."""
    return await taken_in(request, request.app.ctx.services.activity_import.put_in, _list, LIST)


@guarded(Permission.RUN_SERVICES)
async def new_activity(request: Request) -> HTTPResponse:
    """The form, empty but for her own area."""
    area = area_words(request.app.ctx.services.gazetteer, request.ctx.officer.area) if request.ctx.officer.area else ""
    return _form(request, USUAL_TYPED | {"area": area})


@guarded(Permission.RUN_SERVICES)
async def write_activity(request: Request) -> HTTPResponse:
    """A draft; nobody but officers sees it until it is published."""
    try:
        made = await request.app.ctx.services.activities.desk.create(read_plan(request), request.ctx.officer)
    except BadInput as wrong:
        return _form(request, typed_plan(request), wrong)
    return back_to(f"{LIST}/{made}", said="written")


def _form(request: Request, typed: dict[str, str], refused: BadInput | None = None) -> HTTPResponse:
    return page(
        request, "activity_form.html", refused.status if refused else 200, typed=typed, refused=refused, one=None,
        people=0, topics=TOPIC_WORDS, states=STATUS_WORDS, longest=LONGEST, today=_today(request),
    )  # fmt: skip


def _today(request: Request) -> date:
    today: date = request.app.ctx.services.activities.now().date()
    return today


def _said(request: Request) -> str:
    came, known = (request.args.get(name, "") for name in ("came", "known"))
    if not (came.isdecimal() and known.isdecimal()):
        return ""
    return f"导入了 {int(came)} 场" + (f"，{int(known)} 场早就有了，没有动。" if int(known) else "。")


def _asked(request: Request) -> dict[str, str]:
    asked = {name: request.args.get(name, "").strip()[:60] for name in FILTERS}
    # Whoever writes days of her own has left the span that she came from.
    own = asked["from"] or asked["to"]
    return asked | {"span": "" if own else asked["span"] if asked["span"] in SPANS else "coming"}


def _wanted(request: Request, asked: dict[str, str]) -> ActivityFilter:
    """The filters as they were written. Raises BadInput for an area or a day that is none."""
    services = request.app.ctx.services
    first, last = _span(asked, services.activities.now())
    return ActivityFilter(
        topic=ActivityTopic(asked["topic"]) if asked["topic"] in set(ActivityTopic) else None,
        status=ActivityStatus(asked["status"]) if asked["status"] in set(ActivityStatus) else None,
        area=area_named(services.gazetteer, asked["area"]) if asked["area"] else "",
        first=first,
        last=last,
        words=asked["q"],
        series=asked["series"],
    )


def _span(asked: dict[str, str], now: datetime) -> tuple[datetime | None, datetime | None]:
    """[first, last) of what she chose, or of the days that she wrote; both of those days count."""
    midnight, day = datetime.combine(now.date(), time(), now.tzinfo), timedelta(days=1)
    if not asked["span"]:
        first, last = (read_day(asked[end]) if asked[end] else None for end in ("from", "to"))
        return (
            datetime.combine(first, time(), now.tzinfo) if first else None,
            datetime.combine(last + day, time(), now.tzinfo) if last else None,
        )
    monday, month = midnight - now.weekday() * day, midnight.replace(day=1)
    return {
        "coming": (midnight, None),
        "week": (monday, monday + 7 * day),
        "month": (month, (month + 32 * day).replace(day=1)),
        "past": (None, now),
        "all": (None, None),
    }[asked["span"]]
