"""`python -m bot export-dialogue-tests DIR`: the conversations that reviewers kept as tests, a file each."""

import asyncio
from pathlib import Path

import click

from bot.services.dialogue_tests import DialogueTests, KeptTalk, story_file
from bot.settings import settings
from bot.storage.database import Database
from bot.wiring import now


@click.command(help="把质检员存下的对话测试写成文件，一段一个，放到 DIR（已有的同名文件会覆盖）。")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def export_dialogue_tests(folder: Path) -> None:
    """Write `kept_<id>.yml` files."""
    kept = asyncio.run(_kept())
    folder.mkdir(parents=True, exist_ok=True)
    for talk in kept:
        (folder / f"kept_{talk.id}.yml").write_text(story_file(talk), encoding="utf-8")
    click.echo(f"写了 {len(kept)} 个对话测试到 {folder}。放进代码仓库之前，请再看一遍里面有没有能认出她的话。")


async def _kept() -> list[KeptTalk]:
    database = Database(settings().database_url)
    try:
        return await DialogueTests(database, clock=now).every()
    finally:
        await database.close()
