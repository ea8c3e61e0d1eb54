"""What a case is about, told by the intents of what she wrote and by the kind of danger."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from bot.domain.risk import RiskKind, RiskLevel


class CaseLevel(StrEnum):
    """How soon a person is needed: 红 a life in danger now; 橙 a dispute, or danger that is not now; 黄 hardship."""

    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """0 for yellow to 2 for red."""
        return list(CaseLevel).index(self)


LEVEL_WORDS: Mapping[CaseLevel, str] = {CaseLevel.RED: "红", CaseLevel.ORANGE: "橙", CaseLevel.YELLOW: "黄"}


class Topic(StrEnum):
    """What she needs, in the words of the officers' lists."""

    VIOLENCE = "violence"
    SUICIDE = "suicide"
    CHILD = "child"
    HARASSMENT = "harassment"
    MARRIAGE = "marriage"
    FAMILY = "family"
    WORK = "work"
    LAND = "land"
    LEGAL = "legal"
    MIND = "mind"
    HARDSHIP = "hardship"
    EXPERT = "expert"
    ERRAND = "errand"
    UNKNOWN = "unknown"


TOPIC_WORDS: Mapping[Topic, str] = {
    Topic.VIOLENCE: "家庭暴力",
    Topic.SUICIDE: "轻生念头",
    Topic.CHILD: "孩子安全",
    Topic.HARASSMENT: "性骚扰、性侵害",
    Topic.MARRIAGE: "婚姻财产",
    Topic.FAMILY: "家庭矛盾",
    Topic.WORK: "劳动权益",
    Topic.LAND: "农村土地",
    Topic.LEGAL: "其他法律问题",
    Topic.MIND: "心理情绪",
    Topic.HARDSHIP: "困难救助、就业",
    Topic.EXPERT: "专家解答",
    Topic.ERRAND: "办事咨询",
    Topic.UNKNOWN: "还不清楚",
}
LEVELS: Mapping[Topic, CaseLevel] = {
    Topic.MIND: CaseLevel.YELLOW,
    Topic.HARDSHIP: CaseLevel.YELLOW,
    Topic.EXPERT: CaseLevel.YELLOW,
    Topic.ERRAND: CaseLevel.YELLOW,
}
"""Everything else is orange. What is not known counts as the graver of the two."""
BY_INTENT: Mapping[str, Topic] = {
    "report_violence_now": Topic.VIOLENCE,
    "ask_domestic_violence": Topic.VIOLENCE,
    "ask_protection_order": Topic.VIOLENCE,
    "admit_violence": Topic.VIOLENCE,
    "report_suicide": Topic.SUICIDE,
    "report_child_danger": Topic.CHILD,
    "ask_sexual_harassment": Topic.HARASSMENT,
    "ask_divorce": Topic.MARRIAGE,
    "ask_custody": Topic.MARRIAGE,
    "ask_property": Topic.MARRIAGE,
    "ask_bride_price": Topic.MARRIAGE,
    "ask_inheritance": Topic.MARRIAGE,
    "ask_relationship": Topic.FAMILY,
    "ask_parenting": Topic.FAMILY,
    "ask_maternity": Topic.WORK,
    "ask_wages": Topic.WORK,
    "ask_rural_land": Topic.LAND,
    "ask_other_legal": Topic.LEGAL,
    "make_complaint": Topic.LEGAL,
    "feel_distressed": Topic.MIND,
    "feel_postpartum": Topic.MIND,
    "feel_bereaved": Topic.MIND,
    "need_counselling": Topic.MIND,
    "take_check_in": Topic.MIND,
    "ask_single_mother_aid": Topic.HARDSHIP,
    "ask_startup": Topic.HARDSHIP,
    "apply_for_aid": Topic.HARDSHIP,
    "ask_expert": Topic.EXPERT,
}
ERRANDS = frozenset(
    {
        "find_place",
        "ask_opening_hours",
        "share_location",
        "book_appointment",
        "change_appointment",
        "cancel_appointment",
        "list_appointments",
        "join_waiting_list",
        "accept_offer",
        "decline_offer",
        "find_activity",
        "find_mobile_service",
        "join_activity",
        "manage_activity",
        "join_volunteers",
        "manage_volunteering",
        "make_suggestion",
        "ask_suggestion",
        "apply_for_aid",
        "take_check_in",
        "ask_federation",
        "ask_who_is_in_charge",
        "ask_privacy",
        "delete_my_data",
        "copy_my_data",
    }
)
"""What the assistant does by itself. An application is one too, and tells of a need besides."""
SMALL_TALK = frozenset(
    {
        "greet",
        "thank",
        "say_goodbye",
        "say_joke",
        "say_safe",
        "affirm",
        "deny",
        "stop",
        "inform",
        "chitchat",
        "share_opinion",
        "out_of_scope",
        "ask_human",
        "rate_help",
    }
)
"""What tells nothing of her need."""
BY_DANGER: Mapping[RiskKind, Topic] = {
    RiskKind.VIOLENCE: Topic.VIOLENCE,
    RiskKind.PERPETRATOR: Topic.VIOLENCE,
    RiskKind.SUICIDE: Topic.SUICIDE,
    RiskKind.CHILD: Topic.CHILD,
    RiskKind.SEXUAL: Topic.HARASSMENT,
}


def topic_of(intents: Iterable[str], danger: RiskKind | None = None) -> Topic:
    """The topic of a talk whose intents are given newest first; danger outweighs words."""
    if danger is not None:
        return BY_DANGER[danger]
    intents = list(intents)
    needs = [BY_INTENT[intent] for intent in intents if intent in BY_INTENT]
    if needs:
        return needs[0]
    return Topic.ERRAND if any(intent in ERRANDS for intent in intents) else Topic.UNKNOWN


def level_of_case(topic: Topic, risk: RiskLevel) -> CaseLevel:
    """Red for an emergency, orange at least when it is urgent, else by topic."""
    if risk is RiskLevel.EMERGENCY:
        return CaseLevel.RED
    return CaseLevel.ORANGE if risk is RiskLevel.URGENT else LEVELS.get(topic, CaseLevel.ORANGE)
