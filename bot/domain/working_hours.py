"""Office hours, and counting in them: a deadline of four working hours sleeps at night, at weekends and on holidays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from bot.domain.schedules import IsWorkday

LONGEST_BREAK = 30
"""Days after which we stop looking for a working day: no holiday is as long."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Spans of a working day, in order, in one zone."""

    spans: tuple[tuple[time, time], ...]
    zone: tzinfo
    is_workday: IsWorkday

    @classmethod
    def read(cls, text: str, zone: tzinfo, is_workday: IsWorkday) -> "WorkingHours":
        """Read 「08:30-12:00,14:00-18:00」. Raises ValueError when spans are empty, backward or overlap."""
        spans = tuple(_span(part) for part in text.split(",") if part.strip())
        edges = [edge for span in spans for edge in span]
        if not spans or any(later <= earlier for earlier, later in zip(edges[::2], edges[1::2], strict=True)):
            raise ValueError("office hours look like 08:30-12:00,14:00-18:00")
        if edges != sorted(edges):
            raise ValueError("office hours must be in order and not overlap")
        return cls(spans, zone, is_workday)

    def is_open(self, moment: datetime) -> bool:
        """Whether offices work at this moment."""
        return self.next_open(moment) == moment

    def evening(self, moment: datetime) -> date | None:
        """The day whose evening it is, till next morning; None from opening to closing. A free day is all evening."""
        local = moment.astimezone(self.zone)
        opens, closes = self.spans[0][0], self.spans[-1][1]
        if self.is_workday(local.date()) and opens <= local.time() < closes:
            return None
        return local.date() if local.time() >= opens else local.date() - timedelta(days=1)

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself when offices work then, else when they open next."""
        moment = moment.astimezone(self.zone)
        return next(max(moment, begins) for begins, ends in self._from(moment) if moment < ends)

    def after(self, moment: datetime, work: timedelta) -> datetime:
        """When this much office time has passed since `moment`."""
        moment, left = moment.astimezone(self.zone), work
        for begins, ends in self._from(moment):
            begins = max(begins, moment)  # noqa: PLW2901
            if begins >= ends:
                continue
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
        raise AssertionError("unreachable: the spans never end")

    def _from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        day, idle = moment.date(), 0
        while True:
            if self.is_workday(day):
                idle = 0
                for begins, ends in self.spans:
                    yield self._at(day, begins), self._at(day, ends)
            elif (idle := idle + 1) > LONGEST_BREAK:
                raise ValueError("no working day within a month")
            day += timedelta(days=1)

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, self.zone)


def _span(text: str) -> tuple[time, time]:
    begins, _, ends = text.strip().partition("-")
    return time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip())
