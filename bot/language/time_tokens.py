"""Cuts a text into the times it names, left to right: days, parts of the day, clock times, and moments from now on."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.language.cleaning import clean
from bot.language.time_calendar import NO_DAY, Day, month_day
from bot.language.time_days import EARLY_RULES, RULES, Rule
from bot.language.time_words import (
    ASKING,
    EVERY,
    NO_TIME,
    NUMBER,
    ONE,
    PARTS,
    POINTS,
    RUN,
    SHORT_PARTS,
    VAGUE,
    WEEK,
    Part,
    number,
)

TO = "(?:一?直?到|至|-|~|—|–)"
MOST = 2000
"""Characters read of a text."""


class Sign(StrEnum):
    """What is said of the time without naming one."""

    VAGUE = "vague"
    UNCLEAR = "unclear"
    """It names a time in words that may be read in two ways."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock time as said. `literal`: written so that no half of the day is open (13 and more, 07:30, pm).

    `until`: the end, in minutes after `minute` of `hour`, when it was said loosely (三四点, 三点多). No hour: no such time.
    """

    hour: int
    minute: int = 0
    literal: bool = False
    until: int = 0

    def exists(self) -> bool:
        """Whether a clock ever shows it."""
        return (0 <= self.hour < 24 and 0 <= self.minute < 60) or (self.hour, self.minute) == (24, 0)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time counted from now: a point, or all the time until `end`."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text from `start` to `end`. `bound` is before, after or empty."""

    start: int
    end: int
    what: Day | Part | Clock | Moment | Sign
    bound: str = ""


def fold(text: str) -> str:
    """The cleaned text, without spaces beside Chinese, with short lists written out."""
    text = re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", clean(text, MOST).lower())
    text = re.sub(rf"({WEEK})([一二三四五六日])({TO})([一二三四五六日])(?![点时号个十])", r"\1\2\3\1\4", text)
    text = re.sub(rf"{WEEK}六[、和跟与]?(?:{WEEK}?[日天])(?![点气一二三四五六七八九十\d])", "周末", text)
    text = re.sub(
        rf"({WEEK})([一二三四五六])((?:[、,，和跟或]?[一二三四五六日]){{1,5}})(?![点时号个天次十月:一二三四五六早会下起定样趟刻])",
        _each_weekday,
        text,
    )
    text = re.sub(
        rf"(?<![\d.:/周期拜月-])({NUMBER})({TO}|、|或者?)({NUMBER})(?=(?:点|号|日|时(?!候)))(?!日内)",
        lambda match: match[1] + match.string[match.end()] + match[2] + match[3],
        text,
    )
    text = re.sub(rf"(?<=月)({NUMBER})({TO}|、|或者?)({NUMBER})(?=[号日])", r"\1号\2\3", text)
    text = re.sub(r"(?<![\d:.-])(\d{1,2})([-~到至])(?=\d{1,2}:\d{2})", r"\1:00\2", text)
    return text.replace("上下午", "上午、下午").replace("元月", "一月")


def _each_weekday(match: re.Match[str]) -> str:
    return "、".join(match[1] + sign for sign in match[2] + re.sub("[^一二三四五六日]", "", match[3]))


def tokens(text: str, now: datetime) -> list[Token]:
    """The times of a folded text in order. Work grows with its length only."""
    return list(_scan(text, now))


def _scan(text: str, now: datetime) -> Iterator[Token]:
    at = 0
    while at < len(text):
        end, token = _token(text, at, now)
        if token is not None:
            end, bound = _bound(text, token, end)
            yield Token(at, end, token, bound)
        at = end


def _token(text: str, at: int, now: datetime) -> tuple[int, Day | Part | Clock | Moment | Sign | None]:
    """(where it ends, what it is); None for what is passed over."""
    for read in READERS:
        found = read(text, at, now)
        if found is not None:
            return found
    run = NUMBERS.match(text, at)
    return (run.end() if run else at + 1), None


Found = tuple[int, Day | Part | Clock | Moment | Sign | None] | None


def _days(rules: tuple[Rule, ...]) -> Callable[[str, int, datetime], Found]:
    def read(text: str, at: int, now: datetime) -> Found:
        for pattern, make in rules:
            match = pattern.match(text, at)
            if match:
                try:
                    return match.end(), make(match, now.date())
                except (ValueError, OverflowError, NotImplementedError):  # a date beyond the calendar
                    return match.end(), NO_DAY
        return None

    return read


def _vague(text: str, at: int, now: datetime) -> Found:
    match = VAGUE.match(text, at)
    return (match.end(), Sign.VAGUE) if match else None


def _asked(text: str, at: int, now: datetime) -> Found:
    for pattern in (ASKING, EVERY):
        match = pattern.match(text, at)
        if match:
            return match.end(), Sign.VAGUE if match["any"] else None
    return None


def _passed_over(text: str, at: int, now: datetime) -> Found:
    match = NO_TIME.match(text, at)
    return (match.end(), None) if match else None


OFFSET = re.compile(
    rf"(?<!提前)(?:再?过)?(?:(?P<n>半|\d\.5|{NUMBER}|[1-9]\d{{2}})个?(?P<half>半)?(?P<unit>小时|钟头|分钟|刻钟)(?P<more>半)?)"
    r"(?P<way>(?:以|之)?后|(?:以|之)?内|(?:以|之)?前)?"
)
NOW = re.compile(
    r"(?:现在|这会儿|这就|马上|立刻|立马)"
    r"(?=$|[，,。？?！!]|就?(?:能|可以|想|要)?(?:去|来|过去|过来|约|预约|到)|方便吗|行吗|有人|直到|一直到|至)"
)
MINUTES = {"小": 60, "钟": 60, "分": 1, "刻": 15}


def _from_now(text: str, at: int, now: datetime) -> Found:
    match = NOW.match(text, at)
    if match:
        return match.end(), Moment(now)
    match = OFFSET.match(text, at)
    if match is None or not (match["way"] or match[0].startswith(("过", "再过"))):
        return None
    unit = MINUTES[match["unit"][0]]
    said = match["n"]
    count = 0.5 if said == "半" else float(said) if "." in said else number(said)
    then = timedelta(minutes=unit * (count + (0.5 if match["half"] or match["more"] else 0)))
    way = match["way"] or "后"
    if way.endswith("内"):
        return match.end(), Moment(now, now + then)
    return match.end(), Moment(now - then if way.endswith("前") else now + then)


PART = re.compile("|".join(f"(?P<p{index}>{part.words})" for index, part in enumerate(PARTS)))
SHORT_PART = re.compile(r"[早晚夜](?![点早晚就已饭]|一点(?:$|[来去]))")
HOUR_NEXT = re.compile(rf"{NUMBER}[点:时]|\d{{1,2}}:\d\d")
BY_NAME = {part.name: part for part in PARTS}


def _part(text: str, at: int, now: datetime) -> Found:
    match = PART.match(text, at)
    if match:
        return match.end(), PARTS[int(str(match.lastgroup)[1:])]
    match = SHORT_PART.match(text, at)
    after_day = at > 0 and text[at - 1] in "今明昨后天日儿一二三四五六末号"
    if match and (after_day or HOUR_NEXT.match(text, match.end())):
        return match.end(), BY_NAME[SHORT_PARTS[match[0]]]
    return None


MINUTE = (
    rf"(?:(?P<m>{NUMBER})分钟?|过(?P<over>{NUMBER})分?"
    rf"|(?P<m2>\d{{2}}(?!\d)|[一二三四五]?十{ONE}?|[零〇]{ONE})(?![个人次块元号楼岁天名位一二三四五六七八九日月点]))"
)
QUARTER = r"(?P<quarter>[一二两三1-3])刻钟?"
CLOCKS = (
    re.compile(rf"差(?P<short>{NUMBER}分钟?|[一1]刻钟?)不?到?(?P<h>{NUMBER})点"),
    re.compile(
        rf"(?P<h>{NUMBER})(?:点(?!(?:{POINTS}|儿?[不滴]))钟?|时(?![候间段刻常期代而不]))"
        rf"(?:(?P<half>半)|{QUARTER}|差(?P<short>{NUMBER}分|[一1]刻钟?)|{MINUTE}|(?P<loose>多|来钟)|整)?(?:钟|左右|前后)?"
    ),
    re.compile(r"(?P<h>\d{1,2}):(?P<m>\d{2})(?!\d)(?::\d{2}(?!\d))?(?: ?(?P<ap>[ap])\.?m(?![a-z])\.?)?"),
    re.compile(r"(?P<h>\d{1,2}) ?(?P<ap>[ap])\.?m(?![a-z])\.?"),
)
TWO_HOURS = re.compile(r"(?P<h>十?[一二两三四五六七八九])(?P<next>[二三四五六七八九])点钟?(?:左右)?")
BEFORE_ONE = re.compile(r"(?:^|[午晨上里间晚天儿日号末前后一二三四五六到至\-~—在约是就吧改定选，。,、？?！! ])$")
AFTER_ONE = re.compile(r"$|[，,。！!？?、]|[到至\-~—吧行可去来见前后以之我能有方的或和还开合成就过呢吗么]|都(?:行|可)")


def _clock(text: str, at: int, now: datetime) -> Found:
    match = TWO_HOURS.match(text, at)
    if match and number(match["h"]) % 10 + 1 == number(match["next"]):
        return match.end(), Clock(number(match["h"]), until=60)
    for pattern in CLOCKS:
        match = pattern.match(text, at)
        if match and not (match[0] == "一点" and not _is_one_o_clock(text, at)):
            return match.end(), _clock_of(match)
    return None


def _is_one_o_clock(text: str, at: int) -> bool:
    """「一点」 is also "a little"."""
    return bool(BEFORE_ONE.search(text[max(0, at - 1) : at])) and bool(AFTER_ONE.match(text, at + 2))


def _clock_of(match: re.Match[str]) -> Clock:
    said = match.groupdict()
    hour = number(said["h"])
    minute = _minute(said)
    half = said.get("ap")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else 99
    if said.get("short"):
        short = 15 if "刻" in said["short"] else number(said["short"].rstrip("分钟"))
        hour, minute = (hour - 1 if hour > 1 else 12), 60 - short
    literal = bool(half) or hour > 12 or hour == 0 or (said["h"].startswith("0"))
    return Clock(hour, minute, literal, until=60 if said.get("loose") else 0)


def _minute(said: dict[str, str | None]) -> int:
    if said.get("half"):
        return 30
    if quarter := said.get("quarter"):
        return 15 * number(quarter)
    return number(said.get("m") or said.get("m2") or said.get("over") or "0")


FIGURES = re.compile(
    r"(?P<a>\d{1,2})(?P<sign>[./-])(?P<b>\d{1,2})(?![\d./])(?P<day>[号日])?(?![元块万千百米公里岁度斤倍个栋楼门室单%])"
)
FOLLOWED_BY_TIME = re.compile(rf"[号日]?[，,(（]?(?:[上下中]午|早|晚|凌晨|傍晚|{WEEK}|{NUMBER}点| ?\d{{1,2}}:\d\d)")


def _figures(text: str, at: int, now: datetime) -> Found:
    """「12.5」「12/8」 are days, 「15.30」 a clock time; 「9.30」 may be either, unless what stands beside it tells."""
    match = FIGURES.match(text, at)
    if match is None or (at > 0 and text[at - 1] in "0123456789./:"):
        return None
    first, second = int(match["a"]), int(match["b"])
    day = month_day(first, second, now.date()) if 1 <= first <= 12 else NO_DAY
    clock = Clock(first, second, first > 12 or match["a"].startswith("0"))
    may_be_clock = match["sign"] == "." and len(match["b"]) == 2 and clock.exists() and not match["day"]
    if may_be_clock and (
        not day.spans or re.search(r"(?:[上下中]午|[早晚]上?|天|周[一二三四五六日])$", text[:at][-4:])
    ):
        return match.end(), clock
    told = bool(match["day"] or FOLLOWED_BY_TIME.match(text, match.end()))
    if not told and (may_be_clock or (match["sign"] != "/" and second <= 12 and match["sign"] == "-")):
        return match.end(), Sign.UNCLEAR
    return match.end(), day


NUMBERS = re.compile(rf"{RUN}+")
READERS = (_days(EARLY_RULES), _from_now, _vague, _asked, _passed_over, _clock, _figures, _days(RULES), _part)
BOUND = re.compile(
    r"(?P<before>(?:之|以)前|前(?![天面台边往后]))|(?P<after>(?:之|以|过)后|后(?![天日儿个面来院门边街晌半]))|(?P<open>起(?![来床诉])|开始)"
)


def _bound(text: str, token: object, end: int) -> tuple[int, str]:
    match = BOUND.match(text, end)
    if match is None or isinstance(token, (Sign, Moment)):
        return end, ""
    return match.end(), str(match.lastgroup)
