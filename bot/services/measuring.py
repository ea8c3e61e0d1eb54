"""Every set of evaluation/ measured with a model that is not the live one, by an engine of its own."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.private_engine import private_engine
from bot.dialogue.training import NICENESS
from bot.domain.teaching import Figure
from bot.services.evaluation.comparison import figures_of
from bot.services.evaluation.sets import measure
from bot.services.understanding import understand

LABEL_FIELDS = ("label", "intent")
"""answers.jsonl calls it `intent`."""
OTHER_KINDS = ("entities", "risk", "needs")
Tell = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ExamSet:
    """A set's lines, and what its labels are called where they are not intents."""

    name: str
    lines: Sequence[Mapping[str, Any]]
    label_of: Mapping[str, str] | None = None


class Examiner:
    """Measures a model file. `others`: (file, file of its labels) of sets that lie elsewhere."""

    def __init__(self, root: Path, others: Sequence[tuple[Path, Path]] = ()) -> None:
        self._root = root
        self._others = others

    def sets(self) -> list[ExamSet]:
        """Those that a model can be measured by; times and masking are read without one."""
        own = [exam_set(file) for file in sorted((self._root / "evaluation").glob("*.jsonl"))]
        others = [exam_set(file, yaml.safe_load(labels.read_text(encoding="utf-8"))) for file, labels in self._others]
        return [one for one in (*own, *others) if one is not None]

    async def figures(self, model: Path, tell: Tell) -> tuple[Figure, ...]:
        """Every figure of every set; `tell` is called with each set's name before it is measured. Raises EngineUnavailable."""
        measured = []
        async with private_engine(self._root, model=model, niceness=NICENESS) as engine:
            for one in self.sets():
                await tell(one.name)
                found = await understand(engine, [str(line["text"]) for line in one.lines])
                measured.append(measure(one.name, one.lines, found, one.label_of))
        return figures_of(measured)


def exam_set(file: Path, label_of: Mapping[str, str] | None = None) -> ExamSet | None:
    """A set, with `label` in every line that has one; None when no model can be measured by it."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    first = lines[0].keys() if lines else ()
    field = next((name for name in LABEL_FIELDS if name in first), None)
    if field is not None:
        return ExamSet(file.stem, [{**line, "label": line[field]} for line in lines], label_of)
    return ExamSet(file.stem, lines) if any(kind in first for kind in OTHER_KINDS) else None
