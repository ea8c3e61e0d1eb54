"""`python -m bot serve`: the bot process."""

import logging
import re
from types import TracebackType

import click
from sanic import Sanic

from bot.app import App, create_app
from bot.services.suggestion_categories import load_categories
from bot.settings import Settings, settings

LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
ROW = re.compile(r"^DETAIL:.*?(?=^\[SQL|^The above exception|^During handling|\Z)", re.M | re.S)
"""Where PostgreSQL quotes the row that a constraint refused: a woman's words may stand in it, over several lines."""


class Discreet(logging.Formatter):
    """Stack traces without rows of the database."""

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        return ROW.sub("DETAIL: (not logged)\n", super().formatException(ei))


def load_app() -> App:
    """Build the app in the process that serves it."""
    start_log(settings())
    return create_app(settings())


def start_log(_: Settings) -> None:
    """One line an event, to standard output; httpx would log addresses, so it is quiet."""
    handler = logging.StreamHandler()
    handler.setFormatter(Discreet(LINE))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in ("httpx", "httpcore", "sanic.root"):
        logging.getLogger(name).setLevel(logging.WARNING)


@click.command()
def serve() -> None:
    """Serve the chat page, the JSON API and WeChat's webhook until stopped."""
    chosen = settings()
    load_categories()  # inside the server's start a wrong file would end in a stack trace
    app = load_app()
    app.prepare(host=chosen.host, port=chosen.port, single_process=True, motd=False, access_log=False)
    Sanic.serve_single(primary=app)
