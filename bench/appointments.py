"""Slot search over 6,000 services, and what one booking costs: SQLite on this disk, durable settings, one process.

`python -m bench.appointments [--json] [--services N]`

Asked: a week's slots in under 50 ms, a booking's commit in under 10 ms (p50). The search is also timed with every
calendar read afresh for each query ("cold"): what thousands of services share is kept between queries otherwise.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np

from bot.domain import slots
from bot.domain.geography import Point
from bot.domain.slots import Calendar, Slot, quanta
from bot.domain.workdays import is_workday
from bot.services.appointments import Appointments, BookingRequest
from bot.services.availability import Availability, SlotWish
from bot.services.directory import Directory
from bot.storage import tables
from bot.storage.database import Database
from bot.storage.directory import DirectoryStore, Location, ScheduleRow, ServiceAtLocation, ServiceKind
from bot.storage.sealing import Keyring

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
CENTRE = Point(39.13, 117.20)
WEEK = timedelta(days=7)
KIND = ServiceKind.LEGAL
SEARCHES, BOOKINGS, BATCH = 100, 300, 20_000
RESULTS = Path(__file__).parent / "results" / "appointments.json"
TARGETS = {"search": 50.0, "booking": 10.0}


class Bench:
    """A directory of services of one kind around Tianjin, and everything that books."""

    def __init__(self, folder: Path, services: int) -> None:
        self.rng = np.random.default_rng(2026)
        self.services = services
        self.slots: list[tuple[str, Slot]] = []
        self.filled = 0
        self.database = Database(f"sqlite+aiosqlite:///{folder / 'bench.db'}")
        keyring = Keyring(b"k" * 32)
        self.directory = Directory(self.database, clock=lambda: NOW, is_workday=is_workday)
        self.availability = Availability(
            self.database, self.directory, clock=lambda: NOW, is_workday=is_workday, zone=ZONE.key
        )
        self.appointments = Appointments(self.database, keyring, self.directory, self.availability, clock=lambda: NOW)

    async def prepare(self) -> None:
        """Tables and directory."""
        async with self.database.engine.begin() as connection:
            await connection.run_sync(tables.metadata.create_all)
        async with self.database.write() as session:
            store = DirectoryStore(session)
            organization = await store.organization("bench", synthetic=True)
            await store.replace([self.location(number, organization.id) for number in range(self.services)])

    def location(self, number: int, organization: int) -> Location:
        """Six common weeks, scattered about the city."""
        week = WEEKS[number % len(WEEKS)]
        return Location(
            source_id=str(number),
            name=f"站 {number}",
            latitude_wgs84=CENTRE.latitude + float(self.rng.normal(0, 0.2)),
            longitude_wgs84=CENTRE.longitude + float(self.rng.normal(0, 0.2)),
            precision="door",
            division_code="120101001000",
            district="和平区",
            address="示例地址",
            synthetic=True,
            services=[
                ServiceAtLocation(
                    organization_id=organization,
                    kind=KIND,
                    schedules=[
                        ScheduleRow(byday=days, opens_at=opens, closes_at=closes) for days, opens, closes in week
                    ],
                )
            ],
        )

    async def fill(self, share: float) -> int:
        """Take slots of the next eight days everywhere until this share is taken → how many appointments there are."""
        if not self.slots:
            await self.draw()
        upto = int(share * len(self.slots))
        for first in range(self.filled, upto, BATCH):
            await self.put(self.slots[first : min(first + BATCH, upto)], first)
        self.filled = upto
        async with (
            self.database.engine.connect() as connection
        ):  # as a running system has it, after so many rows at once
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return upto

    async def draw(self) -> None:
        """Every slot of every service, in an order of chance."""
        start = NOW.astimezone(ZONE).date()
        doors = await self.directory.doors_in("")
        async with self.database.read() as session:
            self.rules = (await self.availability.calendar(session, doors[0], NOW, NOW)).rules
        found = [
            (door.card.id, slot)
            for door in doors
            for at in range(8)
            for slot in Calendar(door.schedule, self.rules).slots_of_day(start + timedelta(at), ZONE, is_workday)
        ]
        self.slots = [found[at] for at in self.rng.permutation(len(found))]

    async def put(self, wanted: list[tuple[str, Slot]], first: int) -> None:
        """A batch of appointments, straight into the tables, as booking leaves them."""
        numbered = list(enumerate(wanted, start=first + 1))
        async with self.database.write() as session:
            connection = await session.connection()
            for sql, rows in (
                (APPOINTMENT, [(n, f"a{n}", f"b{n}", f"r{n}", "booked", False, 0, _utc(NOW), False) for n, _ in numbered]),
                (VISIT, [(n, n, name, KIND, "站", "示例", _utc(slot.starts_at), _utc(slot.ends_at), False)
                         for n, (name, slot) in numbered]),
                (SEAT, [(name, step, 0, n) for n, (name, slot) in numbered for step in quanta(slot, self.rules)]),
            ):  # fmt: skip
                await connection.exec_driver_sql(sql, rows)

    def wishes(self) -> Iterator[SlotWish]:
        """A week from now, from somewhere about the city."""
        start = NOW.astimezone(ZONE)
        while True:
            latitude, longitude = self.rng.normal(0, 0.15, 2)
            yield SlotWish(
                (KIND,), start, start + WEEK, Point(CENTRE.latitude + latitude, CENTRE.longitude + longitude)
            )

    async def search(self, *, cold: bool = False) -> dict[str, float]:
        """p50 and p95 of one search."""
        wishes = self.wishes()

        async def once() -> None:
            if cold:
                slots._cut_day.cache_clear()
            await self.availability.find(next(wishes))

        return await milliseconds(once, SEARCHES)

    async def booking(self) -> dict[str, float]:
        """p50 and p95 of one booking, commit and its sync to disk included; each at another service."""
        day = date(2026, 12, 8)
        doors = await self.directory.doors_in("")
        wanted = (
            (door.card.id, Calendar(door.schedule, self.rules).slots_of_day(day, ZONE, is_workday)[1].starts_at)
            for door in doors
        )

        async def once() -> None:
            visit = next(wanted)
            await self.appointments.book(BookingRequest(f"{visit}", (visit,), remind=True))

        return await milliseconds(once, min(BOOKINGS, self.services - 1))


APPOINTMENT = (
    "INSERT INTO appointments (id, public_id, number, request_key, status, remind, sequence, created_at, synthetic) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
VISIT = (
    "INSERT INTO visits (id, appointment_id, service_id, kind, place, address, starts_at, ends_at, synthetic) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SEAT = "INSERT INTO seats (service_id, quantum, seat, visit_id) VALUES (?, ?, ?, ?)"
WEEKS = (
    (("01234", clock_time(9), clock_time(17)),),
    (("01234", clock_time(8, 30), clock_time(11, 30)), ("01234", clock_time(14), clock_time(17, 30))),
    (("01234", clock_time(9), clock_time(17)), ("5", clock_time(9), clock_time(12))),
    (("0123456", clock_time(9), clock_time(17)),),
    (("01234", clock_time(9), clock_time(20, 30)), ("5", clock_time(9), clock_time(16))),
    (("12345", clock_time(10), clock_time(18, 30)),),
)


def _utc(moment: datetime) -> str:
    """As SQLite keeps a time."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


async def milliseconds(work: Callable[[], Awaitable[None]], times: int) -> dict[str, float]:
    """p50, p95 and p99 of one call; the first is not counted."""
    await work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(taken, n=100)
    return {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2), "p99": round(cuts[98], 2)}


async def measure(services: int) -> dict[str, object]:
    """Every figure, on a database of its own."""
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder), services)
        await bench.prepare()
        result: dict[str, object] = {"services": services, "targets_ms": TARGETS}
        for name, share in (("tenth_taken", 0.1), ("nine_tenths_taken", 0.9), ("all_taken", 1.0)):
            result[f"appointments_{name}"] = await bench.fill(share)
            result[f"search_{name}_ms"] = await bench.search()
            if share == 0.9:
                result["search_nine_tenths_taken_cold_ms"] = await bench.search(cold=True)
        result["booking_ms"] = await bench.booking()
        await bench.database.close()
    return result


def table(result: dict[str, object]) -> str:
    """For people."""
    lines = [f"{'':34}{'p50':>9}{'p95':>9}{'p99':>9}  target"]
    for name, value in result.items():
        if name.endswith("_ms") and isinstance(value, dict) and "p50" in value:
            target = TARGETS["booking" if name.startswith("booking") else "search"]
            met = "yes" if value["p50"] < target else "NO"
            lines.append(f"{name:34}{value['p50']:9.2f}{value['p95']:9.2f}{value['p99']:9.2f}  <{target:g} ms: {met}")
        elif not isinstance(value, dict):
            lines.append(f"{name:34}{value!s:>9}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--services", type=int, default=6000)
    chosen = parser.parse_args()
    result = asyncio.run(measure(chosen.services))
    if chosen.services == 6000:
        RESULTS.write_text(json.dumps(result) + "\n", encoding="utf-8")
    print(json.dumps(result) if chosen.json else table(result))


if __name__ == "__main__":
    main()
