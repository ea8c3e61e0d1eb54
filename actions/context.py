"""What the actions' process builds once: the same services as the bot's."""

from functools import cache

from bot.settings import settings
from bot.wiring import Services, build


@cache
def services() -> Services:
    """Built when the first action runs."""
    return build(settings())
