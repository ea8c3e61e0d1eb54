"""What the assistant has learned already, and what it is examined on: read from data/ and evaluation/."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class TrainingData:
    """`examples`: (intent, line) of data/nlu. `examined`: (set, text). `entities`, `intents`: names in the domain."""

    examples: tuple[tuple[str, str], ...]
    examined: tuple[tuple[str, str], ...]
    intents: frozenset[str]
    entities: frozenset[str]

    @classmethod
    def load(cls, root: Path, others: Sequence[Path] = ()) -> "TrainingData":
        """From a project's folder; `others`: more sets to be examined on, wherever they lie."""
        domain = _yaml(root / "domain.yml")
        sets = [*sorted((root / "evaluation").glob("*.jsonl")), *others]
        return cls(
            examples=tuple(examples_of(root / "data" / "nlu")),
            examined=tuple((file.stem, text) for file in sets for text in _texts(file)),
            intents=frozenset(_names(domain["intents"])),
            entities=frozenset(_names(domain["entities"])),
        )


def examples_of(folder: Path) -> Iterator[tuple[str, str]]:
    """(intent, line with its annotations) of every file in the folder."""
    for file in sorted(folder.glob("*.yml")):
        for entry in _yaml(file)["nlu"]:
            for line in str(entry["examples"]).strip().splitlines():
                yield str(entry["intent"]), line.strip().removeprefix("- ")


def as_nlu(examples: Sequence[tuple[str, str]], head: str) -> str:
    """(intent, line) pairs as a file of data/nlu. `head` is the comment that it opens with."""
    by_intent: dict[str, list[str]] = {}
    for intent, line in examples:
        by_intent.setdefault(intent, []).append(line)
    parts = [f"# {head}", 'version: "3.1"', "nlu:" if examples else "nlu: []"]
    for intent, lines in sorted(by_intent.items()):
        parts += [f"- intent: {intent}", "  examples: |", *(f"    - {line}" for line in lines)]
    return "\n".join([*parts, ""])


def _texts(file: Path) -> list[str]:
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [str(line["text"]) for line in lines if "text" in line]


def _names(listed: Sequence[str | Mapping[str, Any]]) -> list[str]:
    return [one if isinstance(one, str) else next(iter(one)) for one in listed]


def _yaml(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
