"""Figures of a period and an area, as a leader may see them: small numbers hidden, beside those of the time before."""

from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import CODE_DIGITS, Officer, Permission, branch
from bot.domain.errors import BadInput, NotFound
from bot.domain.figures import SMALLEST, TOTAL, UNKNOWN_PART, Cell, Mark, change, is_small, publish, share, shown
from bot.domain.offices import DISTRICT_DIGITS, TOWN_DIGITS
from bot.domain.periods import LONGEST, Period, Span
from bot.domain.working_hours import WorkingHours
from bot.language.places import Gazetteer
from bot.services.areas import area_words
from bot.services.figure_words import CHANNEL_WORDS, KEYS, NEAREST_UNKNOWN
from bot.storage.database import Database
from bot.storage.figures import Areas, Counts, FigureStore, OffHours, Stretch, Wait
from bot.storage.service_figures import ServiceFigures

Steps = Sequence[tuple[str, Sequence[str]]]
PARTS = {DISTRICT_DIGITS: "district", TOWN_DIGITS: "town", CODE_DIGITS: "village"}
"""Digits of an area's children → their level in the gazetteer."""
OFFICE = "office"
"""The band of who wrote in office hours only."""
SHORTEST_RANGE = timedelta(days=7)
BANDS = ((20, "20 位以上"), (10, "10–19 位"), (SMALLEST, "5–9 位"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. `share` is per cent of the table's total; `change` per cent against the period before."""

    key: str
    name: str
    cell: Cell
    share: int | None = None
    before: Cell | None = None
    change: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A distribution: its rows add up to `total`."""

    name: str
    total: Cell
    rows: tuple[Row, ...]

    def row(self, key: str) -> Row:
        """The row of this key."""
        return next(row for row in self.rows if row.key == key)

    @property
    def is_told(self) -> bool:
        """Whether there is anything to draw."""
        return any(row.cell.count for row in self.rows)

    @property
    def hides(self) -> bool:
        """Whether a cell is hidden."""
        return any(row.cell.mark for row in self.rows)


@dataclass(frozen=True, slots=True)
class Waited:
    """How long until a person took a case, in minutes; both None when too few cases were taken."""

    key: str
    name: str
    cases: Cell
    p50: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that a page or a report says. `rounded`: counts are to the next 5, as the days were chosen freely."""

    period: Period
    area: str
    area_name: str
    women: Cell
    before: Cell
    change: int | None
    tables: Mapping[str, Table]
    areas: tuple[Row, ...]
    waits: tuple[Waited, ...]
    phrases: tuple[tuple[str, str], ...]
    made_at: datetime
    rounded: bool

    @property
    def is_running(self) -> bool:
        """Whether the period is not over yet."""
        return self.made_at.date() <= self.period.last


class CheckInCounts(Protocol):
    """Counts sealed check-ins (`bot.services.check_in`), which the figures have no key to."""

    async def counts(self, session: AsyncSession, stretch: Stretch, areas: Areas) -> Counts:
        """By (area, 「high」 or 「low」) how many were kept."""


class FigureOffice:
    """Answers who asks about her own branch, and NotFound about any other."""

    def __init__(
        self, database: Database, gazetteer: Gazetteer, *, clock: Callable[[], datetime], zone: str,
        check_ins: CheckInCounts | None = None, hours: WorkingHours | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._check_ins = check_ins
        self._hours = hours
        self._gazetteer = gazetteer
        self._clock = clock
        self._zone = ZoneInfo(zone)

    def today(self) -> datetime:
        """The moment, on a local clock."""
        return self._clock().astimezone(self._zone)

    async def of(self, by: Officer, period: Period, area: str = "") -> Figures:
        """The figures of an area of hers, "" for all that is hers. Raises NotFound, BadInput."""
        if not by.may(Permission.SEE_FIGURES):
            raise NotFound
        return await self.count(period, self.area_of(by, area))

    def area_of(self, by: Officer, area: str) -> str:
        """The branch that is meant. Raises NotFound for what is not hers or is none."""
        if not area:
            return branch(by.area)
        try:
            meant = branch(area)
        except ValueError as wrong:
            raise NotFound from wrong
        if not by.covers(meant) or self._gazetteer.division(meant.ljust(CODE_DIGITS, "0")) is None:
            raise NotFound
        return meant

    async def count(self, period: Period, area: str) -> Figures:
        """The figures, whoever asks. Raises BadInput for days that are too few or too many."""
        _check(period)
        steps = self._steps(area)
        areas = _areas_of(area, steps)
        now, then = self._stretch(period), self._stretch(period.before())
        async with self._database.read() as session:
            store = FigureStore(session)
            women, before = await store.women(now, areas), await store.topics(then, areas)
            other = {
                **await store.cases(now, areas),
                "appointments": await store.appointments(now, areas),
                "misses": await store.misses(now, areas),
                "waiting": await store.waiting(now, areas),
                "check_in": await self._check_ins.counts(session, now, areas) if self._check_ins else {},
                **await ServiceFigures(session).all(now, areas),
            }
            bands = await store.bands(now, areas, _off_hours(period, self._hours)) if self._hours else {}
            waits = await store.waits(now, area, unknown=areas.unknown and area == areas.within)
            phrases = await store.unclear_phrases(now, _only(area, areas), SMALLEST)
        tables = {name: _table(name, counts, steps, area, period) for name, counts in {**women, **other}.items()}
        tables |= _after_hours(bands, steps, area, period)
        last = _table("topic", before, steps, area, period)
        running = self.today().date() <= period.last  # half a month is not compared with a whole one
        return Figures(
            period=period,
            area=area,
            area_name=area_words(self._gazetteer, area),
            women=tables["topic"].total,
            before=last.total,
            change=None if running else change(tables["topic"].total, last.total),
            tables=tables if running else tables | {"topic": _beside(tables["topic"], last)},
            areas=self._area_rows(women["topic"], steps, area, period),
            waits=_waited(waits, tables["level"]),
            phrases=tuple((text, _band(count)) for text, count in phrases),
            made_at=self.today(),
            rounded=period.span is Span.RANGE,
        )

    def _stretch(self, period: Period) -> Stretch:
        since, until = period.bounds(self._zone)
        offset = since.utcoffset() or timedelta()
        return Stretch(since, until, int(offset.total_seconds()) // 60)

    def _steps(self, area: str) -> Steps:
        """From the top down to the area: each with the areas it is told apart into, and what is known no nearer."""
        digits = [at for at in (DISTRICT_DIGITS, TOWN_DIGITS) if at <= len(area)]
        parents = ["", *(area[:at] for at in digits)] if len(area) >= DISTRICT_DIGITS else [area]
        return [(parent, (*self._parts(parent), parent + UNKNOWN_PART)) for parent in parents]

    def _parts(self, parent: str) -> list[str]:
        digits = _below(parent)
        codes = (unit.code for unit in self._gazetteer.divisions(PARTS[digits]))
        return [code[:digits] for code in codes if code.startswith(parent)]

    def _area_rows(self, counts: Counts, steps: Steps, area: str, period: Period) -> tuple[Row, ...]:
        """How many women in each part of the area; parts without any are left out. A village has no parts."""
        parent, children = steps[-1]
        if parent != area:
            return ()
        marks: MutableMapping[tuple[str, str], Mark] = {}
        values = publish(_placed(counts, steps), tuple(KEYS["topic"]), steps, marks)
        rows = [
            Row(child, self._name(child, parent), _cell(values, marks, (child, TOTAL), period), share(
                shown(values, marks, (child, TOTAL)), shown(values, marks, (parent, TOTAL))))
            for child in children
        ]  # fmt: skip
        told = [row for row in rows if not row.cell.is_zero]
        return tuple(sorted(told, key=lambda row: (row.key.endswith(UNKNOWN_PART), -(row.cell.count or 0), row.key)))

    def _name(self, child: str, parent: str) -> str:
        if child.endswith(UNKNOWN_PART):
            return NEAREST_UNKNOWN[_below(parent)]
        unit = self._gazetteer.division(child.ljust(CODE_DIGITS, "0"))
        return unit.name if unit else child


def _check(period: Period) -> None:
    days = period.last - period.first + timedelta(1)
    if days < timedelta(1) or days > LONGEST:
        raise BadInput("结束日期要在开始日期之后，最长一年。")
    if period.span is Span.RANGE and days < SHORTEST_RANGE:
        raise BadInput("自选日期至少要 7 天：天数太少，数字就会说到某一个人。")


def _below(parent: str) -> int:
    """How many digits the parts of an area have."""
    return next(digits for digits in (*PARTS, CODE_DIGITS) if digits > len(parent) or digits == CODE_DIGITS)


def _areas_of(area: str, steps: Steps) -> Areas:
    """What the database is to tell apart: no more than the steps need."""
    cuts = [(parent, _below(parent)) for parent, _ in reversed(steps)]
    return Areas("" if len(area) >= DISTRICT_DIGITS else area, unknown=True, cuts=cuts)


def _only(area: str, areas: Areas) -> Areas:
    """Only what lies in the area; what has no known place counts for the whole."""
    return Areas(area, unknown=areas.unknown and area == areas.within, cuts=())


def _placed(counts: Counts, steps: Steps) -> dict[tuple[str, str], int]:
    """Every count under the nearest area of the steps that holds it."""
    placed: dict[tuple[str, str], int] = {}
    for (area, key), count in counts.items():
        parent, children = next(step for step in reversed(steps) if area.startswith(step[0]))
        part = area[: _below(parent)]
        node = part if part in children else parent + UNKNOWN_PART
        placed[node, key] = placed.get((node, key), 0) + count
    return placed


def _off_hours(period: Period, hours: WorkingHours) -> OffHours:
    days = [period.first + timedelta(days=at) for at in range((period.last - period.first).days + 1)]
    free = [day.isoformat() for day in days if not hours.is_workday(day)]
    return OffHours(f"{hours.spans[0][0]:%H:%M}", f"{hours.spans[-1][1]:%H:%M}", free)


def _after_hours(
    bands: Mapping[tuple[str, str, str], int], steps: Steps, area: str, period: Period
) -> dict[str, Table]:
    """When, and about what, women wrote while offices were closed.

    Beside the table of topics each row would tell how many wrote in office hours only: where those are few, it is withheld.
    """
    by_band: Counter[tuple[str, str]] = Counter()
    topics: dict[bool, Counter[tuple[str, str]]] = {True: Counter(), False: Counter()}
    for (where, topic, band), count in bands.items():
        by_band[where, band] += count
        topics[band == OFFICE][where, topic] += count
    keys = tuple(KEYS["topic"])
    by_day, after = (publish(_placed(topics[office], steps), keys, steps, {}) for office in (True, False))
    marks = {cell: Mark.WITHHELD for cell, few in by_day.items() if is_small(few) and not is_small(after[cell])}
    return {
        "after_hours": _table("after_hours", by_band, steps, area, period),
        "after_topic": _table("after_topic", topics[False], steps, area, period, marks),
    }


def _table(
    name: str, counts: Counts, steps: Steps, area: str, period: Period,
    marks: MutableMapping[tuple[str, str], Mark] | None = None,
) -> Table:  # fmt: skip
    """`marks`: cells that may not be shown whatever they hold."""
    keys = KEYS[name] or {
        key: CHANNEL_WORDS.get(key, key) for key in sorted({key for _, key in counts} | {"web", "wechat"})
    }
    marks = {} if marks is None else marks
    values = publish(_placed(counts, steps), tuple(keys), steps, marks)
    whole = shown(values, marks, (area, TOTAL))
    rows = tuple(
        Row(key, words, _cell(values, marks, (area, key), period), share(shown(values, marks, (area, key)), whole))
        for key, words in keys.items()
    )
    return Table(name, _cell(values, marks, (area, TOTAL), period), rows)


def _cell(
    values: Mapping[tuple[str, str], int], marks: Mapping[tuple[str, str], Mark], key: tuple[str, str], period: Period
) -> Cell:
    """As it is shown; of days chosen freely to the next 5, so that two ranges that differ by a day tell nothing of that day."""
    cell = shown(values, marks, key)
    if cell.count is None or period.span is not Span.RANGE:
        return cell
    return Cell(SMALLEST * round(cell.count / SMALLEST))


def _beside(now: Table, before: Table) -> Table:
    rows = tuple(
        Row(row.key, row.name, row.cell, row.share, last.cell, change(row.cell, last.cell))
        for row, last in zip(now.rows, before.rows, strict=True)
    )
    return Table(now.name, now.total, rows)


def _waited(waits: Sequence[Wait], levels: Table) -> tuple[Waited, ...]:
    """Of fewer than five cases that were taken nothing is told: half of two cases is one of them."""
    by_level = {wait.level: wait for wait in waits}
    return tuple(_waited_row(row, by_level.get(row.key)) for row in levels.rows)


def _waited_row(row: Row, wait: Wait | None) -> Waited:
    if wait is None or is_small(wait.cases):
        return Waited(row.key, row.name, row.cell, None, None)
    return Waited(row.key, row.name, row.cell, round(wait.p50 / 60, 1), round(wait.p90 / 60, 1))


def _band(count: int) -> str:
    return next(words for least, words in BANDS if count >= least)
