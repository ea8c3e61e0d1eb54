"""The directory in the shapes of Open Referral HSDS 3 (docs.openreferral.org), for other systems.

A *service* is what one organization offers of one kind; where it does so are its service_at_locations. HSDS wants UUIDs:
they are made from our public ids, so the same thing keeps its name. What we do not know is left out; HSDS requires a
postal code, and ours is ""; state_province is the code of GB/T 2260. Confidential places are not in it at all.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.facilities import FACILITIES, KINDS
from bot.language.places import Gazetteer
from bot.services.directory import schedule_of
from bot.storage.database import Database
from bot.storage.directory import DirectoryStore, Location, Organization, ScheduleException, ServiceAtLocation

VERSION = "3.0"
PROFILE = "https://docs.openreferral.org/en/v3.0.0/"
NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "hsds.banbiantian.invalid")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
OFFSET, OFFSET_HOURS = "+08:00", 8
SAMPLE = "示例数据，不是真实的机构和地点。"
NO_HOLIDAYS = "法定节假日不开放。"
Thing = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HsdsDirectory:
    """The directory of one version. Each thing is as a list shows it; what hangs on it is put in by `service`.

    `doors`: the id of a service at its location → our own public id of it.
    """

    version: int = -1
    organizations: Mapping[str, Thing] = field(default_factory=dict)
    services: Mapping[str, Thing] = field(default_factory=dict)
    at_locations: Mapping[str, Thing] = field(default_factory=dict)
    doors: Mapping[str, str] = field(default_factory=dict)

    def service(self, name: str) -> Thing | None:
        """A service with its organization and every place of it; None for an unknown name."""
        found = self.services.get(name)
        if found is None:
            return None
        places = [place for place in self.at_locations.values() if place["service_id"] == name]
        organization = self.organizations[found["organization_id"]]
        return found | {"organization": organization, "service_at_locations": places}

    def organization(self, name: str) -> Thing | None:
        """An organization; None for an unknown name."""
        return self.organizations.get(name)

    def at_location(self, name: str) -> Thing | None:
        """A service at its location; None for an unknown name."""
        return self.at_locations.get(name)


class Hsds:
    """Holds the directory as HSDS, made anew when its version has changed."""

    def __init__(self, database: Database, gazetteer: Gazetteer) -> None:
        self._database = database
        self._gazetteer = gazetteer
        self._made = HsdsDirectory()

    async def directory(self) -> HsdsDirectory:
        """The directory as it is now."""
        async with self._database.read() as session:
            store = DirectoryStore(session)
            version = await store.version()
            if version != self._made.version:
                organizations = {row.id: row for row in await store.organizations()}
                self._made = self._make(version, organizations, await store.locations())
        return self._made

    def _make(
        self, version: int, organizations: Mapping[int, Organization], locations: Sequence[Location]
    ) -> HsdsDirectory:
        offering: dict[str, Thing] = {}
        services: dict[str, Thing] = {}
        places: dict[str, Thing] = {}
        doors: dict[str, str] = {}
        for location in locations:
            where = self._location(location)
            for row in location.services:
                organization = organizations[row.organization_id]
                service = _service(organization, row)
                offering.setdefault(service["organization_id"], _organization(organization))
                services.setdefault(service["id"], service)
                place = _at_location(row, location, service["id"], where)
                places[place["id"]] = place
                doors[place["id"]] = row.public_id
        return HsdsDirectory(version, offering, services, places, doors)

    def _location(self, row: Location) -> Thing:
        name, code = _name("location", row.public_id), row.division_code
        division = self._gazetteer.division(code)
        path = self._gazetteer.path(division) if division else (row.district,)
        address = {
            "id": _name("address", row.public_id), "location_id": name, "address_1": row.address, "city": row.district,
            "region": "".join(path[1:]), "state_province": f"{code[:2]}0000", "postal_code": "", "country": "CN",
            "address_type": "physical",
        }  # fmt: skip
        found: Thing = {
            "id": name, "location_type": "physical", "name": row.name, "latitude": row.latitude_wgs84,
            "longitude": row.longitude_wgs84, "external_identifier": code,
            "external_identifier_type": "中华人民共和国统计用区划代码", "addresses": [address],
        }  # fmt: skip
        rooms = "、".join(FACILITIES[facility.name] for facility in row.facilities if facility.name in FACILITIES)
        notes = [SAMPLE if row.synthetic else "", rooms, "" if row.precision == "door" else "坐标为所在区域的中心点。"]
        if words := " ".join(note for note in notes if note):
            found["description"] = words
        if row.accessibility:
            access = {
                "id": _name("accessibility", row.public_id),
                "location_id": name,
                "description": row.accessibility,
            }
            found["accessibility"] = [access]
        if row.phone:
            found["phones"] = [{"id": _name("phone", row.public_id), "location_id": name, "number": row.phone}]
        return found


def _name(kind: str, public_id: str) -> str:
    return str(uuid.uuid5(NAMES, f"{kind} {public_id}"))


def _organization(row: Organization) -> Thing:
    words = SAMPLE if row.synthetic else row.name
    return {"id": _name("organization", row.public_id), "name": row.name, "description": words}


def _service(organization: Organization, row: ServiceAtLocation) -> Thing:
    found = {
        "id": _name("service", f"{organization.public_id} {row.kind}"),
        "organization_id": _name("organization", organization.public_id),
        "name": f"{organization.name}{KINDS[row.kind]}",
        "status": "active",
    }
    return found | ({"description": SAMPLE} if organization.synthetic else {})


def _at_location(row: ServiceAtLocation, location: Location, service: str, where: Thing) -> Thing:
    name = _name("service_at_location", row.public_id)
    found: Thing = {"id": name, "service_id": service, "location_id": where["id"], "location": where}
    if location.alert:
        found["description"] = location.alert
    found["schedules"] = [*_weekly(row, name), *_exceptions(row, name)]
    if phones := _on_call(row, location, name):
        found["phones"] = phones
    return found


def _weekly(row: ServiceAtLocation, name: str) -> Iterable[Thing]:
    """Opening hours only: a system that takes on-call hours for them would send people to a closed door."""
    for at, hours in enumerate(hours for hours in row.schedules if not hours.on_call):
        schedule = {
            "id": _name("schedule", f"{row.public_id} {at}"), "service_at_location_id": name, "freq": "WEEKLY",
            "interval": 1, "byday": ",".join(DAYS[int(day)] for day in hours.byday), "timezone": OFFSET_HOURS,
            "opens_at": f"{hours.opens_at:%H:%M}{OFFSET}", "closes_at": f"{hours.closes_at:%H:%M}{OFFSET}",
        }  # fmt: skip
        yield schedule if row.open_on_holidays else schedule | {"notes": NO_HOLIDAYS}


def _on_call(row: ServiceAtLocation, location: Location, name: str) -> list[Thing]:
    """A telephone whose description says when it is answered; none where there is no number."""
    number = row.on_call_phone or location.phone
    when = schedule_of(row, on_call=True).week_words()
    if not when or not number:
        return []
    words = f"值班电话，不是开门时间：{when}。{'' if row.on_call_on_holidays else '法定节假日不值班。'}"
    phone = {"id": _name("phone", f"{row.public_id} on call"), "service_at_location_id": name, "number": number}
    return [phone | {"description": words}]


def _exceptions(row: ServiceAtLocation, name: str) -> Iterable[Thing]:
    for at, day in enumerate(row.exceptions):
        yield _exception(day, name, f"{row.public_id} day {at}")


def _exception(row: ScheduleException, name: str, key: str) -> Thing:
    day = row.day.isoformat()
    found: Thing = {
        "id": _name("schedule", key), "service_at_location_id": name, "valid_from": day, "valid_to": day,
        "timezone": OFFSET_HOURS,
    }  # fmt: skip
    if row.opens_at is None or row.closes_at is None:
        return found | {"description": "当天不开放。"}
    return found | {"opens_at": f"{row.opens_at:%H:%M}{OFFSET}", "closes_at": f"{row.closes_at:%H:%M}{OFFSET}"}
