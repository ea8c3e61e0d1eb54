"""救助申请: what women applied for in hardship, over many cases; filtered, paged, taken away as a file.

The programmes themselves are a file of checked facts (data/aid.yml), and nothing is put in here.
"""

from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_page
from bot.console.guard import guarded
from bot.console.pages import page
from bot.console.spreadsheet import export
from bot.domain.accounts import Permission
from bot.domain.aid import STATUS_WORDS, AidFilter, AidStatus
from bot.domain.errors import BadInput, NotFound
from bot.domain.figures import is_small
from bot.services.aid_desk import Entry
from bot.services.areas import area_code, area_words

A_PAGE = 50
MOST_EXPORTED = 5000
OPEN_ONES = "open"
FILTERS = ("programme", "status", "area")
HEADER = ("项目", "状态", "地区", "申请日期", "递交日期", "结果日期", "还缺的材料", "为什么、下一步", "负责人")
FEW = "少于5"


def add_aid(console: Blueprint) -> None:
    """Routes of the list."""
    console.add_route(aid, "/aid")
    console.add_route(export_aid, "/aid/export")


@guarded(Permission.SEE_CASES)
async def aid(request: Request) -> HTTPResponse:
    """A page of them: open ones first, those that wait longest before."""
    services, officer, asked = request.app.ctx.services, request.ctx.officer, _asked(request)
    desk, number, refused, found, area = services.office.aid_desk, read_page(request.args.get("page", "")), None, [], ""
    try:
        wanted = _wanted(request, asked)
        area = wanted.area
        found = await desk.page(officer, wanted, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1)
    except BadInput as wrong:
        refused = wrong
    return page(
        request, "aid.html", refused.status if refused else 200, rows=found[:A_PAGE], more=len(found) > A_PAGE,
        number=number, asked=asked, refused=refused, states=STATUS_WORDS, open_ones=OPEN_ONES,
        programmes=desk.programmes, figures=_figures(await desk.counts(officer, area)),
        query=urlencode({name: value for name, value in asked.items() if value}),
        area_words=lambda code: area_words(services.gazetteer, code) if code else "",
    )  # fmt: skip


@guarded(Permission.SEE_CASES)
async def export_aid(request: Request) -> HTTPResponse:
    """The same list as a file, whole; masked as on the page."""
    services, officer = request.app.ctx.services, request.ctx.officer
    if not officer.may(Permission.EXPORT):
        raise NotFound
    found = await services.office.aid_desk.page(officer, _wanted(request, _asked(request)), limit=MOST_EXPORTED)
    rows = [_row(one, area_words(services.gazetteer, one.area) if one.area else one.place) for one in found]
    return await export(request, "救助申请", HEADER, rows)


def _row(one: Entry, area: str) -> tuple[object, ...]:
    days = (day.isoformat() if day else "" for day in (one.day, one.submitted_on, one.settled_on))
    return one.name, STATUS_WORDS[one.status], area, *days, "、".join(one.missing), one.reason, one.officer


def _figures(counts: Mapping[tuple[str, AidStatus], int]) -> list[tuple[str, str, str]]:
    """(programme, how many applied, how many were granted), most first, as they may be shown."""
    applied: Counter[str] = Counter()
    granted: Counter[str] = Counter()
    for (programme, status), count in counts.items():
        applied[programme] += 0 if status is AidStatus.WITHDRAWN else count
        granted[programme] += count if status is AidStatus.GRANTED else 0
    return [(key, _shown(count), _shown(granted[key])) for key, count in applied.most_common() if count]


def _shown(count: int) -> str:
    return FEW if is_small(count) else str(count)


def _asked(request: Request) -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:60] for name in FILTERS}


def _wanted(request: Request, asked: dict[str, str]) -> AidFilter:
    """The filters as they were written. Raises BadInput for an area that is none."""
    gazetteer, status = request.app.ctx.services.gazetteer, asked["status"]
    return AidFilter(
        programme=asked["programme"],
        status=AidStatus(status) if status in set(AidStatus) else None,
        opened=status == OPEN_ONES,
        area=area_code(gazetteer, asked["area"]) if asked["area"] else "",
    )
