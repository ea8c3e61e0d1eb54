"""What activity she asks for, which of several she means, and what she wants of one that she has: by the words for it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.activities import CODE_LENGTH, ActivityTopic
from bot.language.cleaning import clean
from bot.language.times import TimeKind, TimeReading, read_time
from bot.language.wishes import AFTER_WORK, WEEKEND

TOPICS: tuple[tuple[ActivityTopic, re.Pattern[str]], ...] = (
    (ActivityTopic.DATING, re.compile(r"相亲|交友|联谊|单身|找对象|处对象|脱单|婚恋")),
    (ActivityTopic.FAMILY_STORIES, re.compile(r"家风|故事会|最美家庭")),
    (ActivityTopic.STARTUP, re.compile(r"创业|路演|开店|项目推介|直播带货")),
    (ActivityTopic.PARENT_CHILD, re.compile(
        r"亲子|母婴|早教|夏令营|冬令营|托管课|准妈妈|孕妇|怀了|[带给领](?:着|俩|个|两个)?(?:孩子|娃|宝宝|宝贝|小孩|闺女|儿子|孙子|孙女)"
        r"|(?:孩子|娃|宝宝|小孩)(?:玩|能去|参加)"
    )),
    (ActivityTopic.FAMILY_CLASS, re.compile(r"家庭成长|成长课|家长(?:课|学校|课堂)|家庭教育|育儿课|夫妻(?:沟通|关系)|青春期")),
    (ActivityTopic.TRAINING, re.compile(r"素质|培训|学手艺|技能|手机课|学电脑|月嫂|急救")),
)  # fmt: skip
"""The earlier one of two that a text names."""
SUBJECTS = (
    "插花", "瑜伽", "瑜珈", "烘焙", "做饭", "面点", "编织", "剪纸", "手工", "书法", "画画", "茶艺", "化妆", "合唱", "唱歌",
    "广场舞", "跳舞", "舞蹈", "八段锦", "太极", "健步走", "防身术", "读书", "阅读", "朗诵", "电影", "包饺子", "包粽子",
    "写福字", "窗花", "灯谜", "摄影", "短视频", "急救", "体检", "义诊", "乳腺", "两癌", "养生", "健康讲座", "普法",
    "反家暴", "法律讲座", "心理讲座", "团体课", "互助", "夏令营", "运动会", "夫妻沟通", "青春期", "单亲", "交通安全",
)  # fmt: skip
"""Words that stand in the name or the description of an activity; nothing else of hers is looked for in them."""
SAME = {"瑜珈": "瑜伽", "跳舞": "舞", "舞蹈": "舞", "广场舞": "舞", "唱歌": "唱", "合唱": "唱", "阅读": "读"}
ORDINAL = re.compile(r"(?:第\s*([一二三四1-4])\s*(?:个|场|项|节|次|条)?|([①②③④]))")
NUMBERS = {"一": 0, "二": 1, "三": 2, "四": 3, "①": 0, "②": 1, "③": 2, "④": 3, **{str(n + 1): n for n in range(4)}}
ANY_WEEKEND = re.compile(r"(?<![这下本])(?<![这下本]个)周末|双休")
WAITS = re.compile(r"候补|排队|排上|等位")
GIVES_UP = re.compile(
    r"取消|退(?:了|掉|出|报|名额|一下|吧)|不(?:去|参加|报|来)了|去不(?:了|成)|来不了|撤(?:了|销|回)|换成|换个|换到|报错"
)
CODE = re.compile(rf"(?<!\d)\d{{{CODE_LENGTH}}}(?!\d)")
RATES = re.compile(r"^\W*(?:评价|反馈|打分|点评)(?:一下|活动)?[:：,，\s]*")
STARS = re.compile(r"(?<![\d.])([1-5])\s*(?:分|星|颗星)|([一二三四五])\s*(?:分|星|颗星)")
STAR_WORDS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}


@dataclass(frozen=True, slots=True)
class ActivityWishes:
    """Empty means any. `first`, `last`: begins in between, local. `subject`: a word that stands in the activity's words."""

    topic: ActivityTopic | None = None
    subject: str = ""
    weekend: bool = False
    evening: bool = False
    first: datetime | None = None
    last: datetime | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing but "something" is asked for."""
        return self == ActivityWishes()


def read_activity_wishes(text: str, now: datetime) -> ActivityWishes:
    """Wishes in a text, said at a local moment."""
    text = clean(text)
    any_weekend = bool(ANY_WEEKEND.search(text))
    first, last = (None, None) if any_weekend else _span(read_time(text, now))
    subject = next((word for word in SUBJECTS if word in text), "")
    return ActivityWishes(
        topic=next((topic for topic, words in TOPICS if words.search(text)), None),
        subject=SAME.get(subject, subject),
        weekend=first is None and bool(WEEKEND.search(text)),  # 「周末」 is any of them, 「这周末」 is one
        evening=bool(AFTER_WORK.search(text)),
        first=first,
        last=last,
    )


def which_of_several(text: str) -> int | None:
    """「第二个我想去」 → 1; None when she names none by its number."""
    found = ORDINAL.search(text) or ORDINAL.search(clean(text))
    return None if found is None else NUMBERS[found[1] or found[2]]


def sign_in_code(text: str) -> str:
    """The six digits; "" when there are none."""
    found = CODE.search(clean(text))
    return found.group() if found else ""


def would_wait(text: str) -> bool:
    """Whether she would rather wait than go without."""
    return bool(WAITS.search(clean(text)))


def gives_up(text: str) -> bool:
    """Whether she does not want to go, or not to this one."""
    return bool(GIVES_UP.search(clean(text)))


def rating_in(text: str) -> int | None:
    """「打 4 分」「五颗星」"""
    found = STARS.search(clean(text))
    return None if found is None else int(found[1]) if found[1] else STAR_WORDS[found[2]]


def feedback_in(text: str) -> str:
    """What follows 「评价：」; "" when the message is no feedback in words."""
    found = RATES.match(text)
    return text[found.end() :].strip() if found else ""


def _span(reading: TimeReading) -> tuple[datetime | None, datetime | None]:
    """The days that a text names; an hour alone (「晚上七点后」) is not one day but any."""
    if reading.hour_only or reading.kind in {TimeKind.NONE, TimeKind.PAST}:
        return None, None
    if reading.kind is TimeKind.AMBIGUOUS:
        if not reading.candidates:
            return None, None
        ends = [one.end or one.start for one in reading.candidates]
        return _midnight(min(one.start for one in reading.candidates)), _day_after(max(ends))
    if reading.start is None:
        return None, None
    if reading.end is None or not reading.day_only:
        return _midnight(reading.start), _day_after(reading.end or reading.start)
    return reading.start, reading.end


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _day_after(moment: datetime) -> datetime:
    return moment if moment == _midnight(moment) else _midnight(moment) + timedelta(days=1)
