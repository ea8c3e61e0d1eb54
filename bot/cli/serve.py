"""`python -m bot serve`: the bot process."""

import logging

import click
from sanic import Sanic

from bot.app import App, create_app
from bot.settings import Settings, settings


def load_app() -> App:
    """Build the app in the process that serves it."""
    start_log(settings())
    return create_app(settings())


def start_log(_: Settings) -> None:
    """One line an event, to standard output; httpx would log addresses, so it is quiet."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("httpx", "httpcore", "sanic.root"):
        logging.getLogger(name).setLevel(logging.WARNING)


@click.command()
def serve() -> None:
    """Serve the chat page, the JSON API and WeChat's webhook until stopped."""
    chosen = settings()
    app = load_app()
    app.prepare(host=chosen.host, port=chosen.port, single_process=True, motd=False, access_log=False)
    Sanic.serve_single(primary=app)
