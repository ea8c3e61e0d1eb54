"""流动服务 for the offices that run it: routes planned several stops at once, changed and cancelled, with whoever was told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from bot.domain.accounts import CODE_DIGITS, Officer, Permission
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.figures import is_small
from bot.domain.geography import Point
from bot.domain.mobile import StopFilter, StopStatus, UnitKind, span_words
from bot.language.places import Gazetteer
from bot.services.areas import area_code, area_words
from bot.services.case_access import AuditLog
from bot.storage.database import Database
from bot.storage.mobile import MobileStop, MobileUnit
from bot.storage.mobile_lists import MobileCounts, MobileLists

MOST_STOPS = 200
LONGEST_NAME, LONGEST_WORDS = 60, 120
FIGURES_SPAN = timedelta(days=30)
LONGEST_STAY = timedelta(hours=16)
ELSEWHERE = "这一站的时间和同一辆车（或同一个点）的另一站撞上了：{when}。请改时间。"


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A stop to be: local times; without `point` it stands in the middle of its division (any branch of the area)."""

    area: str
    place: str
    starts_at: datetime
    ends_at: datetime
    point: Point | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class UnitWish:
    """A unit that is there (`id`), or a new one with all the rest; `area` is the branch of its office."""

    id: str = ""
    name: str = ""
    kind: UnitKind = UnitKind.BUS
    offers: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One stop as officers see it; local times."""

    id: str
    unit: str
    kind: UnitKind
    offers: str
    office: str
    area: str
    place: str
    starts_at: datetime
    ends_at: datetime
    status: StopStatus
    reason: str
    moved: str
    approximate: bool
    point: Point
    synthetic: bool
    is_over: bool


class MobileRoutes:
    """Raises NotFound for whatever lies outside an officer's branch."""

    def __init__(
        self, database: Database, gazetteer: Gazetteer, audit: AuditLog, *, clock: Callable[[], datetime], zone: str
    ) -> None:
        self._database = database
        self._gazetteer = gazetteer
        self._audit = audit
        self._clock = clock
        self._zone = ZoneInfo(zone)

    @property
    def zone(self) -> ZoneInfo:
        """In which officers write times."""
        return self._zone

    async def page(self, by: Officer, wanted: StopFilter, *, offset: int = 0, limit: int = 50) -> list[Line]:
        """A page of stops in her branch, the soonest first."""
        _may(by)
        async with self._database.read() as session:
            rows = await MobileLists(session).page(by.area, wanted, self._span(wanted), offset=offset, limit=limit)
            return [self._line(row) for row in rows]

    async def one(self, by: Officer, stop: str) -> Line:
        """One stop of her branch."""
        _may(by)
        async with self._database.read() as session:
            row = await MobileLists(session).named(stop)
            if row is None or not by.covers(row.division_code):
                raise NotFound
            return self._line(row)

    async def units(self, by: Officer) -> list[MobileUnit]:
        """The units of her branch's offices, but no sample ones: nothing real is planned with them."""
        _may(by)
        async with self._database.read() as session:
            return [unit for unit in await MobileLists(session).units(by.area) if not unit.synthetic]

    async def figures(self, by: Officer, area: str = "") -> tuple[MobileCounts, str]:
        """(the counts of the coming thirty days, how many women are told: 「少于5」 for fewer) of a branch within hers."""
        _may(by)
        area = area if by.covers(area) else by.area
        now = self._clock()
        async with self._database.read() as session:
            counts = await MobileLists(session).counts(area, now, now + FIGURES_SPAN, now)
        return counts, few_words(counts.subscriptions)

    async def plan(self, by: Officer, unit: UnitWish, stops: Sequence[PlannedStop]) -> int:
        """Put a route in, all stops or none; how many. Sample rows go. Raises BadInput, NotFound, Conflict."""
        _may(by)
        if not 1 <= len(stops) <= MOST_STOPS:
            raise BadInput(f"一条路线要有 1 到 {MOST_STOPS} 站。")
        checked = [self.checked(by, stop) for stop in stops]
        async with self._database.write() as session:
            lists = MobileLists(session)
            await lists.remove_synthetic()
            made = await self.unit_of(lists, by, unit)
            for stop in checked:
                await self.put(lists, made, stop)
            deed = Deed(Act.MOBILE_PLANNED, by.id, "mobile_unit", made.public_id, f"{len(checked)} 站")
            await self._audit.append(session, deed)
        return len(checked)

    async def change(self, by: Officer, stop: str, wanted: PlannedStop, moved: str) -> None:
        """Other hours or another place: whoever was told hears of it. `moved`: what changed, in words for women."""
        _may(by)
        checked, now = self.checked(by, wanted), self._clock()
        async with self._database.write() as session:
            row = await self._open(MobileLists(session), by, stop, now)
            code, point, approximate = self.where(checked)
            before = (row.starts_at, row.ends_at, row.place, row.division_code)
            if before == (checked.starts_at, checked.ends_at, checked.place, code) and row.moved == moved:
                return
            if before != (checked.starts_at, checked.ends_at, checked.place, code):
                row.revision += 1
            if code != row.division_code or checked.point is not None:
                row.latitude_wgs84, row.longitude_wgs84, row.approximate = point.latitude, point.longitude, approximate
            row.division_code, row.place, row.moved = code, checked.place, moved[:LONGEST_WORDS]
            row.starts_at, row.ends_at = checked.starts_at, checked.ends_at
            try:
                await session.flush()
            except IntegrityError as wrong:
                raise Conflict(ELSEWHERE.format(when=self._when(checked))) from wrong
            await self._audit.append(session, Deed(Act.MOBILE_CHANGED, by.id, "mobile_stop", stop, row.moved))

    async def cancel(self, by: Officer, stop: str, reason: str) -> None:
        """It does not take place: whoever was told hears of it. Raises BadInput without a reason."""
        _may(by)
        if not reason.strip():
            raise BadInput("请写一句为什么取消，姐妹们问起来好答。")
        async with self._database.write() as session:
            row = await self._open(MobileLists(session), by, stop, self._clock())
            row.status, row.reason = StopStatus.CANCELLED, reason.strip()[:LONGEST_WORDS]
            row.revision += 1
            await session.flush()
            await self._audit.append(session, Deed(Act.MOBILE_CANCELLED, by.id, "mobile_stop", stop, row.reason))

    def checked(self, by: Officer, stop: PlannedStop) -> PlannedStop:
        """The same when it can be used. Raises BadInput with what to write instead."""
        if not stop.place or len(stop.place) > LONGEST_WORDS:
            raise BadInput(f"“停在哪里”要写，最多 {LONGEST_WORDS} 字，例如：某某社区居委会门口。")
        if not by.covers(stop.area):
            raise BadInput(f"“{area_words(self._gazetteer, stop.area)}”不在您的管辖范围里。")
        if not stop.area:
            raise BadInput("请写这一站在哪个区或街镇。")
        if not timedelta(0) < stop.ends_at - stop.starts_at <= LONGEST_STAY:
            raise BadInput("结束时间要在开始时间之后，当天结束。")
        return stop

    async def unit_of(self, lists: MobileLists, by: Officer, wish: UnitWish) -> MobileUnit:
        """The unit that is meant, made if it is new. Raises NotFound, BadInput."""
        if wish.id:
            known = await lists.unit(wish.id)
            if known is None or not by.covers(known.division_code):
                raise NotFound
            return known
        if not wish.name or len(wish.name) > LONGEST_NAME or len(wish.offers) > LONGEST_WORDS:
            raise BadInput(f"请给它起个名字（最多 {LONGEST_NAME} 字）；提供什么最多 {LONGEST_WORDS} 字。")
        if not by.covers(wish.area) or not wish.area:
            raise BadInput("请写它归哪个区或街镇管，要在您的管辖范围里。")
        code = wish.area.ljust(CODE_DIGITS, "0")
        known = await lists.unit_named(wish.name, code)
        if known is None:
            known = MobileUnit(name=wish.name, kind=wish.kind, offers=wish.offers, division_code=code)
            await lists.add(known)
        return known

    async def put(self, lists: MobileLists, unit: MobileUnit, stop: PlannedStop) -> MobileStop:
        """One stop of a unit. Raises Conflict when the unit begins another at that time."""
        code, point, approximate = self.where(stop)
        row = MobileStop(
            unit_id=unit.id, division_code=code, place=stop.place, latitude_wgs84=point.latitude,
            longitude_wgs84=point.longitude, approximate=approximate, starts_at=stop.starts_at, ends_at=stop.ends_at,
        )  # fmt: skip
        if stop.id:
            row.public_id = stop.id
        try:
            await lists.add(row)
        except IntegrityError as wrong:
            raise Conflict(ELSEWHERE.format(when=self._when(stop))) from wrong
        return row

    def area(self, words: str) -> str:
        """A branch of the area as people write it, 「北辰区 集贤里街道」 too. Raises BadInput."""
        units = [unit for level in ("district", "town", "village") for unit in self._gazetteer.divisions(level)]
        full = [unit for unit in units if words and " ".join(filter(None, self._gazetteer.path(unit))) == words]
        return area_code(self._gazetteer, full[0].code if len(full) == 1 else words)

    async def _open(self, lists: MobileLists, by: Officer, stop: str, now: datetime) -> MobileStop:
        row = await lists.named(stop, lock=True)
        if row is None or not by.covers(row.division_code):
            raise NotFound
        if row.status is StopStatus.CANCELLED:
            raise Conflict("这一站已经取消了。要恢复请重新排一站。")
        if row.ends_at <= now:
            raise Conflict("这一站已经结束了，不能再改。")
        return row

    def where(self, stop: PlannedStop) -> tuple[str, Point, bool]:
        """(division code, point, whether the point is only the middle of the division)"""
        code = stop.area.ljust(CODE_DIGITS, "0")
        return code, stop.point or self._gazetteer.point_of(code)[0], stop.point is None

    def _span(self, wanted: StopFilter) -> tuple[datetime | None, datetime | None]:
        first = datetime.combine(wanted.first, time(), self._zone) if wanted.first else None
        last = datetime.combine(wanted.last + timedelta(days=1), time(), self._zone) if wanted.last else None
        return first, last

    def _when(self, stop: PlannedStop) -> str:
        return span_words(stop.starts_at.astimezone(self._zone), stop.ends_at.astimezone(self._zone))

    def _line(self, row: MobileStop) -> Line:
        unit = row.unit
        return Line(
            row.public_id, unit.name, unit.kind, unit.offers, area_words(self._gazetteer, unit.division_code),
            area_words(self._gazetteer, row.division_code), row.place, row.starts_at.astimezone(self._zone),
            row.ends_at.astimezone(self._zone), row.status, row.reason, row.moved, row.approximate, row.point,
            unit.synthetic, row.ends_at <= self._clock(),
        )  # fmt: skip


def few_words(count: int) -> str:
    """A count of women as it may be shown."""
    return "少于5" if is_small(count) else str(count)


def _may(by: Officer) -> None:
    if not by.may(Permission.RUN_SERVICES):
        raise NotFound
