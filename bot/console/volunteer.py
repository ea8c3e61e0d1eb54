"""One volunteer: what she can do and did, taking her in, pausing and ending; her telephone, seen one at a time."""

from collections.abc import Callable, Coroutine
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from bot.console.guard import guarded, source
from bot.console.pages import back_to, page
from bot.console.volunteers import LIST
from bot.domain.accounts import Permission
from bot.domain.errors import Conflict
from bot.domain.volunteers import CALL_WORDS, KIND_WORDS, MATCH_WORDS, STATUS_WORDS
from bot.services.areas import area_words

SAID = {
    "accept": "接纳了，她在对话里会知道。", "pause": "暂停了，她在对话里会知道。", "resume": "恢复了，她在对话里会知道。",
    "end": "退出了，电话已经删掉。",
}  # fmt: skip


def add_volunteer(console: Blueprint) -> None:
    """Routes of one."""
    console.add_route(volunteer, "/volunteers/<volunteer>")
    console.add_route(contact, "/volunteers/<volunteer>/contact", methods=["POST"], name="volunteer_contact")
    for name in SAID:
        console.add_route(
            _handler(name), f"/volunteers/<volunteer>/{name}", methods=["POST"], name=f"{name}_volunteer"
        )  # fmt: skip


@guarded(Permission.RUN_SERVICES)
async def volunteer(request: Request, volunteer: str) -> HTTPResponse:
    """All of her."""
    return await _show(request, volunteer)


@guarded(Permission.RUN_SERVICES)
async def contact(request: Request, volunteer: str) -> HTTPResponse:
    """The page with her telephone in it; that it was seen is written down first."""
    desk = request.app.ctx.services.volunteers.desk
    number = await desk.contact(volunteer, request.ctx.officer, source(request))
    return await _show(request, volunteer, number=number or "没有留电话")


async def _show(
    request: Request, volunteer: str, refused: Conflict | None = None, number: str | None = None
) -> HTTPResponse:
    services = request.app.ctx.services
    one, helped = await services.volunteers.desk.one(volunteer, request.ctx.officer)
    return page(
        request, "volunteer.html", refused.status if refused else 200, one=one, helped=helped, refused=refused,
        number=number, said="" if refused else SAID.get(request.args.get("said", ""), ""), volunteer_kinds=KIND_WORDS,
        states=STATUS_WORDS, match_words=MATCH_WORDS, call_words=CALL_WORDS, skills=services.volunteers.skills,
        area=area_words(services.gazetteer, one.area),
    )  # fmt: skip


def _handler(name: str) -> Callable[..., Coroutine[Any, Any, HTTPResponse | None]]:
    @guarded(Permission.RUN_SERVICES)
    async def handle(request: Request, volunteer: str) -> HTTPResponse:
        try:
            await getattr(request.app.ctx.services.volunteers.desk, name)(volunteer, request.ctx.officer)
        except Conflict as wrong:
            return await _show(request, volunteer, wrong)
        return back_to(f"{LIST}/{volunteer}", said=name)

    handle.__name__ = f"{name}_volunteer"
    return handle
