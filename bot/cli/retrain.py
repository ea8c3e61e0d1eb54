"""`python -m bot retrain`: train a model beside the live one, measure both, and promote the new one if it may."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import click

from bot.dialogue.engine import EngineClient
from bot.dialogue.training import NICENESS
from bot.domain.errors import BadInput
from bot.domain.teaching import TrainingState
from bot.services.audit import Audit
from bot.services.evaluation.comparison import Change
from bot.services.lessons import Lessons
from bot.services.live_model import Moved, changes_of, objections_of
from bot.settings import ROOT, settings
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.teaching import Training
from bot.wiring import now

A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SOURCE = "命令行"
WIDTH = 34


@click.command()
@click.option("--change-set", default="", metavar="ID", help="Learn this approved change set too (console, 教学).")
@click.option("--promote", is_flag=True, help="Put the new model in place if nothing forbids it.")
@click.option("--with", "others", type=(A_FILE, A_FILE), multiple=True, metavar="SET LABELS",
              help="Measure by this set too; LABELS maps intents to its labels.")  # fmt: skip
@click.option("--training", default="", hidden=True, help="Carry out a training that the console asked for.")
def retrain(change_set: str, promote: bool, others: Sequence[tuple[Path, Path]], training: str) -> None:
    """Train beside the running model; old and new are measured on every set. Exit code 2: it may not be promoted."""
    if training and (change_set or promote):
        raise BadInput("--training 不能和别的选项一起用。")
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    row, moved = asyncio.run(_retrain(change_set, promote, others, training))
    changes = changes_of(row)
    click.echo("\n".join(table(changes)))
    click.echo(f"\n训练 {row.public_id}，模型 {row.model}；图：{settings().models_folder / 'kept' / row.model}.svg")
    if row.state is TrainingState.REJECTED:
        click.echo("不能上线：\n" + "\n".join(f"  {words}" for words in objections_of(row)), err=True)
        raise SystemExit(2)
    click.echo(moved_words(moved) if moved else "可以上线：加 --promote 再来一次，或在控制台“教学”里点“上线”。")


async def _retrain(
    change_set: str, promote: bool, others: Sequence[tuple[Path, Path]], training: str
) -> tuple[Training, Moved | None]:
    async with lessons(others) as opened:
        training = training or await opened.retraining.ask(change_set, source=SOURCE)
        row = await opened.retraining.run(training, tell)
        click.echo("", err=True)
        may = promote and row.state is TrainingState.READY
        return row, await opened.live.promote(None, training, SOURCE) if may else None


@asynccontextmanager
async def lessons(others: Sequence[tuple[Path, Path]] = ()) -> AsyncIterator[Lessons]:
    """Everything about teaching, for one command."""
    chosen = settings()
    keyring = Keyring.from_base64(chosen.data_key.get_secret_value(), chosen.data_key_previous.get_secret_value())
    database = Database(chosen.database_url)
    engine = EngineClient(chosen.engine_url, chosen.engine_secret.get_secret_value(), chosen.engine_timeout)
    try:
        yield Lessons.furnish(
            database, Audit(database, keyring, clock=now), engine, root=ROOT, models=chosen.models_folder,
            folder=chosen.teaching_folder, clock=now, others=others,
        )  # fmt: skip
    finally:
        await engine.close()
        await database.close()


def tell(step: str, done: int, steps: int) -> None:
    """Progress on the terminal; a line a step where it goes to a file."""
    click.echo(f"[{done:2}/{steps}] {step}", err=True)


def table(changes: Sequence[Change]) -> list[str]:
    """What is guarded and what changed, as lines of text."""
    shown = [change for change in changes if change.after.guards or change.better]
    same = len(changes) - len(shown)
    return [*map(_line, shown), f"其余 {same} 项没有变化。"]


def moved_words(moved: Moved) -> str:
    """What a move did."""
    how = f"正在运行的引擎用 {moved.seconds:.1f} 秒读好并换上，没有一轮对话中断" if moved.seconds is not None else (
        "引擎没有运行，下次启动就用它"
    )  # fmt: skip
    return f"现在用的是 {moved.model}（之前是 {moved.former}）：{how}。"


def _line(change: Change) -> str:
    before, after = change.before, change.after
    mark = "=" if not change.better else ("↑" if change.better > 0 else "↓") + ("" if change.meant else "?")
    was = "—" if before is None else f"{before.value:.3f}"
    counts = f"{before.hits} → {after.hits} / {after.of}" if before is not None and after.of else ""
    guard = "●" if after.guards else " "
    return f"{mark:2} {guard} {change.set + ' ' + after.name:{WIDTH}} {was} → {after.value:.3f}  {counts}".rstrip()
