"""`python -m bot console-link`: the way in: an invitation for the first administrator, afterwards the page for signing in."""

import asyncio

import click

from bot.cli.staff import console_address, invitation_address, staff_service
from bot.settings import Settings, settings


@click.command(
    name="console-link",
    help="打印第一位管理员的一次性邀请链接；已有管理员时打印登录地址（另建账号用 staff add）。",
)
def console_link() -> None:
    """Print an address."""
    click.echo(asyncio.run(make_link(settings())))


async def make_link(chosen: Settings) -> str:
    """The invitation with its secret behind #, or where to sign in."""
    async with staff_service(chosen) as service:
        secret = await service.invite_first_admin()
    return invitation_address(chosen, secret) if secret else f"{console_address(chosen)}/enter"
