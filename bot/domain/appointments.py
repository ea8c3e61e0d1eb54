"""What an appointment is, whoever booked it and wherever it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.schedules import WEEKDAYS

KIND_WORDS = {"legal": "法律服务", "psychological": "心理服务", "womens_home": "妇女之家"}
TOGETHER = "psychological+legal"
"""How a joint visit is named where one kind is chosen: its kinds, in the order of the form."""
TOGETHER_WORDS = "心理和法律一起"
NEUTRAL_TITLE = "您预约的事项"
"""What reminders, files and titles say: the phone may lie open beside him."""


class AppointmentStatus(StrEnum):
    """`HELD` waits for a yes until `held_until` (an offer from the waiting list)."""

    BOOKED = "booked"
    HELD = "held"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


APPOINTMENT_WORDS: Mapping[AppointmentStatus, str] = {
    AppointmentStatus.BOOKED: "已约",
    AppointmentStatus.HELD: "候补留位",
    AppointmentStatus.CANCELLED: "已取消",
    AppointmentStatus.ATTENDED: "到了",
    AppointmentStatus.NO_SHOW: "没来",
}


class Actor(StrEnum):
    """Who did something to an appointment."""

    WOMAN = "woman"
    OFFICER = "officer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One service of an appointment. `service` is the directory's public id; times are local, with zone."""

    service: str
    kind: str
    place: str
    address: str
    starts_at: datetime
    ends_at: datetime
    synthetic: bool = False

    def words(self) -> str:
        """「11月28日（周六）10:00–10:40，某某法律服务站（地址）」"""
        return f"{moment_words(self.starts_at)}–{self.ends_at:%H:%M}，{self.place}（{self.address}）"


@dataclass(frozen=True, slots=True)
class BookedAppointment:
    """An appointment as both sides see it. `number` is what she may say; `sequence` counts its changes.

    `held_until` (local): an offer that waits for her yes till then.
    """

    id: str
    number: str
    status: AppointmentStatus
    visits: tuple[PlannedVisit, ...]
    sequence: int = 0
    remind: bool = False
    called: str = ""
    held_until: datetime | None = None

    @property
    def starts_at(self) -> datetime:
        """When the first service begins."""
        return self.visits[0].starts_at

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its services, in order."""
        return tuple(visit.kind for visit in self.visits)

    def words(self) -> str:
        """Every visit on a line of its own, full date and weekday in each."""
        return "\n".join(f"{KIND_WORDS[visit.kind]}：{visit.words()}" for visit in self.visits)


def moment_words(moment: datetime) -> str:
    """「11月28日（周六）10:00」, of a local moment."""
    return f"{moment.month}月{moment.day}日（周{WEEKDAYS[moment.weekday()]}）{moment:%H:%M}"
