"""What an officer looks for in the queue: the address of the page read into a filter, and what she can choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sanic import Request

from bot.console.fields import read_day
from bot.domain.accounts import CODE_DIGITS, Officer, branch
from bot.domain.case_filter import CaseFilter
from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import CaseStatus
from bot.services.areas import WHOLE_AREA

LONGEST = 64
NAMES = ("tab", "level", "topic", "area", "status", "officer", "since", "until", "q", "overdue")
LEVELS_DOWN = ("district", "town", "village")
Word = TypeVar("Word", bound=StrEnum)


class Tab(StrEnum):
    """Which cases: nobody has them, she has them, all that are open, those that are closed."""

    WAITING = "waiting"
    MINE = "mine"
    OPEN = "open"
    CLOSED = "closed"


TAB_WORDS: Mapping[Tab, str] = {
    Tab.WAITING: "等人接",
    Tab.MINE: "我在办",
    Tab.OPEN: "全部未结",
    Tab.CLOSED: "已结",
}


@dataclass(frozen=True, slots=True)
class Search:
    """`asked`: the values as the form shows them again, "" where nothing was chosen; values that mean nothing are left out."""

    tab: Tab
    asked: Mapping[str, str]
    wanted: CaseFilter

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the tab was chosen."""
        return any(value for name, value in self.asked.items() if name != "tab")

    def query(self, **other: object) -> dict[str, str]:
        """The address of the same search, with other values in places."""
        return {name: str(value) for name, value in {**self.asked, **other}.items() if value not in ("", None)}


def read_search(request: Request, now: datetime) -> Search:
    """From the address; `now` in the officers' zone. Raises BadInput for a day that is none."""
    asked = {name: request.args.get(name, "").strip()[:LONGEST] for name in NAMES}
    tab = _word(Tab, asked["tab"]) or Tab.WAITING
    level, topic, status = (
        _word(CaseLevel, asked["level"]), _word(Topic, asked["topic"]), _word(CaseStatus, asked["status"])
    )  # fmt: skip
    officer, area = request.ctx.officer, _branch(asked["area"])
    area = area if area.startswith(officer.area) else ""
    overdue = asked["overdue"] == "1"
    wanted = CaseFilter(
        status=status,
        closed=tab is Tab.CLOSED,
        untaken=tab is Tab.WAITING,
        level=level,
        topic=topic,
        officer=officer.id if tab is Tab.MINE else asked["officer"],
        area=area,
        words=asked["q"],
        since=_midnight(asked["since"], now, 0),
        until=_midnight(asked["until"], now, 1),
        overdue_at=now if overdue else None,
    )
    kept = asked | {
        "tab": tab.value, "level": level or "", "topic": topic or "", "status": status or "", "area": area,
        "overdue": "1" if overdue else "",
    }  # fmt: skip
    return Search(tab, kept, wanted)


def areas(gazetteer: Any, officer: Officer, chosen: str) -> Sequence[tuple[str, str]]:
    """(branch, name) to choose from: the way from her own area down to the chosen one, and what lies right below it."""
    here = _unit(gazetteer, chosen or officer.area)
    way: list[Any] = []
    unit = _unit(gazetteer, chosen)
    while unit is not None and len(branch(unit.code)) > len(officer.area):
        way.insert(0, unit)
        unit = gazetteer.division(unit.parent)
    depth = 0 if here is None else LEVELS_DOWN.index(here.level) + 1
    below = gazetteer.divisions(LEVELS_DOWN[depth]) if depth < len(LEVELS_DOWN) else []
    below = [unit for unit in below if here is None or unit.parent == here.code]
    return [(branch(unit.code), unit.name) for unit in (*way, *below)]


def _unit(gazetteer: Any, area: str) -> Any:
    """The unit of a branch; None for the whole area and for what is above a district."""
    return gazetteer.division(area.ljust(CODE_DIGITS, "0")) if area else None


def whole(officer: Officer, gazetteer: Any) -> str:
    """What she sees when she chooses no area."""
    unit = _unit(gazetteer, officer.area)
    return f"{unit.name}（{WHOLE_AREA}）" if unit is not None else WHOLE_AREA


def _branch(code: str) -> str:
    try:
        return branch(code)
    except ValueError:
        return ""


def _word(words: type[Word], value: str) -> Word | None:
    return words(value) if value in set(words) else None


def _midnight(text: str, now: datetime, days: int) -> datetime | None:
    return datetime.combine(read_day(text), time.min, now.tzinfo) + timedelta(days=days) if text else None
