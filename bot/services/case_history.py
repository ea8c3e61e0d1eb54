"""The details of a case's history as words: the rows keep the code's own names, officers read Chinese."""

from collections.abc import Mapping

from bot.domain.cases import HELPED_WORDS, OUTCOME_WORDS
from bot.domain.risk import RiskLevel

FIELDS: Mapping[str, str] = {
    "level": "等级",
    "topic": "类别",
    "area": "地区",
    "place": "地点",
    "need": "她要办的事",
    "wishes": "她的意思",
    "may_call": "可以打电话吗",
    "safe_to_write": "给她发消息安全吗",
}
RISKS: Mapping[str, str] = {
    RiskLevel.WATCH.value: "留意",
    RiskLevel.URGENT.value: "紧急",
    RiskLevel.EMERGENCY.value: "眼下有危险",
}
WHY_WORDS: Mapping[str, str] = {
    "slow": "等得太久",
    "unclear": "没说清楚怎么办",
    "unsolved": "事情还没解决",
    "again": "想再找工作人员",
}
"""What she tapped when it had not helped."""
KNOWN: Mapping[str, str] = {
    **FIELDS,
    **RISKS,
    **WHY_WORDS,
    **{outcome.value: words for outcome, words in OUTCOME_WORDS.items()},
    **{helped.value: words for helped, words in HELPED_WORDS.items()},
}


def detail_words(detail: str) -> str:
    """「level、need」 → 「等级、她要办的事」. What is words already stays as it is."""
    return "、".join(KNOWN.get(part, part) for part in detail.split("、"))
