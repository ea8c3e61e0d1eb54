"""献策谏言: what women ask for, the ten categories it is sorted into, and the way from a wish to a promise that is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class SuggestionStatus(StrEnum):
    """How far one has come. `PROMISED` has a promise that is not kept yet; the last two are the end."""

    RECEIVED = "received"
    PROMISED = "promised"
    DONE = "done"
    DECLINED = "declined"


STATUS_WORDS: Mapping[SuggestionStatus, str] = {
    SuggestionStatus.RECEIVED: "收到，还没答复",
    SuggestionStatus.PROMISED: "已答应，在办",
    SuggestionStatus.DONE: "办好了",
    SuggestionStatus.DECLINED: "办不了，已说明",
}
OPEN = (SuggestionStatus.RECEIVED, SuggestionStatus.PROMISED)


class Source(StrEnum):
    """Where it came from."""

    CHAT = "chat"
    PAPER = "paper"


SOURCE_WORDS: Mapping[Source, str] = {Source.CHAT: "聊天", Source.PAPER: "书面"}


class SuggestionAct(StrEnum):
    """What was done with it, for its history."""

    RECEIVED = "received"
    RESORTED = "resorted"
    MERGED = "merged"
    SPLIT = "split"
    PROMISED = "promised"
    DONE = "done"
    DECLINED = "declined"
    WORDED = "worded"


ACT_WORDS: Mapping[SuggestionAct, str] = {
    SuggestionAct.RECEIVED: "收到",
    SuggestionAct.RESORTED: "改类别或地区",
    SuggestionAct.MERGED: "合并",
    SuggestionAct.SPLIT: "从合并里分出来",
    SuggestionAct.PROMISED: "答应了",
    SuggestionAct.DONE: "办好了",
    SuggestionAct.DECLINED: "说明办不了",
    SuggestionAct.WORDED: "改公开的说法",
}


@dataclass(frozen=True, slots=True)
class Category:
    """One category: its code in the database, its name, and the words that tell of it."""

    key: str
    name: str
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Categories:
    """All of them in their order; `other` is the key of the one for what nothing tells of."""

    all: tuple[Category, ...]
    other: str
    urgent: tuple[str, ...]

    def name(self, key: str) -> str:
        """The name; the code itself when the category was taken out of the file."""
        return next((one.name for one in self.all if one.key == key), key)

    def has(self, key: str) -> bool:
        """Whether the file names it."""
        return any(one.key == key for one in self.all)

    def sort(self, text: str) -> str:
        """The key of the category whose cues weigh most in a text, longer cues more; the earlier one of two alike."""
        weights = {one.key: sum(len(cue) for cue in one.cues if cue in text) for one in self.all}
        best = max(weights, key=lambda key: weights[key])
        return best if weights[best] else self.other

    def is_urgent(self, text: str) -> bool:
        """Whether it should not wait for an answer to a suggestion."""
        return any(cue in text for cue in self.urgent)


@dataclass(frozen=True, slots=True)
class SuggestionFilter:
    """What is wanted; empty means any. `words` stand in the masked words or the public wording; `overdue`: promises only."""

    category: str = ""
    area: str = ""
    status: SuggestionStatus | None = None
    overdue: bool = False
    complaints: bool | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised: the office (never a private person), by when, and when it was kept with which words."""

    words: str
    who: str
    due: date
    done_at: datetime | None = None
    done_words: str = ""

    def is_overdue(self, today: date) -> bool:
        """Whether its day is over and it is not kept."""
        return self.done_at is None and self.due < today


FRAME = (
    "我有个", "我有一个", "我有条", "我想", "我要", "给你们", "给妇联", "给政府", "你们", "提个", "提一个", "提条", "提点",
    "提", "反映一下", "反映一个", "反映个", "反映", "建议", "建議", "意见", "投诉", "投訴", "举报", "献策", "献计", "想法",
    "主意", "问题", "小", "一个", "一条", "希望", "能不能", "盼着", "一下", "的", "了", "吧", "呢", "啊", "请", "有", "要",
    "个", "条", "点",
)  # fmt: skip
"""What only says that something is suggested, longer words before the shorter ones that stand in them."""
LEAST = 3
"""Fewer characters than this without the frame are no suggestion yet."""


def substance(text: str) -> str:
    """What is left of a text when everything that only frames a suggestion is taken out, punctuation too."""
    left = "".join(letter for letter in text if letter.isalnum())
    for word in sorted(FRAME, key=len, reverse=True):
        left = left.replace(word, "")
    return left


def says_something(text: str) -> bool:
    """Whether there is more in it than 「我有个建议」."""
    return len(substance(text)) >= LEAST
