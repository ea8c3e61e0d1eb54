"""`python -m bot purge`: letting go what was kept long enough, now; or only counting it."""

import asyncio

import click

from bot.services.retention import Purged
from bot.settings import settings
from bot.wiring import Services, build


@click.command(help="清理到期的记录（平时每十分钟自动清一次）。--dry-run 只数不删。")
@click.option("--dry-run", is_flag=True, help="只数到期的有多少，不删。")
def purge(*, dry_run: bool) -> None:
    """One line a rule."""
    asyncio.run(_purge(dry_run=dry_run))


async def _purge(*, dry_run: bool) -> None:
    services = build(settings())
    try:
        purged = await (services.retention.purge(dry_run=True) if dry_run else services.retention.run())
    finally:
        await services.close()
    for line in _lines(services, purged):
        click.echo(line)
    click.echo("只数了，没有删。" if dry_run else "清理完了。", err=True)


def _lines(services: Services, purged: Purged) -> list[str]:
    """「3<tab>聊天原文…」; what could not be done is the last line."""
    told = [f"{purged.removed.get(rule.kept, 0)}\t{rule.what}" for rule in services.retention.rules]
    return [*told, f"没有做完：{purged.note}"] if purged.note else told
