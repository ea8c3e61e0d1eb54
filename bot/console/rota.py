"""值班: who has the duty in a week at each office, who is there now, one office's weeks, stand-ins and swaps."""

from datetime import date, timedelta
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_day, read_number, read_page
from bot.console.guard import form, guarded
from bot.console.pages import back_to, page
from bot.console.spreadsheet import export
from bot.domain.accounts import Permission
from bot.domain.errors import BadInput, NotFound
from bot.domain.offices import OFFICE_WORDS, level_of
from bot.domain.rota import monday
from bot.services.areas import office_words
from bot.services.rota import MOST_COPIED, MOST_IN_A_WEEK, Turn

A_PAGE = 40
WEEK = timedelta(days=7)
WEEKS = 8
WEEKS_EXPORTED = 26
FEWEST_FIELDS = 3
SAID = {
    "set": "排好了。",
    "stand-in": "已换成替班的人。",
    "swap": "两边的班已经对换。",
    "cleared": "这一周不排班：谁在岗就提醒谁。",
}
HEADER = ("周一", "单位", "顺位", "谁", "原来是谁")


def add_rota(console: Blueprint) -> None:
    """Routes of duty."""
    console.add_route(rota_board, "/rota")
    console.add_route(export_rota, "/rota/export")
    console.add_route(rota_office, "/rota/office")
    console.add_route(set_duty, "/rota/set", methods=["POST"])
    console.add_route(copy_duty, "/rota/copy", methods=["POST"])
    console.add_route(stand_in_duty, "/rota/turns/<turn>/stand-in", methods=["POST"])
    console.add_route(swap_duty, "/rota/turns/<turn>/swap", methods=["POST"])


@guarded(Permission.SEE_CASES)
async def rota_board(request: Request) -> HTTPResponse:
    """One week of every office in her branch: who has the duty, who stands in, who is there now."""
    services, rota = request.app.ctx.services, request.app.ctx.services.office.rota
    week, level, words = _week(request), request.args.get("level", ""), request.args.get("q", "").strip()[:40]
    number, staff = read_page(request.args.get("page", "")), await rota.staff(request.ctx.officer)
    turns: dict[str, list[Turn]] = {}
    for turn in await rota.board(request.ctx.officer, week):
        turns.setdefault(turn.office, []).append(turn)
    offices = [
        (office, name)
        for office in sorted({one.office for one in staff} | set(turns))
        if (name := office_words(services.gazetteer, office)) and words in name and level in {"", level_of(office)}
    ]
    shown = offices[(number - 1) * A_PAGE : number * A_PAGE]
    return page(
        request, "rota.html", **_frame(request, week), level=level, words=words, number=number, levels=OFFICE_WORDS,
        rows=[(office, name, turns.get(office, ())) for office, name in shown], more=len(offices) > number * A_PAGE,
        there={office: [one for one in staff if one.office == office and one.there_since] for office, _ in shown},
        there_ids={one.id for one in staff if one.there_since}, me=request.ctx.officer.id, before=week - WEEK,
        after=week + WEEK,
    )  # fmt: skip


@guarded(Permission.SEE_CASES)
async def rota_office(request: Request) -> HTTPResponse:
    """The weeks of one office, and what can be changed."""
    return await _weeks(request, request.args.get("office", ""), _week(request))


@guarded(Permission.SEE_CASES)
async def export_rota(request: Request) -> HTTPResponse:
    """Half a year of every office in her branch, as a file."""
    services, officer = request.app.ctx.services, request.ctx.officer
    if not officer.may(Permission.EXPORT):
        raise NotFound
    turns = await services.office.rota.board(officer, _week(request), WEEKS_EXPORTED)
    rows = [
        (turn.week.isoformat(), office_words(services.gazetteer, turn.office), rank_words(turn.rank), turn.name,
         turn.instead_of)
        for turn in turns
    ]  # fmt: skip
    return await export(request, "值班表", HEADER, rows)


@guarded(Permission.KEEP_ROTA)
async def set_duty(request: Request) -> HTTPResponse:
    """Who has a week, in order; nobody at all: the office has no rota for it."""
    office, week = form(request, "office"), read_day(form(request, "of"))
    chosen = [name for at in range(MOST_IN_A_WEEK) if (name := form(request, f"who{at}"))]
    try:
        await request.app.ctx.services.office.rota.set_week(request.ctx.officer, office, week, chosen)
    except BadInput as refused:
        return await _weeks(request, office, _shown(request), refused)
    return _back(request, office, "set" if chosen else "cleared")


@guarded(Permission.KEEP_ROTA)
async def copy_duty(request: Request) -> HTTPResponse:
    """The same people for the weeks that follow, or in turn."""
    office, week = form(request, "office"), read_day(form(request, "of"))
    try:
        done, left = await request.app.ctx.services.office.rota.copy(
            request.ctx.officer, office, week, read_number(form(request, "count")) or 1,
            in_turn=form(request, "in_turn") == "1", over=form(request, "over") == "1",
        )  # fmt: skip
    except BadInput as refused:
        return await _weeks(request, office, _shown(request), refused)
    return _back(request, office, "copied", done=str(done), left=str(left))


@guarded(Permission.SEE_CASES)
async def stand_in_duty(request: Request, turn: str) -> HTTPResponse:
    """Somebody else takes a part of a week: her own, or any for who keeps the rota."""
    office = form(request, "office")
    try:
        await request.app.ctx.services.office.rota.stand_in(request.ctx.officer, turn, form(request, "officer"))
    except BadInput as refused:
        return await _weeks(request, office, _shown(request), refused)
    return _back(request, office, "stand-in")


@guarded(Permission.SEE_CASES)
async def swap_duty(request: Request, turn: str) -> HTTPResponse:
    """Two parts change hands."""
    office = form(request, "office")
    try:
        await request.app.ctx.services.office.rota.swap(request.ctx.officer, turn, form(request, "other"))
    except BadInput as refused:
        return await _weeks(request, office, _shown(request), refused)
    return _back(request, office, "swap")


def rank_words(rank: int) -> str:
    """「值班」「替班 1」"""
    return f"替班 {rank}" if rank else "值班"


async def _weeks(request: Request, office: str, first: date, refused: BadInput | None = None) -> HTTPResponse:
    services, officer = request.app.ctx.services, request.ctx.officer
    turns = await services.office.rota.weeks(officer, office, first, WEEKS)
    staff = [one for one in await services.office.rota.staff(officer) if one.office == office]
    by_week = {first + at * WEEK: [turn for turn in turns if turn.week == first + at * WEEK] for at in range(WEEKS)}
    keeps = officer.may(Permission.KEEP_ROTA)
    return page(
        request, "rota_office.html", refused.status if refused else 200, **_frame(request, first), office=office,
        office_name=office_words(services.gazetteer, office), weeks=by_week, staff=staff, keeps=keeps, refused=refused,
        turns=turns, mine={turn.id for turn in turns if keeps or turn.officer == officer.id}, me=officer.id,
        fields=lambda week: min(max(FEWEST_FIELDS, len(by_week[week]) + 1), MOST_IN_A_WEEK), most=MOST_COPIED,
        there_ids={one.id for one in staff if one.there_since}, said=_said(request),
        before=first - WEEKS * WEEK, after=first + WEEKS * WEEK,
    )  # fmt: skip


def _said(request: Request) -> str:
    said, done, left = (request.args.get(name, "") for name in ("said", "done", "left"))
    if said == "copied" and done.isdecimal() and left.isdecimal():
        return f"排好了 {int(done)} 周。" + (f"另有 {int(left)} 周已经排过，没有动。" if int(left) else "")
    return SAID.get(said, "")


def _frame(request: Request, week: date) -> dict[str, Any]:
    this = monday(request.app.ctx.services.availability.now().date())
    return {
        "week": week, "this_week": this, "rank_words": rank_words, "last_day": lambda first: first + timedelta(days=6),
    }  # fmt: skip


def _week(request: Request) -> date:
    """The Monday of the day in the address; this week's for none."""
    return monday(read_day(request.args.get("week", ""), request.app.ctx.services.availability.now().date()))


def _shown(request: Request) -> date:
    return monday(read_day(form(request, "week"), request.app.ctx.services.availability.now().date()))


def _back(request: Request, office: str, said: str, **more: str) -> HTTPResponse:
    return back_to("/console/rota/office", office=office, week=_shown(request).isoformat(), said=said, **more)
