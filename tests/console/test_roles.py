"""Which role may open which route: the whole table, written out here and not read from the code."""

import re

import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from tests.console.conftest import Office, words

CALENDAR = {Role.OFFICER, Role.SUPERVISOR}
EVERYBODY = set(Role)
ONE = "console/calendar/<service:str>/appointments/<appointment:str>"
MAY = {
    "GET console": EVERYBODY,
    "POST console/leave": EVERYBODY,
    "GET console/account": EVERYBODY,
    "POST console/account/step-up": EVERYBODY,
    "POST console/account/password": EVERYBODY,
    "GET console/log": {Role.REVIEWER},
    "GET console/audit": {Role.AUDITOR},
    "GET console/accounts": {Role.ADMIN},
    "POST console/accounts/invite": {Role.ADMIN},
    "GET console/accounts/<account:str>": {Role.ADMIN},
    "POST console/accounts/<account:str>/change": {Role.ADMIN},
    "POST console/accounts/<account:str>/disable": {Role.ADMIN},
    "POST console/accounts/<account:str>/enable": {Role.ADMIN},
    "POST console/accounts/<account:str>/reset": {Role.ADMIN},
    "GET console/calendar": CALENDAR,
    "GET console/calendar/<service:str>": CALENDAR,
    "GET console/calendar/<service:str>/print": CALENDAR,
    "POST console/calendar/<service:str>/close": CALENDAR,
    "POST console/calendar/<service:str>/open": CALENDAR,
    "POST console/calendar/<service:str>/undo": CALENDAR,
    "GET console/calendar/<service:str>/rules": CALENDAR,
    "POST console/calendar/<service:str>/rules/set": CALENDAR,
    "GET console/calendar/<service:str>/book": CALENDAR,
    "POST console/calendar/<service:str>/book": CALENDAR,
    f"GET {ONE}": CALENDAR,
    f"POST {ONE}/phone": CALENDAR,
    f"POST {ONE}/attended": CALENDAR,
    f"POST {ONE}/no-show": CALENDAR,
    f"GET {ONE}/cancel": CALENDAR,
    f"POST {ONE}/cancel": CALENDAR,
    f"GET {ONE}/move": CALENDAR,
    f"POST {ONE}/move": CALENDAR,
    "GET console/coming": CALENDAR,
    "GET console/reminders": CALENDAR,
    "POST console/reminders/<reminder:str>/called": CALENDAR,
}
OPEN = {
    "GET console/enter",
    "POST console/enter",
    "GET console/invitation",
    "POST console/invitation",
    "POST console/invitation/accept",
}
LAST = "POST console/leave"


def shape(path: str) -> str:
    return re.sub(r"<(\w+)(:\w+)?>", r"<\1:str>", path).rstrip("/")


def test_the_table_names_every_route(office: Office) -> None:
    found = {
        f"{method} {shape(route.path)}"
        for route in office.app.router.routes
        if route.path.startswith("console") and "static" not in route.path
        for method in route.methods - {"HEAD", "OPTIONS"}
    }
    assert found == set(MAY) | OPEN


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_opens_what_it_may_and_the_rest_is_not_there(office: Office, role: Role) -> None:
    await office.enter(role)
    for route in sorted(MAY, key=lambda route: route == LAST):
        method, path = route.split()
        before = len(await office.acts(Act.ACCESS_DENIED))
        address = "/" + re.sub(r"<[^>]+>", "nowhere", path)
        response = await (office.client.get(address) if method == "GET" else office.post(address))
        denied = (await office.acts(Act.ACCESS_DENIED))[before:]
        if role in MAY[route]:
            assert denied == [], route
            assert response.status_code < 500, route
            assert response.status_code != 404 or "<" in path, route
        else:
            assert response.status_code == 404, route
            assert [(deed.actor, deed.object_kind, shape(deed.object_id)) for deed in denied] == [
                (office.officer, "page", shape(path))
            ]


@pytest.mark.parametrize(
    ("role", "home", "names"),
    [
        (Role.OFFICER, "/console/calendar", "日历 接下来谁来 打电话提醒"),
        (Role.SUPERVISOR, "/console/calendar", "日历 接下来谁来 打电话提醒"),
        (Role.REVIEWER, "/console/log", "消息记录"),
        (Role.AUDITOR, "/console/audit", "操作记录"),
        (Role.ADMIN, "/console/accounts", "账号"),
    ],
)
async def test_after_signing_in_she_is_where_she_works_and_sees_no_other_door(
    office: Office, role: Role, home: str, names: str
) -> None:
    assert await office.enter(role) == "/console/"
    response = await office.client.get("/console/", follow_redirects=True)
    assert (response.status_code, response.url.path) == (200, home)
    navigation = re.search(r"<nav aria-label=\"主要页面\">(.*?)</nav>", response.text, re.DOTALL)
    assert navigation
    assert words(navigation[1]).strip() == names
