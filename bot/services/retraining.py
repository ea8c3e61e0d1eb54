"""A model trained beside the live one, measured against it, put in its place without losing a turn, and taken back.

waiting ─► running ─┬─► ready ─► live (promoted; after a rollback it may be promoted again)
                    ├─► rejected   measured, and worse where it must not be
                    └─► failed     no model; the live one was never touched
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.domain.accounts import Officer
from bot.domain.audit import Act, Deed
from bot.domain.errors import BotError, Conflict, NotFound
from bot.domain.teaching import BUSY, Card, Figure, TrainingFailed, TrainingState
from bot.services.audit import Audit
from bot.services.evaluation.comparison import compare, objections
from bot.services.evaluation.comparison_picture import comparison_picture
from bot.services.teaching import Teaching, whole_area
from bot.storage.database import Database
from bot.storage.model_shelf import ModelShelf, digest_of, model_id_of
from bot.storage.teaching import TeachingStore, Training

PARTS = 6
"""Components that `rasa train` tells of."""
SILENT = timedelta(minutes=3)
"""Without a sign for so long, a training's process is gone."""
BEAT = 10.0
LAST_STEP = "完成"
Progress = Callable[[str, int, int], None]
"""Called with (what is going on, steps done, steps in all)."""
Tell = Callable[[str], Awaitable[None]]


class Trainer(Protocol):
    """`bot.dialogue.training.RasaTrainer`, or a test's."""

    async def train(self, more: Sequence[Path], out: Path, tell: Tell) -> None:
        """Write a model into `out`. Raises TrainingFailed."""


class Measuring(Protocol):
    """`bot.services.measuring.Examiner`, or a test's."""

    def sets(self) -> Sequence[object]:
        """As many as are measured."""

    async def figures(self, model: Path, tell: Tell) -> tuple[Figure, ...]:
        """Every figure of every set."""


class Retraining:
    """Asks for trainings (`start`) and carries them out (`run`, in a process of its own)."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        teaching: Teaching,
        shelf: ModelShelf,
        trainer: Trainer,
        examiner: Measuring,
        launch: Callable[[str], Awaitable[None]],
        work: Path,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._audit = audit
        self._teaching = teaching
        self._shelf = shelf
        self._trainer = trainer
        self._examiner = examiner
        self._launch = launch
        self._work = work
        self._clock = clock

    async def start(self, by: Officer, change_set: str = "", source: str = "") -> str:
        """Train in a process of its own → the training's id. Raises NotFound, Conflict (one is under way)."""
        whole_area(by)
        training = await self.ask(change_set, by, source)
        try:
            await self._launch(training)
        except OSError as broken:
            await self._end(training, TrainingState.FAILED, failure="训练程序没有启动起来。")
            raise TrainingFailed from broken
        return training

    async def ask(self, change_set: str = "", by: Officer | None = None, source: str = "") -> str:
        """Put a training down, to be `run`: data/, what the live model has learned besides, and this change set."""
        approved = await self._teaching.write_files()
        if change_set and change_set not in approved:
            raise NotFound("没有这个已批准的改动。")
        live = [file.stem for file in sorted(self._shelf.taught.glob("*.yml")) if file.stem in approved]
        now = self._clock()
        training = Training(
            change_sets=" ".join(dict.fromkeys([*live, *([change_set] if change_set else [])])),
            asked_by=by.id if by else None, asked_at=now, heard_at=now, state=TrainingState.WAITING, busy=1,
        )  # fmt: skip
        await self.give_up_silent()
        async with self._database.write() as session:
            if not await TeachingStore(session).begin(training):
                raise Conflict("已经有一个训练在进行，一次只能训练一个。")
            whose = by.id if by else ""
            await self._audit.append(
                session, Deed(Act.MODEL_TRAINED, whose, "training", training.public_id, change_set, source)
            )
        return training.public_id

    async def give_up_silent(self) -> int:
        """End trainings whose process is gone → how many. A job asks each second, so that it looks before it writes."""
        now = self._clock()
        async with self._database.read() as session:
            if not await TeachingStore(session).is_silent(now - SILENT):
                return 0
        async with self._database.write() as session:
            return await TeachingStore(session).give_up(now - SILENT, now, "训练中途断了，可以再来一次。")

    async def run(self, training: str, progress: Progress = lambda step, done, steps: None) -> Training:
        """Carry a waiting training out → its row. Raises Conflict (not waiting), TrainingFailed; the live model stays."""
        steps = PARTS + 2 * len(self._examiner.sets())
        if not await self._move(training, [TrainingState.WAITING], state=TrainingState.RUNNING, steps=steps):
            raise Conflict("这个训练已经开始或结束了。")
        done = 0

        async def tell(step: str) -> None:
            nonlocal done
            done = min(done + 1, steps)
            progress(step, done, steps)
            await self._move(training, [TrainingState.RUNNING], step=step[:120], done=done)

        try:
            async with self._alive(training):
                await self._carry_out(await self._row(training), tell)
        except BotError as refused:
            await self._end(training, TrainingState.FAILED, failure=refused.words[:300])
            raise
        except BaseException:
            await self._end(training, TrainingState.FAILED, failure="训练中途断了，可以再来一次。")
            raise
        return await self._row(training)

    async def _carry_out(self, row: Training, tell: Tell) -> None:
        if not self._shelf.current.exists():
            raise TrainingFailed("还没有正在用的模型可以对比，请先运行 make train。")
        now = self._clock()
        name = f"m{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        sets, files = row.change_sets.split(), await self._teaching.write_files()
        if lost := [one for one in sets if one not in files]:
            raise TrainingFailed(f"改动 {'、'.join(lost)} 已经不在，训练没有开始。")
        out, live = self._work / f"{name}.tar.gz", self._work / f"{name}-live.tar.gz"
        try:
            await self._trainer.train([files[one] for one in sets], out, lambda part: tell(f"训练 {part}"))
            live.write_bytes(self._shelf.current.read_bytes())  # the live one may change while it is measured
            former = await self._examiner.figures(live, lambda of: tell(f"旧模型 {of}"))
            figures = await self._examiner.figures(out, lambda of: tell(f"新模型 {of}"))
            card = Card(name, digest_of(out), model_id_of(out), now.isoformat(), tuple(sets), figures)
            self._shelf.keep(name, out, card)
            self._shelf.prune()
            picture = comparison_picture(compare(former, figures))
            self._shelf.file(name, ".svg").write_text(picture, encoding="utf-8")
            against = objections(former, figures)
            await self._end(
                row.public_id, TrainingState.REJECTED if against else TrainingState.READY, step=LAST_STEP, done=row.steps,
                model=name, against=digest_of(live), figures=_json(figures), former=_json(former),
                objections=json.dumps(against, ensure_ascii=False),
            )  # fmt: skip
        finally:
            for file in (out, live):
                file.unlink(missing_ok=True)

    @asynccontextmanager
    async def _alive(self, training: str) -> AsyncIterator[None]:
        """Say again and again that the process lives, whatever takes long."""

        async def beat() -> None:
            while True:
                await asyncio.sleep(BEAT)
                await self._move(training, [TrainingState.RUNNING])

        beating = asyncio.create_task(beat())
        try:
            yield
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating

    async def _row(self, training: str) -> Training:
        async with self._database.read() as session:
            row = await TeachingStore(session).training(training)
        if row is None:
            raise NotFound("没有这个训练。")
        return row

    async def _move(self, training: str, seen: Sequence[TrainingState], **values: object) -> bool:
        async with self._database.write() as session:
            return await TeachingStore(session).move_on(training, seen, self._clock(), **values)

    async def _end(self, training: str, state: TrainingState, **values: object) -> None:
        await self._move(training, sorted(BUSY), state=state, ended_at=self._clock(), **values)


def _json(figures: Sequence[Figure]) -> str:
    return json.dumps([asdict(figure) for figure in figures], ensure_ascii=False)
