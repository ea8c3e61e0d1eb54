"""One call for help: who fits and is asked, who comes, what they are told, the hours, and its end."""

import unicodedata
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from bot.console.guard import form, guarded
from bot.console.pages import back_to, page
from bot.console.volunteer_calls import LIST
from bot.domain.accounts import Permission
from bot.domain.errors import BadInput, Conflict
from bot.domain.volunteers import CALL_WORDS, KIND_WORDS, MATCH_WORDS
from bot.services.areas import area_words
from bot.services.volunteer_calls import LONGEST_NEED, Answered, VolunteerCalls, kind_words

SAID = {
    "made": "求助建好了。下面是合适的人，勾上再点“问她们”。", "close": "结束了。", "hours": "时长记好了，她在对话里会知道。",
    "coming": "记好了：她来。", "declined": "记好了：她这次来不了。", "full": "人数已经够了，没有记上。",
    "over": "这件事已经结束，没有记上。",
}  # fmt: skip
Act = Callable[[Request, VolunteerCalls, str], Awaitable[dict[str, str]]]


def add_volunteer_call(console: Blueprint) -> None:
    """Routes of one."""
    console.add_route(call, "/volunteers/calls/<call>", name="volunteer_call")
    for name, act in ACTS.items():
        console.add_route(
            _handler(act, name), f"/volunteers/calls/<call>/{name}", methods=["POST"], name=f"{name}_volunteer_call"
        )


@guarded(Permission.RUN_SERVICES)
async def call(request: Request, call: str) -> HTTPResponse:
    """All of it."""
    return await _show(request, call)


async def _show(request: Request, call: str, refused: BadInput | Conflict | None = None) -> HTTPResponse:
    services = request.app.ctx.services
    sheet = await services.volunteers.calls.one(call, request.ctx.officer)
    return page(
        request, "volunteer_call.html", refused.status if refused else 200, sheet=sheet, one=sheet.entry,
        refused=refused, said="" if refused else _said(request), states=CALL_WORDS, match_words=MATCH_WORDS,
        kind_words=kind_words, volunteer_kinds=KIND_WORDS, skills=services.volunteers.skills, longest=LONGEST_NEED,
        area_words=lambda area: area_words(services.gazetteer, area), typed=lambda name: form(request, name, 400),
    )  # fmt: skip


def _said(request: Request) -> str:
    asked, phone, told = (request.args.get(name, "") for name in ("asked", "phone", "told"))
    if asked.isdecimal() and phone.isdecimal():
        by_phone = f"其中 {int(phone)} 位没有对话，请打电话问，问完在下面替她登记。" if int(phone) else ""
        return f"问了 {int(asked)} 位，她们在对话里答应或者推掉。{by_phone}"
    if told.isdecimal():
        return f"告诉了 {int(told)} 位在对话里的；没有对话的请打电话。"
    return SAID.get(request.args.get("said", ""), "")


def _handler(act: Act, name: str) -> Callable[..., Coroutine[Any, Any, HTTPResponse | None]]:
    @guarded(Permission.RUN_SERVICES)
    async def handle(request: Request, call: str) -> HTTPResponse:
        try:
            said = await act(request, request.app.ctx.services.volunteers.calls, call)
        except (BadInput, Conflict) as wrong:
            return await _show(request, call, wrong)
        return back_to(f"{LIST}/{call}", **said)

    handle.__name__ = f"{name}_volunteer_call"
    return handle


async def _ask(request: Request, calls: VolunteerCalls, call: str) -> dict[str, str]:
    chosen = request.form.getlist("volunteers") or [] if request.form else []
    if not chosen:
        raise BadInput("请先勾上要问的人。")
    asked, by_phone = await calls.ask(call, chosen, request.ctx.officer)
    return {"asked": str(asked), "phone": str(by_phone)}


async def _answer(request: Request, calls: VolunteerCalls, call: str) -> dict[str, str]:
    outcome = await calls.answer_for(
        form(request, "match"), request.ctx.officer, comes=form(request, "comes") == "yes"
    )  # fmt: skip
    said = {Answered.COMES: "coming", Answered.DECLINED: "declined", Answered.FULL: "full", Answered.OVER: "over"}
    return {"said": said[outcome]}


async def _hours(request: Request, calls: VolunteerCalls, call: str) -> dict[str, str]:
    try:
        hours = float(unicodedata.normalize("NFKC", form(request, "hours")) or "0")
        minutes = round(hours * 60)
    except (ValueError, OverflowError) as wrong:
        raise BadInput("小时数请写数字，例如 2 或 2.5。") from wrong
    await calls.record(form(request, "match"), request.ctx.officer, minutes)
    return {"said": "hours"}


async def _tell(request: Request, calls: VolunteerCalls, call: str) -> dict[str, str]:
    return {"told": str(await calls.tell(call, request.ctx.officer, form(request, "words", LONGEST_NEED + 100)))}


async def _close(request: Request, calls: VolunteerCalls, call: str) -> dict[str, str]:
    await calls.close(call, request.ctx.officer)
    return {"said": "close"}


ACTS: dict[str, Act] = {"ask": _ask, "answer": _answer, "hours": _hours, "tell": _tell, "close": _close}
