"""How much of what identifies is hidden, and how much of the rest is left alone, on lines that were written by hand."""

import json
import math
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from bot.language.masking import mask
from bot.services.evaluation.rates import Rate, wilson

LINES = [
    json.loads(line)
    for line in (Path(__file__).resolve().parents[2] / "evaluation" / "masking.jsonl").read_text("utf-8").splitlines()
]
NUMBERS = {"phone", "id", "card"}
HARMLESS = [line for line in LINES if not line["hide"]]


def left_over(text: str, item: str) -> str:
    """The longest part of the item, at least half of it, that can still be read after masking; "" when none."""
    masked, item = mask(text), unicodedata.normalize("NFKC", item)
    for size in range(len(item), max(1, math.ceil(len(item) / 2)) - 1, -1):
        for at in range(len(item) - size + 1):
            part = item[at : at + size]
            if (len(part) > 1 or len(item) == 1) and part in masked:
                return part
    return ""


def measured() -> tuple[dict[str, Rate], list[str]]:
    """(recall by kind, what was missed)."""
    hidden, told, missed = Counter[str](), Counter[str](), []
    for line in LINES:
        for item in line["hide"]:
            told[item["kind"]] += 1
            part = left_over(line["text"], item["text"])
            hidden[item["kind"]] += not part
            if part:
                missed.append(f"{item['kind']} {item['text']} → {mask(line['text'])}")
    return {kind: wilson(hidden[kind], told[kind]) for kind in told}, missed


def altered() -> list[str]:
    return [f"{line['text']} → {mask(line['text'])}" for line in HARMLESS
            if mask(line["text"]) != unicodedata.normalize("NFKC", line["text"])]  # fmt: skip


def test_the_set_is_large_enough_made_up_and_a_third_of_it_is_harmless() -> None:
    assert len(LINES) >= 150
    assert len(HARMLESS) * 3 >= len(LINES)
    assert all(line["synthetic"] for line in LINES)
    assert len({line["text"] for line in LINES}) == len({line["id"] for line in LINES}) == len(LINES)


def test_recall_and_false_masks_are_measured_and_good_enough(capsys: pytest.CaptureFixture[str]) -> None:
    recall, missed = measured()
    false = wilson(len(altered()), len(HARMLESS))
    with capsys.disabled():
        print()
        for kind, rate in sorted(recall.items()):
            print(f"masking {kind:8} {rate.hits}/{rate.of} {rate.value:.3f} [{rate.low:.3f}, {rate.high:.3f}]")
        print(f"false masks      {false.hits}/{false.of} {false.value:.3f} [{false.low:.3f}, {false.high:.3f}]")
    numbers = wilson(sum(recall[kind].hits for kind in NUMBERS), sum(recall[kind].of for kind in NUMBERS))
    assert numbers.value >= 0.98, missed
    assert recall["name"].value >= 0.9, missed
    assert all(rate.value >= 0.85 for rate in recall.values()), missed
    assert false.value <= 0.05, altered()


def test_what_stands_beside_stays_readable() -> None:
    lost = [(kept, mask(line["text"])) for line in LINES for kept in line["keep"] if kept not in mask(line["text"])]
    assert len(lost) <= 2, lost


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["id"])
def test_masking_the_set_twice_is_masking_it_once(line: dict[str, str]) -> None:
    assert mask(mask(line["text"])) == mask(line["text"])
