"""An activity as people see it, made from its row: local times, the area in words, the seats that are left, how far."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.domain.accounts import CODE_DIGITS
from bot.domain.activities import ActivityCard, free_seats
from bot.domain.geography import Point, distance_m
from bot.language.places import Gazetteer
from bot.services.areas import area_words
from bot.storage.activities import Activity, Tally


@dataclass(frozen=True, slots=True)
class Cards:
    """Reads nothing but its arguments. `zone` is where people live."""

    gazetteer: Gazetteer
    zone: tzinfo

    def of(self, row: Activity, tally: Tally | None = None, near: Point | None = None) -> ActivityCard:
        """The card. Who waits comes before whoever comes now, so with a waiting list nothing is free."""
        tally = tally or Tally()
        free = free_seats(row.seats, tally.seated)
        return ActivityCard(
            id=row.public_id, topic=row.topic, title=row.title, description=row.description, audience=row.audience,
            area=row.division_code, area_words=area_words(self.gazetteer, row.division_code) if row.division_code else "",
            place=row.place, starts_at=self.local(row.starts_at), ends_at=self.local(row.ends_at), seats=row.seats,
            free=0 if free is not None and tally.waiting else free, organizer=row.organizer, status=row.status,
            reason=row.reason, distance_m=self.distance(row, near), synthetic=row.synthetic,
        )  # fmt: skip

    def local(self, moment: datetime) -> datetime:
        """The same moment as the clock on the wall shows it."""
        return moment.astimezone(self.zone)

    def distance(self, row: Activity, near: Point | None) -> int | None:
        """Metres from `near`; from the middle of its area where no point was written down."""
        point = row.point or self.centre(row.division_code)
        return None if near is None or point is None else round(distance_m(near, point))

    def centre(self, area: str) -> Point | None:
        """The middle of a branch; None where it is not known."""
        try:
            return self.gazetteer.point_of(area.ljust(CODE_DIGITS, "0"))[0] if area else None
        except KeyError:
            return None
