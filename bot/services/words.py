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
