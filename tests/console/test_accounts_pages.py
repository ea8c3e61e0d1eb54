"""An administrator's pages, an invitation followed through, and the auditor's search."""

import re
from urllib.parse import urlsplit

import pyotp
import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from tests.console.conftest import Office, words
from tests.integration.staffing import PASSWORD


@pytest.fixture
async def admin(office: Office) -> Office:
    await office.enter(Role.ADMIN)
    return office


async def invited(office: Office, **changed: str) -> str:
    """The secret of a new account's invitation, read from the page."""
    fields = {"name": "刘敏", "login": "", "role": "officer", "area": "北辰区"} | changed
    response = await office.post("/console/accounts/invite", **fields)
    assert response.status_code == 200, words(response.text)
    found = re.search(r'value="([^"]+/console/invitation#[^"]+)"', response.text)
    assert found
    return urlsplit(found[1]).fragment


async def test_an_invitation_is_followed_once(admin: Office) -> None:
    secret = await invited(admin)
    admin.client.cookies.clear()
    page = (await admin.client.post("/console/invitation", data={"secret": secret})).text
    for word in ("刘敏", "工作人员", "北辰区", "<svg", "二维码"):
        assert word in page
    assert "style=" not in page
    totp = pyotp.TOTP(re.search(r'<code id="totp">(\w+)</code>', page)[1])  # type: ignore[index]
    fields = {"secret": secret, "password": PASSWORD, "again": PASSWORD, "code": totp.at(admin.made.clock())}
    for wrong, told in (
        ({"again": PASSWORD + " "}, "两次写的密码不一样"),
        ({"code": "000000"}, "验证码不对"),
        ({"password": "short", "again": "short"}, "密码要 12 到"),
    ):
        response = await admin.client.post("/console/invitation/accept", data=fields | wrong)
        assert (response.status_code, told in response.text, "<svg" in response.text) == (400, True, True)
        assert PASSWORD not in response.text
    done = await admin.client.post("/console/invitation/accept", data=fields)
    assert done.status_code == 200
    assert len(re.findall(r"<li><code>[a-z2-9]{5}-[a-z2-9]{5}</code>", done.text)) == 8
    for path in ("/console/invitation", "/console/invitation/accept"):
        again = await admin.client.post(path, data=fields)
        assert (again.status_code, "已经用过、过期或作废" in again.text) == (401, True)
    admin.staffed.phones["刘敏"] = totp.secret
    assert (await admin.sign_in("刘敏")).status_code == 303
    await admin.page("/console/calendar")


async def test_an_invitation_is_not_taken_from_another_site(admin: Office) -> None:
    secret = await invited(admin)
    headers = {"origin": "https://evil.example"}
    for path in ("/console/invitation", "/console/invitation/accept"):
        response = await admin.client.post(path, data={"secret": secret}, headers=headers)
        assert response.status_code == 403


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"area": "没有的区"}, "没有找到"),
        ({"area": ""}, "没有找到"),
        ({"role": "queen"}, "请选一个角色"),
        ({"name": ""}, "登录名要 2 到"),
        ({"login": "admin2"}, "已经有人用了"),
    ],
)
async def test_an_account_that_cannot_be_made_is_told_and_what_was_typed_stays(
    admin: Office, changed: dict[str, str], told: str
) -> None:
    fields = {"name": "刘敏", "login": "liumin", "role": "officer", "area": "北辰区"} | changed
    if changed.get("name") == "":
        fields["login"] = ""
    response = await admin.post("/console/accounts/invite", **fields)
    assert response.status_code in {400, 409}
    assert told in response.text
    assert f'value="{fields["area"]}"' in response.text


async def test_an_account_is_changed_disabled_enabled_and_reset(admin: Office) -> None:
    account = await admin.staffed.hire("liumin", Role.OFFICER, "120113")
    token = (await admin.staffed.sign_in("liumin")).token
    path = f"/console/accounts/{account}"
    changed = await admin.post(f"{path}/change", name="刘敏", role="supervisor", area="全部")
    assert "改好了" in await admin.follow(changed)
    line = await admin.staffed.staff.find("liumin")
    assert (line.name, line.role, line.scope) == ("刘敏", Role.SUPERVISOR, "")
    admin.client.cookies.set("kept", token)
    assert "已停用" in await admin.follow(await admin.post(f"{path}/disable"))
    assert (await admin.post(f"{path}/reset")).status_code == 409
    assert "已启用" in await admin.follow(await admin.post(f"{path}/enable"))
    assert "/console/invitation#" in (await admin.post(f"{path}/reset")).text
    for act in (Act.ACCOUNT_CHANGED, Act.ACCOUNT_DISABLED, Act.ACCOUNT_ENABLED, Act.ACCOUNT_RESET):
        assert [(deed.actor, deed.object_id) for deed in await admin.acts(act)] == [(admin.officer, account)]


async def test_nobody_changes_her_own_account(admin: Office) -> None:
    for act in ("change", "disable", "reset"):
        response = await admin.post(f"/console/accounts/{admin.officer}/{act}", name="我", role="admin", area="全部")
        assert (response.status_code, "不能修改自己的账号" in response.text) == (409, True)


async def test_an_administrator_of_a_branch_sees_and_makes_accounts_of_it_only(office: Office) -> None:
    elsewhere = await office.staffed.hire("elsewhere", Role.OFFICER, "120102")
    await office.enter(Role.ADMIN, "120113")
    assert "elsewhere" not in await office.page("/console/accounts")
    await office.page(f"/console/accounts/{elsewhere}", 404)
    for act in ("change", "disable", "enable", "reset"):
        fields = {"name": "她", "role": "officer", "area": "北辰区"}
        assert (await office.post(f"/console/accounts/{elsewhere}/{act}", **fields)).status_code == 404
    refused = await office.post("/console/accounts/invite", name="她", login="she", role="officer", area="全部")
    assert (refused.status_code, "不归您管" in refused.text) == (400, True)


async def test_accounts_are_found_and_have_pages(admin: Office) -> None:
    for at in range(51):
        await admin.staffed.staff.invite(f"zz{at:02}", f"第{at}位", Role.REVIEWER, "")
    first = await admin.page("/console/accounts?q=zz")
    assert ("zz49" in first, "zz50" in first) == (True, False)
    assert "zz50" in await admin.page("/console/accounts?q=zz&after=zz49")
    assert "没有找到" in await admin.page("/console/accounts?q=zz&role=officer")


async def test_the_auditor_finds_who_did_what(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00", phone="13800000000")
    await office.post(office.one(booked, "phone"))
    await office.enter(Role.AUDITOR)
    page = await office.page("/console/audit")
    assert "看预约电话" in words(page)
    assert "13800000000" not in page
    for query, there in (
        (f"object={booked.id}", True),
        ("act=phone_seen", True),
        ("actor=supervisor1&act=phone_seen", True),
        ("since=2026-11-24&until=2026-11-24", True),
        ("act=exported", False),
        ("actor=nobody", False),
        ("since=2026-11-25", False),
        ("until=2026-11-23", False),
    ):
        rows = (await office.page(f"/console/audit?{query}")).split("<tbody>")[1]
        assert (booked.id in rows) == there, query
    await office.page("/console/audit?since=gestern", 400)


async def test_the_audit_log_has_pages(office: Office) -> None:
    await office.enter(Role.AUDITOR)
    for at in range(60):
        await office.staffed.audit.denied(None, "page", f"object{at:02}")
    first = await office.page("/console/audit?act=access_denied")
    assert ("object59" in first, "object10" in first, "object09" in first) == (True, True, False)
    older = re.search(r'href="(/console/audit\?[^"]*before=\d+[^"]*)">更早的', first)
    assert older
    second = await office.page(older[1].replace("&amp;", "&"))
    assert ("object09" in second, "object10" in second, "更早的" in second) == (True, False, False)
