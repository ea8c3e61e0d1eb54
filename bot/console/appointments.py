"""One appointment in an officer's hands: looked at, written down, cancelled, her number shown."""

import logging

from sanic import Blueprint, HTTPResponse, Request

from bot.console.guard import CALENDAR_ROLES, appointment_of, guarded
from bot.console.pages import back_to, page
from bot.domain.appointments import Actor, AppointmentStatus, BookedAppointment

log = logging.getLogger(__name__)


def add_appointments(console: Blueprint) -> None:
    """Routes of single appointments."""
    one = "/calendar/<service>/appointments/<appointment>"
    console.add_route(show, one)
    console.add_route(phone, f"{one}/phone", methods=["POST"])
    console.add_route(attended, f"{one}/attended", methods=["POST"])
    console.add_route(no_show, f"{one}/no-show", methods=["POST"])
    console.add_route(show_cancel, f"{one}/cancel")
    console.add_route(cancel, f"{one}/cancel", methods=["POST"])


@guarded(*CALENDAR_ROLES)
async def show(request: Request, service: str, appointment: str) -> HTTPResponse:
    """Everything about one appointment but her number."""
    return await _show(request, service, appointment, with_phone=False)


@guarded(*CALENDAR_ROLES)
async def phone(request: Request, service: str, appointment: str) -> HTTPResponse:
    """The same with her number, for calling her."""
    return await _show(request, service, appointment, with_phone=True)


@guarded(*CALENDAR_ROLES)
async def attended(request: Request, service: str, appointment: str) -> HTTPResponse:
    """She came."""
    return await _record(request, service, appointment, AppointmentStatus.ATTENDED)


@guarded(*CALENDAR_ROLES)
async def no_show(request: Request, service: str, appointment: str) -> HTTPResponse:
    """She did not come."""
    return await _record(request, service, appointment, AppointmentStatus.NO_SHOW)


@guarded(*CALENDAR_ROLES)
async def show_cancel(request: Request, service: str, appointment: str) -> HTTPResponse:
    """Read it back before it is cancelled: the seat goes to the next at once."""
    door, booked = await appointment_of(request, service, appointment)
    return page(request, "cancel.html", door=door, booked=booked)


@guarded(*CALENDAR_ROLES)
async def cancel(request: Request, service: str, appointment: str) -> HTTPResponse:
    """Cancel it."""
    await appointment_of(request, service, appointment)
    booked = await request.app.ctx.services.appointments.cancel(appointment, actor=Actor.OFFICER)
    return after(booked, "cancelled", service)


def after(booked: BookedAppointment, said: str, service: str = "") -> HTTPResponse:
    """To the day of an appointment at one of its places (the first), where it is read out."""
    visit = next((visit for visit in booked.visits if visit.service == service), booked.visits[0])
    path = f"/console/calendar/{visit.service}"
    return back_to(path, day=visit.starts_at.date().isoformat(), said=said, appointment=booked.id)


async def _show(request: Request, service: str, appointment: str, *, with_phone: bool) -> HTTPResponse:
    door, booked = await appointment_of(request, service, appointment)
    number = None
    if with_phone:
        number = await request.app.ctx.services.calendars.phone(appointment)
        # Whoever looks is written down; the number itself never is.
        log.info("access: %s saw the phone of appointment %s", request.ctx.officer.role, booked.id)
    now = request.app.ctx.services.availability.now()
    return page(request, "appointment.html", door=door, booked=booked, number=number, now=now)


async def _record(request: Request, service: str, appointment: str, status: AppointmentStatus) -> HTTPResponse:
    await appointment_of(request, service, appointment)
    booked = await request.app.ctx.services.appointments.record(appointment, status)
    return after(booked, status.value, service)
