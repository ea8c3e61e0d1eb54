"""How sure the model must be before it alone is believed: recall and false alarms at each threshold. No text is printed.

`python -m bench.danger_joining [REAL.jsonl]`, with the trained model and after every training; the figures it is about are
`Needed` in `bot/services/safety.py`. REAL has lines with `label` and `also`, as the real questions have.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.cli.understand import read_json_lines, understood
from bot.domain.risk import RiskLevel
from bot.services.evaluation.labels import is_dangerous
from bot.services.safety import NEEDED, Needed, combine
from bot.services.understanding import Understood
from bot.settings import ROOT

ALONE = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
IN_DOUBT = (0.9, 0.95, 0.97, 0.99)
Answered = list[tuple[bool, Understood]]
"""Whether it is danger, and what was understood of it."""


def dangerous(line: Mapping[str, Any]) -> bool:
    """By its level, or by its labels."""
    if "risk" in line:
        return str(line["risk"]) != RiskLevel.NONE.value
    return any(is_dangerous(label) for label in (line["label"], *line.get("also", ())))


def row(answered: Answered, flagged: Callable[[Understood], bool]) -> str:
    """`found/danger  cried/no danger`."""
    found = sum(flagged(result) for danger, result in answered if danger)
    cried = sum(flagged(result) for danger, result in answered if not danger)
    danger = sum(danger for danger, _ in answered)
    return f"{found:4}/{danger:<4} {cried:4}/{len(answered) - danger:<4}"


def joined_at(needed: Needed) -> Callable[[Understood], bool]:
    """Whether a line is flagged when the model must be this sure."""
    return lambda result: combine(result.rules, result.understanding, needed).level is not RiskLevel.NONE


def table(sets: Mapping[str, Answered]) -> list[str]:
    """The lines to print."""
    lines = [f"{'':28}" + "  ".join(f"{name[:19]:19}" for name in sets)]

    def add(name: str, flagged: Callable[[Understood], bool]) -> None:
        lines.append(f"{name:28}" + "  ".join(row(answered, flagged) for answered in sets.values()))

    add("rules", lambda result: result.rules.level is not RiskLevel.NONE)
    for intent in NEEDED.alone:
        for alone in ALONE:
            add(f"{intent} {alone}", joined_at(replace(NEEDED, alone={**NEEDED.alone, intent: alone})))
    for in_doubt in IN_DOUBT:
        add(f"in doubt {in_doubt}", joined_at(replace(NEEDED, in_doubt=in_doubt)))
    add("as it is set", joined_at(NEEDED))
    return lines


async def main(real: list[Path]) -> None:
    """Ask the engine once for every set, then try every threshold."""
    files = [ROOT / "evaluation" / f"{name}.jsonl" for name in ("crisis", "hard_negatives")] + real
    lines = {file: read_json_lines(file) for file in files}
    results = await understood([line["text"] for file in files for line in lines[file]])
    answers = iter(results)
    each = {file: [(dangerous(line), next(answers)) for line in lines[file]] for file in files}
    own = [pair for file in files[:2] for pair in each[file]]
    print("\n".join(table({"our own sets": own, **{file.stem: each[file] for file in real}})))


if __name__ == "__main__":
    asyncio.run(main([Path(argument) for argument in sys.argv[1:]]))
