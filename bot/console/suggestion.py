"""One suggestion: what was said (masked), what is likely the same, and what is done with it."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_day
from bot.console.guard import form, guarded
from bot.console.pages import back_to, page
from bot.console.suggestions import LIST, area_namer
from bot.domain.accounts import Permission
from bot.domain.errors import BadInput, Conflict
from bot.domain.suggestions import OPEN, STATUS_WORDS
from bot.services.areas import area_code, office_words
from bot.services.suggestion_desk import SuggestionDesk
from bot.services.suggestion_sheets import UNKNOWN_AREA

LONGEST = 400
SAID = {
    "sort": "改好了。", "merge": "合并好了，每个人的声音都留着。", "split": "分开了。",
    "promise": "登记好了，提过的人会在对话里知道。", "done": "登记好了，提过的人会在对话里知道。",
    "decline": "登记好了，提过的人会在对话里看到理由。", "publish": "存好了。",
}  # fmt: skip
Act = Callable[[Request, SuggestionDesk, str], Awaitable[None]]


def add_suggestion(console: Blueprint) -> None:
    """Routes of one."""
    console.add_route(suggestion, "/suggestions/<suggestion>")
    for name, act in ACTS.items():
        console.add_route(
            _handler(name, act), f"/suggestions/<suggestion>/{name}", methods=["POST"], name=f"{name}_suggestion"
        )


@guarded(Permission.RUN_SERVICES)
async def suggestion(request: Request, suggestion: str) -> HTTPResponse:
    """The whole of it."""
    return await _show(request, suggestion)


async def _show(request: Request, suggestion: str, refused: BadInput | Conflict | None = None) -> HTTPResponse:
    services, officer = request.app.ctx.services, request.ctx.officer
    sheet = await services.suggestions.desk.one(suggestion, officer)
    return page(
        request, "suggestion.html", refused.status if refused else 200, sheet=sheet, one=sheet.entry, refused=refused,
        said=SAID.get(request.args.get("said", ""), "") if refused is None else "", states=STATUS_WORDS,
        categories=services.suggestions.categories, is_open=sheet.entry.status in OPEN, area_words=area_namer(request),
        office=office_words(services.gazetteer, officer.area), typed=lambda name: form(request, name, LONGEST),
        today=services.suggestions.desk.today, may_complaints=officer.may(Permission.ASSIGN_CASES),
    )  # fmt: skip


def _handler(name: str, act: Act) -> Callable[..., Coroutine[Any, Any, HTTPResponse | None]]:
    @guarded(Permission.RUN_SERVICES)
    async def handle(request: Request, suggestion: str) -> HTTPResponse:
        try:
            await act(request, request.app.ctx.services.suggestions.desk, suggestion)
        except (BadInput, Conflict) as wrong:
            return await _show(request, suggestion, wrong)
        if name == "sort" and not await request.app.ctx.services.suggestions.desk.may_see(
            suggestion, request.ctx.officer
        ):
            return back_to(LIST)
        return back_to(f"{LIST}/{suggestion}", said=name)

    handle.__name__ = f"{name}_suggestion"
    return handle


async def _sort(request: Request, desk: SuggestionDesk, one: str) -> None:
    words = form(request, "area")
    gazetteer = request.app.ctx.services.gazetteer
    area = "" if words in ("", UNKNOWN_AREA) else area_code(gazetteer, words)[:9]
    complaint = form(request, "complaint") == "yes"
    await desk.sort(one, request.ctx.officer, form(request, "category"), area, complaint=complaint)


async def _merge(request: Request, desk: SuggestionDesk, one: str) -> None:
    await desk.merge(form(request, "other"), one, request.ctx.officer)


async def _split(request: Request, desk: SuggestionDesk, one: str) -> None:
    await desk.split(form(request, "other"), request.ctx.officer)


async def _promise(request: Request, desk: SuggestionDesk, one: str) -> None:
    words, who = form(request, "words", LONGEST), form(request, "who", LONGEST)
    await desk.promise(one, request.ctx.officer, words, who, read_day(form(request, "due")))


async def _done(request: Request, desk: SuggestionDesk, one: str) -> None:
    await desk.done(one, request.ctx.officer, form(request, "words", LONGEST))


async def _decline(request: Request, desk: SuggestionDesk, one: str) -> None:
    await desk.decline(one, request.ctx.officer, form(request, "reason", LONGEST))


async def _publish(request: Request, desk: SuggestionDesk, one: str) -> None:
    shown = form(request, "shown") == "yes"
    await desk.publish(one, request.ctx.officer, form(request, "wording", LONGEST), shown=shown)


ACTS = {
    "sort": _sort, "merge": _merge, "split": _split, "promise": _promise, "done": _done, "decline": _decline,
    "publish": _publish,
}  # fmt: skip
