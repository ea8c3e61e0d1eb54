"""妇联组织: looked up by everybody, kept by supervisors of the branch; an account put there sees only what came there."""

import httpx
import pytest

from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.domain.federations import FederationKind
from tests.console.caseroom import CaseRoom
from tests.console.conftest import Office, words
from tests.integration.casework import HERE
from tests.integration.federating import FARM, found, hire_at

EVIL = "<script>alert(1)</script>"
LIST = "/console/federations"
TOWN = {
    "name": "柳林街道妇联", "kind": "area", "area": "柳林街道", "office": "一楼", "phone": "12338",
    "hours": "周一至周五 9:00-17:00",
}  # fmt: skip
HEADER = "名称,类型,地区,办公电话\n"


async def added(office: Office, **changed: str) -> str:
    """The address of a new one's page."""
    response = await office.post(f"{LIST}/add", **(TOWN | changed))
    assert response.status_code == 303, words(response.text)
    return response.headers["location"].split("?")[0]


async def upload(office: Office, path: str, text: str) -> httpx.Response:
    token = form_token(office.client.cookies.get(COOKIE) or "")
    return await office.client.post(
        f"{LIST}/{path}", data={FIELD: token}, files={"file": ("名单.csv", text.encode("utf-8"), "text/csv")}
    )


async def test_one_is_added_with_its_people_found_changed_and_removed(office: Office) -> None:
    await office.enter()
    path = await added(office)
    for title, duty in (("主席", EVIL), ("执委", "金凤里")):
        person = {"title": title, "name": "甲", "duty": duty, "on_duty": "周一、周三"}
        assert (await office.post(f"{path}/people/add", **person)).status_code == 303
    page = await office.page(path)
    assert EVIL not in page
    assert "执委 甲 值班：周一、周三 负责：金凤里" in words(page)
    listed = words(await office.page(f"{LIST}?q=金凤里"))
    assert "地区 1，系统 0" in listed
    assert "柳林街道妇联 地区 北河区 柳林街道 一楼 12338 周一至周五 9:00-17:00" in listed
    assert "没有找到。" in words(await office.page(f"{LIST}?q=没有的"))
    assert "没有找到。" in words(await office.page(f"{LIST}?people=none"))
    assert (await office.post(f"{path}/change", **(TOWN | {"office": "二楼"}))).status_code == 303
    assert "二楼" in words(await office.page(path))
    assert (await office.post(f"{path}/remove")).status_code == 303
    await office.page(path, 404)
    assert len(await office.acts(Act.FEDERATION_CHANGED)) == 4
    assert len(await office.acts(Act.FEDERATION_REMOVED)) == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"phone": "13812345678"}, "不登记个人号码"),
        ({"hours": "随时"}, "看不懂开放时间"),
        ({"area": "没有这个镇"}, "没有找到"),
        ({"kind": "nothing"}, "请选一个类型"),
    ],
)
async def test_what_is_refused_says_why_and_keeps_what_was_typed(
    office: Office, changed: dict[str, str], told: str
) -> None:
    await office.enter()
    response = await office.post(f"{LIST}/add", **(TOWN | changed))
    assert (response.status_code, told in response.text, "柳林街道妇联" in response.text) == (400, True, True)
    path = await added(office)
    response = await office.post(f"{path}/change", **(TOWN | changed))
    assert (response.status_code, told in response.text) == (400, True)
    response = await office.post(f"{path}/people/add", title="执委", duty="找我 13812345678")
    assert (response.status_code, "手机号" in response.text, 'value="执委"' in response.text) == (400, True, True)


async def test_officers_look_and_another_branch_changes_nothing(office: Office) -> None:
    await office.enter()
    path = await added(office)
    for role, area in ((Role.OFFICER, ""), (Role.SUPERVISOR, "120112")):
        await office.enter(role, area)
        page = await office.page(path)
        assert "12338" in page
        assert "/change" not in page
        assert (await office.post(f"{path}/change", **TOWN)).status_code == 404
        assert (await office.post(f"{path}/remove")).status_code == 404
    assert "没有找到。" in words(await office.page(LIST))  # her own branch, unless she asks for another
    assert "柳林街道妇联" in words(await office.page(f"{LIST}?area=全部"))
    assert "柳林街道妇联" not in (await office.client.get(f"{LIST}/export?area=全部")).text  # she could not put it in


async def test_both_lists_go_out_and_in_again_through_the_page(office: Office) -> None:
    await office.enter()
    assert "导入了 1 个" in words(
        await office.follow(await upload(office, "import", f"{HEADER}甲妇联,地区,柳林街道,\n"))
    )
    people = "所属妇联,职务,负责\n甲妇联,主席,=1+1\n"
    assert "1 个妇联的 1 人" in words(await office.follow(await upload(office, "people/import", people)))
    out = await office.client.get(f"{LIST}/people/export")
    assert "'=1+1" in out.text  # nothing in it computes
    assert (await upload(office, "people/import", out.text.lstrip("\ufeff"))).status_code == 303
    out = await office.client.get(f"{LIST}/export")
    assert "更新了 1 个" in words(await office.follow(await upload(office, "import", out.text.lstrip("\ufeff"))))
    assert len(await office.acts(Act.EXPORTED)) == 2


async def test_bad_rows_are_told_and_nothing_comes_in(office: Office) -> None:
    await office.enter()
    response = await upload(office, "import", f"{HEADER}甲妇联,地区,柳林街道,\n乙妇联,地区,柳林街道,13812345678\n")
    assert (response.status_code, "手机号" in response.text) == (400, True)
    assert "没有找到。" in words(await office.page(LIST))


async def test_an_administrator_puts_an_account_into_a_federation_and_its_pages_shrink(office: Office) -> None:
    await office.enter()
    path = await added(office, name="种业妇联", kind="company")
    federation = path.rsplit("/", 1)[1]
    account = await office.staffed.hire("farm", Role.SUPERVISOR, "120113")
    await office.enter(Role.ADMIN)
    assert "种业妇联（两新组织）" in words(await office.page(f"/console/accounts/{account}"))
    assert (await office.post(f"/console/accounts/{account}/federation", federation="nothing")).status_code == 400
    assert (await office.post(f"/console/accounts/{account}/federation", federation=federation)).status_code == 303
    assert federation in (await office.acts(Act.ACCOUNT_CHANGED))[-1].reason
    assert (await office.sign_in("farm")).status_code == 303
    page = words(await office.page("/console/cases"))
    assert "妇联组织" in page
    assert "流动服务" not in page
    for closed in ("/console/calendar", "/console/figures", "/console/suggestions", "/console/mobile"):
        await office.page(closed, 404)


async def test_an_officer_sends_a_case_to_her_work_only_as_she_asked(room: CaseRoom) -> None:
    federation = await found(room.work)
    await hire_at(room.work, federation, there=False)
    desk, path = await room.taken(HERE)
    page = await desk.page(path)
    assert f"{FARM}（北河区）" in words(page)
    assert "是她本人提出要找那里的" in words(page)
    response = await desk.post(f"{path}/work", federation=federation, reason="她要")
    assert (response.status_code, "本人提出" in response.text) == (400, True)
    response = await desk.post(f"{path}/work", federation=federation, reason="她要", she_asked="yes")
    assert "已经转给她选的妇联" in words(await desk.follow(response))
    assert (await room.work.case()).federation_id == federation
    assert len(await room.acts(Act.CASE_TRANSFERRED)) == 1


async def test_without_such_a_federation_the_page_offers_none(room: CaseRoom) -> None:
    await found(room.work, "没有人的商会妇联", FederationKind.CHAMBER)
    desk, path = await room.taken(HERE)
    assert f'action="{path}/work"' not in await desk.page(path)
