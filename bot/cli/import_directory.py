"""`python -m bot import-directory`: the Federation's own places, from a spreadsheet."""

import asyncio
from pathlib import Path

import click

from bot.language.places import Gazetteer
from bot.services.directory_import import import_directory as put_in
from bot.settings import ROOT, settings
from bot.storage.database import Database


@click.command(name="import-directory")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_directory(file: Path) -> None:
    """Import FILE (.csv or .xlsx): all rows or none. Real rows replace the sample data."""
    count = asyncio.run(run(file))
    click.echo(f"已导入 {count} 处。")


async def run(file: Path) -> int:
    """Import with progress, then close the database."""
    database = Database(settings().database_url)
    try:
        gazetteer = Gazetteer.load(ROOT / "data" / "places")
        return await put_in(
            database, gazetteer, file, lambda line: click.echo(f"\r检查到第 {line} 行", nl=False, err=True)
        )
    finally:
        await database.close()
