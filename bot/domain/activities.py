"""What the Federation invites to: a day, a place, seats, and who has one; which moments allow what, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot.domain.appointments import moment_words
from bot.domain.geography import Point


class ActivityTopic(StrEnum):
    """The kinds that the reform names, and everything else."""

    FAMILY_CLASS = "family_class"
    FAMILY_STORIES = "family_stories"
    TRAINING = "training"
    STARTUP = "startup"
    DATING = "dating"
    PARENT_CHILD = "parent_child"
    OTHER = "other"


TOPIC_WORDS: Mapping[ActivityTopic, str] = {
    ActivityTopic.FAMILY_CLASS: "家庭成长课堂",
    ActivityTopic.FAMILY_STORIES: "最美家风故事会",
    ActivityTopic.TRAINING: "素质培训",
    ActivityTopic.STARTUP: "创业学苑与项目路演",
    ActivityTopic.DATING: "婚恋交友",
    ActivityTopic.PARENT_CHILD: "母婴与亲子",
    ActivityTopic.OTHER: "其他活动",
}


class ActivityStatus(StrEnum):
    """Nobody but officers sees a draft; a cancelled one stays, with its reason."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


STATUS_WORDS: Mapping[ActivityStatus, str] = {
    ActivityStatus.DRAFT: "草稿",
    ActivityStatus.PUBLISHED: "已发布",
    ActivityStatus.CANCELLED: "已取消",
}


class SignUpStatus(StrEnum):
    """`WAITING` has no seat yet; the last two are said on the day or after it."""

    SIGNED_UP = "signed_up"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


SIGN_UP_WORDS: Mapping[SignUpStatus, str] = {
    SignUpStatus.SIGNED_UP: "已报名",
    SignUpStatus.WAITING: "候补",
    SignUpStatus.CANCELLED: "已取消",
    SignUpStatus.ATTENDED: "到了",
    SignUpStatus.NO_SHOW: "没来",
}
SEATED = (SignUpStatus.SIGNED_UP, SignUpStatus.ATTENDED, SignUpStatus.NO_SHOW)
"""Those that hold a seat."""
LONGEST = {"title": 60, "description": 600, "audience": 60, "place": 120, "organizer": 80, "reason": 120}
"""Characters of an activity's words."""
MOST_SEATS = 5000
MOST_WEEKS = 26
"""Repeats that are made at once."""
CODE_LENGTH = 6
SIGN_IN_BEFORE = timedelta(hours=2)
SIGN_IN_AFTER = timedelta(hours=2)
REMIND_BEFORE = timedelta(hours=24)
RATINGS = range(1, 6)
EVENING = time(17, 30)
WAKING = (time(8), time(21))
"""Between these a phone may ring."""
TOO_SOON = timedelta(hours=14)
"""What begins sooner than this is told by night too."""


@dataclass(frozen=True, slots=True)
class ActivityPlan:
    """What an officer writes down. Times are aware; `seats` None: as many as come; `point` None: the area's centre counts.

    `audience`: who it is for, in words ("" everybody). `area`: a branch of the area. `organizer`: an office, never a person.
    """

    topic: ActivityTopic
    title: str
    area: str
    place: str
    starts_at: datetime
    ends_at: datetime
    description: str = ""
    audience: str = ""
    organizer: str = ""
    seats: int | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class ActivityQuery:
    """What she wants; empty means any. Times are aware: begins in [first, last). `area`: a branch; `point`: where she is.

    `evening`: begins at half past five or later; `weekend`: on a Saturday or Sunday, both local. `words` stand in its words.
    """

    topic: ActivityTopic | None = None
    area: str = ""
    point: Point | None = None
    weekend: bool = False
    evening: bool = False
    first: datetime | None = None
    last: datetime | None = None
    words: str = ""
    limit: int = 3


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """What an officer wants to see; empty means any. Times are aware: begins in [first, last)."""

    topic: ActivityTopic | None = None
    status: ActivityStatus | None = None
    area: str = ""
    first: datetime | None = None
    last: datetime | None = None
    words: str = ""
    series: str = ""


@dataclass(frozen=True, slots=True)
class ActivityCard:
    """An activity as everybody may see it; local times. `free` None: no limit. `distance_m` None: not known."""

    id: str
    topic: ActivityTopic
    title: str
    description: str
    audience: str
    area: str
    area_words: str
    place: str
    starts_at: datetime
    ends_at: datetime
    seats: int | None
    free: int | None
    organizer: str
    status: ActivityStatus
    reason: str = ""
    distance_m: int | None = None
    synthetic: bool = False

    @property
    def when(self) -> str:
        """「11月28日（周六）10:00–11:30」; with the end's own date where it ends on another day."""
        same = self.starts_at.date() == self.ends_at.date()
        return f"{moment_words(self.starts_at)}–{f'{self.ends_at:%H:%M}' if same else moment_words(self.ends_at)}"

    @property
    def seats_words(self) -> str:
        """「还有 3 个名额」「已满，可以候补」「名额不限」"""
        if self.free is None:
            return "名额不限"
        return f"还有 {self.free} 个名额" if self.free else "已满，可以候补"


def free_seats(seats: int | None, taken: int) -> int | None:
    """How many are left; None without a limit."""
    return None if seats is None else max(0, seats - taken)


def is_weekend(local: datetime) -> bool:
    """Whether it begins on a Saturday or Sunday."""
    return local.weekday() >= 5


def is_evening(local: datetime) -> bool:
    """Whether it begins when office workers are free."""
    return local.time() >= EVENING


def may_sign_in(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether the doors are open: from a while before it begins till a while after its end."""
    return starts_at - SIGN_IN_BEFORE <= now <= ends_at + SIGN_IN_AFTER


def remind_at(starts_at: datetime, now: datetime) -> datetime | None:
    """When to remind her; None when she signs up later than that and has just read the date. `starts_at` is local."""
    moment = waking(starts_at - REMIND_BEFORE)
    return moment if now < moment < starts_at else None


def waking(local: datetime) -> datetime:
    """The moment itself by day, else the next morning at eight."""
    begins, ends = WAKING
    if begins <= local.time() < ends:
        return local
    morning = local.replace(hour=begins.hour, minute=begins.minute, second=0, microsecond=0)
    return morning if local.time() < begins else morning + timedelta(days=1)


def telling_at(local: datetime, starts_at: datetime) -> datetime:
    """When to tell her of a change: by day; at once when it begins too soon to wait for the morning."""
    return local if starts_at - local < TOO_SOON else waking(local)


# What comes unasked names no title, topic or place: a class may be called 「单亲妈妈互助」 or 「反家暴」, and her phone may lie
# open. A date alone gives nothing away; she reads the rest when she asks for it.


def reminder_words(starts_at: datetime) -> str:
    """Of a local moment."""
    return f"提醒您：您报名的事项，时间是 {moment_words(starts_at)}。回复“我报的活动”看在哪里；去不了就回复“取消报名”。"


def moved_up_words(starts_at: datetime) -> str:
    """She waited, and has a seat now."""
    return (
        f"您候补的事项排到了，名额已经给您，时间是 {moment_words(starts_at)}。"
        "回复“我报的活动”看在哪里；去不了就回复“取消报名”，让给下一位。"
    )


def changed_words(before: datetime, starts_at: datetime, *, moved: bool) -> str:
    """The time, or (`moved`) the place, or both have changed; local moments."""
    if before == starts_at:
        return f"您报名的事项（{moment_words(starts_at)}）换了地方。回复“我报的活动”看新地方；去不了就回复“取消报名”。"
    place = "，地方也换了" if moved else ""
    return (
        f"您报名的事项改了时间：原来是 {moment_words(before)}，现在是 {moment_words(starts_at)}{place}。"
        "回复“我报的活动”查看；去不了就回复“取消报名”。"
    )


def cancelled_words(starts_at: datetime) -> str:
    """It does not take place; the reason stands in her list."""
    return (
        f"您报名的事项（{moment_words(starts_at)}）取消了，对不起。回复“我报的活动”看原因，想找别的就说“还有什么活动”。"
    )


def feedback_words(starts_at: datetime) -> str:
    """Asked once, after it."""
    return f"您 {starts_at.month}月{starts_at.day}日 参加的活动，觉得怎么样？点一下就行，不想评也没关系，不会再问。"
