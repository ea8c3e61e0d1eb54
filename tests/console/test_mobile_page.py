"""流动服务: a route planned in one form, a stop changed and cancelled, the list filtered, taken away and put in."""

import httpx
import pytest

from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.domain.mobile import StopFilter
from tests.console.conftest import Office, words

EVIL = "<script>alert(1)</script>"
ROUTE = {
    "name": "一号车", "kind": "clinic", "offers": "量血压", "office": "北辰区",
    "day0": "2026-11-26", "from0": "09:00", "to0": "11:00", "area0": "集贤里街道", "place0": "甲社区门口",
    "day2": "2026-11-27", "from2": "13:00", "to2": "15:00", "area2": "双街镇", "place2": EVIL,
}  # fmt: skip


async def planned(office: Office) -> tuple[str, str]:
    response = await office.post("/console/mobile/plan", **ROUTE)
    page = await office.follow(response)
    assert "排好了 2 站" in page
    rows = await office.app.ctx.services.mobile_routes.page(await officer(office), StopFilter())
    return rows[0].id, rows[1].id


async def officer(office: Office):  # type: ignore[no-untyped-def]
    return await office.app.ctx.services.accounts.check(office.client.cookies.get(COOKIE) or "")


async def test_a_route_is_planned_at_once_and_stands_in_the_list(office: Office) -> None:
    await planned(office)
    page = await office.page("/console/mobile")
    shown = words(page)
    assert "今后 30 天：2 站（1 个车和点），其中取消 0 站；留意附近站点的姐妹 0 位" in shown
    assert "11月26日（周四）09:00–11:00 流动义诊 北辰区 集贤里街道 甲社区门口 一号车：量血压" in shown
    assert EVIL not in page
    assert [deed.reason for deed in await office.acts(Act.MOBILE_PLANNED)] == ["2 站"]


@pytest.mark.parametrize(
    ("wrong", "words_"),
    [
        ({"area2": "没有这个镇"}, "没有找到"),
        ({"to2": "12:00"}, "结束时间要在开始时间之后"),
        ({"from2": "下午"}, "时间没有看懂"),
        ({"name": ""}, "起个名字"),
        ({"day2": "2026-11-26", "from2": "09:00", "to2": "10:00"}, "撞上"),  # one unit at two places
        ({"day0": "", "day2": ""}, "1 到"),  # no stop at all
    ],
)
async def test_a_route_that_cannot_be_is_refused_and_what_was_typed_stays(
    office: Office, wrong: dict[str, str], words_: str
) -> None:
    response = await office.post("/console/mobile/plan", **(ROUTE | wrong))
    assert response.status_code in {400, 409}
    assert words_ in response.text
    assert "甲社区门口" in response.text
    assert "没有找到。" in words(await office.page("/console/mobile"))


async def test_a_stop_is_changed_and_cancelled_with_a_reason(office: Office) -> None:
    stop, _ = await planned(office)
    path = f"/console/mobile/stops/{stop}"
    changed = {
        "day": "2026-11-26",
        "from": "14:00",
        "to": "16:00",
        "area": "集贤里街道",
        "place": "屋里",
        "moved": "下雨",
    }
    page = words(await office.follow(await office.post(f"{path}/change", **changed)))
    assert "14:00–16:00" in page
    assert "变动：下雨" in page
    refused = await office.post(f"{path}/cancel", reason="")
    assert (refused.status_code, "为什么取消" in refused.text) == (400, True)
    page = words(await office.follow(await office.post(f"{path}/cancel", reason="车坏了")))
    assert "取消原因：车坏了" in page
    assert "改时间、地方" not in page
    assert [deed.reason for deed in await office.acts(Act.MOBILE_CANCELLED)] == ["车坏了"]
    assert "甲社区" not in words(await office.page("/console/mobile?status=planned"))


async def test_filters_and_what_cannot_be_read_in_them(office: Office) -> None:
    await planned(office)
    assert "甲社区门口" not in words(await office.page("/console/mobile?area=双街镇"))
    assert "甲社区门口" in words(await office.page("/console/mobile?kind=clinic&from=2026-11-26&to=2026-11-26"))
    assert "没有找到。" in words(await office.page("/console/mobile?kind=bus"))
    assert "没有找到“无此镇”" in words(await office.page("/console/mobile?area=无此镇", 400))
    assert "日期没有看懂" in words(await office.page("/console/mobile?from=昨天", 400))


async def test_the_exported_file_can_be_put_in_again(office: Office) -> None:
    await planned(office)
    file = (await office.client.get("/console/mobile/export")).content
    assert "甲社区门口" in file.decode("utf-8-sig")
    page = words(await office.follow(await put_in(office, file)))
    assert "导入了 0 站，更新了 2 站" in page
    refused = await put_in(office, file.decode("utf-8-sig").replace("2026-11-26", "后天").encode())
    assert (refused.status_code, "“日期”应写成" in refused.text) == (400, True)
    assert len(await office.acts(Act.IMPORTED)) == 1


async def put_in(office: Office, content: bytes) -> httpx.Response:
    token = form_token(office.client.cookies.get(COOKIE) or "")
    files = {"file": ("stops.csv", content, "text/csv")}
    return await office.client.post("/console/mobile/import", data={FIELD: token}, files=files)


async def test_another_branch_finds_nothing(office: Office) -> None:
    stop, _ = await planned(office)
    await office.enter(Role.OFFICER, "120115")
    await office.page(f"/console/mobile/stops/{stop}", 404)
    assert (await office.post(f"/console/mobile/stops/{stop}/cancel", reason="试试")).status_code == 404
    assert "甲社区" not in await office.page("/console/mobile")
