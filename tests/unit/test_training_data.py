"""Training data is written for the intents that exist, and shares no sentence with what it is measured on."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.domain.facilities import FACILITIES, KINDS
from bot.language.likeness import ENTITY, LONG_ENOUGH, NEAR_COPY, NEAR_MEASURED, near, plain

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
EVALUATION = [
    *sorted((ROOT / "evaluation").glob("*.jsonl")),
    ROOT.parent / "shared" / "nlu_dev" / "real_questions.jsonl",
]
LARGE = (
    "find_place", "book_appointment",
    "ask_domestic_violence", "ask_divorce", "ask_custody", "ask_property", "ask_bride_price",
    "ask_maternity", "ask_wages", "ask_sexual_harassment", "ask_other_legal",
    "feel_distressed", "ask_relationship", "report_violence_now", "report_suicide",
)  # fmt: skip
"""What most women come for, or what must not be missed: at least MANY examples each."""
MANY = 80


def examples() -> list[tuple[str, str]]:
    """(intent, example with its annotations)."""
    found = []
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            found += [(entry["intent"], line[2:]) for line in entry["examples"].strip().splitlines()]
    return found


def tables() -> Iterator[tuple[str, str, list[str]]]:
    """(what, name, entries) of every lookup table, synonym and expression."""
    for file in sorted((ROOT / "data" / "nlu" / "lookups").glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            what = next(key for key in entry if key != "examples")
            yield what, entry[what], [line[2:] for line in entry["examples"].strip().splitlines()]


EXAMPLES = examples()
TABLES = list(tables())
KNOWN_QUESTIONS = [
    question
    for file in sorted((ROOT / "data" / "knowledge").glob("*.yml"))
    for answer in yaml.safe_load(file.read_text(encoding="utf-8"))["answers"]
    for question in answer["questions"]
]


def test_the_measure_of_likeness() -> None:
    assert near(["甲乙丙丁戊"], ["甲乙丙丁戊", "甲乙丙丁己", "子丑寅"], 0.59) == [(0, 0), (0, 1)]  # 4/4 and 3/5
    assert near(["甲乙丙丁戊"], ["甲乙丙丁己"], 0.6) == []


def test_every_intent_has_examples_and_no_other_has() -> None:
    counts = Counter(intent for intent, _ in EXAMPLES)
    assert set(counts) == set(DOMAIN["intents"])
    assert min(counts.values()) >= 5


@pytest.mark.parametrize("intent", LARGE)
def test_what_most_women_come_for_has_many_examples(intent: str) -> None:
    assert sum(name == intent for name, _ in EXAMPLES) >= MANY


def test_entities_are_those_of_the_domain() -> None:
    for _, example in EXAMPLES:
        for _, name, details in ENTITY.findall(example):
            assert (name or json.loads(details)["entity"]) in DOMAIN["entities"], example


def test_every_annotation_is_whole() -> None:
    left_over = re.compile(r"\]\s*[({]|\((" + "|".join(DOMAIN["entities"]) + r")\)")
    odd = [example for _, example in EXAMPLES if left_over.search(ENTITY.sub("", example))]
    assert not odd, odd


def test_no_example_stands_twice() -> None:
    counts = Counter(plain(example) for _, example in EXAMPLES)
    twice = [text for text, count in counts.items() if count > 1]
    assert not twice, twice


def test_near_copies_are_few() -> None:
    texts = [text for _, example in EXAMPLES if len(text := plain(example)) >= LONG_ENOUGH]
    copies = [(texts[a], texts[b]) for a, b in near(texts, texts, NEAR_COPY) if a < b]
    assert not copies, copies


@pytest.mark.parametrize("file", EVALUATION, ids=lambda file: file.name)
def test_nothing_that_is_measured_on_is_trained_on(file: Path) -> None:
    """Says our own sentence only: real people's words are not repeated anywhere."""
    if not file.exists():
        pytest.skip("shared/ does not lie beside this clone")
    measured = [plain(json.loads(line)["text"]) for line in file.read_text(encoding="utf-8").splitlines()]
    measured = [text for text in measured if len(text) >= LONG_ENOUGH]
    ours = [
        text for text in (*(example for _, example in EXAMPLES), *KNOWN_QUESTIONS) if len(plain(text)) >= LONG_ENOUGH
    ]
    copied = sorted({ours[at] for at, _ in near([plain(text) for text in ours], measured, NEAR_MEASURED)})
    assert not copied, copied


def test_the_longer_word_of_a_table_stands_before_the_shorter_one() -> None:
    """An expression takes the first that fits: 心理咨询 before 心理咨询师 would cut the span short."""
    wrong = [
        (name, short, word)
        for what, name, words in TABLES
        if what == "lookup"
        for at, word in enumerate(words)
        for short in words[:at]
        if word != short and word.startswith(short)
    ]
    assert not wrong, wrong


def test_an_expression_has_a_name_of_its_own_and_finds_something() -> None:
    expressions = [(name, words) for what, name, words in TABLES if what == "regex"]
    assert len({name for name, _ in expressions}) == len(expressions)
    texts = "\n".join(ENTITY.sub(r"\1", example) for _, example in EXAMPLES)
    for name, words in expressions:
        assert len(words) == 1, f"{name}: Rasa heeds only the last expression of a name"
        assert re.search(words[0], texts), name
        assert not re.match(f"(?:{words[0]})$", ""), f"{name} matches nothing at all"


def test_synonyms_are_words_that_the_program_knows() -> None:
    assert {name for what, name, _ in TABLES if what == "synonym"} <= set(FACILITIES) | set(KINDS)
