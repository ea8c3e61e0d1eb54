"""Which role may open which route: the whole table, written out here and not read from the code."""

import re

import httpx
import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from tests.console.conftest import Office, words

CALENDAR = {Role.OFFICER, Role.SUPERVISOR}
EVERYBODY = set(Role)
TEACH = {Role.REVIEWER, Role.SUPERVISOR}
CASES = {Role.OFFICER, Role.SUPERVISOR}
RUN = {Role.OFFICER, Role.SUPERVISOR}
FIGURES = {Role.OFFICER, Role.SUPERVISOR, Role.REVIEWER}
ONE = "console/calendar/<service:str>/appointments/<appointment:str>"
MAY = {
    "GET console": EVERYBODY,
    "POST console/leave": EVERYBODY,
    "GET console/account": EVERYBODY,
    "POST console/account/step-up": EVERYBODY,
    "POST console/account/password": EVERYBODY,
    "GET console/review": {Role.REVIEWER},
    "GET console/review/worth-a-look": {Role.REVIEWER},
    "GET console/review/export": {Role.REVIEWER},
    "POST console/review/filters/save": {Role.REVIEWER},
    "POST console/review/filters/<kept:str>/drop": {Role.REVIEWER},
    "GET console/review/next": {Role.REVIEWER},
    "GET console/review/agreement": {Role.REVIEWER},
    "GET console/review/<talk:str>": {Role.REVIEWER},
    "POST console/review/<talk:str>/judge": {Role.REVIEWER},
    "POST console/review/<talk:str>/withdraw": {Role.REVIEWER},
    "POST console/review/<talk:str>/decide": {Role.REVIEWER},
    "POST console/review/<talk:str>/mark": {Role.REVIEWER},
    "POST console/review/<talk:str>/unmark": {Role.REVIEWER},
    "POST console/review/<talk:str>/reviewed": {Role.REVIEWER},
    "POST console/review/<talk:str>/case": {Role.REVIEWER},
    "POST console/review/<talk:str>/keep": {Role.REVIEWER},
    "POST console/review/<talk:str>/original": {Role.REVIEWER},
    "GET console/audit": {Role.AUDITOR},
    "GET console/accounts": {Role.ADMIN},
    "POST console/accounts/invite": {Role.ADMIN},
    "GET console/accounts/<account:str>": {Role.ADMIN},
    "POST console/accounts/<account:str>/change": {Role.ADMIN},
    "POST console/accounts/<account:str>/federation": {Role.ADMIN},
    "POST console/accounts/<account:str>/disable": {Role.ADMIN},
    "POST console/accounts/<account:str>/enable": {Role.ADMIN},
    "POST console/accounts/<account:str>/reset": {Role.ADMIN},
    "GET console/figures": FIGURES,
    "GET console/figures/report": FIGURES,
    "GET console/figures/export": FIGURES,
    "GET console/cases": CASES,
    "GET console/cases/watch": CASES,
    "GET console/cases/rows": CASES,
    "GET console/cases/export": CASES,
    "GET console/cases/events": CASES,
    "GET console/cases/new": CASES,
    "POST console/cases/new": CASES,
    "GET console/cases/<case:str>": CASES,
    "GET console/cases/<case:str>/parts": CASES,
    "GET console/cases/<case:str>/mark": CASES,
    "GET console/cases/<case:str>/events": CASES,
    "POST console/cases/<case:str>/take": CASES,
    "POST console/cases/<case:str>/decline": CASES,
    "POST console/cases/<case:str>/reply": CASES,
    "POST console/cases/<case:str>/release": CASES,
    "POST console/cases/<case:str>/transfer": CASES,
    "POST console/cases/<case:str>/level": CASES,
    "POST console/cases/<case:str>/work": CASES,
    "POST console/cases/<case:str>/give-back": CASES,
    "POST console/cases/<case:str>/close": CASES,
    "POST console/cases/<case:str>/reopen": CASES,
    "POST console/cases/<case:str>/note": CASES,
    "POST console/cases/<case:str>/correct": CASES,
    "POST console/cases/<case:str>/open": CASES,
    "GET console/cases/<case:str>/papers": CASES,
    "POST console/cases/<case:str>/tasks/add": CASES,
    "POST console/cases/<case:str>/tasks/<task:str>/finish": CASES,
    "POST console/cases/<case:str>/refer": CASES,
    "GET console/cases/<case:str>/referrals/<referral:str>": CASES,
    "POST console/cases/<case:str>/referrals/<referral:str>/open": CASES,
    "GET console/cases/<case:str>/book": CASES,
    "POST console/cases/<case:str>/book": CASES,
    "GET console/tasks": CASES,
    "GET console/tasks/export": CASES,
    "POST console/tasks/<task:str>/finish": CASES,
    "GET console/people": CASES,
    "GET console/people/export": CASES,
    "GET console/rota": CASES,
    "GET console/rota/export": CASES,
    "GET console/rota/office": CASES,
    "POST console/rota/set": {Role.SUPERVISOR},
    "POST console/rota/copy": {Role.SUPERVISOR},
    "POST console/rota/turns/<turn:str>/stand-in": CASES,
    "POST console/rota/turns/<turn:str>/swap": CASES,
    "POST console/duty/on": CASES,
    "POST console/duty/off": CASES,
    "POST console/duty/here": CASES,
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
    "GET console/aid": CASES,
    "GET console/aid/export": CASES,
    "POST console/cases/<case:str>/aid/start": CASES,
    "POST console/cases/<case:str>/aid/<application:str>/check": CASES,
    "POST console/cases/<case:str>/aid/<application:str>/move": CASES,
    "GET console/coming": CALENDAR,
    "GET console/reminders": CALENDAR,
    "POST console/reminders/<reminder:str>/called": CALENDAR,
    "GET console/activities": RUN,
    "GET console/activities/export": RUN,
    "POST console/activities/import": RUN,
    "GET console/activities/new": RUN,
    "POST console/activities/new": RUN,
    "GET console/activities/<activity:str>": RUN,
    "GET console/activities/<activity:str>/change": RUN,
    "POST console/activities/<activity:str>/change": RUN,
    "GET console/activities/<activity:str>/code": RUN,
    "POST console/activities/<activity:str>/publish": RUN,
    "POST console/activities/<activity:str>/cancel": RUN,
    "POST console/activities/<activity:str>/copy": RUN,
    "POST console/activities/<activity:str>/repeat": RUN,
    "GET console/activities/<activity:str>/people": RUN,
    "GET console/activities/<activity:str>/people/export": RUN,
    "POST console/activities/<activity:str>/people/<sign_up:str>/mark": RUN,
    "GET console/mobile": RUN,
    "GET console/mobile/export": RUN,
    "POST console/mobile/import": RUN,
    "GET console/mobile/plan": RUN,
    "POST console/mobile/plan": RUN,
    "GET console/mobile/stops/<stop:str>": RUN,
    "POST console/mobile/stops/<stop:str>/change": RUN,
    "POST console/mobile/stops/<stop:str>/cancel": RUN,
    "GET console/federations": CASES,
    "GET console/federations/export": CASES,
    "GET console/federations/people/export": CASES,
    "POST console/federations/import": {Role.SUPERVISOR},
    "POST console/federations/people/import": {Role.SUPERVISOR},
    "POST console/federations/add": {Role.SUPERVISOR},
    "GET console/federations/<federation:str>": CASES,
    "POST console/federations/<federation:str>/change": {Role.SUPERVISOR},
    "POST console/federations/<federation:str>/remove": {Role.SUPERVISOR},
    "POST console/federations/<federation:str>/people/add": {Role.SUPERVISOR},
    "POST console/federations/<federation:str>/people/<person:str>/remove": {Role.SUPERVISOR},
    "GET console/suggestions": RUN,
    "GET console/suggestions/export": RUN,
    "POST console/suggestions/import": RUN,
    "GET console/suggestions/<suggestion:str>": RUN,
    "POST console/suggestions/<suggestion:str>/sort": RUN,
    "POST console/suggestions/<suggestion:str>/merge": RUN,
    "POST console/suggestions/<suggestion:str>/split": RUN,
    "POST console/suggestions/<suggestion:str>/promise": RUN,
    "POST console/suggestions/<suggestion:str>/done": RUN,
    "POST console/suggestions/<suggestion:str>/decline": RUN,
    "POST console/suggestions/<suggestion:str>/publish": RUN,
    "GET console/volunteers": RUN,
    "GET console/volunteers/export": RUN,
    "POST console/volunteers/import": RUN,
    "GET console/volunteers/<volunteer:str>": RUN,
    "POST console/volunteers/<volunteer:str>/contact": RUN,
    "POST console/volunteers/<volunteer:str>/accept": RUN,
    "POST console/volunteers/<volunteer:str>/pause": RUN,
    "POST console/volunteers/<volunteer:str>/resume": RUN,
    "POST console/volunteers/<volunteer:str>/end": RUN,
    "GET console/volunteers/calls": RUN,
    "GET console/volunteers/calls/new": RUN,
    "POST console/volunteers/calls/new": RUN,
    "GET console/volunteers/calls/export": RUN,
    "POST console/volunteers/calls/import": RUN,
    "GET console/volunteers/calls/<call:str>": RUN,
    "POST console/volunteers/calls/<call:str>/ask": RUN,
    "POST console/volunteers/calls/<call:str>/answer": RUN,
    "POST console/volunteers/calls/<call:str>/hours": RUN,
    "POST console/volunteers/calls/<call:str>/tell": RUN,
    "POST console/volunteers/calls/<call:str>/close": RUN,
    "GET console/teaching": TEACH,
    "POST console/teaching/propose": TEACH,
    "GET console/teaching/sets/<change_set:str>": TEACH,
    "POST console/teaching/sets/<change_set:str>/approve": TEACH,
    "POST console/teaching/sets/<change_set:str>/refuse": TEACH,
    "POST console/teaching/train": TEACH,
    "GET console/teaching/trainings/<training:str>": TEACH,
    "GET console/teaching/trainings/<training:str>/progress": TEACH,
    "GET console/teaching/trainings/<training:str>/picture.svg": TEACH,
    "POST console/teaching/trainings/<training:str>/promote": TEACH,
    "POST console/teaching/rollback": TEACH,
    "GET console/retention": {Role.AUDITOR, Role.ADMIN},
    "GET console/cases/<case:str>/hold": CASES,
    "POST console/cases/<case:str>/hold": {Role.SUPERVISOR},
    "POST console/cases/<case:str>/hold/lift": {Role.SUPERVISOR},
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


async def asked(office: Office, address: str) -> httpx.Response:
    """The answer to a GET; of a stream, which does not end, how it begins."""
    async with office.client.stream("GET", address) as response:
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            await response.aread()
        return response


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_opens_what_it_may_and_the_rest_is_not_there(office: Office, role: Role) -> None:
    await office.enter(role)
    for route in sorted(MAY, key=lambda route: route == LAST):
        method, path = route.split()
        before = len(await office.acts(Act.ACCESS_DENIED))
        address = "/" + re.sub(r"<[^>]+>", "nowhere", path)
        response = await (asked(office, address) if method == "GET" else office.post(address))
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
        (
            Role.OFFICER,
            "/console/cases",
            "个案 待办 台账 救助 值班 妇联组织 日历 接下来谁来 打电话提醒 建议 志愿者 活动 流动服务 数据",
        ),
        (
            Role.SUPERVISOR,
            "/console/cases",
            "个案 待办 台账 救助 值班 妇联组织 日历 接下来谁来 打电话提醒 建议 志愿者 活动 流动服务 数据 教学",
        ),
        (Role.REVIEWER, "/console/review", "对话 数据 教学"),
        (Role.AUDITOR, "/console/audit", "操作记录 保留期限"),
        (Role.ADMIN, "/console/accounts", "账号 保留期限"),
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
