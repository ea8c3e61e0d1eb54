"""An engine of one's own for a command that needs one: started on a free loopback port, stopped at the end."""

import asyncio
import os
import secrets
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.dialogue.engine import EngineClient
from bot.domain.errors import EngineUnavailable

PATIENCE = 120
"""Looks, half a second apart, until the model must be loaded."""


@asynccontextmanager
async def engine_at(
    url: str, secret: str, root: Path, tell: Callable[[str], None] = lambda _: None
) -> AsyncIterator[EngineClient]:
    """The engine that runs at `url`; a private one when none answers there. Raises EngineUnavailable."""
    client = EngineClient(url, secret, 60)
    if await client.is_ready():
        yield client
        await client.close()
        return
    await client.close()
    tell("没有运行中的引擎，正在单独启动一个（约 20 秒）…")
    async with private_engine(root) as own:
        yield own


@asynccontextmanager
async def private_engine(
    root: Path, *extra: str, model: Path | str = "models/current.tar.gz", niceness: int = 0
) -> AsyncIterator[EngineClient]:
    """Start `rasa run` with the trained model, or another one, and wait until it is ready. `niceness` as of `nice`."""
    secret, port = secrets.token_urlsafe(24), _free_port()
    command = [
        *(["nice", "-n", str(niceness)] if niceness else []),
        str(root / "engine" / ".venv" / "bin" / "python"), "-m", "rasa", "run", "--interface", "127.0.0.1",
        "--port", str(port), "--model", str(model), "--endpoints", "endpoints.yml",
        "--credentials", "credentials.yml", *extra,
    ]  # fmt: skip
    environment = os.environ | {
        "BOT_ENGINE_SECRET": secret, "RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore"
    }  # fmt: skip
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=output, stderr=output)  # noqa: S603, ASYNC220
        client = EngineClient(f"http://127.0.0.1:{port}", secret, 60)
        try:
            await _until_ready(client, process)
            yield client
        finally:
            await client.close()
            _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Where the machine is busy a niced engine may be too slow to stop by itself; it has nothing to lose."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def _until_ready(client: EngineClient, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(PATIENCE * 2):
        if await client.is_ready():
            return
        if process.poll() is not None:
            break
        await asyncio.sleep(0.5)
    raise EngineUnavailable("对话引擎没有启动起来；请先运行 make train。")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
