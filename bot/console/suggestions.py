"""建议: the list of what women ask for, one line for each group; filtered, paged, taken away and put in as a file."""

from collections.abc import Callable
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_page
from bot.console.guard import guarded
from bot.console.pages import page
from bot.console.spreadsheet import export
from bot.console.uploads import Refused, taken_in
from bot.domain.accounts import Permission
from bot.domain.errors import BadInput, NotFound
from bot.domain.suggestions import SOURCE_WORDS, STATUS_WORDS, SuggestionFilter, SuggestionStatus
from bot.services.areas import area_code, area_words
from bot.services.suggestion_desk import Entry
from bot.services.suggestion_sheets import COLUMNS, UNKNOWN_AREA

LIST = "/console/suggestions"
A_PAGE = 50
MOST_EXPORTED = 5000
OVERDUE = "overdue"
KINDS = {"": "建议和投诉", "suggestion": "只看建议", "complaint": "只看投诉"}
FILTERS = ("q", "category", "area", "status", "kind")


def add_suggestions(console: Blueprint) -> None:
    """Routes of the list."""
    console.add_route(suggestions, "/suggestions")
    console.add_route(export_suggestions, "/suggestions/export")
    console.add_route(import_suggestions, "/suggestions/import", methods=["POST"])


@guarded(Permission.RUN_SERVICES)
async def suggestions(request: Request) -> HTTPResponse:
    """A page of them: overdue promises first, then what waits for an answer."""
    return await _list(request)


async def _list(request: Request, refused: Refused | None = None) -> HTTPResponse:
    services, officer, asked = request.app.ctx.services, request.ctx.officer, _asked(request)
    desk, number, found, area = services.suggestions.desk, read_page(request.args.get("page", "")), [], ""
    try:
        wanted = _wanted(request, asked)
        area = wanted.area
        found = await desk.page(officer, wanted, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1)
    except BadInput as wrong:
        refused = refused or wrong
    return page(
        request, "suggestions.html", refused.status if refused else 200, rows=found[:A_PAGE], more=len(found) > A_PAGE,
        number=number, asked=asked, refused=refused, said=_said(request),
        query=urlencode({name: value for name, value in asked.items() if value}), figures=await desk.figures(officer, area),
        categories=services.suggestions.categories, states=STATUS_WORDS, overdue=OVERDUE, kinds=KINDS, columns=COLUMNS,
        sources=SOURCE_WORDS, sees_complaints=officer.may(Permission.ASSIGN_CASES), area_words=area_namer(request),
    )  # fmt: skip


@guarded(Permission.RUN_SERVICES)
async def export_suggestions(request: Request) -> HTTPResponse:
    """The same list as a file, every single one of the groups; it can be put in again."""
    services, officer = request.app.ctx.services, request.ctx.officer
    if not officer.may(Permission.EXPORT):
        raise NotFound
    wanted = _wanted(request, _asked(request))
    found = await services.suggestions.desk.page(officer, wanted, limit=MOST_EXPORTED, whole=True)
    categories, words = services.suggestions.categories, area_namer(request)
    return await export(
        request, "建议", COLUMNS, [_row(one, categories.name(one.category), words(one.area)) for one in found]
    )


@guarded(Permission.RUN_SERVICES)
async def import_suggestions(request: Request) -> HTTPResponse:
    """Older ones from paper: all rows or none, every bad one told."""
    desk = request.app.ctx.services.suggestions.desk
    return await taken_in(request, desk.sheets.put_in, _list, LIST)


def _row(one: Entry, category: str, area: str) -> tuple[object, ...]:
    promise = one.promise
    return (
        one.id, one.words or one.wording or "（她的话已经不在了）", category, area, one.day.isoformat(), one.own_voices,
        one.complaint, STATUS_WORDS[one.status], promise.words if promise else "", promise.who if promise else "",
        promise.due.isoformat() if promise else "", one.answer, one.wording, one.shown,
    )  # fmt: skip


def _said(request: Request) -> str:
    came, known = (request.args.get(name, "") for name in ("came", "known"))
    if not (came.isdecimal() and known.isdecimal()):
        return ""
    return f"导入了 {int(came)} 条" + (f"，{int(known)} 条早就有了，没有动。" if int(known) else "。")


def area_namer(request: Request) -> Callable[[str], str]:
    """What a template calls an area."""
    gazetteer = request.app.ctx.services.gazetteer
    return lambda area: area_words(gazetteer, area) if area else UNKNOWN_AREA


def _asked(request: Request) -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:60] for name in FILTERS}


def _wanted(request: Request, asked: dict[str, str]) -> SuggestionFilter:
    """The filters as they were written. Raises BadInput for an area that is none."""
    gazetteer, status = request.app.ctx.services.gazetteer, asked["status"]
    return SuggestionFilter(
        category=asked["category"],
        area=area_code(gazetteer, asked["area"]) if asked["area"] else "",
        status=SuggestionStatus(status) if status in set(SuggestionStatus) else None,
        overdue=status == OVERDUE,
        complaints={"suggestion": False, "complaint": True}.get(asked["kind"]),
        words=asked["q"],
    )
