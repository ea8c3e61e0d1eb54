"""`python -m bot console-link`: a link that opens the console once."""

import asyncio

import click

from bot.services.accounts import Accounts
from bot.settings import Settings, settings
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.wiring import now


@click.command(name="console-link")
def console_link() -> None:
    """Print a link that works once, for half an hour."""
    click.echo(asyncio.run(make_link(settings())))


async def make_link(chosen: Settings) -> str:
    """The address with its secret behind #."""
    database = Database(chosen.database_url)
    keyring = Keyring.from_base64(chosen.data_key.get_secret_value(), chosen.data_key_previous.get_secret_value())
    try:
        secret = await Accounts(database, keyring, clock=now).make_link()
    finally:
        await database.close()
    base = chosen.public_url or f"http://{chosen.host}:{chosen.port}"
    return f"{base}/console/enter#{secret}"
