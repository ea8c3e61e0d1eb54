"""Booking for a woman who calls: the form, the booking, and three other slots when hers has gone meanwhile."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from bot.console.appointments import after
from bot.console.fields import read_phone, read_visits
from bot.console.guard import CALENDAR_ROLES, StaleForm, door_of, form, guarded
from bot.console.pages import page
from bot.domain.appointments import Actor
from bot.domain.errors import BadInput, BotError, SlotTaken
from bot.services.appointments import LONGEST_CALLED, BookingRequest
from bot.services.availability import FreeSlot, SlotWish
from bot.services.directory import Door

TYPED = ("called", "phone", "remind")
LONGEST_PHONE = 40


def add_bookings(console: Blueprint) -> None:
    """Routes of booking."""
    console.add_route(show_book, "/calendar/<service>/book")
    console.add_route(book, "/calendar/<service>/book", methods=["POST"])


@guarded(*CALENDAR_ROLES)
async def show_book(request: Request, service: str) -> HTTPResponse:
    """The form."""
    door = await door_of(request, service)
    return await _page(request, door, request.args.get("to", ""))


@guarded(*CALENDAR_ROLES)
async def book(request: Request, service: str) -> HTTPResponse:
    """Book for her. A form that is sent twice books once."""
    door = await door_of(request, service)
    to = form(request, "to")
    visits = await visits_of(request, to)
    try:
        booked = await request.app.ctx.services.appointments.book(_request(request, to, visits))
    except StaleForm:
        raise
    except (SlotTaken, BadInput) as refused:
        return await _page(request, door, to, refused)
    return after(booked, "booked")


async def visits_of(request: Request, to: str) -> tuple[tuple[str, datetime], ...]:
    """(service, local start) of what `to` names, every service in the officer's area. Raises NotFound, BadInput."""
    visits = read_visits(to, request.app.ctx.services.availability.now().tzinfo)
    for service, _ in visits:
        await door_of(request, service)
    return visits


async def nearest_free(request: Request, door: Door, wanted: datetime) -> tuple[FreeSlot, ...]:
    """The three free slots nearest to one that cannot be had, here and at the next place of the officer's area."""
    availability = request.app.ctx.services.availability
    now = availability.now()
    horizon = availability.rules_of(door, None).horizon
    wish = SlotWish(
        (door.kind,), now, now + horizon, point=door.card.point, exact=wanted, within=request.ctx.officer.area
    )
    found: tuple[FreeSlot, ...] = (await availability.find(wish)).slots
    return found


def _request(request: Request, to: str, visits: tuple[tuple[str, datetime], ...]) -> BookingRequest:
    """The form as a request. Its key names the form and all that is in it: changed and sent again it is another one."""
    key, called = form(request, "key"), form(request, "called")
    phone, remind = read_phone(form(request, "phone", LONGEST_PHONE)), form(request, "remind") == "1"
    if not key:
        raise StaleForm
    if not called or len(called) > LONGEST_CALLED:
        raise BadInput(f"请写怎么称呼她，最多 {LONGEST_CALLED} 个字。")
    if remind and not phone:
        raise BadInput("要打电话提醒她，请留一个电话；不留电话就不要勾选提醒。")
    sent = "\0".join(("console", key, to, called, phone))
    return BookingRequest(sent, visits, called=called, phone=phone, remind=remind, actor=Actor.OFFICER)


async def _page(request: Request, door: Door, to: str, refused: BotError | None = None) -> HTTPResponse:
    (_, starts_at), *_ = await visits_of(request, to)
    typed = {name: form(request, name, LONGEST_PHONE) for name in TYPED}
    shown: Mapping[str, Any] = {
        "door": door, "to": to, "starts_at": starts_at, "typed": typed, "refused": refused, "longest": LONGEST_CALLED,
        "key": form(request, "key") or secrets.token_urlsafe(12),
        "taken": isinstance(refused, SlotTaken),
        "instead": await nearest_free(request, door, starts_at) if isinstance(refused, SlotTaken) else (),
        "holds": (await request.app.ctx.services.calendars.rules(door.card.id))[0],
    }  # fmt: skip
    return page(request, "book.html", refused.status if refused else 200, **shown)
