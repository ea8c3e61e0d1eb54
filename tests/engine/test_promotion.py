"""A running engine under load gets another model and its own one back: no turn fails, none waits long, a form goes on."""

import asyncio
import itertools
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.dialogue.engine import EngineClient
from bot.dialogue.training import RasaTrainer
from bot.domain.errors import EngineUnavailable
from bot.domain.teaching import Card, TrainingState
from bot.services.audit import Audit
from bot.services.live_model import LiveModel
from bot.services.teaching import Teaching
from bot.services.training_data import TrainingData, as_nlu
from bot.storage.database import Database
from bot.storage.model_shelf import ModelShelf, digest_of, model_id_of
from bot.storage.sealing import Keyring
from bot.storage.teaching import TeachingStore, Training
from tests.running import PYTHON, ROOT, System, running_system

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

TEXTS = (
    "你好",
    "离婚冷静期多少天",
    "老公打我，我该怎么办，已经好几年了",
    "北辰区哪里有妇女之家",
    "谢谢",
    "抚养费怎么算",
)
AT_ONCE = 4
LONGEST_TURN = 4.0
"""Seconds; within 4.5 she has to have her answer. Where the machine itself is slower, three times what is usual there."""
WORD = "我跟孩子她爸过不到一块堆儿了想分开"
"""What the second model learned besides."""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> ModelShelf:
    """The trained model live, and a second one, really trained, kept beside it."""
    folder = tmp_path_factory.mktemp("models")
    more, second = folder / "more.yml", folder / "second.tar.gz"
    more.write_text(as_nlu([("ask_divorce", WORD)], "a test's"), encoding="utf-8")
    parts: list[str] = []

    async def tell(part: str) -> None:
        parts.append(part)

    asyncio.run(RasaTrainer(ROOT).train([more], second, tell))
    assert {"LinearIntentClassifier", "RulePolicy"} <= set(parts)
    made = ModelShelf(folder / "models")
    made.folder.mkdir()
    shutil.copyfile(ROOT / "models" / "current.tar.gz", made.current)
    made.keep("second", second, Card("second", digest_of(second), model_id_of(second), "2026-11-25T10:00:00+08:00"))
    return made


@pytest.fixture(scope="module")
def running(shelf: ModelShelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("promoted"), shelf.folder) as system:
        yield system


@dataclass
class Load:
    """Women who write one message after the other. `took`: (when it ended, seconds) of each turn."""

    client: httpx.AsyncClient
    took: list[tuple[float, float]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    async def write(self, who: int) -> None:
        for at in itertools.count():
            body = {"conversation": f"load {who} {at // 10}", "text": TEXTS[(who + at) % len(TEXTS)], "metadata": {}}
            began = time.monotonic()
            try:
                answer = await self.client.post("/turn", json=body)
                if answer.status_code != 200 or not answer.json()["messages"]:
                    self.failed.append(answer.text)
            except httpx.HTTPError as broken:
                self.failed.append(repr(broken))
            self.took.append((time.monotonic(), time.monotonic() - began))

    async def more(self, turns: int) -> None:
        """Until so many more have ended."""
        wanted = len(self.took) + turns
        while len(self.took) < wanted:
            await asyncio.sleep(0.02)

    def told(self, begins: float, ends: float) -> str:
        """p50 and p99 of the turns that were under way in this time."""
        inside = sorted(took for ended, took in self.took if ended >= begins and ended - took <= ends)
        if not inside:
            return "none"
        p50, p99 = (inside[min(int(len(inside) * share), len(inside) - 1)] for share in (0.5, 0.99))
        return f"{len(inside)} turns, p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms"


@asynccontextmanager
async def under_load(system: System) -> AsyncIterator[Load]:
    base = f"http://127.0.0.1:{system.ports['engine']}/webhooks/bot"
    headers = {"X-Engine-Secret": "secret-of-a-test"}
    async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=30) as client:
        load = Load(client)
        writing = [asyncio.create_task(load.write(who)) for who in range(AT_ONCE)]
        try:
            yield load
        finally:
            for task in writing:
                task.cancel()
            await asyncio.gather(*writing, return_exceptions=True)


@dataclass
class Desk:
    """What promotes and rolls back, on the system's own database."""

    database: Database
    engine: EngineClient
    live: LiveModel
    training: str


@asynccontextmanager
async def desk_of(system: System, shelf: ModelShelf) -> AsyncIterator[Desk]:
    def now() -> datetime:
        return datetime.now(UTC)

    database = Database(f"sqlite+aiosqlite:///{system.folder / 'bot.db'}")
    engine = EngineClient(f"http://127.0.0.1:{system.ports['engine']}", "secret-of-a-test", 20)
    audit = Audit(database, Keyring(b"t" * 32), clock=now)

    def no_data() -> TrainingData:
        raise AssertionError("nothing is proposed here")

    async def no_guess(_: object) -> list:
        raise AssertionError("nothing is proposed here")

    teaching = Teaching(database, audit, system.folder / "teaching", shelf.taught, no_data, no_guess, clock=now)
    row = Training(
        change_sets="", asked_at=now(), heard_at=now(), ended_at=now(), model="second", state=TrainingState.READY,
        busy=None, against=digest_of(ROOT / "models" / "current.tar.gz"),
    )  # fmt: skip
    async with database.write() as session:
        await TeachingStore(session).add(row)
    try:
        live = LiveModel(database, audit, teaching, shelf, engine, clock=now)
        yield Desk(database, engine, live, row.public_id)
    finally:
        await engine.close()
        await database.close()


async def roll_back(system: System) -> str:
    """The one command → what it says."""
    environment = system.environment | {"BOT_TEACHING_FOLDER": str(system.folder / "teaching")}
    done = await asyncio.to_thread(
        subprocess.run, [PYTHON, "-m", "bot", "rollback"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def memory_of(system: System) -> float:
    """MB that the engine's processes hold."""
    group = os.getpgid(system.processes["engine"].pid)
    pages = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if os.getpgid(int(folder.name)) == group:
                    pages += int((folder / "statm").read_text().split()[1])
            except (ProcessLookupError, FileNotFoundError):
                continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def test_no_turn_is_lost_when_a_model_is_promoted_and_rolled_back(
    running: System, shelf: ModelShelf, capsys: pytest.CaptureFixture[str]
) -> None:
    async with desk_of(running, shelf) as desk, under_load(running) as load:
        base = await desk.engine.model()
        await load.more(40)
        began, memory = time.monotonic(), memory_of(running)
        await load.more(80)
        moves = []
        for move in (lambda: desk.live.promote(None, desk.training), lambda: roll_back(running)):
            start = time.monotonic()
            moved = await move()
            moves.append((start, time.monotonic()))
            assert moved is not None
            answering = await desk.engine.model()
            assert (answering == base) == (len(moves) == 2)
            await load.more(40)
        after, peak = time.monotonic(), memory_of(running)
        await load.more(80)
    assert load.failed == []
    slowest = max(took for ended, took in load.took if ended >= began)
    usual = max(took for ended, took in load.took if began <= ended <= moves[0][0])
    with capsys.disabled():
        print(f"\nbefore: {load.told(began, moves[0][0])}")
        for what, (start, end) in zip(("promotion", "rollback"), moves, strict=True):
            print(f"{what}: {load.told(start, end)}; {end - start:.1f} s")
        print(f"after: {load.told(after, time.monotonic())}; memory {memory:.0f} → {peak:.0f} MB")
    assert slowest < max(LONGEST_TURN, 3 * usual)


async def test_a_form_under_way_goes_on_with_the_other_model(running: System, shelf: ModelShelf) -> None:
    """Said without a change of models in between, the same words bring the same answers."""
    said = ["我想预约找律师", "河西区", "明天下午三点"]
    async with desk_of(running, shelf) as desk:
        alone = [await desk.engine.turn("talk alone", text) for text in said]
        first = await desk.engine.turn("talk moved", said[0])
        await desk.live.promote(None, desk.training)
        second = await desk.engine.turn("talk moved", said[1])
        await roll_back(running)
        third = await desk.engine.turn("talk moved", said[2])
    assert [[reply.text for reply in answer.replies] for answer in (first, second, third)] == [
        [reply.text for reply in answer.replies] for answer in alone
    ]
    assert len({answer.replies[0].text for answer in alone}) == 3, "the form asked its way on"


async def test_what_was_promoted_starts_again_and_what_cannot_be_read_changes_nothing(
    running: System, shelf: ModelShelf
) -> None:
    async with desk_of(running, shelf) as desk:
        await desk.live.promote(None, desk.training)
        second = await desk.engine.model()
        running.kill("engine")
        running.start("engine")
        await asyncio.to_thread(running.wait_until_ready)
        assert await desk.engine.model() == second == model_id_of(shelf.current)
        shelf.file("broken").write_bytes(b"no model")
        for name in ("broken", "not-there", "../current"):
            with pytest.raises(EngineUnavailable):
                await desk.engine.use_model(name)
        assert await desk.engine.model() == second
        assert (await desk.engine.turn("still there", "你好")).replies
        await roll_back(running)


def test_a_model_is_put_in_place_only_by_who_knows_the_secret(running: System) -> None:
    address = f"http://127.0.0.1:{running.ports['engine']}/webhooks/bot/model"
    refused = httpx.post(address, json={"model": "second"}, headers={"X-Engine-Secret": "guess"}, trust_env=False)
    assert (refused.status_code, refused.json()) == (401, {"error": "secret"})
