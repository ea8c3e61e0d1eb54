"""Files of JSON lines with `id` and `text`, answered line by line."""

import json
from collections.abc import Callable
from pathlib import Path

import click


def read_lines(file: Path, answer: Callable[[dict[str, str]], dict[str, object]]) -> bool:
    """Print `answer(line)` for each JSON line with id and text; tell the bad ones. True when none was bad."""
    good = True
    for number, raw in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
            shown = answer({**line, "id": line["id"], "text": str(line["text"])})
        except (ValueError, KeyError, TypeError) as wrong:
            click.echo(f"第 {number} 行无法读取：{type(wrong).__name__}", err=True)
            good = False
            continue
        click.echo(json.dumps(shown, ensure_ascii=False))
    return good
