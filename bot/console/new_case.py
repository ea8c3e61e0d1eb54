"""A case that an officer opens: a woman came, or called, or was sent by somebody. Whoever opens it has it."""

import secrets
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from bot.console.case_search import areas
from bot.console.guard import form, guarded
from bot.console.pages import back_to, page
from bot.domain.accounts import Permission, branch
from bot.domain.case_topics import LEVEL_WORDS, TOPIC_WORDS, CaseLevel, Topic
from bot.domain.errors import BadInput, BotError, NotFound
from bot.services.areas import area_code
from bot.services.cases import LONGEST_NEED, NewCase

FIELDS = ("need", "level", "topic", "area", "place", "conversation", "key")
URGENCY_WORDS = {
    CaseLevel.RED: "现在有危险",
    CaseLevel.ORANGE: "纠纷，或者有危险但不在眼前",
    CaseLevel.YELLOW: "困难、咨询",
}


def add_new_case(console: Blueprint) -> None:
    """The form and what it does."""
    console.add_route(new_case, "/cases/new")
    console.add_route(open_case, "/cases/new", methods=["POST"])


@guarded(Permission.TAKE_CASES)
async def new_case(request: Request) -> HTTPResponse:
    """The form; `conversation` in the address names the one that the case is about."""
    typed = dict.fromkeys(FIELDS, "") | {
        "level": CaseLevel.YELLOW.value, "topic": Topic.UNKNOWN.value, "key": secrets.token_urlsafe(12),
        "conversation": request.args.get("conversation", "")[:64],
    }  # fmt: skip
    return _form(request, typed)


@guarded(Permission.TAKE_CASES)
async def open_case(request: Request) -> HTTPResponse:
    """Open it; sent twice it is opened once. What was refused comes back with all that she had written."""
    services, officer = request.app.ctx.services, request.ctx.officer
    typed = {name: form(request, name, LONGEST_NEED) for name in FIELDS}
    try:
        case = await services.office.cases.open_by_officer(officer, _new(typed, services.gazetteer, officer.area))
    except BadInput as refused:
        return _form(request, typed, refused)
    except NotFound:
        return _form(request, typed, BadInput("这个地区不归您管，或者这段对话不在您的管辖范围内。"))
    return back_to(f"/console/cases/{case}")


def _form(request: Request, typed: dict[str, str], refused: BotError | None = None) -> HTTPResponse:
    services, officer = request.app.ctx.services, request.ctx.officer
    return page(
        request, "new_case.html", refused.status if refused else 200, typed=typed, refused=refused,
        levels=LEVEL_WORDS, topics=TOPIC_WORDS, urgency=URGENCY_WORDS, longest=LONGEST_NEED,
        areas=areas(services.gazetteer, officer, ""),
    )  # fmt: skip


def _new(typed: dict[str, str], gazetteer: Any, own: str) -> NewCase:
    """What was typed, as a case. Raises BadInput."""
    if not typed["key"] or typed["level"] not in set(CaseLevel) or typed["topic"] not in set(Topic):
        raise BadInput("表单不完整，请刷新后再填一次。")
    return NewCase(
        need=typed["need"],
        conversation=typed["conversation"],
        topic=Topic(typed["topic"]),
        level=CaseLevel(typed["level"]),
        area=_area(typed["area"], gazetteer, own),
        place=typed["place"],
        key=typed["key"],
    )


def _area(text: str, gazetteer: Any, own: str) -> str:
    """A name is looked for in her own area first: many communities share one. Her own for nothing at all."""
    within = [
        unit.code
        for level in ("district", "town", "village")
        for unit in gazetteer.divisions(level)
        if unit.name == text and unit.code.startswith(own)
    ]
    if len(within) == 1:
        return branch(within[0])
    return area_code(gazetteer, text) if text else own
