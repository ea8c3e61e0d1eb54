"""志愿者: volunteers, experts and mentors in a list; filtered, paged, taken away and put in as a file. No name stands in it."""

from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_page
from bot.console.guard import guarded
from bot.console.pages import page
from bot.console.spreadsheet import export
from bot.console.uploads import Refused, taken_in
from bot.domain.accounts import Permission
from bot.domain.errors import BadInput, NotFound
from bot.domain.volunteers import KIND_WORDS, STATUS_WORDS, VolunteerFilter, VolunteerKind, VolunteerStatus
from bot.services.areas import area_code, area_words
from bot.services.volunteer_desk import Entry
from bot.services.volunteer_sheets import VOLUNTEER_COLUMNS

LIST = "/console/volunteers"
A_PAGE = 50
MOST_EXPORTED = 5000
FILTERS = ("kind", "skill", "area", "status")


def add_volunteers(console: Blueprint) -> None:
    """Routes of the list."""
    console.add_route(volunteers, "/volunteers")
    console.add_route(export_volunteers, "/volunteers/export")
    console.add_route(import_volunteers, "/volunteers/import", methods=["POST"])


@guarded(Permission.RUN_SERVICES)
async def volunteers(request: Request) -> HTTPResponse:
    """A page of them: who waits for an answer first."""
    return await _list(request)


async def _list(request: Request, refused: Refused | None = None) -> HTTPResponse:
    services, officer, asked = request.app.ctx.services, request.ctx.officer, _asked(request)
    desk, number, found, area = services.volunteers.desk, read_page(request.args.get("page", "")), list[Entry](), ""
    try:
        wanted = _wanted(request, asked)
        area = wanted.area
        found = await desk.page(officer, wanted, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1)
    except BadInput as wrong:
        refused = refused or wrong
    return page(
        request, "volunteers.html", refused.status if refused else 200, rows=found[:A_PAGE], more=len(found) > A_PAGE,
        number=number, asked=asked, refused=refused, said=came_words(request), skills=services.volunteers.skills,
        query=urlencode({name: value for name, value in asked.items() if value}), figures=await desk.figures(officer, area),
        volunteer_kinds=KIND_WORDS, states=STATUS_WORDS, columns=VOLUNTEER_COLUMNS, may_export=officer.may(Permission.EXPORT),
        area_words=lambda area: area_words(services.gazetteer, area),
    )  # fmt: skip


@guarded(Permission.RUN_SERVICES)
async def export_volunteers(request: Request) -> HTTPResponse:
    """The same list as a file that can be put in again; without telephones, and with those who left when they are asked for."""
    services, officer = request.app.ctx.services, request.ctx.officer
    if not officer.may(Permission.EXPORT):
        raise NotFound
    found = await services.volunteers.desk.page(
        officer, _wanted(request, _asked(request)), limit=MOST_EXPORTED, everybody=True
    )
    skills, sheets = services.volunteers.skills, services.volunteers.sheets
    rows = [
        (one.id, KIND_WORDS[one.kind], skills.names(one.skills), sheets.area_cell(one.area), one.free,
         STATUS_WORDS[one.status], one.day.isoformat(), f"{one.minutes / 60:g}", "")
        for one in found
    ]  # fmt: skip
    return await export(request, "志愿者", VOLUNTEER_COLUMNS, rows)


@guarded(Permission.RUN_SERVICES)
async def import_volunteers(request: Request) -> HTTPResponse:
    """Those whom the office has on its own list: all rows or none, every bad one told."""
    sheets = request.app.ctx.services.volunteers.sheets
    return await taken_in(request, sheets.put_in, _list, LIST)


def came_words(request: Request) -> str:
    """What an import did; "" when there was none."""
    came, known = (request.args.get(name, "") for name in ("came", "known"))
    if not (came.isdecimal() and known.isdecimal()):
        return ""
    return f"导入了 {int(came)} 条" + (f"，{int(known)} 条早就有了，没有动。" if int(known) else "。")


def _asked(request: Request) -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:60] for name in FILTERS}


def _wanted(request: Request, asked: dict[str, str]) -> VolunteerFilter:
    """The filters as they were written. Raises BadInput for an area that is none."""
    gazetteer = request.app.ctx.services.gazetteer
    return VolunteerFilter(
        kind=VolunteerKind(asked["kind"]) if asked["kind"] in set(VolunteerKind) else None,
        skill=asked["skill"],
        area=area_code(gazetteer, asked["area"]) if asked["area"] else "",
        status=VolunteerStatus(asked["status"]) if asked["status"] in set(VolunteerStatus) else None,
    )
