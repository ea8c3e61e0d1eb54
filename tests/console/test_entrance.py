"""The entrance: cookies, refusals in words, floods, sessions that end."""

import pytest

from bot.console.guard import COOKIE
from bot.domain.accounts import Role
from bot.domain.audit import Act
from tests.console.conftest import Office, words
from tests.integration.staffing import PASSWORD

LOGIN = "supervisor1"
NEW = "chun tian hua hui kai"


def cookies(response) -> dict[str, str]:
    return {line.split("=")[0]: line.lower() for line in response.headers.get_list("set-cookie")}


async def test_the_cookies_are_for_this_site_alone_and_no_script_reads_them(office: Office) -> None:
    office.staffed.clock.pass_by(seconds=30)
    given = cookies(await office.sign_in(LOGIN))
    assert set(given) == {"console", "console_device"}
    for line in given.values():
        assert "httponly" in line
        assert "samesite=strict" in line
        assert "secure" not in line  # this office is served over plain http


async def test_under_https_the_cookies_are_sent_over_nothing_else(office: Office) -> None:
    office.app.ctx.settings = office.app.ctx.settings.model_copy(update={"public_url": "https://example.org"})
    given = cookies(await office.sign_in(LOGIN))
    assert all("secure" in line for line in given.values())


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [
        ("nobody", PASSWORD, "123456"),  # no such name
        (LOGIN, "wrong password 1", ""),  # her code, another password
        (LOGIN, PASSWORD, "000000"),  # her password, another code
        ("<script>alert(1)</script>", "x", "y"),
        ("", "", ""),
    ],
)
async def test_what_was_wrong_is_not_told_and_the_page_comes_again(
    office: Office, login: str, password: str, code: str
) -> None:
    office.client.cookies.clear()
    code = code or office.staffed.code(LOGIN)
    response = await office.client.post("/console/enter", data={"login": login, "password": password, "code": code})
    assert response.status_code == 401
    assert "登录名、密码或验证码不对。" in response.text
    assert not office.client.cookies.get(COOKIE)
    assert "<script>alert" not in response.text
    assert PASSWORD not in response.text
    assert "wrong password 1" not in response.text


async def test_who_keeps_guessing_is_told_to_wait(office: Office) -> None:
    seen = [(await office.sign_in(LOGIN, "wrong password 1", "123456")).status_code for _ in range(7)]
    assert seen[0] == 401
    assert seen[-1] == 429
    assert "秒再试" in (await office.sign_in(LOGIN, "wrong password 1", "123456")).text


async def test_one_address_cannot_try_name_after_name(office: Office) -> None:
    seen = [
        (
            await office.client.post("/console/enter", data={"login": f"nobody{at}", "password": "x", "code": "1"})
        ).status_code
        for at in range(31)
    ]
    assert set(seen[:25]) == {401}
    assert seen[-1] == 429
    refused = await office.client.post("/console/invitation", data={"secret": "x"})
    assert (refused.status_code, "请过一分钟再试" in refused.text) == (429, True)


async def test_a_recovery_code_lets_her_in_and_she_is_told_how_many_are_left(office: Office) -> None:
    response = await office.sign_in(LOGIN, code=office.staffed.recovery[LOGIN][0])
    assert "还剩 7 个" in words(await office.follow(response))
    assert (await office.sign_in(LOGIN, code=office.staffed.recovery[LOGIN][0])).status_code == 401


async def test_leaving_ends_the_session_also_for_who_kept_the_cookie(office: Office) -> None:
    kept = office.client.cookies[COOKIE]
    assert (await office.post("/console/leave")).headers["location"] == "/console/enter"
    office.client.cookies.clear()
    office.client.cookies.set(COOKIE, kept)
    assert (await office.client.get("/console/calendar")).status_code == 303


async def test_a_disabled_account_is_out_at_once(office: Office) -> None:
    await office.page("/console/calendar")
    await office.staffed.staff.disable(office.officer)
    response = await office.client.get("/console/calendar")
    assert (response.status_code, response.headers["location"]) == (303, "/console/enter")
    assert (await office.sign_in(LOGIN)).status_code == 401


async def test_she_changes_her_password_with_a_fresh_code(office: Office) -> None:
    office.staffed.clock.pass_by(minutes=6)
    fields = {"current": PASSWORD, "new": NEW, "again": NEW}
    refused = await office.post("/console/account/password", **fields)
    assert (refused.status_code, "请再输入一次手机上的验证码" in refused.text) == (403, True)
    wrong = await office.post("/console/account/step-up", code="000000")
    assert (wrong.status_code, "验证码不对" in wrong.text) == (401, True)
    stepped = await office.post("/console/account/step-up", code=office.staffed.code(LOGIN))
    assert "验证好了" in await office.follow(stepped)
    other = await office.post("/console/account/password", **fields | {"again": NEW + "x"})
    assert (other.status_code, "两次写的新密码不一样" in other.text) == (400, True)
    kept = office.client.cookies[COOKIE]
    assert "密码改好了" in await office.follow(await office.post("/console/account/password", **fields))
    assert office.client.cookies[COOKIE] != kept
    office.client.cookies.clear()
    office.client.cookies.set(COOKIE, kept)
    assert (await office.client.get("/console/account")).status_code == 303
    assert (await office.sign_in(LOGIN)).status_code == 401
    assert (await office.sign_in(LOGIN, NEW)).status_code == 303
    assert len(await office.acts(Act.PASSWORD_CHANGED)) == 1


@pytest.mark.parametrize("path", ["/console/enter", "/console/invitation", "/console/account", "/console/calendar"])
async def test_every_page_keeps_to_the_strict_headers(office: Office, path: str) -> None:
    response = await office.client.get(path)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-frame-options"] == "DENY"
    assert "default-src 'none'; script-src 'self'" in response.headers["content-security-policy"]
    assert "style=" not in response.text


async def test_a_name_is_words_and_never_markup(office: Office) -> None:
    evil = "<img src=x onerror=alert(1)>"
    staff = office.staffed.staff
    account = await office.staffed.hire("evil", Role.SUPERVISOR, "")
    await staff.change(account, role=Role.SUPERVISOR, scope="", name=evil)
    await office.sign_in("evil")
    assert evil not in await office.page("/console/calendar")
    await office.enter(Role.ADMIN)
    for path in ("/console/accounts", f"/console/accounts/{account}"):
        page = await office.page(path)
        assert evil not in page
        assert "&lt;img" in page
    await office.enter(Role.AUDITOR)
    assert evil not in await office.page("/console/audit")
