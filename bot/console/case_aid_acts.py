"""What an officer does with an application under a case: starts one, ticks the papers, writes down what became of it."""

from sanic import Blueprint, HTTPResponse, Request, redirect

from bot.console.case import case_page, seen
from bot.console.case_aid import MOVE_WORDS
from bot.console.case_papers import Trouble
from bot.console.guard import form, guarded
from bot.domain.accounts import Permission
from bot.domain.aid import AidStatus, ItemState
from bot.domain.errors import BadInput, Conflict
from bot.services.aid_desk import Entry


def add_case_aid(console: Blueprint) -> None:
    """Routes of the acts."""
    console.add_route(start_aid, "/cases/<case>/aid/start", methods=["POST"])
    console.add_route(check_aid, "/cases/<case>/aid/<application>/check", methods=["POST"])
    console.add_route(move_aid, "/cases/<case>/aid/<application>/move", methods=["POST"])


@guarded(Permission.TAKE_CASES)
async def start_aid(request: Request, case: str) -> HTTPResponse:
    """Apply for her, as for one who called or came."""
    await seen(request, case)
    try:
        await request.app.ctx.services.office.aid_desk.start(case, request.ctx.officer, form(request, "programme"))
    except BadInput as refused:
        return await case_page(request, case, Trouble(refused, "aid"))
    return _back(case, "aid")


@guarded(Permission.TAKE_CASES)
async def check_aid(request: Request, case: str, application: str) -> HTTPResponse:
    """Tick the papers that the officer has seen; one whose tick is taken away is missing again."""
    await seen(request, case)
    desk, officer = request.app.ctx.services.office.aid_desk, request.ctx.officer
    entries = await desk.of_case(case, officer)
    states = _changed(request, next((one for one in entries if one.id == application), None))
    try:
        await desk.check(case, officer, application, states)
    except Conflict as refused:
        return await case_page(request, case, Trouble(refused, "aid"))
    return _back(case, "aid")


@guarded(Permission.TAKE_CASES)
async def move_aid(request: Request, case: str, application: str) -> HTTPResponse:
    """Submitted, granted, or refused with the reason: she is told."""
    found = await seen(request, case)
    to, reason = form(request, "to"), form(request, "reason", 300)
    try:
        if to not in {status.value for status in MOVE_WORDS}:
            raise BadInput("请选一个进展。")
        desk = request.app.ctx.services.office.aid_desk
        await desk.move(case, request.ctx.officer, application, AidStatus(to), reason)
    except (BadInput, Conflict) as refused:
        return await case_page(request, case, Trouble(refused, "aid", {"application": application, "reason": reason}))
    return _back(case, "aid-told" if found.conversation else "aid")


def _changed(request: Request, entry: Entry | None) -> dict[str, ItemState]:
    """The papers whose tick is another one than before; what she only said stays what she said."""
    ticked = set((request.form.getlist("seen") or []) if request.form else [])
    return {
        item.key: ItemState.SEEN if item.key in ticked else ItemState.MISSING
        for item in (entry.items if entry else ())
        if (item.key in ticked) != (item.state is ItemState.SEEN)
    }


def _back(case: str, said: str) -> HTTPResponse:
    return redirect(f"/console/cases/{case}?said={said}#aid", status=303)
