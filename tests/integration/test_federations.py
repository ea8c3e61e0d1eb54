"""The directory of people: who answers for a place, what offices write into it, and that no private number gets in."""

import csv
import io

import pytest

from bot.console.spreadsheet import cell
from bot.domain.accounts import Officer, Role
from bot.domain.errors import BadInput, BadRows, Conflict, NotFound
from bot.domain.federations import FederationFilter, FederationKind, has_mobile, is_office_phone
from bot.domain.rota import monday
from bot.domain.workdays import is_workday
from bot.language.places import Gazetteer
from bot.services.federation_desk import Wanted
from bot.services.federation_sheets import COLUMNS, PEOPLE_COLUMNS, people_rows, sheet_rows
from bot.services.federations import Federations
from bot.services.place_search import Outcome, PlaceRequest
from bot.services.sample_federations import load_sample_federations
from bot.services.shared_points import SharedPoints
from bot.storage.federations import Federation, FederationPerson
from tests.integration.casework import COMMUNITY, DISTRICT, DIVISIONS, TOWN, Casework
from tests.integration.federating import FARM, found, hire_at, person

AREA = FederationKind.AREA
HERE = "120113001001"
HOURS = "周一至周五 9:00-12:00、13:30-17:00"
GAZETTEER = Gazetteer(DIVISIONS, {}, (), (), ())


@pytest.fixture
def federations(work: Casework) -> Federations:
    """It is Tuesday 2026-11-24, 10:00."""
    return Federations(
        work.database, GAZETTEER, SharedPoints(work.database, work.keyring, clock=work.clock), town_of=lambda _: HERE,
        clock=work.clock, is_workday=is_workday, zone="Asia/Shanghai",
    )  # fmt: skip


def boss(work: Casework, area: str = DISTRICT, role: Role = Role.SUPERVISOR) -> Officer:
    return Officer("boss", "boss", "钱", role, area, work.clock())


async def test_the_nearest_office_that_has_people_answers(work: Casework, federations: Federations) -> None:
    await found(work, "北河区妇联", AREA, people=[person("主席", "示例区")])
    await found(work, "柳林街道妇联", AREA, code="120113001000", hours=HOURS, phone="12338", people=[person("主席")])
    await found(work, "柳林第一社区妇联", AREA, code=HERE)  # nobody is written there
    await found(work, FARM, code=HERE, people=[person("主席")])  # sits there, and answers for no area
    answer = await federations.in_charge(PlaceRequest("谁管柳林第一社区"))
    assert (answer.outcome, answer.office and answer.office.name) == (Outcome.FOUND, "柳林街道妇联")
    assert answer.office is not None
    assert (answer.office.phone, answer.office.today, answer.office.is_open) == (
        "12338",
        "今天 9:00–12:00、13:30–17:00",
        True,
    )
    assert (answer.is_nearest, answer.near, answer.place) == (False, "北河区柳林街道柳林第一社区居委会", HERE)
    assert answer.office.people == (person("主席"),)  # an office that publishes no name


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("谁管我们小区", Outcome.ASK_WHERE),  # she named no place
        ("谁管石桥街道", Outcome.NOTHING),  # nobody up the tree is written
    ],
)
async def test_what_is_asked_or_admitted(federations: Federations, text: str, outcome: Outcome) -> None:
    assert (await federations.in_charge(PlaceRequest(text))).outcome is outcome


async def test_a_point_that_she_sent_does_as_well_and_is_gone_afterwards(
    work: Casework, federations: Federations
) -> None:
    await found(work, "北河区妇联", AREA, people=[person("主席")])
    assert (await federations.in_charge(PlaceRequest("", shared_point="nothing"))).outcome is Outcome.ASK_WHERE
    assert (await federations.who_answers_for(HERE)).outcome is Outcome.FOUND


async def test_who_answers_for_her_neighbourhood_and_who_is_on_duty_today(
    work: Casework, federations: Federations
) -> None:
    people = [
        person("主席", "甲", "全面", "周一、周三"),
        person("执委", "乙", "金凤里、第三网格", "周二"),
        person("执委", "丙"),
    ]
    await found(work, "柳林街道妇联", AREA, code="120113001000", people=people)
    answer = await federations.in_charge(PlaceRequest("金凤里小区谁管，柳林街道的"))
    assert ([one.name for one in answer.named], answer.is_nearest) == (["乙"], True)
    assert answer.office is not None
    assert [one.name for one in answer.office.on_duty] == ["乙"]  # it is Tuesday


async def test_the_rota_tells_a_name_only_if_the_office_publishes_it(work: Casework, federations: Federations) -> None:
    await found(work, "柳林街道妇联", AREA, code="120113001000", people=[person("主席", "甲"), person("副主席")])
    keeper = await work.hire("甲", TOWN, Role.SUPERVISOR)
    other = await work.hire("不公布的人", TOWN)
    week = monday(work.clock().date())
    await work.office.rota.set_week(keeper, TOWN, week, [other.id])
    office = (await federations.who_answers_for(HERE)).office
    assert office is not None
    assert (office.on_duty, office.by_rota) == ((), True)
    assert "不公布的人" not in repr(office)
    await work.office.rota.set_week(keeper, TOWN, week, [keeper.id])
    office = (await federations.who_answers_for(HERE)).office
    assert office is not None
    assert [one.words for one in office.on_duty] == ["主席 甲"]


async def test_federations_at_work_by_name_then_by_kind(work: Casework, federations: Federations) -> None:
    farm = await found(work)
    await found(work, "某某园区妇联", FederationKind.ZONE)
    await found(work, "远方园区妇联", FederationKind.ZONE, code="120113002000")
    await found(work, "北河区妇联", AREA)
    await hire_at(work, farm)
    assert [one.name for one in await federations.find("农业系统的妇联谁管")] == [FARM]
    assert (await federations.find("农业系统的妇联谁管"))[0].takes
    assert [one.name for one in await federations.find("我们园区有妇联吗")] == ["某某园区妇联", "远方园区妇联"]
    assert len(await federations.find("妇联")) == 3  # no kind is meant: all, never an office of the area


@pytest.mark.parametrize(
    "text",
    ["13812345678", "打138 1234 5678", "＋86-13812345678", "１３８１２３４５６７８", "微信同号:159-8765-4321"],
)
def test_a_mobile_number_is_found_however_it_is_written(text: str) -> None:
    assert has_mobile(text)
    assert not is_office_phone(text)


@pytest.mark.parametrize("text", ["", "12338", "022-1234567转8", "(022)1234567、1234568"])
def test_numbers_of_offices_are_allowed(text: str) -> None:
    assert is_office_phone(text)


async def test_supervisors_keep_their_branch_and_everybody_looks(work: Casework) -> None:
    desk, wanted = work.office.federation_desk, Wanted("柳林街道妇联", AREA, TOWN, hours=HOURS)
    made = await desk.add(boss(work), wanted)
    with pytest.raises(Conflict):
        await desk.add(boss(work), wanted)
    with pytest.raises(BadInput, match="管辖"):
        await desk.add(boss(work, "120113002"), wanted)
    for stranger in (boss(work, "120113002"), boss(work, role=Role.OFFICER)):
        with pytest.raises(NotFound):
            await desk.remove(stranger, made)
        assert not (await desk.one(stranger, made)).may_change
    await desk.add_person(boss(work), made, person("主席", "甲", "金凤里"))
    [line] = await desk.page(boss(work, role=Role.OFFICER), FederationFilter(words="金凤里"))
    [row] = line.people
    with pytest.raises(NotFound):
        await desk.remove_person(boss(work), await desk.add(boss(work), Wanted("别处", AREA, COMMUNITY)), row.id)
    await desk.remove_person(boss(work), made, row.id)
    assert (await desk.figures(boss(work))).empty == 2
    await desk.remove(boss(work), made)
    assert await work.count(Federation) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"phone": "13812345678"}, "手机号"),
        ({"office": "找王姐 138-1234-5678"}, "手机号"),  # in any field
        ({"phone": "打前台"}, "办公电话"),
        ({"hours": "有人的时候"}, "看不懂开放时间"),
        ({"area": ""}, "哪个区"),
        ({"name": ""}, "名称"),
        ({"name": "长" * 61}, "最多"),
        ({"parent": "没有的妇联"}, "没有登记"),
    ],
)
async def test_what_cannot_be_used_is_told(work: Casework, change: dict[str, str], words: str) -> None:
    given = {"name": "柳林街道妇联", "kind": AREA, "area": TOWN} | change
    with pytest.raises(BadInput, match=words):
        await work.office.federation_desk.add(boss(work), Wanted(**given))  # type: ignore[arg-type]


async def test_nobody_stands_above_what_stands_above_it(work: Casework) -> None:
    desk = work.office.federation_desk
    top = await desk.add(boss(work), Wanted("上级", FederationKind.CHAMBER, DISTRICT))
    await desk.add(boss(work), Wanted("下级", FederationKind.COMPANY, DISTRICT, "上级"))
    with pytest.raises(BadInput, match="下级"):
        await desk.change(boss(work), top, Wanted("上级", FederationKind.CHAMBER, DISTRICT, "下级"))


async def test_a_federation_at_which_somebody_works_stays(work: Casework) -> None:
    farm = await found(work)
    await hire_at(work, farm)
    with pytest.raises(Conflict):
        await work.office.federation_desk.remove(boss(work), farm)
    with pytest.raises(Conflict):  # as an office of the area tree it would show her a whole branch
        await work.office.federation_desk.change(boss(work), farm, Wanted(FARM, AREA, DISTRICT))


def as_csv(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *([cell(value) for value in row] for row in rows)])
    return out.getvalue().encode("utf-8-sig")


async def test_both_lists_go_out_and_come_in_again(work: Casework) -> None:
    desk, sheets = work.office.federation_desk, work.office.federation_sheets
    await load_sample_federations(work.database, GAZETTEER)
    header = "名称,类型,上级,地区,办公地点,办公电话,办公时间\n"
    file = f"{header}种业妇联,两新组织,农业妇联,北河区,二层,,\n农业妇联,系统,,北河区,,022-1234567,{HOURS}\n柳林妇联,地区,,柳林街道,,,\n"
    assert await sheets.put_in(boss(work), "a.csv", file.encode()) == (3, 0)
    assert not [row for row in await work.rows(Federation) if row.synthetic]  # the sample went
    people = "所属妇联,地区,职务,姓名,负责,值班\n柳林妇联,柳林街道,主席,甲,全面,周一至周三\n柳林妇联,,执委,,金凤里,\n农业妇联,,主席,乙,,\n"
    assert await sheets.put_people_in(boss(work), "b.csv", people.encode()) == (3, 2)
    before = await desk.page(boss(work), FederationFilter())
    taken = as_csv(COLUMNS, sheet_rows(before)), as_csv(PEOPLE_COLUMNS, people_rows(before))
    assert await sheets.put_in(boss(work), "a.csv", taken[0]) == (0, 3)
    assert await sheets.put_people_in(boss(work), "b.csv", taken[1]) == (3, 2)
    after = await desk.page(boss(work), FederationFilter())
    assert (sheet_rows(after), people_rows(after)) == (sheet_rows(before), people_rows(before))
    assert [one.parent for one in after if one.name == "种业妇联"] == ["农业妇联"]


async def test_a_private_number_is_refused_with_its_row_and_nothing_comes_in(work: Casework) -> None:
    sheets = work.office.federation_sheets
    await found(work, "柳林妇联", AREA, code="120113001000")
    header = "所属妇联,职务,姓名,负责,值班,手机\n"
    bad = f"{header}柳林妇联,主席,甲,,,\n柳林妇联,执委,乙,,,13812345678\n柳林妇联,执委,丙,网格 13812345678,,\n柳林妇联,执委,丁,,看情况,\n"
    with pytest.raises(BadRows) as refused:
        await sheets.put_people_in(boss(work), "b.csv", bad.encode())
    assert [line for line, _ in refused.value.rows] == [3, 4, 5]
    assert "手机" in refused.value.rows[0][1]
    assert await work.count(FederationPerson) == 0
    file = "名称,类型,地区,办公电话\n甲妇联,地区,柳林街道,13812345678\n"
    with pytest.raises(BadRows):
        await sheets.put_in(boss(work), "a.csv", file.encode())
    assert await work.count(Federation) == 1


async def test_sample_rows_say_so_and_stay_out_of_an_offices_own_list(work: Casework) -> None:
    count = await load_sample_federations(work.database, GAZETTEER)
    rows = await work.rows(Federation)
    assert count == len(rows) == 3 + 5  # a district with two towns, and what is at work
    assert all(row.synthetic and "示例" in row.name and not row.phone for row in rows)
    assert not any(has_mobile(row.office, row.name) for row in rows)
    assert await load_sample_federations(work.database, GAZETTEER) == count  # again: the same, not twice
    await found(work)
    assert await load_sample_federations(work.database, GAZETTEER) == 0


async def test_a_sample_row_at_which_somebody_works_is_not_taken_away(work: Casework) -> None:
    await load_sample_federations(work.database, GAZETTEER)
    farm = next(row for row in await work.rows(Federation) if row.kind is FederationKind.SYSTEM)
    of_farm = await hire_at(work, farm.public_id)
    await work.office.federation_sheets.put_in(boss(work), "a.csv", "名称,类型,地区\n甲妇联,地区,柳林街道\n".encode())
    assert {row.name for row in await work.rows(Federation)} == {"甲妇联", farm.name}
    assert of_farm.federation == farm.public_id
