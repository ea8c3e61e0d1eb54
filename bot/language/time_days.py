"""Reads the days that a text names: today and tomorrow, weekdays, dates, weeks, months, festivals, 「三天后」.

A rule is an expression and what makes a day of its match. A day that does not exist (2月30号) is `NO_DAY`: it is never
shifted to one that does.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from borax.calendars.lunardate import TermUtils  # type: ignore[import-untyped]

from bot.language.time_calendar import (
    DAY,
    LATELY,
    NO_DAY,
    Day,
    calendar_day,
    days,
    each_day,
    lunar_day,
    monday,
    month_day,
    month_end,
    month_start,
    months_on,
    next_of,
    next_of_month,
    next_weekday,
    single,
)
from bot.language.time_words import (
    FESTIVALS,
    HOUSE_NUMBER,
    LUNAR_FESTIVALS,
    NUMBER,
    ONE,
    PERIOD,
    SOLAR_TERMS,
    WEEK,
    WEEKDAY,
    number,
)

Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], Day]]


def _full_date(match: re.Match[str], today: date) -> Day:
    named = {"去年": -1, "前年": -2, "今年": 0, "明年": 1, "后年": 2}
    said = match["y"].rstrip("年的")
    if said + "年" in named or said in named:
        year = today.year + named.get(said, named.get(said + "年", 0))
    else:
        year = number(said)
        year += (2000 if year < 70 else 1900) if year < 100 else 0
    return calendar_day(year, number(match["m"]), number(match["d"]))


def _month_day(match: re.Match[str], today: date) -> Day:
    return month_day(number(match["m"]), number(match["d"]), today)


def _day_of_month(match: re.Match[str], today: date) -> Day:
    day = number(match["d"])
    found = next_of_month(day, today)
    of_a_month = match.string[: match.start()].endswith("月")  # a month that was not understood: ask
    return Day(((found, found),), of_month=day, open=of_a_month) if found else NO_DAY


MONTHS_AHEAD = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2}
THIRDS = {
    "初": (1, 5), "头": (1, 5), "上旬": (1, 10), "中": (11, 20), "中旬": (11, 20), "下旬": (21, 31),
    "底": (25, 31), "末": (25, 31), "尾": (25, 31),
}  # fmt: skip
"""Days of the month; 31 stands for the last."""


def part_of_month(first: date, part: str) -> Day:
    """「月初」「中旬」「月底」, or the whole month for ""."""
    begins, ends = THIRDS.get(part, (1, 31))
    last = month_end(first)
    return days(
        first.replace(day=begins), last.replace(day=min(ends, last.day)), until_end=part in {"底", "末", "尾", ""}
    )


def _relative_month(match: re.Match[str], today: date) -> Day:
    first = month_start(today, MONTHS_AHEAD[match["ahead"]])
    if match["d"]:
        return calendar_day(first.year, first.month, number(match["d"]))
    return part_of_month(first, match["part"] or "")


def _last_of_month(match: re.Match[str], today: date) -> Day:
    return single(month_end(month_start(today, MONTHS_AHEAD[match["ahead"] or "本"])))


def _named_month(match: re.Match[str], today: date) -> Day:
    month = number(match["m"])
    if not 1 <= month <= 12:
        return NO_DAY
    years = {"去年": -1, "今年": 0, "明年": 1, "后年": 2}.get((match["y"] or "").rstrip("的"))
    part = match["part"] or ""
    found = part_of_month(date(today.year + (years or 0), month, 1), part)
    late = found.spans[0][1] < today - timedelta(days=LATELY)
    return part_of_month(date(today.year + 1, month, 1), part) if years is None and late else found


def _part_of_this_month(match: re.Match[str], today: date) -> Day:
    part = match["part"]
    found = part_of_month(month_start(today), part)
    return part_of_month(month_start(today, 1), part) if found.spans[0][1] < today else found


def _year(match: re.Match[str], today: date) -> Day:
    year = today.year + {"去": -1, "前": -2, "今": 0, "": 0, "明": 1, "后": 2}[(match["y"] or "")[:1]]
    part = match["part"] or ""
    if part == "初" and not match["y"] and today.month > 1:
        year += 1
    first, last = {"底": (12, 12), "末": (12, 12), "初": (1, 1)}.get(part, (1, 12))
    return days(date(year, first, 1), month_end(date(year, last, 1)), until_end=part != "初")


WEEKS_AHEAD = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}


def _weekday(match: re.Match[str], today: date) -> Day:
    sign = match["day"]
    weekday = 6 if sign in "日天" else number(sign) - 1
    torn = match.string.startswith("点", match.end())  # 「周三点」 lost a word: Wednesday, or this week at three
    if match["ahead"]:
        day = monday(today) + timedelta(days=7 * WEEKS_AHEAD[match["ahead"]] + weekday)
        return Day(((day, day),), exact=True, open=torn)
    first = next_weekday(weekday, today)
    later = ((first + 7 * DAY, first + 7 * DAY),) if first == today or match["every"] else ()
    return Day(((first, first), *later), weekday=weekday, open=torn)


def _week(match: re.Match[str], today: date) -> Day:
    first = monday(today) + timedelta(days=7 * WEEKS_AHEAD[match["ahead"]])
    return days(first, first + 6 * DAY, until_end=match["ahead"] in {"这", "本"})


def _weekend(match: re.Match[str], today: date) -> Day:
    first = monday(today) + timedelta(days=7 * WEEKS_AHEAD[match["ahead"] or "本"] + 5)
    if today.weekday() == 6 and not match["ahead"]:
        return Day(((today, today), (first + 7 * DAY, first + 8 * DAY)))
    return days(first, first + DAY)


def _workdays(match: re.Match[str], today: date) -> Day:
    first = monday(today) + timedelta(days=7 * WEEKS_AHEAD[match["ahead"] or "本"])
    every = [
        one for one in each_day((first, first + 11 * DAY)) if one.weekday() < 5 and (one >= today or match["ahead"])
    ]
    return Day(tuple((one, one) for one in every[:5]), open=True)


RELATIVE = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3, "外后": 3, "大大后": 4}


def _relative(match: re.Match[str], today: date) -> Day:
    return single(today + timedelta(days=RELATIVE[match["day"]]))


def _several(first: int, last: int, _match: re.Match[str], today: date) -> Day:
    return days(today + first * DAY, today + last * DAY)


def _within(match: re.Match[str], today: date) -> Day:
    count = {"周": 7, "星": 7, "礼": 7, "个": 30, "月": 30}.get(match["unit"][0], 1) * number(match["n"])
    return days(today, today + timedelta(days=count), until_end=True)


def _after(match: re.Match[str], today: date) -> Day:
    """「三天后」「两周后」「半个月后」; past with 「前」."""
    sign = -1 if match["way"] and "前" in match["way"] else 1
    unit = match["unit"]
    half = match["n"] == "半"
    count = 0 if half else number(match["n"])
    if "年" in unit:
        return months_on(today, sign * (6 if half else 12 * count))
    if "月" in unit:
        return single(today + timedelta(days=sign * 15)) if half else months_on(today, sign * count)
    return single(today + timedelta(days=sign * count * (1 if unit[-1] in "天日" else 7)))


def _festival(month: int, day: int, match: re.Match[str], today: date) -> Day:
    return next_of(lambda year: date(year, month, day), today, open_=_is_period(match))


def _lunar_festival(month: int, day: int, match: re.Match[str], today: date) -> Day:
    return next_of(lambda year: lunar_day(year, month, day), today, open_=_is_period(match))


def _is_period(match: re.Match[str]) -> bool:
    return bool(PERIOD.match(match.string, match.end()))


def _solar_term(match: re.Match[str], today: date) -> Day:
    """Terms are known from 1900 to 2100."""
    name = match[0].removesuffix("节")
    return next_of(lambda year: TermUtils.day_start_from_term(year, name), today, open_=_is_period(match))


LUNAR_MONTHS = {"正": 1, "腊": 12, "冬": 11, "大年": 1}


def _lunar(match: re.Match[str], today: date) -> Day:
    """「腊月二十三」「正月初六」「农历八月十五」; a bare 「初八」 and 「八月十五」 are open."""
    said = (match["m"] or "").removesuffix("月")
    day = number(match["d"].lstrip("初"))
    if not said:
        for month in range(1, 13):
            found = next_of(partial(lunar_day, month=month, day=day), today)
            if found.spans and (found.spans[0][0] - today).days < 31:
                return Day(found.spans, open=True)
        return NO_DAY
    month = LUNAR_MONTHS.get(said) or number(said)
    return next_of(partial(lunar_day, month=month, day=day), today)


def _in_either_calendar(match: re.Match[str], today: date) -> Day:
    """「八月十五」 without 号: a festival of the farmers' calendar, or an ordinary day."""
    month, day = (number(said) for said in match[0].split("月"))
    lunar = next_of(partial(lunar_day, month=month, day=day), today)
    return Day((*lunar.spans, *month_day(month, day, today).spans), open=True)


def _parents_day(match: re.Match[str], today: date) -> Day:
    """The second Sunday of May, the third of June."""
    month, earliest = (5, 8) if match["who"] == "母" else (6, 15)
    return next_of(lambda year: next_weekday(6, date(year, month, earliest)), today)


YEAR = r"(?:(?:20|19)\d\d|\d\d|[一二][零〇九][〇零一二三四五六七八九]{2})年|[去前今明后]年的?"
COUNT = rf"(?P<n>半|{NUMBER}|[1-9]\d{{2}})"
PERIODS = r"(?P<unit>天|日|个?(?:周|星期|礼拜)|个月|年)"
NOT_OF_A_HOUSE = (
    r"(?<![路街巷弄楼座栋元庄住第挂])(?<!(?<!知)道)(?<!(?<![这那哪家夜])里)"
    r"(?<![住号挂][在是]|尾号|编号|工号|门牌|地址)"
)
"""Before a number with 号: no road, no house."""

EARLY_RULES: tuple[Rule, ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (rf"(?P<y>{YEAR})(?P<m>{NUMBER})月(?:份的?)?(?P<d>{NUMBER})[日号]?", _full_date),
        (r"(?P<y>20\d\d)(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?!\d)[日号t]?", _full_date),
        (rf"(?:再?过)?{COUNT}{PERIODS}(?P<way>(?:以|之)?后|(?:以|之)?前)(?![天面台])", _after),
        (rf"再?过(?!两[天日])(?P<n>半|{NUMBER})(?P<unit>天|日|个?(?:周|星期|礼拜)|个月)(?P<way>)", _after),
        (rf"(?<!起)(?:未来|接下来|最近|近)?(?P<n>{NUMBER})(?P<unit>天|日|个?(?:周|星期|礼拜)|个月)(?:之|以)?内", _within),
        (rf"(?:未来|接下来)(?P<n>{NUMBER})(?P<unit>天|个?(?:周|星期|礼拜)|个月)", _within),
    )
)  # fmt: skip
"""Read before the words that are no times, which they would be without their ending."""

RULES: tuple[Rule, ...] = (
    *((re.compile(words), partial(_lunar_festival, *day)) for words, day in LUNAR_FESTIVALS.items()),
    *((re.compile(words), partial(_festival, *day)) for words, day in FESTIVALS.items()),
    *(
        (re.compile(pattern), make)
        for pattern, make in (
            (SOLAR_TERMS, _solar_term),
            (
                rf"(?:农历|阴历|旧历)?(?P<m>[正腊冬]月|大年)(?P<d>初{ONE}|初十|[二三]?十{ONE}?|廿{ONE}?)(?![号日点])",
                _lunar,
            ),
            (rf"(?:农历|阴历|旧历)(?P<m>{NUMBER}月)(?P<d>初?{NUMBER})[号日]?", _lunar),
            (rf"(?P<m>{NUMBER}月)(?P<d>初(?:{ONE}|十))", _lunar),
            (rf"(?<![读上是念在])(?P<m>)(?P<d>初(?:{ONE}|十))(?![中高一二三年级生恋婚步]|次)", _lunar),
            (r"(?:二月二|三月三|五月五|七月七|九月九|八月十五)(?![号日十])", _in_either_calendar),
            (r"(?P<who>[母父])亲节", _parents_day),
            (
                rf"(?P<m>{NUMBER})月(?:份的?)?(?P<d>{NUMBER})(?:[日号]|(?![天个次岁点:多来人万块元百千里\d]))",
                _month_day,
            ),
            (r"(?:(?P<ahead>上上|下下|[上这本当下])个?)?月[底末]?的?最后一天", _last_of_month),
            (
                rf"(?P<ahead>上上|下下|[上这本当下])个?月(?:份)?的?(?:(?P<d>{NUMBER})[日号]|(?P<part>[上中下]旬|[初头中底末尾])(?!间))?(?!子)",
                _relative_month,
            ),
            (
                rf"(?P<y>[去今明后]年的?)?(?P<m>{NUMBER})月份?的?(?P<part>[上中下]旬|[初底末](?![一二三四五六七八九十]))?(?![大嫂子饼经薪供租龄工])",
                _named_month,
            ),
            (r"[本当这]?月(?P<part>[初底末尾])", _part_of_this_month),
            (r"(?P<part>[上中下]旬)", _part_of_this_month),
            (r"(?P<y>[明去前后今]年?)?年(?P<part>[底末初])(?![一二三四五六七八九十])", _year),
            (r"(?P<y>[明去前后])年(?P<part>)(?!级)", _year),
            (rf"{NOT_OF_A_HOUSE}(?P<d>{NUMBER})号(?!{HOUSE_NUMBER})", _day_of_month),
            (rf"(?P<d>{NUMBER})日(?![内后元游本夜子]|之内|以内|均)", _day_of_month),
            (rf"每?个?(?:(?P<ahead>上上|下下|[上这本下])个?{WEEK}的?)?工作日", _workdays),
            (
                rf"(?P<every>每个?)?(?P<ahead>上上|下下|[上这本下])?个?{WEEK}(?P<day>{WEEKDAY})(?!次|岁|回(?![来家去复话]))",
                _weekday,
            ),
            (rf"每?个?(?P<ahead>上上|下下|[上这本下])?个?(?:{WEEK}末|双休日?)", _weekend),
            (rf"(?P<ahead>上上|下下|[上这本下])个?{WEEK}(?![边围])", _week),
            (
                r"(?<![以之往])(?P<day>大大后|大后|外后|大前|[今明后昨前])(?:[天日]|儿个?|个儿?(?!月|星|礼|周))",
                _relative,
            ),
            (r"(?P<day>[今明昨])(?=早|晚|夜)", _relative),
            (r"明后[两二]?[天日]", partial(_several, 1, 2)),
            (r"今明[两二]?[天日]", partial(_several, 0, 1)),
            (r"[这近][两二俩][天日]", partial(_several, 0, 1)),
        )
    ),
)
