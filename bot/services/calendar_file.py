"""An appointment as an iCalendar file (RFC 5545), for the calendar on her own telephone; says no more than she asks for."""

import uuid
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from bot.domain.appointments import NEUTRAL_TITLE, AppointmentStatus, BookedAppointment

MAKER = "-//calendar//1//ZH"
NAMES = uuid.UUID("b1f6c1de-5a6c-4d0e-9a43-6f0d2f7c7a11")
ALARM_BEFORE = timedelta(hours=2)
STATES = {AppointmentStatus.HELD: "TENTATIVE", AppointmentStatus.CANCELLED: "CANCELLED"}


def calendar_file(appointment: BookedAppointment, now: datetime, *, with_place: bool = False) -> bytes:
    """The file. The same appointment has the same UID for ever and SEQUENCE counts its changes, so that a new file replaces.

    Calendars are shared between telephones and shown on locked screens: the title is neutral, there is no kind of
    service, no note and no name, and no place unless she asks for it. An alarm only if she wants to be reminded.
    """
    event = Event()
    event.add("uid", str(uuid.uuid5(NAMES, appointment.id)))
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", max(visit.ends_at for visit in appointment.visits).astimezone(UTC))
    event.add("summary", NEUTRAL_TITLE)
    event.add("status", STATES.get(appointment.status, "CONFIRMED"))
    event.add("class", "PRIVATE")
    if with_place:
        event.add("location", "；".join(f"{visit.place}，{visit.address}" for visit in appointment.visits))
    if appointment.remind and appointment.status is AppointmentStatus.BOOKED:
        event.add_component(_alarm())
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _alarm() -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -ALARM_BEFORE)
    alarm.add("description", NEUTRAL_TITLE)
    return alarm
