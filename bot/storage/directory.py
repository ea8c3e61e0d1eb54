"""The directory of services, with Open Referral HSDS's names: who offers what, where, when."""

from collections.abc import Sequence
from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, false, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from bot.storage.records import Record, by_value, public_id_column


class ServiceKind(StrEnum):
    """What a service is for."""

    WOMENS_HOME = "womens_home"
    LEGAL = "legal"
    PSYCHOLOGICAL = "psychological"


class Organization(Record):
    """Who runs services."""

    __tablename__ = "organizations"

    public_id: Mapped[str] = public_id_column()
    name: Mapped[str] = mapped_column(unique=True)
    synthetic: Mapped[bool] = mapped_column(default=False)


class Location(Record):
    """A door. Codes and names are those of data/places; `precision` says what the point is the centre of."""

    __tablename__ = "locations"

    public_id: Mapped[str] = public_id_column()
    source_id: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    latitude_wgs84: Mapped[float]
    longitude_wgs84: Mapped[float]
    precision: Mapped[str] = mapped_column(String(16))
    division_code: Mapped[str] = mapped_column(String(12), index=True)
    district: Mapped[str] = mapped_column(String(32))
    address: Mapped[str]
    phone: Mapped[str | None] = mapped_column(String(64))
    accessibility: Mapped[str | None]
    alert: Mapped[str | None]
    confidential: Mapped[bool] = mapped_column(default=False)
    assured_at: Mapped[datetime | None]
    synthetic: Mapped[bool] = mapped_column(default=False)
    services: Mapped[list["ServiceAtLocation"]] = relationship(
        back_populates="location", cascade="all, delete-orphan", lazy="raise", passive_deletes=True
    )
    facilities: Mapped[list["Facility"]] = relationship(
        cascade="all, delete-orphan", lazy="raise", passive_deletes=True
    )


class ServiceAtLocation(Record):
    """One kind of service at one location, with its hours.

    `on_call_phone`: whom to ring in the hours of its schedules that are marked so; None: the location's own number.
    """

    __tablename__ = "service_at_locations"
    __table_args__ = (UniqueConstraint("location_id", "kind"),)

    public_id: Mapped[str] = public_id_column()
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id", ondelete="CASCADE"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    kind: Mapped[ServiceKind] = mapped_column(by_value(ServiceKind, "service_kind"))
    open_on_holidays: Mapped[bool] = mapped_column(default=False)
    on_call_phone: Mapped[str | None] = mapped_column(String(64))
    on_call_on_holidays: Mapped[bool] = mapped_column(default=False, server_default=false())
    location: Mapped[Location] = relationship(back_populates="services", lazy="raise")
    schedules: Mapped[list["ScheduleRow"]] = relationship(
        cascade="all, delete-orphan", lazy="raise", passive_deletes=True
    )
    exceptions: Mapped[list["ScheduleException"]] = relationship(
        cascade="all, delete-orphan", lazy="raise", passive_deletes=True
    )


class ScheduleRow(Record):
    """Weekly hours: `byday` is digits, 0 for Monday. `on_call`: the door is shut, but somebody answers the telephone."""

    __tablename__ = "schedules"

    service_at_location_id: Mapped[int] = mapped_column(
        ForeignKey("service_at_locations.id", ondelete="CASCADE"), index=True
    )
    byday: Mapped[str] = mapped_column(String(7))
    opens_at: Mapped[time]
    closes_at: Mapped[time]
    on_call: Mapped[bool] = mapped_column(default=False, server_default=false())


class ScheduleException(Record):
    """A day that differs: closed when both times are None."""

    __tablename__ = "schedule_exceptions"

    service_at_location_id: Mapped[int] = mapped_column(
        ForeignKey("service_at_locations.id", ondelete="CASCADE"), index=True
    )
    day: Mapped[date]
    opens_at: Mapped[time | None]
    closes_at: Mapped[time | None]


class Facility(Record):
    """A room or thing that a location has, by its name in `bot.domain.facilities`."""

    __tablename__ = "facilities"
    __table_args__ = (UniqueConstraint("location_id", "name"),)

    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(32))


class DirectoryVersion(Record):
    """One row that every change of the directory counts up, so that each process knows when to read again."""

    __tablename__ = "directory_version"

    number: Mapped[int]


class DirectoryStore:
    """Reads the whole directory, and replaces locations by their source's id. Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def is_empty(self) -> bool:
        """Whether there is no location at all."""
        return await self._session.scalar(select(Location.id).limit(1)) is None

    async def count_real(self) -> int:
        """Locations that are not synthetic."""
        return await self._session.scalar(select(func.count()).where(Location.synthetic.is_(False))) or 0

    async def version(self) -> int:
        """The number of the last change; 0 before the first."""
        return await self._session.scalar(select(DirectoryVersion.number).where(DirectoryVersion.id == 1)) or 0

    async def locations(self) -> Sequence[Location]:
        """Every location that may be shown, with all that hangs on it."""
        found = await self._session.scalars(
            select(Location)
            .where(Location.confidential.is_(False))
            .options(
                selectinload(Location.services).selectinload(ServiceAtLocation.schedules),
                selectinload(Location.services).selectinload(ServiceAtLocation.exceptions),
                selectinload(Location.facilities),
            )
            .order_by(Location.id)
        )
        return found.all()

    async def organizations(self) -> Sequence[Organization]:
        """Everybody who runs services."""
        return (await self._session.scalars(select(Organization).order_by(Organization.id))).all()

    async def organization(self, name: str, *, synthetic: bool) -> Organization:
        """The organization of this name, made if it is new."""
        found = await self._session.scalar(select(Organization).where(Organization.name == name))
        if found is None:
            found = Organization(name=name, synthetic=synthetic)
            self._session.add(found)
            await self._session.flush()
        return found

    async def replace(self, locations: Sequence[Location]) -> None:
        """Put these in, each instead of the one with its `source_id`; it and its services keep their public ids."""
        known: dict[str, str] = {}
        services: dict[tuple[str, ServiceKind], str] = {}
        ids = [location.source_id for location in locations]
        for at in range(0, len(ids), 500):
            chunk = ids[at : at + 500]
            rows = await self._session.execute(
                select(Location.source_id, Location.public_id).where(Location.source_id.in_(chunk))
            )
            known |= {source_id: public_id for source_id, public_id in rows}
            offered = await self._session.execute(
                select(Location.source_id, ServiceAtLocation.kind, ServiceAtLocation.public_id)
                .join(ServiceAtLocation)
                .where(Location.source_id.in_(chunk))
            )
            services |= {(source_id, kind): public_id for source_id, kind, public_id in offered}
            await self._session.execute(delete(Location).where(Location.source_id.in_(chunk)))
        for location in locations:
            if location.source_id in known:
                location.public_id = known[location.source_id]
            for service in location.services:
                if (location.source_id, service.kind) in services:
                    service.public_id = services[location.source_id, service.kind]
        self._session.add_all(locations)
        await self._session.flush()
        await self._count_up()

    async def remove_synthetic(self) -> None:
        """Take the sample data out."""
        await self._session.execute(delete(Location).where(Location.synthetic.is_(True)))
        await self._count_up()

    async def _count_up(self) -> None:
        insert = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        await self._session.execute(
            insert(DirectoryVersion)
            .values(id=1, number=1)
            .on_conflict_do_update(index_elements=["id"], set_={"number": DirectoryVersion.number + 1})
        )
