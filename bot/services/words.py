"""What the assistant says when it speaks for itself and not for the engine, read from `data/words.yml`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parents[2] / "data" / "words.yml"


@cache
def guesses() -> Mapping[str, str]:
    """How a guess is offered back when a message was not clear, by intent."""
    with FILE.open(encoding="utf-8") as file:
        loaded: dict[str, dict[str, str]] = yaml.safe_load(file)
    return loaded["guesses"]


@cache
def words() -> Mapping[str, str]:
    """Every sentence by its name."""
    with FILE.open(encoding="utf-8") as file:
        loaded: dict[str, str] = yaml.safe_load(file)
    return loaded


@cache
def privacy_words() -> Mapping[str, str]:
    """What is said of her records: what stays and why, and the words of her own copy."""
    with FILE.open(encoding="utf-8") as file:
        loaded: Mapping[str, str] = yaml.safe_load(file)["privacy"]
    return loaded


@cache
def case_words() -> Mapping[str, str]:
    """What she is told while a person is found for her; the titles of choices as 「choices.leave」."""
    with FILE.open(encoding="utf-8") as file:
        loaded = yaml.safe_load(file)["cases"]
    choices = {f"choices.{name}": title for name, title in loaded.pop("choices").items()}
    return {**{name: str(text) for name, text in loaded.items()}, **choices}


@cache
def suggestion_words() -> Mapping[str, str]:
    """What she is told unasked of a suggestion of hers; what it is about is never in it."""
    with FILE.open(encoding="utf-8") as file:
        loaded: Mapping[str, str] = yaml.safe_load(file)["suggestions"]
    return loaded


@cache
def aid_words() -> Mapping[str, str]:
    """What she is told unasked of an application of hers."""
    with FILE.open(encoding="utf-8") as file:
        loaded: Mapping[str, str] = yaml.safe_load(file)["aid"]
    return loaded


@cache
def volunteer_words() -> Mapping[str, str]:
    """What a volunteer is told unasked."""
    with FILE.open(encoding="utf-8") as file:
        loaded: Mapping[str, str] = yaml.safe_load(file)["volunteers"]
    return loaded
