"""`python -m bot demo`: the synthetic directory of the pilot area."""

import asyncio

import click

from bot.language.places import Gazetteer
from bot.services.sample_activities import load_sample_activities
from bot.services.sample_directory import PLACES, load_sample_directory
from bot.services.sample_federations import load_sample_federations
from bot.services.sample_mobile import load_sample_mobile
from bot.services.sample_suggestions import load_sample_suggestions
from bot.services.sample_volunteers import load_sample_volunteers
from bot.services.suggestion_categories import load_categories
from bot.settings import settings
from bot.storage.database import Database
from bot.wiring import now


@click.command()
def demo() -> None:
    """Load sample data; every row is marked synthetic and every reply that uses it says 示例."""
    asyncio.run(load(Database(settings().database_url)))


async def load(database: Database) -> None:
    """Load with progress."""
    count = await load_sample_directory(database, lambda done: click.echo(f"\r示例数据 {done} 处", nl=False, err=True))
    click.echo(f"\r示例数据 {count} 处，已装入。", err=True)
    zone = settings().timezone
    await load_sample_suggestions(database, Gazetteer.load(PLACES), load_categories(), clock=now, zone=zone)
    await load_sample_volunteers(database, Gazetteer.load(PLACES), clock=now, zone=zone)
    await load_sample_mobile(database, Gazetteer.load(PLACES), clock=now, zone=zone)
    await load_sample_activities(database, Gazetteer.load(PLACES), clock=now, zone=zone)
    await load_sample_federations(database, Gazetteer.load(PLACES))
    await database.close()
