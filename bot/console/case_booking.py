"""替她预约: from the page of a case, by kind and day, among the hours that are really free; read back, then booked for her."""

import secrets
from datetime import date, timedelta

from sanic import Blueprint, HTTPResponse, Request

from bot.console.case import seen
from bot.console.case_paper_acts import to_papers
from bot.console.fields import read_day, read_phone, read_visits
from bot.console.guard import StaleForm, form, guarded
from bot.console.pages import page
from bot.domain.accounts import Permission
from bot.domain.appointments import KIND_WORDS, TOGETHER, TOGETHER_WORDS
from bot.domain.cases import Consent
from bot.domain.errors import BadInput, BotError, Conflict, NotFound, SlotTaken
from bot.services.appointments import LONGEST_CALLED
from bot.services.case_bookings import ForHer
from bot.services.case_reading import Shown

TYPED = ("called", "phone", "remind")
LONGEST_PHONE = 40
A_DAY = timedelta(days=1)
OFFERED = {**KIND_WORDS, TOGETHER: TOGETHER_WORDS}
"""What can be chosen: one kind, or both for a joint visit."""


def add_case_booking(console: Blueprint) -> None:
    """Routes of booking for the woman of a case."""
    console.add_route(choose_for_her, "/cases/<case>/book")
    console.add_route(book_for_her, "/cases/<case>/book", methods=["POST"])


@guarded(Permission.TAKE_CASES)
async def choose_for_her(request: Request, case: str) -> HTTPResponse:
    """What is free; or, with `to`, the one that was chosen, read back."""
    found = await seen(request, case)
    to = request.args.get("to", "")
    if not to:
        return await _choices(request, found)
    try:
        return await _read_back(request, found, to)
    except (BadInput, Conflict) as refused:
        return await _choices(request, found, refused)


@guarded(Permission.TAKE_CASES)
async def book_for_her(request: Request, case: str) -> HTTPResponse:
    """Book it for her. A form that is sent twice books once."""
    services, to = request.app.ctx.services, form(request, "to")
    found = await seen(request, case)
    if not form(request, "key"):
        raise StaleForm
    try:
        wanted = ForHer(
            form(request, "key"), read_visits(to, services.availability.now().tzinfo), form(request, "called"),
            read_phone(form(request, "phone", LONGEST_PHONE)), form(request, "remind") == "1",
        )  # fmt: skip
        await services.case_bookings.book(case, request.ctx.officer, wanted)
    except (SlotTaken, NotFound) as refused:
        return await _choices(request, found, refused)
    except (BadInput, Conflict) as refused:
        return await _read_back(request, found, to, refused)
    return to_papers(case, "booked")


async def _choices(request: Request, case: Shown, refused: BotError | None = None) -> HTTPResponse:
    services = request.app.ctx.services
    today = services.availability.now().date()
    kind, day = _asked(request, today)
    found = await services.case_bookings.choices(case.id, request.ctx.officer, kind, day)
    return page(
        request, "book_for_her.html", refused.status if refused else 200, case=case, found=found, kind=kind, day=day,
        today=today, before=day - A_DAY, after=day + A_DAY, refused=refused, offered=OFFERED,
    )  # fmt: skip


async def _read_back(request: Request, case: Shown, to: str, refused: BotError | None = None) -> HTTPResponse:
    services = request.app.ctx.services
    free = await services.case_bookings.still_free(read_visits(to, services.availability.now().tzinfo))
    known = await services.case_bookings.of_case(case.id, request.ctx.officer)
    typed = {name: form(request, name, LONGEST_PHONE) for name in TYPED}
    typed["called"] = typed["called"] or next((one.booked.called for one in known if one.booked.called), "")
    return page(
        request, "book_for_her_confirm.html", refused.status if refused else 200, case=case, free=free, to=to,
        refused=refused, typed=typed, longest=LONGEST_CALLED, key=form(request, "key") or secrets.token_urlsafe(12),
        unsafe=case.safe_to_write is Consent.NO, kind=TOGETHER if len(free.visits) > 1 else free.visits[0].kind,
    )  # fmt: skip


def _asked(request: Request, today: date) -> tuple[str, date]:
    """The kind and the day that were asked for, in the address or in the form that was refused."""
    kind = form(request, "kind") or request.args.get("kind", "")
    day = read_day(form(request, "day") or request.args.get("day", ""), today + A_DAY)
    return kind if kind in OFFERED else next(iter(KIND_WORDS)), max(day, today)
