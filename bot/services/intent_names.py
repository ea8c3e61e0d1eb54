"""What intents and entities are called in Chinese, where reviewers read and choose them; read from `data/intents.yml`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parents[2] / "data" / "intents.yml"
UNCLEAR = "nlu_fallback"
"""What the assistant understood when it understood nothing; no intent that a message can have."""
ENTITY_WORDS: Mapping[str, str] = {
    "place": "地点",
    "time": "时间",
    "service_kind": "服务",
    "facility": "设施",
    "role": "人",
    "age": "年纪",
}


@cache
def intent_groups() -> Mapping[str, Mapping[str, str]]:
    """Topic → intent → name, in the order of the domain."""
    with FILE.open(encoding="utf-8") as file:
        loaded: dict[str, dict[str, str]] = yaml.safe_load(file)
    return loaded


@cache
def intent_names() -> Mapping[str, str]:
    """Every intent that a message can have, by its code."""
    return {intent: name for group in intent_groups().values() for intent, name in group.items()}


def intent_name(intent: str | None) -> str:
    """For people: 「没听懂」 for the fallback, 「—」 for nothing, the code itself when it has gone from the domain."""
    if not intent:
        return "—"
    return "没听懂" if intent == UNCLEAR else intent_names().get(intent, intent)
