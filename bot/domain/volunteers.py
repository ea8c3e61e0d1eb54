"""Volunteers, experts and mentors: what they can do, where and when, and which of them fit a call for help."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum

from bot.domain.workdays import is_workday


class VolunteerKind(StrEnum):
    """As what somebody signs up."""

    VOLUNTEER = "volunteer"
    EXPERT = "expert"
    MENTOR = "mentor"


KIND_WORDS: Mapping[VolunteerKind, str] = {
    VolunteerKind.VOLUNTEER: "巾帼志愿者",
    VolunteerKind.EXPERT: "女科技专家",
    VolunteerKind.MENTOR: "创业导师",
}


class VolunteerStatus(StrEnum):
    """Only who is accepted is asked; who left is history."""

    APPLIED = "applied"
    ACCEPTED = "accepted"
    PAUSED = "paused"
    LEFT = "left"


STATUS_WORDS: Mapping[VolunteerStatus, str] = {
    VolunteerStatus.APPLIED: "报了名，还没审核",
    VolunteerStatus.ACCEPTED: "已接纳",
    VolunteerStatus.PAUSED: "暂停",
    VolunteerStatus.LEFT: "已退出",
}


class FreeTime(StrEnum):
    """When somebody is free. None of them at all means: ask, nothing is fixed."""

    WORKDAY = "workday"
    WORKDAY_EVENING = "workday_evening"
    WEEKEND = "weekend"
    WEEKEND_EVENING = "weekend_evening"


FREE_WORDS: Mapping[FreeTime, str] = {
    FreeTime.WORKDAY: "工作日白天",
    FreeTime.WORKDAY_EVENING: "工作日晚上",
    FreeTime.WEEKEND: "周末白天",
    FreeTime.WEEKEND_EVENING: "周末晚上",
}
ANY_TIME = "时间不固定"
EVENING = time(18)
DISTRICT, TOWN = 6, 9
"""Digits of a branch."""


class CallStatus(StrEnum):
    """Whether a call for help still looks for people."""

    OPEN = "open"
    FILLED = "filled"
    CLOSED = "closed"


CALL_WORDS: Mapping[CallStatus, str] = {
    CallStatus.OPEN: "还在找人",
    CallStatus.FILLED: "人找齐了",
    CallStatus.CLOSED: "结束了",
}


class MatchStatus(StrEnum):
    """What became of asking one volunteer for one call."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"


MATCH_WORDS: Mapping[MatchStatus, str] = {
    MatchStatus.ASKED: "问过了，等回话",
    MatchStatus.ACCEPTED: "答应了",
    MatchStatus.DECLINED: "来不了",
    MatchStatus.DONE: "做完了",
}
TAKES_A_PLACE = (MatchStatus.ACCEPTED, MatchStatus.DONE)


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill: its code in the database, its name, the words that tell of it, and to whom it is offered at sign-up."""

    key: str
    name: str
    cues: tuple[str, ...]
    kinds: frozenset[VolunteerKind]


@dataclass(frozen=True, slots=True)
class Skills:
    """All of them in their order."""

    all: tuple[Skill, ...]

    def name(self, key: str) -> str:
        """The name; the code itself when the skill was taken out of the file."""
        return next((one.name for one in self.all if one.key == key), key)

    def names(self, keys: Collection[str]) -> str:
        """「法律、心理」; "" for none."""
        return "、".join(self.name(key) for key in keys)

    def has(self, key: str) -> bool:
        """Whether the file names it."""
        return any(one.key == key for one in self.all)

    def of_kind(self, kind: VolunteerKind) -> tuple[Skill, ...]:
        """What is offered to this kind."""
        return tuple(one for one in self.all if kind in one.kinds)

    def read(self, text: str) -> tuple[str, ...]:
        """The keys of all whose cues stand in a text, in the order of the file."""
        return tuple(one.key for one in self.all if any(cue in text for cue in one.cues))


@dataclass(frozen=True, slots=True)
class Draft:
    """A sign-up under way, as it travels in choices and in a slot: codes only, never her words. `area`: a branch, "" open."""

    kind: VolunteerKind | None = None
    skills: tuple[str, ...] = ()
    area: str = ""
    free: tuple[FreeTime, ...] = ()

    def write(self) -> str:
        """「expert.law+planting.120113.weekend」"""
        return ".".join((self.kind or "", "+".join(self.skills), self.area, "+".join(self.free)))

    @classmethod
    def read(cls, text: str) -> "Draft":
        """What `write` wrote; an empty draft for anything else."""
        parts = text.split(".")
        if len(parts) != 4 or not (parts[0] in set(VolunteerKind) or parts[0] == ""):
            return cls()
        free = tuple(FreeTime(one) for one in parts[3].split("+") if one in set(FreeTime))
        skills = tuple(one for one in parts[1].split("+") if one)
        return cls(VolunteerKind(parts[0]) if parts[0] else None, skills, parts[2], free)

    def with_skill(self, key: str) -> "Draft":
        """The skill put in, or taken out again."""
        return replace(self, skills=_toggled(self.skills, key))

    def with_free(self, free: FreeTime) -> "Draft":
        """The time put in, or taken out again."""
        return replace(self, free=tuple(FreeTime(one) for one in _toggled(self.free, free)))


def _toggled(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(one for one in values if one != value) if value in values else (*values, value)


WISH = re.compile(
    r"(?:想|要|申请|报名|加入|参加|成为|能不能让我|让我|愿意|来)(?:去|来|去?当|做|当个|做个|成为|报名|加入|参加|申请|一名|一个|你们|咱们?|妇联|社区|巾帼|的|个|回)*"
    r"(?:志愿者|志愿服务|志愿|义工|创业导师|导师|女?科技专家|农技专家|专家)"
)
QUESTION = re.compile(
    r"[?？吗]|什么|怎么|咋|哪|多少|几|能不能|可不可以|可以不|收不收|要不要|条件|时长|证明|不$|没有?$|下文"
)
GIVING = re.compile(r"捐|资助|结对|认领|出点钱|一个月.{0,4}钱")
EXPERT = re.compile(r"专家|农技|技术员|农艺|兽医|科研")
MENTOR = re.compile(r"导师|辅导创业|带.{0,3}创业")


PHONE = re.compile(r"(?<![\d-])(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?![\d-])")
GOING = re.compile(
    r"退出|(?:不想?|别)再?(?:当|做|干)(?:了|志愿|义工|导师|专家)|(?:取消|注销|撤销|删掉|撤回).{0,6}(?:登记|报名|志愿|资格)"
)


def phone_in(text: str) -> str:
    """The telephone that stands in a text; "" for none."""
    found = PHONE.search(text)
    return found[1] if found else ""


def wants_to_leave(text: str) -> bool:
    """Whether a volunteer says that she stops for good; it is asked once more before it is done."""
    return GOING.search(text) is not None


def is_wish(text: str) -> bool:
    """Whether somebody plainly wants to sign up, and asks nothing beside: 「我想当志愿者」."""
    return WISH.search(text) is not None and not QUESTION.search(text) and not GIVING.search(text)


def kind_in(text: str) -> VolunteerKind | None:
    """As what, where the words tell it."""
    if MENTOR.search(text):
        return VolunteerKind.MENTOR
    return VolunteerKind.EXPERT if EXPERT.search(text) else None


def free_time_of(moment: datetime) -> FreeTime:
    """In which of the four a local moment lies; a moved working day is a working day."""
    if is_workday(moment.date()):
        return FreeTime.WORKDAY_EVENING if moment.time() >= EVENING else FreeTime.WORKDAY
    return FreeTime.WEEKEND_EVENING if moment.time() >= EVENING else FreeTime.WEEKEND


@dataclass(frozen=True, slots=True)
class VolunteerFilter:
    """What is wanted; empty means any. Without a status: who has not left."""

    kind: VolunteerKind | None = None
    skill: str = ""
    area: str = ""
    status: VolunteerStatus | None = None


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What is wanted; empty means any."""

    area: str = ""
    skill: str = ""
    status: CallStatus | None = None


@dataclass(frozen=True, slots=True)
class Needed:
    """What a call needs; `free` None: the time is open. `area`: a branch."""

    kind: VolunteerKind | None
    skills: tuple[str, ...]
    area: str
    free: FreeTime | None


@dataclass(frozen=True, slots=True)
class Able:
    """What a volunteer can; `minutes` served so far."""

    kind: VolunteerKind
    skills: tuple[str, ...]
    area: str
    free: tuple[FreeTime, ...]
    minutes: int = 0


def fit(needed: Needed, able: Able) -> tuple[int, ...] | None:
    """How well somebody fits, higher is better; None when not at all.

    Skills first, then how near, then whether the hours are hers; of two alike the one who has served less. Another kind, none
    of the skills, or (where no skill is asked for) another district does not fit at all.
    """
    if needed.kind is not None and able.kind is not needed.kind:
        return None
    shared, near = len(set(needed.skills) & set(able.skills)), nearness(needed.area, able.area)
    if (needed.skills and not shared) or (not needed.skills and not near):
        return None
    suits = needed.free is None or not able.free or needed.free in able.free
    return (shared, near, int(suits), -able.minutes)


def nearness(call: str, home: str) -> int:
    """2: the same town, or one of them is the whole district; 1: the same district, or the call is for more; 0: farther."""
    if len(call) < DISTRICT:
        return int(home.startswith(call))
    if call[:DISTRICT] != home[:DISTRICT]:
        return 0
    return 2 if min(len(call), len(home)) <= DISTRICT or call[:TOWN] == home[:TOWN] else 1


def hour_words(minutes: int) -> str:
    """「2 小时」「2.5 小时」"""
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".") + " 小时"
