"""`python -m bot audit …`: whether the audit log is whole."""

import asyncio

import click

from bot.domain.audit import ChainCheck
from bot.services.audit import Audit
from bot.settings import settings
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.wiring import now


@click.group()
def audit() -> None:
    """审计日志。"""


@audit.command(help="从头核对审计日志的链；断了就说明断在第几行，并以 1 退出。")
@click.option("--anchor", default="", metavar="行号:哈希", help="以前记在别处的一行；能发现末尾被截掉后重写。")
def verify(anchor: str) -> None:
    """Walk the chain; print the last row so that it can be noted down elsewhere."""
    checked = asyncio.run(_verify(_anchor(anchor) if anchor else None))
    click.echo("", err=True)
    if checked.broken_at is not None:
        raise click.ClickException(
            f"链在第 {checked.broken_at} 行断开：{checked.words}。之前的 {checked.rows} 行完好。"
        )
    click.echo(f"完好：{checked.rows} 行。请把最后一行记在别处，下次用 --anchor 核对：")
    click.echo(f"{checked.rows}:{checked.hash}")


async def _verify(anchor: tuple[int, str] | None) -> ChainCheck:
    chosen = settings()
    keyring = Keyring.from_base64(chosen.data_key.get_secret_value(), chosen.data_key_previous.get_secret_value())
    database = Database(chosen.database_url)
    try:
        return await Audit(database, keyring, clock=now).verify(anchor=anchor, progress=_progress)
    finally:
        await database.close()


def _progress(done: int, total: int) -> None:
    click.echo(f"\r已核对 {done} / {total} 行", nl=False, err=True)


def _anchor(text: str) -> tuple[int, str]:
    number, _, noted = text.partition(":")
    if not number.isdecimal() or len(noted) != 64:
        raise click.BadParameter("要写成 行号:哈希（64 位）", param_hint="--anchor")
    return int(number), noted
