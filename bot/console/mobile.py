"""流动服务: the list of stops, taken away and put in as a file; a route planned at once; one stop changed or cancelled."""

from datetime import date, datetime
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_day, read_page, read_time
from bot.console.guard import form, guarded
from bot.console.pages import back_to, page
from bot.console.spreadsheet import export
from bot.console.uploads import Refused, taken_in
from bot.domain.accounts import Permission
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.mobile import STOP_WORDS, UNIT_WORDS, StopFilter, StopStatus, UnitKind
from bot.services.mobile_routes import PlannedStop, UnitWish
from bot.services.mobile_sheets import COLUMNS, sheet_rows

LIST = "/console/mobile"
A_PAGE = 50
MOST_EXPORTED = 5000
A_FORM = 8
"""Stops that one form plans; more come by a file."""
FILTERS = ("q", "kind", "status", "area", "from", "to")
TYPED = ("unit", "name", "kind", "offers", "office", "area", *(f"{field}{at}" for at in range(A_FORM) for field in
         ("day", "from", "to", "area", "place")))  # fmt: skip
SAID = {"changed": "改好了。告诉过的姐妹会收到通知。", "cancelled": "取消了。告诉过的姐妹会收到通知。"}


def add_mobile(console: Blueprint) -> None:
    """Routes of mobile service."""
    console.add_route(mobile, "/mobile")
    console.add_route(export_mobile, "/mobile/export")
    console.add_route(import_mobile, "/mobile/import", methods=["POST"])
    console.add_route(plan_mobile, "/mobile/plan")
    console.add_route(planned_mobile, "/mobile/plan", methods=["POST"])
    console.add_route(mobile_stop, "/mobile/stops/<stop:str>")
    console.add_route(change_mobile_stop, "/mobile/stops/<stop:str>/change", methods=["POST"])
    console.add_route(cancel_mobile_stop, "/mobile/stops/<stop:str>/cancel", methods=["POST"])


@guarded(Permission.RUN_SERVICES)
async def mobile(request: Request) -> HTTPResponse:
    """A page of stops, from today on unless another day is asked for."""
    return await _list(request)


async def _list(request: Request, refused: Refused | None = None) -> HTTPResponse:
    routes, officer, asked = request.app.ctx.services.mobile_routes, request.ctx.officer, _asked(request)
    number, found, area = read_page(request.args.get("page", "")), [], ""
    try:
        wanted = _wanted(request, asked)
        area = wanted.area
        found = await routes.page(officer, wanted, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1)
    except BadInput as wrong:
        refused = refused or wrong
    figures, told = await routes.figures(officer, area)
    return page(
        request, "mobile.html", refused.status if refused else 200, rows=found[:A_PAGE], more=len(found) > A_PAGE,
        number=number, asked=asked, refused=refused, said=_said(request), figures=figures, told=told,
        query=urlencode({name: value for name, value in asked.items() if value}),
        unit_kinds=UNIT_WORDS, states=STOP_WORDS, columns=COLUMNS,
    )  # fmt: skip


@guarded(Permission.RUN_SERVICES)
async def export_mobile(request: Request) -> HTTPResponse:
    """The same list as a file, whole; it can be put in again."""
    officer = request.ctx.officer
    if not officer.may(Permission.EXPORT):
        raise NotFound
    wanted = _wanted(request, _asked(request))
    found = await request.app.ctx.services.mobile_routes.page(officer, wanted, limit=MOST_EXPORTED)
    return await export(request, "流动服务", COLUMNS, sheet_rows(found))


@guarded(Permission.RUN_SERVICES)
async def import_mobile(request: Request) -> HTTPResponse:
    """All rows or none, every bad one told."""
    return await taken_in(request, request.app.ctx.services.mobile_sheets.put_in, _list, LIST)


@guarded(Permission.RUN_SERVICES)
async def plan_mobile(request: Request) -> HTTPResponse:
    """The form of a route."""
    return await _plan(request)


@guarded(Permission.RUN_SERVICES)
async def planned_mobile(request: Request) -> HTTPResponse:
    """A unit and its stops, all or none; a line without a day is left out."""
    routes = request.app.ctx.services.mobile_routes
    try:
        stops = [_stop(request, str(at)) for at in range(A_FORM) if form(request, f"day{at}")]
        unit, kind, office = form(request, "unit"), form(request, "kind"), form(request, "office")
        wish = UnitWish(unit) if unit else UnitWish(
            "", form(request, "name"), UnitKind(kind) if kind in set(UnitKind) else UnitKind.BUS,
            form(request, "offers"), routes.area(office) if office else request.ctx.officer.area,
        )  # fmt: skip
        count = await routes.plan(request.ctx.officer, wish, stops)
    except (BadInput, Conflict) as refused:
        return await _plan(request, refused)
    return back_to(LIST, planned=str(count))


@guarded(Permission.RUN_SERVICES)
async def mobile_stop(request: Request, stop: str) -> HTTPResponse:
    """One stop, and what can be done with it."""
    return await _one(request, stop)


@guarded(Permission.RUN_SERVICES)
async def change_mobile_stop(request: Request, stop: str) -> HTTPResponse:
    """Other hours or another place."""
    routes = request.app.ctx.services.mobile_routes
    try:
        await routes.change(request.ctx.officer, stop, _stop(request, ""), form(request, "moved"))
    except (BadInput, Conflict) as refused:
        return await _one(request, stop, refused)
    return back_to(f"{LIST}/stops/{stop}", said="changed")


@guarded(Permission.RUN_SERVICES)
async def cancel_mobile_stop(request: Request, stop: str) -> HTTPResponse:
    """It does not take place, with a reason."""
    try:
        await request.app.ctx.services.mobile_routes.cancel(request.ctx.officer, stop, form(request, "reason"))
    except (BadInput, Conflict) as refused:
        return await _one(request, stop, refused)
    return back_to(f"{LIST}/stops/{stop}", said="cancelled")


async def _plan(request: Request, refused: BadInput | Conflict | None = None) -> HTTPResponse:
    units = await request.app.ctx.services.mobile_routes.units(request.ctx.officer)
    typed = {name: form(request, name) if request.method == "POST" else "" for name in TYPED}
    return page(
        request, "mobile_plan.html", refused.status if refused else 200, refused=refused, typed=typed, units=units,
        unit_kinds=UNIT_WORDS, lines=range(A_FORM), today=_today(request),
    )  # fmt: skip


async def _one(request: Request, stop: str, refused: BadInput | Conflict | None = None) -> HTTPResponse:
    one = await request.app.ctx.services.mobile_routes.one(request.ctx.officer, stop)
    return page(
        request, "mobile_stop.html", refused.status if refused else 200, one=one, refused=refused,
        said=SAID.get(request.args.get("said", ""), ""), unit_kinds=UNIT_WORDS, states=STOP_WORDS,
    )  # fmt: skip


def _stop(request: Request, at: str) -> PlannedStop:
    routes = request.app.ctx.services.mobile_routes
    day, zone = read_day(form(request, f"day{at}")), routes.zone
    begins, ends = (datetime.combine(day, read_time(form(request, f"{end}{at}")), zone) for end in ("from", "to"))
    return PlannedStop(routes.area(form(request, f"area{at}")), form(request, f"place{at}"), begins, ends)


def _today(request: Request) -> date:
    today: date = request.app.ctx.services.availability.now().date()
    return today


def _said(request: Request) -> str:
    came, known, planned = (request.args.get(name, "") for name in ("came", "known", "planned"))
    if planned.isdecimal():
        return f"排好了 {int(planned)} 站。附近留意的姐妹会提前一天知道。"
    return f"导入了 {int(came)} 站，更新了 {int(known)} 站。" if came.isdecimal() and known.isdecimal() else ""


def _asked(request: Request) -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:60] for name in FILTERS}


def _wanted(request: Request, asked: dict[str, str]) -> StopFilter:
    """The filters as they were written. Raises BadInput for an area or a day that is none."""
    routes = request.app.ctx.services.mobile_routes
    return StopFilter(
        words=asked["q"],
        kind=UnitKind(asked["kind"]) if asked["kind"] in set(UnitKind) else None,
        status=StopStatus(asked["status"]) if asked["status"] in set(StopStatus) else None,
        area=routes.area(asked["area"]) if asked["area"] else "",
        first=read_day(asked["from"], _today(request)),
        last=read_day(asked["to"]) if asked["to"] else None,
    )
