"""`python -m bot setup`: keys into `.env`, tables into the database, sample data if the directory is empty."""

import asyncio
import base64
import os
import secrets

import click

from bot.settings import ROOT, settings


@click.command()
@click.option("--sample-data/--no-sample-data", default=True, help="Load the synthetic directory when there is none.")
def setup(sample_data: bool) -> None:
    """Prepare everything that `serve` needs; safe to run again."""
    make_keys()
    settings.cache_clear()
    (ROOT / "var").mkdir(mode=0o700, exist_ok=True)
    migrate(settings().database_url)
    if sample_data:
        asyncio.run(fill_empty_directory())


def make_keys() -> None:
    """Write the secrets that are missing into `.env`, readable by its owner only."""
    file = ROOT / ".env"
    known = file.read_text(encoding="utf-8") if file.exists() else ""
    fresh = {
        "BOT_DATA_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "BOT_ENGINE_SECRET": secrets.token_urlsafe(32),
    }
    missing = {
        name: value
        for name, value in fresh.items()
        if not os.environ.get(name) and not any(line.startswith(f"{name}=") for line in known.splitlines())
    }
    if not missing:
        return
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as out:
        out.write("" if known.endswith("\n") or not known else "\n")
        out.writelines(f"{name}={value}\n" for name, value in missing.items())
    click.echo(f"已生成密钥并写入 .env：{'、'.join(missing)}（请另行备份，丢失后无法打开已封存的文字）", err=True)


def migrate(database_url: str) -> None:
    """Bring the tables up to date."""
    from alembic import command
    from alembic.config import Config

    config = Config(ROOT / "migrations" / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["database_url"] = database_url
    command.upgrade(config, "head")


async def fill_empty_directory() -> None:
    """Load the synthetic directory if there is no location at all."""
    from bot.storage.database import Database
    from bot.storage.directory import DirectoryStore

    database = Database(settings().database_url)
    async with database.read() as session:
        empty = await DirectoryStore(session).is_empty()
    if empty:
        from bot.cli.demo import load

        return await load(database)
    await database.close()
