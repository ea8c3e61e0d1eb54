"""The legal hold of a case: seen by whoever sees the case, set and lifted by a supervisor with a reason."""

from zoneinfo import ZoneInfo

from sanic import Blueprint, HTTPResponse, Request

from bot.console.guard import form, guarded, source
from bot.console.pages import back_to, page
from bot.domain.accounts import Permission
from bot.domain.errors import BadInput, Conflict


def add_holds(console: Blueprint) -> None:
    """Under each case."""
    console.add_route(hold, "/cases/<case:str>/hold")
    console.add_route(set_hold, "/cases/<case:str>/hold", methods=["POST"])
    console.add_route(lift_hold, "/cases/<case:str>/hold/lift", methods=["POST"])


@guarded(Permission.SEE_CASES)
async def hold(request: Request, case: str) -> HTTPResponse:
    """What holds there were, and the form for the next act."""
    return await _shown(request, case)


@guarded(Permission.ASSIGN_CASES)
async def set_hold(request: Request, case: str) -> HTTPResponse:
    """Nothing of it goes from now on."""
    return await _done(request, case, request.app.ctx.services.holds.set, "set")


@guarded(Permission.ASSIGN_CASES)
async def lift_hold(request: Request, case: str) -> HTTPResponse:
    """It goes like any other again."""
    return await _done(request, case, request.app.ctx.services.holds.lift, "lifted")


async def _done(request: Request, case: str, act: object, told: str) -> HTTPResponse:
    reason = form(request, "reason")
    try:
        await act(case, request.ctx.officer, reason, source(request))  # type: ignore[operator]
    except (BadInput, Conflict) as refused:
        return await _shown(request, case, refused.words, reason, refused.status)
    return back_to(f"/console/cases/{case}/hold", done=told)


async def _shown(request: Request, case: str, problem: str = "", reason: str = "", status: int = 200) -> HTTPResponse:
    found = await request.app.ctx.services.holds.of(case, request.ctx.officer)
    return page(
        request, "hold.html", status, found=found, problem=problem, reason=reason,
        done=request.args.get("done", ""), zone=ZoneInfo(request.app.ctx.settings.timezone),
    )  # fmt: skip
