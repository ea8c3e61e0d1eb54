"""`python -m bot purge` and `export`, as the person at the machine runs them."""

import asyncio
import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from bot.cli import main
from bot.settings import Settings, settings
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.records import Record
from bot.storage.sealing import Keyring
from bot.wiring import now
from tests.conftest import Clock, free_port
from tests.integration.forgetting import World

LONG_AGO = timedelta(days=800)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database with a talk of long ago and one of now, and the settings that lead to it; no engine runs."""
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv("BOT_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    monkeypatch.setenv("BOT_DATA_KEY", base64.b64encode(b"k" * 32).decode())
    monkeypatch.setenv("BOT_ENGINE_SECRET", "s")
    monkeypatch.setenv("BOT_ENGINE_URL", f"http://127.0.0.1:{free_port()}")
    settings.cache_clear()
    asyncio.run(_talk())
    yield tmp_path
    settings.cache_clear()


async def _talk() -> None:
    database = Database(settings().database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Record.metadata.create_all)
    clock = Clock(now() - LONG_AGO)
    world = World(database, Keyring(b"k" * 32), clock)
    await world.work.say("从前的话", sender="甲")
    clock.pass_by(days=LONG_AGO.days)
    await world.work.say("<今天>的话", sender="乙")
    await world.close()
    await database.close()


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def conversations() -> list[str]:
    async def read() -> list[str]:
        database = Database(settings().database_url)
        async with database.read() as session:
            names = list(await session.scalars(select(Conversation.public_id).order_by(Conversation.id)))
            assert await session.scalar(select(func.count()).select_from(Conversation)) == len(names)
        await database.close()
        return names

    return asyncio.run(read())


def test_purging_counts_first_and_then_removes(folder: Path) -> None:
    trial = run("purge", "--dry-run")
    assert trial.exit_code == 0, trial.output
    assert "1\t聊天原文" in trial.output
    assert "没有删" in trial.output
    assert len(conversations()) == 2
    done = run("purge")
    assert done.exit_code == 0, done.output
    assert "没有做完：对话引擎没有应答" in done.output
    assert len(conversations()) == 1


def test_an_export_writes_two_private_files_and_says_so_in_the_audit_log(folder: Path) -> None:
    name = conversations()[1]
    done = run("export", "--conversation", name, "--reason", "本人到场申请，已核对身份", str(folder / "out"))
    assert done.exit_code == 0, done.output
    files = {file.suffix: file for file in (folder / "out").iterdir()}
    assert {file.stat().st_mode & 0o777 for file in files.values()} == {0o600}
    assert "&lt;今天&gt;的话" in files[".html"].read_text(encoding="utf-8")
    assert json.loads(files[".json"].read_text(encoding="utf-8"))["lines"][0]["text"] == "<今天>的话"
    assert run("audit", "verify").output.count("完好：1 行") == 1
    again = run("export", "--conversation", name, "--reason", "本人到场申请，已核对身份", str(folder / "out"))
    assert (again.exit_code, "已经在这个文件夹里" in again.output) == (1, True)


@pytest.mark.parametrize(
    ("conversation", "reason", "told"),
    [
        ("nobody", "本人到场申请", "没有这段对话"),  # there is none
        ("", "无", "请写明为什么"),  # no reason
    ],
)
def test_what_cannot_be_exported_leaves_no_file(folder: Path, conversation: str, reason: str, told: str) -> None:
    done = run("export", "--conversation", conversation or conversations()[0], "--reason", reason, str(folder / "out"))
    assert (done.exit_code, told in done.output) == (1, True)
    assert list((folder / "out").glob("*")) == []
