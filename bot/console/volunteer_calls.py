"""求助: what needs volunteers, filtered and paged; a new one, for a case too; taken away and put in as a file."""

from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_day, read_number, read_page, read_time
from bot.console.guard import form, guarded
from bot.console.pages import back_to, page
from bot.console.spreadsheet import export
from bot.console.uploads import Refused, taken_in
from bot.console.volunteers import A_PAGE, MOST_EXPORTED, came_words
from bot.domain.accounts import Permission
from bot.domain.errors import BadInput, NotFound
from bot.domain.volunteers import CALL_WORDS, KIND_WORDS, CallFilter, CallStatus, VolunteerKind
from bot.services.areas import area_code, area_words
from bot.services.volunteer_calls import LONGEST_NEED, CallEntry, CallForm, kind_words
from bot.services.volunteer_sheets import CALL_COLUMNS

LIST = "/console/volunteers/calls"
FILTERS = ("skill", "area", "status")
TYPED = ("need", "kind", "area", "day", "time", "wanted", "case")


def add_volunteer_calls(console: Blueprint) -> None:
    """Routes of the list."""
    console.add_route(calls, "/volunteers/calls", name="volunteer_calls")
    console.add_route(new_call, "/volunteers/calls/new", name="new_volunteer_call")
    console.add_route(add_call, "/volunteers/calls/new", methods=["POST"], name="add_volunteer_call")
    console.add_route(export_calls, "/volunteers/calls/export", name="export_volunteer_calls")
    console.add_route(import_calls, "/volunteers/calls/import", methods=["POST"], name="import_volunteer_calls")


@guarded(Permission.RUN_SERVICES)
async def calls(request: Request) -> HTTPResponse:
    """A page of them: what still looks for people first."""
    return await _list(request)


async def _list(request: Request, refused: Refused | None = None) -> HTTPResponse:
    services, officer, asked = request.app.ctx.services, request.ctx.officer, _asked(request)
    number, found = read_page(request.args.get("page", "")), list[CallEntry]()
    try:
        wanted = _wanted(request, asked)
        found = await services.volunteers.calls.page(
            officer, wanted, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1
        )  # fmt: skip
    except BadInput as wrong:
        refused = refused or wrong
    return page(
        request, "volunteer_calls.html", refused.status if refused else 200, rows=found[:A_PAGE],
        more=len(found) > A_PAGE, number=number, asked=asked, refused=refused, said=came_words(request),
        query=urlencode({name: value for name, value in asked.items() if value}), skills=services.volunteers.skills,
        states=CALL_WORDS, kind_words=kind_words, columns=CALL_COLUMNS, may_export=officer.may(Permission.EXPORT),
        area_words=lambda area: area_words(services.gazetteer, area),
    )  # fmt: skip


@guarded(Permission.RUN_SERVICES)
async def new_call(request: Request) -> HTTPResponse:
    """The form; with `?case=` filled in for asking an expert what a woman asked."""
    officer, case = request.ctx.officer, request.args.get("case", "")[:32]
    filled = CallForm(officer.area, "")
    if case:
        filled = await request.app.ctx.services.volunteers.calls.question_of(case, officer)
    typed = {"need": filled.need, "kind": "expert" if case else "", "area": filled.area, "wanted": "1", "case": case,
             "day": "", "time": ""}  # fmt: skip
    return _form(request, typed, set(filled.skills))


@guarded(Permission.RUN_SERVICES)
async def add_call(request: Request) -> HTTPResponse:
    """Make it, and go where the volunteers who fit are proposed."""
    typed = {name: form(request, name, LONGEST_NEED + 100) for name in TYPED}
    chosen = request.form.getlist("skills") or [] if request.form else []
    try:
        made = await request.app.ctx.services.volunteers.calls.make(request.ctx.officer, _read(request, typed, chosen))
    except BadInput as wrong:
        return _form(request, typed, set(chosen), wrong)
    return back_to(f"{LIST}/{made}", said="made")


def _form(request: Request, typed: dict[str, str], chosen: set[str], refused: BadInput | None = None) -> HTTPResponse:
    return page(
        request, "volunteer_call_new.html", refused.status if refused else 200, typed=typed, chosen=chosen,
        refused=refused, skills=request.app.ctx.services.volunteers.skills, volunteer_kinds=KIND_WORDS,
        longest=LONGEST_NEED,
    )  # fmt: skip


def _read(request: Request, typed: dict[str, str], chosen: list[str]) -> CallForm:
    """Raises BadInput."""
    gazetteer, zone = request.app.ctx.services.gazetteer, ZoneInfo(request.app.ctx.settings.timezone)
    starts_at = None
    if typed["day"]:
        starts_at = datetime.combine(read_day(typed["day"]), read_time(typed["time"] or "09:00"), zone)
    area = area_code(gazetteer, typed["area"]) if typed["area"] else request.ctx.officer.area
    kind = VolunteerKind(typed["kind"]) if typed["kind"] in set(VolunteerKind) else None
    return CallForm(
        area, typed["need"], tuple(chosen), kind, starts_at, read_number(typed["wanted"]) or 0, typed["case"]
    )


@guarded(Permission.RUN_SERVICES)
async def export_calls(request: Request) -> HTTPResponse:
    """The same list as a file that can be put in again; questions of women are never in it."""
    services, officer = request.app.ctx.services, request.ctx.officer
    if not officer.may(Permission.EXPORT):
        raise NotFound
    wanted = _wanted(request, _asked(request))
    found = await services.volunteers.calls.page(officer, wanted, limit=MOST_EXPORTED, of_cases=False)
    skills, sheets = services.volunteers.skills, services.volunteers.sheets
    rows = [
        (one.id, one.need, kind_words(one.kind), skills.names(one.skills), sheets.area_cell(one.area), one.starts_at,
         one.wanted, CALL_WORDS[one.status], one.day.isoformat())
        for one in found
    ]  # fmt: skip
    return await export(request, "志愿求助", CALL_COLUMNS, rows)


@guarded(Permission.RUN_SERVICES)
async def import_calls(request: Request) -> HTTPResponse:
    """All rows or none, every bad one told."""
    return await taken_in(request, request.app.ctx.services.volunteers.sheets.put_in_calls, _list, LIST)


def _asked(request: Request) -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:60] for name in FILTERS}


def _wanted(request: Request, asked: dict[str, str]) -> CallFilter:
    return CallFilter(
        area=area_code(request.app.ctx.services.gazetteer, asked["area"]) if asked["area"] else "",
        skill=asked["skill"],
        status=CallStatus(asked["status"]) if asked["status"] in set(CallStatus) else None,
    )
