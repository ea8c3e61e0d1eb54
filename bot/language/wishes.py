"""What kind of place she asks for, what it should have, and when it should be open, by the words for it."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.language.cleaning import clean
from bot.language.times import TimeKind, TimeReading, read_time

KINDS = (
    ("psychological", re.compile(r"心理|咨询师|疏导|倾诉|心里难受.*(哪|找)|情绪.*(哪|找)")),
    ("legal", re.compile(r"律师|法律|法援|官司|诉状|公证|维权站")),
    ("womens_home", re.compile(r"妇女之家|妇女儿童之家|妇联|妇儿之家|娘家人")),
)
FACILITIES = (
    ("library", r"图书|看书|阅览|借书"),
    ("activity_room", r"活动室|活动中心"),
    ("nursing_room", r"母婴|喂奶|哺乳室|换尿布"),
    ("mediation_room", r"调解"),
    ("counselling_room", r"咨询室|谈心室"),
    ("fitness", r"健身|锻炼|瑜伽"),
    ("childcare", r"托管|看孩子|带孩子的地方|儿童乐园"),
    ("training_room", r"培训|上课的地方"),
    ("dance_room", r"跳舞|舞蹈"),
    ("computer_room", r"电脑室|学电脑|上网"),
    ("accessible", r"轮椅|无障碍|腿脚不(?:好|便|方便)|坡道"),
    ("parking", r"停车"),
)
OPEN_NOW = re.compile(r"(现在|这会儿|眼下|此刻|今天).{0,6}(开|有人|营业|去)")
AFTER_WORK = re.compile(r"下班[了]?(以后|之后|后|时间|再|才|的点)|下了班|晚上|晚间|夜间|傍晚|夜里")
WEEKEND = re.compile(r"周末|周六|周日|星期[六日天]|礼拜[六日天]|双休|休息日")
BY_PHONE = re.compile(r"值班|随叫|(24|二十四)\s*个?小时|打得通|打通|接电话|接听|有人接")
USUALLY = re.compile(r"周末|双休|休息日")
"""A day so named means any of them; 「周六」 means the next one."""
LATE = re.compile(r"夜里|半夜|深夜|凌晨|点")
"""Parts of the day that are no part of an office's evening, and hours: what is open at half past six may be shut then."""
A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wishes:
    """`kind` is "" when she did not say.

    `after_work`, `weekend`: at any of them. `open_at`: in this span (from, to before) of a day that she named, local.
    `by_phone`: somebody who answers the telephone is enough.
    """

    kind: str = ""
    facilities: frozenset[str] = frozenset()
    open_now: bool = False
    after_work: bool = False
    weekend: bool = False
    open_at: tuple[datetime, datetime] | None = None
    by_phone: bool = False


BOTH = re.compile(r"(心理|咨询).{0,6}(法律|律师)|(法律|律师).{0,6}(心理|咨询)")


def read_booking_kinds(text: str) -> tuple[str, ...]:
    """The kinds of service to be booked, in her order; two for a joint visit, none when she named none."""
    text = clean(text)
    found = sorted((match.start(), kind) for kind, words in KINDS if (match := words.search(text)))
    kinds = tuple(kind for _, kind in found)
    return kinds[:2] if BOTH.search(text) else kinds[:1]


def read_wishes(text: str, now: datetime | None = None) -> Wishes:
    """Wishes in a text. With `now` (local) also the day and hour that she names; what is past is no wish."""
    text = clean(text)
    wishes = Wishes(
        kind=next((kind for kind, words in KINDS if words.search(text)), ""),
        facilities=frozenset(name for name, words in FACILITIES if re.search(words, text)),
        open_now=bool(OPEN_NOW.search(text)),
        after_work=bool(AFTER_WORK.search(text)),
        weekend=bool(WEEKEND.search(text)),
        by_phone=bool(BY_PHONE.search(text)),
    )
    if now is None:
        return wishes
    reading = read_time(text, now)
    if reading.kind is TimeKind.PAST:
        return replace(wishes, after_work=False, weekend=False)
    named = _named(text, reading)
    return replace(wishes, open_now=False, after_work=False, weekend=False, open_at=named) if named else wishes


def _named(text: str, reading: TimeReading) -> tuple[datetime, datetime] | None:
    """The span of a day or hour that she named; None for none, and for 「晚上」 or 「周末」, which mean any."""
    if reading.start is None or reading.kind not in {TimeKind.POINT, TimeKind.RANGE}:
        return None
    usual = (reading.hour_only and AFTER_WORK.search(text) and not LATE.search(text)) or (
        reading.day_only and USUALLY.search(text)
    )
    return None if usual else (reading.start, reading.end or reading.start + A_MOMENT)
