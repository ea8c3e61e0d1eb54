"""「妇女下班我上班」: when offices are closed, what is open or answers the telephone now, opens next, or can be done here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.accounts import CODE_DIGITS
from bot.domain.case_topics import Topic, topic_of
from bot.domain.messages import PlaceCard, Reply
from bot.domain.schedules import day_words
from bot.domain.working_hours import WorkingHours
from bot.language.places import Gazetteer
from bot.language.wishes import read_wishes
from bot.services.directory import Directory, PlaceQuery
from bot.storage.after_hours import AfterHoursStore
from bot.storage.database import Database
from bot.storage.directory import ServiceKind

MEANWHILE = "等的时候，法律和心理的问题在这里都能问，也能先约时间；要找人就写“找工作人员”。"
BOOK_NOW = "约时间不用等开门，现在就能约。"
OFF_HOURS = "现在过了上班时间，各处的窗口多半关着。"
WHERE = "写一声您在哪个区、哪条街道，就能查到附近现在还开着的和最早开门的。"
SAMPLE = "（这里说的地方是示例数据，请勿前往；真实地点请打 12338 问。）"
BOOKING = frozenset({"book_appointment", "join_waiting_list"})
TELLS_HOURS = frozenset({"find_place", "ask_opening_hours"})
"""Their answers say themselves what is open."""
OFFICES: Mapping[Topic, ServiceKind] = {
    Topic.VIOLENCE: ServiceKind.LEGAL,
    Topic.HARASSMENT: ServiceKind.LEGAL,
    Topic.MARRIAGE: ServiceKind.LEGAL,
    Topic.WORK: ServiceKind.LEGAL,
    Topic.LAND: ServiceKind.LEGAL,
    Topic.LEGAL: ServiceKind.LEGAL,
    Topic.MIND: ServiceKind.PSYCHOLOGICAL,
    Topic.FAMILY: ServiceKind.WOMENS_HOME,
    Topic.HARDSHIP: ServiceKind.WOMENS_HOME,
}


@dataclass(frozen=True, slots=True)
class Closed:
    """All that was found is closed at this moment: which place is open now, and which of those found opens first.

    `on_call` answers the telephone now. Each is None when there is none; `opens_at` and `now` are local.
    """

    now: datetime
    open_now: PlaceCard | None
    opens_next: PlaceCard | None
    opens_at: datetime | None
    on_call: PlaceCard | None = None


async def closed_near(directory: Directory, query: PlaceQuery, places: Sequence[PlaceCard]) -> Closed | None:
    """What she can do at this hour when everything that was found is closed; None when something is open, or nothing found."""
    if not places or any(place.open_now for place in places):
        return None
    return await at_this_hour(directory, query, places)


async def at_this_hour(directory: Directory, query: PlaceQuery, places: Sequence[PlaceCard]) -> Closed:
    """What is open now and who answers, of this kind and however far; which of `places` opens first when none is open."""
    anything = PlaceQuery(point=query.point, kind=query.kind)
    open_now, on_call = await directory.open_now(anything), await directory.on_call_now(anything)
    some_open = any(place.open_now for place in places)
    place, opens_at = (None if some_open else await directory.opens_next(places)) or (None, None)
    return Closed(directory.now(), open_now, place, opens_at, on_call)


def closed_words(closed: Closed) -> str:
    """What is open now, who can be rung up, what opens next, and what can be done here meanwhile."""
    lines = ["这几处现在都关着。", *open_lines(closed), f"{MEANWHILE}有危险马上打 110。"]
    return "\n".join(lines)


def open_lines(closed: Closed) -> list[str]:
    """A line each, only of what is known."""
    lines = []
    if closed.open_now is not None:
        far = distance_words(closed.open_now.distance_m)
        lines.append(f"现在还开着的、离得最近的是“{closed.open_now.name}”{far}，去之前先打电话问一声。")
    if closed.on_call is not None:
        lines.append(f"“{closed.on_call.name}”门关着，但{closed.on_call.on_call}。")
    if closed.opens_next is not None and closed.opens_at is not None:
        lines.append(f"最早开门的是“{closed.opens_next.name}”，{opening_words(closed.opens_at, closed.now)}。")
    return lines


def opening_words(opens_at: datetime, now: datetime) -> str:
    """「今天 13:30」「明天（周四）9:00」"""
    hour = f"{opens_at.hour}:{opens_at.minute:02d}"
    if opens_at.date() == now.date():
        return f"今天 {hour}"
    return f"{day_words(opens_at.date(), now.date())} {hour}"


def distance_words(metres: int | None) -> str:
    """「（约 3 公里）」"""
    if metres is None:
        return ""
    return f"（约 {max(metres, 100) // 100 * 100} 米）" if metres < 1000 else f"（约 {metres / 1000:.0f} 公里）"


@dataclass(frozen=True, slots=True)
class Evening:
    """What is to be said once on the evening `day`. `reply` None: she hears it from the answer itself. `first`: before it."""

    day: date
    reply: Reply | None
    first: bool = False


class AfterHours:
    """Says once an evening, to whoever writes of something that an office would handle, what there is at this hour."""

    def __init__(
        self, database: Database, directory: Directory, gazetteer: Gazetteer, hours: WorkingHours
    ) -> None:  # fmt: skip
        self._database = database
        self._directory = directory
        self._gazetteer = gazetteer
        self._hours = hours

    async def words(self, conversation_id: int, intent: str, text: str, area: str) -> Evening | None:
        """None by day, and for what no office handles. `area`: the branch that she names in this message, "" for none."""
        day, kind = self._hours.evening(self._directory.now()), office_for(intent, text)
        if day is None or kind is None:
            return None
        if intent in TELLS_HOURS:
            return Evening(day, None)
        async with self._database.read() as session:
            told_on, known = await AfterHoursStore(session).known(conversation_id)
        if told_on == day:
            return None
        booking = intent in BOOKING
        lines = [OFF_HOURS, *await self._there(kind, area or known), BOOK_NOW if booking else MEANWHILE]
        return Evening(day, Reply("\n".join(lines)), first=booking)

    async def _there(self, kind: ServiceKind, area: str) -> list[str]:
        division = self._gazetteer.division(area.ljust(CODE_DIGITS, "0")) if area else None
        if division is None:
            return [WHERE]
        point, _ = self._gazetteer.point_of(division.code)
        query = PlaceQuery(point=point, kind=kind, approximate=True, division=division.code)
        places = (await self._directory.nearest(query)).places
        closed = await at_this_hour(self._directory, query, places)
        sample = [SAMPLE] if any(place.synthetic for place in places) else []
        return [*open_lines(closed), *sample]


def office_for(intent: str, text: str) -> ServiceKind | None:
    """Which kind of office would handle it by day; None for small talk, danger and what the assistant does by itself."""
    if intent in BOOKING or intent in TELLS_HOURS:
        kind = read_wishes(text).kind
        return ServiceKind(kind) if kind else ServiceKind.WOMENS_HOME
    return OFFICES.get(topic_of([intent]))
