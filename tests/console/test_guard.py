"""Nobody comes past the guard: without a session, without a form of ours, from another site, outside her area."""

import re

import pytest
from sqlalchemy import func, select

from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.officers import Officer, Role
from bot.storage.appointments import Appointment
from bot.storage.calendars import CalendarChangeRow
from tests.console.conftest import Office

OPEN_TO_ALL = {("GET", "/console/enter"), ("POST", "/console/enter")}


def routes(office: Office) -> list[tuple[str, str]]:
    """(method, address) of every console route, with something in each gap."""
    found = [
        (method, "/" + re.sub(r"<[^>]+>", "x", route.path).rstrip("/"))
        for route in office.app.router.routes
        if route.path.startswith("console") and "static" not in route.path
        for method in sorted(route.methods)
    ]
    assert len(found) > 20
    return found


async def rows(office: Office, kind: type) -> int:
    async with office.made.database.read() as session:
        return await session.scalar(select(func.count()).select_from(kind)) or 0


async def test_every_route_but_the_entrance_needs_a_session(office: Office) -> None:
    office.client.cookies.clear()
    for method, path in routes(office):
        response = await office.client.request(method, path)
        if (method, path) in OPEN_TO_ALL:
            continue
        assert (response.status_code, response.headers.get("location")) == (303, "/console/enter"), (method, path)


@pytest.mark.parametrize("token", ["", "0" * 64, form_token("another session"), "不是口令"])
async def test_every_post_needs_the_token_of_its_session(office: Office, token: str) -> None:
    for method, path in routes(office):
        if method == "POST" and (method, path) not in OPEN_TO_ALL:
            response = await office.client.post(path, data={FIELD: token})
            assert response.status_code == 403, path
            assert "什么都没有改动" in response.text


async def test_a_form_without_a_token_changes_nothing(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00")
    fields = {"to": office.at("2026-11-25 09:45"), "called": "甲", "key": "k", "day": "2026-11-26", "part": "day"}
    for act in ("book", "close", "open"):
        await office.client.post(f"{office.calendar}/{act}", data={"shown": "2026-11-26", **fields})
    for act in ("cancel", "move"):
        await office.client.post(office.one(booked, act), data=fields)
    assert await rows(office, Appointment) == 1
    assert await rows(office, CalendarChangeRow) == 0
    assert (await office.made.appointments.one(booked.id)).status == "booked"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},  # a sandboxed frame
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},  # another host of the same domain is another site
    ],
)
async def test_another_site_cannot_send_our_forms(office: Office, headers: dict[str, str]) -> None:
    token = form_token(office.client.cookies.get(COOKIE) or "")
    fields = {FIELD: token, "key": "k", "shown": "2026-11-26", "day": "2026-11-26", "part": "day"}
    response = await office.client.post(f"{office.calendar}/close", data=fields, headers=headers)
    assert response.status_code == 403
    assert await rows(office, CalendarChangeRow) == 0


async def test_our_own_page_may_send_them(office: Office) -> None:
    token, host = form_token(office.client.cookies.get(COOKIE) or ""), str(office.client.base_url).rstrip("/")
    fields = {FIELD: token, "key": "k", "shown": "2026-11-26", "day": "2026-11-26", "part": "day"}
    headers = {"origin": host, "sec-fetch-site": "same-origin"}
    assert (await office.client.post(f"{office.calendar}/close", data=fields, headers=headers)).status_code == 303


async def test_a_link_cannot_be_used_up_from_another_site(office: Office) -> None:
    secret = await office.accounts.make_link()
    response = await office.client.post(
        "/console/enter", data={"secret": secret}, headers={"origin": "https://evil.example"}
    )
    assert response.status_code == 403
    assert (await office.client.post("/console/enter", data={"secret": secret})).headers["location"] == "/console"


async def test_outside_her_area_a_place_does_not_exist(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00", phone="13800000000")
    office.accounts.officer = Officer("河东", Role.OFFICER, "120102")
    for path in ("", "?view=week", "/print", "/rules", "/book?to=" + office.at("2026-11-25 09:45")):
        assert "甲站" not in await office.page(office.calendar + path, 404)
    for act in ("", "move", "cancel"):
        assert "李女士" not in await office.page(office.one(booked, act), 404)
    for act in ("close", "open", "undo", "rules/set", "book"):
        assert (await office.post(f"{office.calendar}/{act}", to=office.at("2026-11-25 09:45"))).status_code == 404
    for act in ("phone", "attended", "no-show", "cancel", "move"):
        response = await office.post(office.one(booked, act), to=office.at("2026-11-25 09:45"))
        assert response.status_code == 404
        assert "13800000000" not in response.text
    assert "甲站" not in await office.page("/console/calendar")
    assert "李女士" not in await office.page("/console/coming")


async def test_inside_her_area_she_sees_her_places(office: Office) -> None:
    await office.booked("2026-11-24 14:15")
    office.accounts.officer = Officer("和平", Role.OFFICER, "120101")
    assert "甲站" in await office.page("/console/calendar")
    assert "李女士" in await office.page("/console/coming")
    assert "李女士" in await office.page(office.calendar)


async def test_she_cannot_book_or_move_to_a_place_outside_her_area(office: Office) -> None:
    """The address names a place of hers, the form another one."""
    booked = await office.booked("2026-11-25 09:00")
    elsewhere = office.at("2026-11-25 09:45", "nowhere")
    assert (await office.post(f"{office.calendar}/book", to=elsewhere, called="甲", key="k")).status_code == 404
    assert (await office.post(office.one(booked, "move"), to=elsewhere)).status_code == 404
    assert await rows(office, Appointment) == 1


async def test_an_appointment_is_only_found_at_a_place_it_is_at(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00")
    other = office.made.services["乙站 legal"]
    await office.page(f"/console/calendar/{other}/appointments/{booked.id}", 404)


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (Role.OFFICER, "/console/calendar", 200),
        (Role.SUPERVISOR, "/console/calendar", 200),
        (Role.REVIEWER, "/console/calendar", 404),  # reads the masked log, has no business with who comes
        (Role.AUDITOR, "/console/calendar", 404),
        (Role.OFFICER, "/console/", 404),  # the log of all conversations is for reviewers
        (Role.REVIEWER, "/console/", 200),
    ],
)
async def test_a_role_sees_its_pages(office: Office, role: Role, path: str, status: int) -> None:
    office.accounts.officer = Officer("她", role)
    await office.page(path, status)


async def test_an_address_that_leads_nowhere_is_a_page(office: Office) -> None:
    assert "没有办成" in await office.page("/console/nowhere/at/all", 404)
