"""What another site, a planted cookie or a forged name of the host can make a browser do: nothing."""

import httpx
import pytest

from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.accounts import Role
from tests.console.conftest import Office
from tests.integration.staffing import PASSWORD


async def test_a_session_that_was_planted_is_never_signed_in(office: Office) -> None:
    login = "planted"
    office.made.clock.pass_by(seconds=-60)
    await office.staffed.hire(login, Role.OFFICER, "")
    planted = {"Cookie": f"{COOKIE}=planted"}
    fields = {"login": login, "password": PASSWORD, "code": office.staffed.code(login)}
    async with httpx.AsyncClient(base_url=office.client.base_url, trust_env=False) as attacker:
        response = await attacker.post("/console/enter", data=fields, headers=planted)
        assert response.status_code == 303
        given = response.cookies[COOKIE]
        assert given != "planted"
        attacker.cookies.clear()
        for cookie, there in (("planted", "/console/enter"), (given, None)):
            answer = await attacker.get("/console/account", headers={"Cookie": f"{COOKIE}={cookie}"})
            assert answer.headers.get("location") == there


async def test_the_session_s_cookie_is_kept_from_scripts_and_from_other_sites(office: Office) -> None:
    office.made.clock.pass_by(seconds=-60)
    await office.staffed.hire("cookies", Role.OFFICER, "")
    written = (await office.sign_in("cookies")).headers.get_list("set-cookie")
    assert len(written) == 2
    for cookie in written:
        assert "httponly" in cookie.lower()
        assert "samesite=strict" in cookie.lower()


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4"},
        {"Forwarded": "host=evil.example;proto=https;for=1.2.3.4"},
        {"X-Original-URL": "/console/accounts", "X-Rewrite-URL": "/console/accounts"},
    ],
)
async def test_what_a_proxy_could_say_of_the_host_changes_nothing(office: Office, headers: dict[str, str]) -> None:
    await office.enter(Role.ADMIN)
    token = form_token(office.client.cookies.get(COOKIE) or "")
    fields = {FIELD: token, "login": "new", "name": "新", "role": "officer", "area": "全部"}
    response = await office.client.post("/console/accounts/invite", data=fields, headers=headers)
    assert response.status_code == 200
    assert "/console/invitation#" in response.text
    assert "evil.example" not in response.text
    other = headers | {"Origin": "https://evil.example"}
    assert (await office.client.post("/console/accounts/invite", data=fields, headers=other)).status_code == 403


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "/console//evil.example", "/console/../../x\r\nX-Evil: 1",
        "javascript:alert(1)", "/console/\\\\evil.example", "",
    ],
)  # fmt: skip
async def test_no_form_leads_to_another_host(office: Office, back: str) -> None:
    response = await office.post("/console/duty/off", back=back)
    assert response.status_code == 303
    assert response.headers["location"].startswith("/console/")
    assert "evil" not in response.headers["location"]
    assert "x-evil" not in response.headers
