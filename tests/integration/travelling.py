"""Mobile service on one database: units that travel, women who wish to be told, officers who plan."""

from datetime import date

from sqlalchemy import select

from bot.domain.accounts import Officer, Role
from bot.domain.mobile import StopFilter, UnitKind
from bot.language.places import Gazetteer
from bot.services.audit import Audit
from bot.services.mobile import Mobile
from bot.services.mobile_routes import MobileRoutes, PlannedStop, UnitWish
from bot.services.mobile_sheets import MobileSheets
from bot.services.shared_points import SharedPoints
from bot.storage.conversations import OutboundMessage
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore
from tests.conftest import Clock
from tests.integration.calendars import local

ZONE = "Asia/Shanghai"
DISTRICT = "120113"
TOWN, OTHER_TOWN = "120113002", "120113005"
BUS = UnitWish("", "一号车", UnitKind.BUS, "量血压", DISTRICT)


def mobile_services(
    database: Database, keyring: Keyring, gazetteer: Gazetteer, audit: Audit, clock: Clock
) -> dict[str, object]:
    """The three services, by the names of `Services`."""
    routes = MobileRoutes(database, gazetteer, audit, clock=clock, zone=ZONE)
    points = SharedPoints(database, keyring, clock=clock)
    return {
        "mobile": Mobile(database, keyring, gazetteer, points, clock=clock, zone=ZONE),
        "mobile_routes": routes,
        "mobile_sheets": MobileSheets(database, routes, audit, clock=clock),
    }


class Travelling:
    """Everything a test of mobile service needs. It is Tuesday 2026-11-24, 10:00."""

    def __init__(self, database: Database, keyring: Keyring, gazetteer: Gazetteer, clock: Clock) -> None:
        self.database, self.keyring, self.gazetteer, self.clock = database, keyring, gazetteer, clock
        made = mobile_services(database, keyring, gazetteer, Audit(database, keyring, clock=clock), clock)
        self.mobile: Mobile = made["mobile"]  # type: ignore[assignment]
        self.routes: MobileRoutes = made["mobile_routes"]  # type: ignore[assignment]
        self.sheets: MobileSheets = made["mobile_sheets"]  # type: ignore[assignment]

    def officer(self, area: str = DISTRICT, role: Role = Role.OFFICER) -> Officer:
        return Officer("o1", "o1", "王", role, area, self.clock())

    async def plan(self, when: str, area: str = TOWN, place: str = "甲社区门口", unit: UnitWish = BUS) -> str:
        """One stop of two hours → its id."""
        await self.routes.plan(self.officer(), unit, [stop_at(when, area, place)])
        rows = await self.routes.page(self.officer(), StopFilter(first=date(2026, 11, 1)))
        return next(row.id for row in rows if row.starts_at == local(when) and row.place == place)

    async def conversation(self, channel: str = "web", sender: str = "她") -> str:
        async with self.database.write() as session:
            return (await TurnStore(session, self.keyring).begin(channel, "main", sender, self.clock())).public_id

    async def told(self) -> list[str]:
        async with self.database.read() as session:
            rows = await session.scalars(select(OutboundMessage).order_by(OutboundMessage.id))
            store = TurnStore(session, self.keyring)
            return [store.message(row).reply.text for row in rows]

    def at(self, when: str) -> None:
        self.clock.now = local(when)


def stop_at(when: str, area: str = TOWN, place: str = "甲社区门口", hours: int = 2) -> PlannedStop:
    begins = local(when)
    return PlannedStop(area, place, begins, begins.replace(hour=begins.hour + hours))
