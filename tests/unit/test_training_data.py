"""Training data is written for the intents that exist, and shares no sentence with what it is measured on."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
ENTITY = re.compile(r"\[([^\]]+)\](?:\((\w+)\)|(\{[^}]*\}))")
EVALUATION = [
    *sorted((ROOT / "evaluation").glob("*.jsonl")),
    ROOT.parent / "shared" / "nlu_dev" / "real_questions.jsonl",
]
LONG_ENOUGH = 8
"""Shorter sentences (你好, 谢谢) may stand on both sides; nobody owns them."""


def examples() -> list[tuple[str, str]]:
    """(intent, example with its annotations)."""
    found = []
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            found += [(entry["intent"], line[2:]) for line in entry["examples"].strip().splitlines()]
    return found


EXAMPLES = examples()


def plain(example: str) -> str:
    return re.sub(r"\W", "", ENTITY.sub(r"\1", example))


def bigrams(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def test_every_intent_has_examples_and_no_other_has() -> None:
    counts = Counter(intent for intent, _ in EXAMPLES)
    assert set(counts) == set(DOMAIN["intents"])
    assert min(counts.values()) >= 5


def test_entities_are_those_of_the_domain() -> None:
    for _, example in EXAMPLES:
        for _, name, details in ENTITY.findall(example):
            assert (name or json.loads(details)["entity"]) in DOMAIN["entities"], example


def test_no_example_stands_twice() -> None:
    counts = Counter(plain(example) for _, example in EXAMPLES)
    twice = [text for text, count in counts.items() if count > 1]
    assert not twice, twice


def test_near_copies_are_few() -> None:
    sets = [(plain(example), bigrams(plain(example))) for _, example in EXAMPLES if len(plain(example)) >= LONG_ENOUGH]
    near = [
        (one, other)
        for at, (one, one_set) in enumerate(sets)
        for other, other_set in sets[at + 1 :]
        if abs(len(one_set) - len(other_set)) < 4 and alike(one_set, other_set) > 0.75
    ]
    assert not near, near


@pytest.mark.parametrize("file", EVALUATION, ids=lambda file: file.name)
def test_nothing_that_is_measured_on_is_trained_on(file: Path) -> None:
    """Says our own sentence only: real people's words are not repeated anywhere."""
    if not file.exists():
        pytest.skip("shared/ does not lie beside this clone")
    measured = [plain(json.loads(line)["text"]) for line in file.read_text(encoding="utf-8").splitlines()]
    sets = [bigrams(text) for text in measured if len(text) >= LONG_ENOUGH]
    copied = [
        example
        for _, example in EXAMPLES
        if len(plain(example)) >= LONG_ENOUGH and any(alike(bigrams(plain(example)), one) > 0.7 for one in sets)
    ]
    assert not copied, copied
