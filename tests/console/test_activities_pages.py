"""Activities at the console: written, published, found, repeated, cancelled; who comes, and what leaves as a file."""

import csv
import io
import re
from html import unescape

import httpx
import pytest
from sqlalchemy import delete

from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.accounts import Officer, Role
from bot.domain.activities import ActivityStatus
from bot.domain.audit import Act
from bot.services.activity_feedback import feedback_of
from bot.services.sample_activities import load_sample_activities
from bot.storage.activities import Activity
from bot.storage.turns import TurnStore
from tests.console.conftest import Office, words
from tests.integration.calendars import local
from tests.integration.inviting import DISTRICT, OTHER, plan

LIST = "/console/activities"
EVIL = "<script>alert(1)</script>"
TYPED = {
    "topic": "training", "title": "剪纸课", "day": "2026-11-28", "from": "10:00", "to": "11:30", "area": "集贤里街道",
    "place": "二楼活动室", "seats": "2", "audience": "", "description": "带剪刀\r\n孩子可以来", "organizer": "示例街道妇联",
}  # fmt: skip


def services(office: Office):
    return office.app.ctx.services


def boss(office: Office, area: str = "") -> Officer:
    return Officer("o1", "o1", "王", Role.SUPERVISOR, area, office.made.clock())


async def made(office: Office, when: str = "2026-11-28 10:00", *, publish: bool = True, **more: object) -> str:
    """One that is there already."""
    desk = services(office).activities.desk
    number = await desk.create(plan(when, **more), boss(office))
    if publish:
        await desk.publish(number, boss(office))
    return number


async def woman(office: Office, name: str) -> str:
    async with office.made.database.write() as session:
        store = TurnStore(session, office.made.keyring)
        return (await store.begin("web", "main", name, office.made.clock())).public_id


async def comes(office: Office, activity: str, *names: str, wait: bool = False) -> list[tuple[str, str]]:
    """Women who sign up → (conversation, sign-up) of each."""
    found = []
    for name in names:
        hers = await woman(office, name)
        mine = await services(office).activities.sign_up(hers, activity, wait=wait, called=name)
        found.append((hers, mine.id))
    return found


async def put_in(office: Office, content: bytes) -> httpx.Response:
    token = form_token(office.client.cookies.get(COOKIE) or "")
    return await office.client.post(f"{LIST}/import", data={FIELD: token}, files={"file": ("活动.csv", content)})


async def test_it_is_written_as_a_draft_published_changed_and_stands_in_the_log(office: Office) -> None:
    page = await office.follow(await office.post(f"{LIST}/new", **TYPED))
    assert "现在是草稿" in page
    number = re.search(r"/console/activities/([\w-]{20})/publish", page)[1]
    assert "草稿" in words(await office.page(LIST))
    assert "发布了" in await office.follow(await office.post(f"{LIST}/{number}/publish"))
    assert (await office.post(f"{LIST}/{number}/publish")).status_code == 409
    assert "2026-11-28" in await office.page(f"{LIST}/{number}/change")
    page = words(await office.follow(await office.post(f"{LIST}/{number}/change", **TYPED | {"seats": ""})))
    assert "改好了" in page
    assert "名额：不限" in page
    assert "带剪刀 孩子可以来" in page
    deeds = [*await office.acts(Act.ACTIVITY_PUBLISHED), *await office.acts(Act.ACTIVITY_CHANGED)]
    assert [(deed.actor, deed.object_id) for deed in deeds] == [(office.officer, number)] * 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"title": ""}, "名称"),
        ({"title": "长" * 61}, "太长"),  # nothing is cut off unseen
        ({"day": "明天"}, "日期没有看懂"),
        ({"to": "09:00"}, "结束时间"),
        ({"seats": "0"}, "名额"),
        ({"seats": "两个"}, "整数"),
        ({"area": "月亮街道"}, "没有找到“月亮街道”"),
        ({"area": ""}, "请写地区"),
        ({"topic": "nothing"}, "类别"),
    ],
)
async def test_what_cannot_be_is_told_and_the_rest_of_the_form_stays(
    office: Office, typed: dict[str, str], told: str
) -> None:
    response = await office.post(f"{LIST}/new", **TYPED | {"organizer": EVIL} | typed)
    assert response.status_code == 400
    assert told in words(response.text)
    assert "二楼活动室" in response.text
    assert EVIL not in response.text
    assert "没有找到" in await office.page(LIST)


async def four(office: Office) -> None:
    """甲 on Saturday in one district, 乙 a draft next month, 丙 cancelled in another, 丁 yesterday week."""
    await made(office, title="甲课", place=f"甲处{EVIL}")
    await made(office, "2026-12-20 18:30", title="乙课", publish=False, topic="startup")
    gone = await made(office, "2026-11-27 09:00", title="丙课", area=OTHER)
    await services(office).activities.desk.cancel(gone, boss(office), "下雪")
    office.made.clock.pass_by(seconds=-10 * 24 * 3600)
    await made(office, "2026-11-16 09:00", title="丁课")
    office.made.clock.pass_by(seconds=10 * 24 * 3600)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "丙甲乙"),  # from today on, the soonest first
        ("?span=week", "丙甲"),
        ("?span=month", "丁丙甲"),
        ("?span=past", "丁"),
        ("?from=2026-11-01&to=2026-11-27", "丁丙"),  # both days count
        ("?from=2026-11-28&span=past", "甲乙"),  # days of her own win
        ("?status=draft", "乙"),
        ("?status=cancelled", "丙"),
        ("?topic=startup", "乙"),
        ("?area=河西区", "丙"),
        ("?q=甲课", "甲"),
        ("?span=all", "丁丙甲乙"),
        ("?span=all&series=none", ""),
        ("?q=%25", ""),  # a sign of the database's own
        ("?page=2", ""),
    ],
)
async def test_the_list_filters(office: Office, query: str, expected: str) -> None:
    await four(office)
    page = await office.page(f"{LIST}{query}")
    assert re.findall("<b>(.)课</b>", page) == list(expected)
    assert EVIL not in page


async def test_days_are_headed_and_what_is_no_day_is_told(office: Office) -> None:
    await four(office)
    page = words(await office.page(LIST))
    assert page.index("11月27日 周五") < page.index("丙课") < page.index("11月28日 周六") < page.index("甲课")
    assert "1 场已发布，1 场取消" in page
    assert "日期没有看懂" in await office.page(f"{LIST}?from=明天", 400)
    assert "没有找到“火星”" in await office.page(f"{LIST}?area=火星", 400)


async def test_an_officer_sees_and_changes_only_her_branch(office: Office) -> None:
    inside, outside = await made(office, title="里面的课"), await made(office, title="外面的课", area=OTHER)
    [(_, sign_up)] = await comes(office, outside, "李女士")
    await office.enter(Role.OFFICER, DISTRICT)
    page = await office.page(LIST)
    assert ("里面的课" in page, "外面的课" in page) == (True, False)
    for path in ("", "/change", "/people", "/people/export", "/code"):
        assert (await office.client.get(f"{LIST}/{inside}{path}")).status_code == 200, path
        assert (await office.client.get(f"{LIST}/{outside}{path}")).status_code == 404, path
    for path in ("publish", "cancel", "copy", "repeat", "change", f"people/{sign_up}/mark"):
        fields = TYPED | {"reason": "下雪", "weeks": "2", "status": "attended"}
        assert (await office.post(f"{LIST}/{outside}/{path}", **fields)).status_code == 404, path
    assert (await office.post(f"{LIST}/new", **TYPED | {"area": "河西区"})).status_code == 400


async def test_cancelling_needs_a_reason_and_says_how_many_were_told(office: Office) -> None:
    number = await made(office)
    await comes(office, number, "李女士", "王女士")
    await comes(office, number, "赵女士", wait=True)
    response = await office.post(f"{LIST}/{number}/cancel", reason=" ")
    assert response.status_code == 400
    assert "请写取消的原因" in response.text
    page = words(await office.follow(await office.post(f"{LIST}/{number}/cancel", reason="老师病了")))
    assert "告诉了 3 个人" in page
    assert "取消原因：老师病了" in page
    assert "修改" not in page
    assert (await office.post(f"{LIST}/{number}/cancel", reason="又来")).status_code == 409
    assert [deed.reason for deed in await office.acts(Act.ACTIVITY_CANCELLED)] == ["老师病了"]


async def test_it_is_repeated_weekly_and_copied_to_another_day(office: Office) -> None:
    number = await made(office, title="普通话班")
    page = await office.follow(await office.post(f"{LIST}/{number}/repeat", weeks="3"))
    assert "排好了 3 场" in page
    page = await office.follow(await office.post(f"{LIST}/{number}/repeat", weeks="3"))
    assert "那几周都已经排过了" in page
    page = words(await office.page(LIST))
    assert [page.count(day) for day in ("11月28日", "12月5日", "12月12日", "12月19日")] == [1, 1, 1, 1]
    assert page.count("普通话班") == 4
    await made(office, title="别的课")
    shown = await office.page(f"{LIST}/{number}")
    series = await office.page(unescape(re.search(r'"([^"]+series=[^"]+)"', shown)[1]))
    assert (series.count("普通话班"), "别的课" in series) == (4, False)
    refused = await office.post(f"{LIST}/{number}/repeat", weeks="")
    assert (refused.status_code, "1 到 26 周" in refused.text) == (400, True)
    copied = words(
        await office.follow(await office.post(f"{LIST}/{number}/copy", day="2026-12-30", **{"from": "19:00"}))
    )
    assert "新的一份草稿" in copied
    assert "12月30日 周三 19:00–21:00" in copied


async def test_who_comes_stands_there_by_number_and_first_sign_and_is_marked_on_the_day(office: Office) -> None:
    number = await made(office)
    [(_, first), (_, second)] = await comes(office, number, "李晓红", "王芳芳")
    [(_, third)] = await comes(office, number, "赵小妹", wait=True)
    page = words(await office.page(f"{LIST}/{number}/people"))
    assert "1 号 李** 2 号 王** 候补 赵**" in page.replace(" 已满", "")
    assert not re.search("晓红|芳芳|小妹", page)
    refused = await office.post(f"{LIST}/{number}/people/{first}/mark", status="attended")
    assert (refused.status_code, "还没到时候" in refused.text) == (409, True)
    office.made.clock.now = local("2026-11-28 09:30")
    await office.enter()
    mark = f"{LIST}/{number}/people/{{}}/mark"
    assert "登记好了" in await office.follow(await office.post(mark.format(first), status="attended"))
    await office.follow(await office.post(mark.format(second), status="no_show"))
    page = words(await office.page(f"{LIST}/{number}/people"))
    assert "到了 1 人，没来 1 人" in page
    assert "1 号 李** 到了" in page
    await office.follow(await office.post(mark.format(second), status="signed_up"))
    assert "没来 0 人" in words(await office.page(f"{LIST}/{number}/people"))
    assert (await office.post(mark.format(third), status="attended")).status_code == 409  # she waits
    assert (await office.post(mark.format(first), status="cancelled")).status_code == 400
    assert (await office.post(mark.format(first), status="nothing")).status_code == 400
    assert (await office.post(mark.format("nobody"), status="attended")).status_code == 404


async def test_the_list_for_the_door_says_no_more_than_the_door_needs(office: Office) -> None:
    number = await made(office)
    await comes(office, number, "李晓红", "=晓红")
    taken = await office.client.get(f"{LIST}/{number}/people/export")
    rows = list(csv.reader(io.StringIO(taken.content.decode("utf-8-sig"))))
    assert rows == [["号", "称呼", "状态"], ["1", "李**", "已报名"], ["2", "'=**", "已报名"]]
    assert [deed.reason for deed in await office.acts(Act.EXPORTED)] == ["活动名单，2 行"]


async def test_the_code_is_shown_on_the_day_and_nothing_of_the_console_with_it(office: Office) -> None:
    number = await made(office)
    assert not re.search(r">\d{6}<", await office.page(f"{LIST}/{number}/code"))
    office.made.clock.now = local("2026-11-28 09:00")
    await office.enter()
    page = await office.page(f"{LIST}/{number}/code")
    shown = re.search(r'class="code">(\d{6})<', page)
    hers = await woman(office, "她")
    assert (await services(office).activities.sign_in(hers, shown[1])).seat == 1
    assert not re.search("在岗|退出|<script|个案", page)
    assert "签到码" in words(await office.page(f"{LIST}/{number}"))


async def test_feedback_is_told_only_of_five_or_more_and_nowhere_beside_a_number(office: Office) -> None:
    number = await made(office, seats=20)
    names = [f"{sign}女士" for sign in "甲乙丙丁戊"]
    women = await comes(office, number, *names)
    office.made.clock.now = local("2026-11-28 10:30")
    await office.enter()
    for _, sign_up in women:
        await office.post(f"{LIST}/{number}/people/{sign_up}/mark", status="attended")
    activities = services(office).activities
    for at, (hers, sign_up) in enumerate(women[:4]):
        await activities.feedback(hers, sign_up, rating=5, words=f"第{at}句话，电话13812345678")
    page = await office.page(f"{LIST}/{number}")
    assert "少于 5 个时不显示" in page
    assert "第0句话" not in page
    await activities.feedback(women[4][0], women[4][1], rating=2, words=f"太挤{EVIL}")
    page = await office.page(f"{LIST}/{number}")
    assert "4.4 分（满分 5），5 人评了" in words(page)
    assert "第0句话" in page
    assert "13812345678" not in page
    assert EVIL not in page
    people = await office.page(f"{LIST}/{number}/people")
    assert not re.search(r"句话|太挤|4\.4", people)


def test_nobody_said_anything_is_nothing() -> None:
    assert (feedback_of([]).rated, feedback_of([]).words) == (0, ())


async def test_the_export_can_be_put_in_again(office: Office) -> None:
    await four(office)
    await made(office, "2026-11-29 18:30", title="=戊课", description="第一行\n第二行", seats=None)
    taken = await office.client.get(f"{LIST}/export?from=2026-01-01")
    rows = list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"))))
    assert [row["标题"] for row in rows] == ["丁课", "丙课", "甲课", "'=戊课", "乙课"]
    assert [deed.reason for deed in await office.acts(Act.EXPORTED)] == ["活动，5 行"]
    assert "5 场早就有了，没有动" in await office.follow(await put_in(office, taken.content))
    async with office.made.database.write() as session:
        await session.execute(delete(Activity))
    assert "导入了 5 场" in await office.follow(await put_in(office, taken.content))
    again = await office.client.get(f"{LIST}/export?from=2026-01-01")
    assert again.content == taken.content
    assert [deed.reason for deed in await office.acts(Act.IMPORTED)] == ["0 行", "5 行"]


ROW = "剪纸课,素质培训,集贤里街道,二楼,{day},{begins},11:30,{seats},{status},{reason}"
HEAD = "标题,类别,地区,地点,日期,开始,结束,名额,状态,取消原因"


def sheet(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows]).encode()


def row(day: str = "2026-11-28", begins: str = "10:00", seats: str = "20", status: str = "", reason: str = "") -> str:
    return ROW.format(day=day, begins=begins, seats=seats, status=status, reason=reason)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (row(day="28日"), "“日期”应写成"),
        (row(begins="十点"), "“开始”应写成"),
        (row(begins="12:00"), "结束时间"),
        (row(seats="很多"), "“名额”要写整数"),
        (row(status="在办"), "“状态”请写"),
        (row(status="已取消"), "取消原因"),
        (row(day="2026-11-20", status="已发布"), "已经过去了"),
        (row().replace("素质培训", "唱歌"), "“类别”请写"),
        (row().replace("集贤里街道", "月亮街道"), "月亮街道"),
        (row().replace("二楼", ""), "“地点”不能空着"),
        (row().replace("剪纸课", "剪纸课（示例）"), "示例数据"),
    ],
)
async def test_a_bad_row_is_told_and_nothing_comes_in(office: Office, bad: str, told: str) -> None:
    response = await put_in(office, sheet(row(), bad))
    assert response.status_code == 400
    page = words(response.text)
    assert "文件里有 1 行要改" in page
    assert told in page
    assert "没有找到" in await office.page(LIST)


async def test_rows_come_in_as_drafts_unless_they_say_that_they_are_published(office: Office) -> None:
    response = await put_in(office, sheet(row(day="2026/11/28", begins="9：00"), row(status="已发布")))
    assert "导入了 2 场" in await office.follow(response)
    found = await services(office).activities.announced()
    assert [(card.title, card.starts_at.hour, card.status) for card in found] == [
        ("剪纸课", 10, ActivityStatus.PUBLISHED)
    ]
    assert words(await office.page(LIST)).count("剪纸课") == 2


async def test_an_officer_puts_nothing_into_another_branch(office: Office) -> None:
    await office.enter(Role.OFFICER, OTHER)
    response = await put_in(office, sheet(row()))
    assert response.status_code == 400
    assert "管辖范围" in response.text


async def test_a_file_of_her_own_takes_the_place_of_the_sample(office: Office) -> None:
    database, clock = office.made.database, office.made.clock
    gazetteer = services(office).gazetteer
    count = await load_sample_activities(database, gazetteer, clock=clock, zone="Asia/Shanghai")
    assert "示例" in await office.page(LIST)
    assert count > 40
    await office.follow(await put_in(office, sheet(row())))
    page = await office.page(f"{LIST}?from=2026-01-01")
    assert ("示例" in page, "剪纸课" in page) == (False, True)
    assert await load_sample_activities(database, gazetteer, clock=clock, zone="Asia/Shanghai") == 0


async def test_pages_hold_fifty(office: Office) -> None:
    plans = [plan(title=f"第{at}课") for at in range(51)]
    await services(office).activities.desk.create_all(plans, boss(office))
    first, second = await office.page(LIST), await office.page(f"{LIST}?page=2")
    assert (first.count("</b></a>"), "下一页" in first) == (50, True)
    assert (second.count("</b></a>"), "下一页" in second) == (1, False)
