"""`python -m bot understand`: what is understood of each line of a file."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import click
from dotenv import dotenv_values

from bot.dialogue.private_engine import engine_at
from bot.language.offsets import as_sent
from bot.services.understanding import Understood
from bot.services.understanding import understand as read_all
from bot.settings import ROOT, Settings


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def understand(file: Path) -> None:
    """Read {"id","text"} lines of FILE; print id, intent, confidence, risk and entities, one line each."""
    lines = read_json_lines(file)
    results = asyncio.run(understood([str(line["text"]) for line in lines]))
    for line, result in zip(lines, results, strict=True):
        click.echo(json.dumps({"id": line.get("id"), **shown(line["text"], result)}, ensure_ascii=False))


def shown(text: str, result: Understood) -> dict[str, Any]:
    """The fields of the contract; `start` and `end` count characters of the text as it was sent."""
    return {
        "intent": result.intent,
        "confidence": round(result.confidence, 4),
        "risk": result.risk.level.value,
        "entities": [
            {"entity": entity.name, "value": entity.value, "start": entity.start, "end": entity.end}
            for entity in as_sent(text, result.understanding.entities)
        ],
    }


async def understood(texts: list[str]) -> list[Understood]:
    """With the running engine, or with a private one."""
    url, secret = engine_settings()
    async with engine_at(url, secret, ROOT, lambda words: click.echo(words, err=True)) as engine:
        return await read_all(engine, texts)


def engine_settings() -> tuple[str, str]:
    """Where the engine is, without asking for settings that this command does not need."""
    values = {**dotenv_values(ROOT / ".env"), **os.environ}
    url = values.get("BOT_ENGINE_URL") or str(Settings.model_fields["engine_url"].default)
    return url, values.get("BOT_ENGINE_SECRET") or "none"


def read_json_lines(file: Path) -> list[dict[str, Any]]:
    """Lines with a text; a bad one ends the command with its number."""
    lines = []
    for number, raw in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
            line["text"] = str(line["text"])
        except (ValueError, KeyError, TypeError) as wrong:
            raise click.ClickException(f"第 {number} 行无法读取：{type(wrong).__name__}") from wrong
        lines.append(line)
    return lines
