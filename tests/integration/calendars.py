"""A small directory and its booking services, for tests of appointments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.domain.geography import Point
from bot.domain.workdays import is_workday
from bot.services.appointments import Appointments, Limits
from bot.services.availability import Availability
from bot.services.directory import Directory
from bot.storage.database import Database
from bot.storage.directory import DirectoryStore, Location, ScheduleRow, ServiceAtLocation, ServiceKind
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore
from tests.conftest import Clock

ZONE = ZoneInfo("Asia/Shanghai")
CENTRE = Point(39.13, 117.20)


@dataclass
class Booking:
    """The services of booking over one database, and the public ids of what can be booked."""

    database: Database
    keyring: Keyring
    clock: Clock
    directory: Directory
    availability: Availability
    appointments: Appointments
    services: dict[str, str]

    async def woman(self, name: str = "她") -> str:
        """A conversation's public id."""
        async with self.database.write() as session:
            store = TurnStore(session, self.keyring)
            known = await store.conversation_of("web", "main", name)
            return (known or await store.begin("web", "main", name, self.clock())).public_id


def local(text: str) -> datetime:
    """A moment in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


async def booking(
    database: Database, keyring: Keyring, clock: Clock, places: Sequence[tuple[str, Sequence[ServiceKind], float]] = (),
    *, limits: Limits | None = None,
) -> Booking:  # fmt: skip
    """`places`: (name, kinds, degrees north of the centre); Monday to Friday 9–17, Saturday 9–12."""
    async with database.write() as session:
        store = DirectoryStore(session)
        organization = await store.organization("示例妇联（虚构）", synthetic=True)
        await store.replace([_location(name, kinds, north, organization.id) for name, kinds, north in places])
    directory = Directory(database, clock=clock, is_workday=is_workday)
    availability = Availability(database, directory, clock=clock, is_workday=is_workday, zone="Asia/Shanghai")
    services = {f"{door.card.name} {door.kind}": door.card.id for door in await directory.doors_in("")}
    appointments = Appointments(database, keyring, directory, availability, clock=clock, limits=limits or Limits())
    return Booking(database, keyring, clock, directory, availability, appointments, services)


def _location(name: str, kinds: Sequence[ServiceKind], north: float, organization: int) -> Location:
    return Location(
        source_id=name,
        name=name,
        latitude_wgs84=CENTRE.latitude + north,
        longitude_wgs84=CENTRE.longitude,
        precision="door",
        division_code="120101001000",
        district="和平区",
        address=f"（示例地址）{name}",
        synthetic=True,
        facilities=[],
        services=[
            ServiceAtLocation(
                organization_id=organization,
                kind=kind,
                schedules=[
                    ScheduleRow(byday="01234", opens_at=time(9), closes_at=time(17)),
                    ScheduleRow(byday="5", opens_at=time(9), closes_at=time(12)),
                ],
            )
            for kind in kinds
        ],
    )
