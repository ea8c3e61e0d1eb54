"""Sample federations of the pilot area: every name says 示例, no number that could be somebody's, every row `synthetic`."""

from bot.domain.federations import FederationKind, Person
from bot.language.places import Division, Gazetteer
from bot.storage.database import Database
from bot.storage.federations import Federation, FederationStore

HOURS = "周一至周五 9:00-12:00、13:30-17:30"
WEEK = ("周一、周三", "周二、周四", "周五")
PEOPLE = (
    Person("主席", "示例甲", "全面工作", WEEK[0]),
    Person("副主席", "示例乙", "维权、婚姻家庭", WEEK[1]),
    Person("执委", "", "第一网格、第二网格", WEEK[2]),
)
AT_WORK = (
    (FederationKind.SYSTEM, "示例农业系统妇联"),
    (FederationKind.CHAMBER, "示例女企业家商会妇联"),
    (FederationKind.ZONE, "示例经济开发区妇联"),
    (FederationKind.SPACE, "示例创业空间妇联"),
)


async def load_sample_federations(database: Database, gazetteer: Gazetteer) -> int:
    """Replace the sample rows → how many there are; none where offices keep their own list."""
    made = 0
    async with database.write() as session:
        store = FederationStore(session)
        await store.remove_synthetic()
        if not await store.is_empty():
            return 0
        for district in gazetteer.districts():
            await _put(store, _office(district))
            made += 1
            for town in gazetteer.divisions("town"):
                if town.code.startswith(district.code[:6]):
                    await _put(store, _office(town))
                    made += 1
        made += await _put_at_work(store, gazetteer.districts()[0])
    return made


async def _put_at_work(store: FederationStore, district: Division) -> int:
    rows = [
        Federation(
            name=name, kind=kind, division_code=district.code, office=f"（示例）{name}办公室", hours=HOURS, synthetic=True
        )
        for kind, name in AT_WORK
    ]  # fmt: skip
    for row in rows:
        await _put(store, row)
    company = Federation(
        name="示例种业公司妇联", kind=FederationKind.COMPANY, division_code=district.code, parent_id=rows[0].id,
        office="（示例）公司二层", hours=HOURS, synthetic=True,
    )  # fmt: skip
    await _put(store, company)
    return len(rows) + 1


async def _put(store: FederationStore, row: Federation) -> None:
    await store.add(row)
    await store.add_people(row.id, PEOPLE)


def _office(unit: Division) -> Federation:
    return Federation(
        name=f"{unit.name}妇联（示例）", kind=FederationKind.AREA, division_code=unit.code,
        office=f"（示例）{unit.name}妇女之家", hours=HOURS, synthetic=True,
    )  # fmt: skip
