"""`python -m bot export`: a woman's own records as files, for the office that gives them to her; the audit log says so."""

import asyncio
import os
from pathlib import Path

import click

from bot.domain.errors import BadInput
from bot.services.record_copies import HerRecords
from bot.services.record_copy_files import as_html, as_json
from bot.settings import settings
from bot.wiring import build

SHORTEST_REASON = 4


@click.command(help="导出一位当事人的全部记录（原话）到一个文件夹：能看能打印的网页和 JSON 各一份。会记入操作记录。")
@click.option("--conversation", required=True, metavar="编号", help="对话编号，个案页和对话页里有。")
@click.option(
    "--reason", required=True, help="为什么导出，例如：本人到场申请，已核对身份。会记入操作记录，不要写内容。"
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(conversation: str, reason: str, folder: Path) -> None:
    """Write two files that only this user of the machine may read."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput("请写明为什么导出（例如：本人到场申请，已核对身份）。")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    records = asyncio.run(_records(conversation, reason.strip()))
    for ending, text in ((".html", as_html(records)), (".json", as_json(records))):
        file = folder / f"{conversation}{ending}"
        _write(file, text)
        click.echo(str(file))
    click.echo(f"{len(records.lines)} 条消息。文件里是原话，交给本人以后请删除。", err=True)


async def _records(conversation: str, reason: str) -> HerRecords:
    services = build(settings())
    try:
        return await services.record_copies.for_office(conversation, reason)
    finally:
        await services.close()


def _write(file: Path, text: str) -> None:
    """Never over a file that is there, and readable for nobody else."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as there:
        raise BadInput(f"{file.name} 已经在这个文件夹里，请换一个文件夹。") from there
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text)
