"""Training a model beside the one that runs: `rasa train` in the engine's environment, after all else on the machine."""

import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from bot.domain.teaching import TrainingFailed

NICENESS = 19
COMPONENT = re.compile(r"(?:Finished training|Restored) component '(\w+)'")
REMEMBERED = 400
"""Characters of what it said last; that is where Rasa says what went wrong."""
Tell = Callable[[str], Awaitable[None]]
"""Called with the name of each component that is ready."""


class RasaTrainer:
    """Trains from a project's own data/, domain and config, and from more files of the form of data/nlu."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def train(self, more: Sequence[Path], out: Path, tell: Tell) -> None:
        """Write the model into `out` (…/name.tar.gz). Raises TrainingFailed. Cancelled, it ends the training."""
        _prepare(out)
        process = await asyncio.create_subprocess_exec(
            *self._command(more, out), cwd=self._root, env=_environment(), stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            said = await _follow(process, tell)
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        if process.returncode or not _is_there(out):
            raise TrainingFailed(f"训练没有成功，正在用的模型没有动。rasa train：{said[-200:]}")

    def _command(self, more: Sequence[Path], out: Path) -> list[str]:
        python = self._root / "engine" / ".venv" / "bin" / "python"
        name = out.name.removesuffix(".tar.gz")
        return [
            "nice", "-n", str(NICENESS), str(python), "-m", "rasa", "train", "--data", "data", *map(str, more),
            "--out", str(out.parent), "--fixed-model-name", name,
        ]  # fmt: skip


class Launcher:
    """Starts `python -m bot retrain --training ID` as a process of its own, which outlives this one."""

    def __init__(self, root: Path, log: Path) -> None:
        self._root = root
        self._log = log
        self._waiting: set[asyncio.Task[int]] = set()

    async def __call__(self, training: str) -> None:
        """Start it; how it goes on stands in the training's row."""
        with _opened(self._log) as log:
            process = await asyncio.create_subprocess_exec(
                "nice", "-n", str(NICENESS), sys.executable, "-m", "bot", "retrain", "--training", training,
                cwd=self._root, env=_environment(), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        task = asyncio.create_task(process.wait())
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)


def _prepare(out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)


def _is_there(out: Path) -> bool:
    return out.is_file()


def _opened(log: Path) -> BinaryIO:
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("ab")


def _environment() -> dict[str, str]:
    return os.environ | {"RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore"}


async def _follow(process: asyncio.subprocess.Process, tell: Tell) -> str:
    """Tell of each component, and give back the end of what was said."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    said = ""
    while chunk := await process.stdout.read(4096):  # not by lines: a warning of Rasa's can be longer than any buffer
        whole = said + chunk.decode(errors="replace")
        for found in COMPONENT.finditer(whole):
            if found.end() > len(said):
                await tell(found[1])
        said = whole[-REMEMBERED:]
    await process.wait()
    return said
