"""`python -m bot rollback`: put the former model back, in the running engine and for its next start."""

import asyncio

import click

from bot.cli.retrain import SOURCE, lessons, moved_words
from bot.services.live_model import Moved


@click.command()
def rollback() -> None:
    """Put back the model that was live before; no turn is lost. Once more goes back one further."""
    click.echo(moved_words(asyncio.run(_roll_back())))


async def _roll_back() -> Moved:
    async with lessons() as opened:
        return await opened.live.roll_back(None, SOURCE)
