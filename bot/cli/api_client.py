"""`python -m bot api-client …`: other systems that may read the open API."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from bot.domain.sharing import SCOPE_WORDS, Scope
from bot.services.sharing import Sharing
from bot.settings import settings
from bot.wiring import build

Answer = TypeVar("Answer")


@click.group(name="api-client")
def api_client() -> None:
    """可以读开放接口的外部系统。"""


@api_client.command(help="给一个外部系统发密钥；密钥只显示这一次。")
@click.option("--name", required=True, help="对方系统的名称。")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([one.value for one in Scope]))
def add(name: str, scopes: tuple[str, ...]) -> None:
    """Print the key on its own line, so that it can be piped to where it is kept."""
    client = with_sharing(lambda sharing: sharing.clients.add(name, [Scope(one) for one in scopes]))
    click.echo(
        f"{client.name}（{client.id}）可以读：{'、'.join(SCOPE_WORDS[one] for one in sorted(client.scopes))}", err=True
    )
    click.echo("密钥，只显示这一次：", err=True)
    click.echo(client.key)


@api_client.command(name="list", help="列出外部系统。")
def list_clients() -> None:
    """One line each."""
    for one in with_sharing(lambda sharing: sharing.clients.all()):
        state = f"{one.revoked_at:%Y-%m-%d} 已收回" if one.revoked_at else "有效"
        click.echo(f"{one.id}  {one.name}  {' '.join(sorted(one.scopes))}  {state}")


@api_client.command(help="收回密钥，立刻生效。")
@click.argument("client")
def revoke(client: str) -> None:
    """From now on the key opens nothing."""
    with_sharing(lambda sharing: sharing.clients.revoke(client))
    click.echo("已收回。", err=True)


def with_sharing(ask: Callable[[Sharing], Awaitable[Answer]]) -> Answer:
    """Ask once, and close what was opened."""

    async def run() -> Answer:
        services = build(settings())
        try:
            return await ask(services.sharing)
        finally:
            await services.close()

    return asyncio.run(run())
