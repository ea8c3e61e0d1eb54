"""Why a reviewer should look at a conversation before others, and in which order."""

from collections.abc import Collection, Mapping, Sequence
from enum import IntFlag

from bot.domain.risk import RiskLevel

NEAR = 0.15
"""Two intents nearer than this are a guess between two."""
MODEL = "model"
"""The model's name among the rules that spoke (`bot.services.safety`)."""


class Reason(IntFlag):
    """Why. One grave reason weighs more than all lesser ones together, so the number of a set of reasons is its rank."""

    NEW_WORDS = 1
    NEAR = 2
    """The first and the second intent lie close together."""
    FALLBACK = 4
    UNHELPED = 8
    UNANSWERED = 16
    DISAGREE = 32
    """Rules and model see the danger differently."""


NO_REASON = Reason(0)
REASON_WORDS: Mapping[Reason, str] = {
    Reason.DISAGREE: "规则和模型说的危险不一样",
    Reason.UNANSWERED: "她最后说的还没有人答",
    Reason.UNHELPED: "她说没帮上",
    Reason.FALLBACK: "没有听懂",
    Reason.NEAR: "两个意图差得很近",
    Reason.NEW_WORDS: "有没见过的说法",
}


def reasons_in(rank: int) -> list[Reason]:
    """The reasons of a set, gravest first."""
    return [reason for reason in sorted(Reason, reverse=True) if reason & rank]


def is_near(ranking: Sequence[tuple[str, float]]) -> bool:
    """Whether the two best guesses (best first) are a toss-up."""
    return len(ranking) > 1 and ranking[0][1] - ranking[1][1] < NEAR


def disagree(level: RiskLevel, rules: Collection[str], model_sees: bool) -> bool:
    """Whether only one of the two detectors sees danger. `rules` are those that spoke, the model's own name among them."""
    rules_spoke = bool(set(rules) - {MODEL})
    if level.rank >= RiskLevel.URGENT.rank:
        return not (rules_spoke and (MODEL in rules or model_sees))
    return model_sees and level is RiskLevel.NONE
