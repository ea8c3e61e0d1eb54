"""What every request passes before its route: where it came from, characters that nothing can hold, and how many there are."""

from typing import Any

from sanic import Request, Sanic

from bot.domain.addresses import origin, place
from bot.domain.errors import BadInput
from bot.domain.flood import ADDRESS_SHARE, Flood
from bot.settings import Settings, networks

PUBLIC = ("/chat", "/suggestions", "/api/", "/readyz")
"""What anybody may read without signing in. Messages are counted where they are read: a cry for help is never too much."""
READS_A_MESSAGE = 2
LONGEST_ADDRESS = 4096


def write_down_source(app: Sanic[Any, Any], settings: Settings) -> None:
    """Put the address that asks into `request.ctx.source`; X-Forwarded-For counts only from BOT_TRUSTED_PROXIES."""
    trusted = networks(settings.trusted_proxies)

    @app.on_request
    async def source(request: Request) -> None:
        request.ctx.source = origin(request.ip, request.headers.getall("x-forwarded-for", []), trusted)
        if b"%00" in request.raw_url or len(request.raw_url) > LONGEST_ADDRESS:
            raise BadInput  # PostgreSQL cannot hold the character, and no page of ours writes it
        if not all(_is_text(value) for value in request.headers.values()):
            raise BadInput


def _is_text(value: str) -> bool:
    """Whether a header is UTF-8: of other bytes halves of characters are made, which nothing can hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def close_to_floods(app: Sanic[Any, Any], settings: Settings) -> None:
    """Raise TooMany when one address reads more than many people behind it would."""
    reads = Flood(per_minute=settings.messages_per_minute * ADDRESS_SHARE * READS_A_MESSAGE)

    @app.on_request
    async def limit(request: Request) -> None:
        if request.method != "POST" and request.path.startswith(PUBLIC):
            reads.check(place(request.ctx.source), app.ctx.now())
