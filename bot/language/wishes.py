"""What kind of place she asks for, what it should have, and when it should be open, by the words for it."""

import re
from dataclasses import dataclass

from bot.language.cleaning import clean

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
AFTER_WORK = re.compile(r"下班后|下了班|晚上|傍晚|夜里")
WEEKEND = re.compile(r"周末|周六|周日|星期[六日天]|礼拜[六日天]|双休")


@dataclass(frozen=True, slots=True)
class Wishes:
    """`kind` is "" when she did not say."""

    kind: str = ""
    facilities: frozenset[str] = frozenset()
    open_now: bool = False
    after_work: bool = False
    weekend: bool = False


BOTH = re.compile(r"(心理|咨询).{0,6}(法律|律师)|(法律|律师).{0,6}(心理|咨询)")


def read_booking_kinds(text: str) -> tuple[str, ...]:
    """The kinds of service to be booked, in her order; two for a joint visit, none when she named none."""
    text = clean(text)
    found = sorted((match.start(), kind) for kind, words in KINDS if (match := words.search(text)))
    kinds = tuple(kind for _, kind in found)
    return kinds[:2] if BOTH.search(text) else kinds[:1]


def read_wishes(text: str) -> Wishes:
    """Wishes in a text."""
    text = clean(text)
    return Wishes(
        kind=next((kind for kind, words in KINDS if words.search(text)), ""),
        facilities=frozenset(name for name, words in FACILITIES if re.search(words, text)),
        open_now=bool(OPEN_NOW.search(text)),
        after_work=bool(AFTER_WORK.search(text)),
        weekend=bool(WEEKEND.search(text)),
    )
