"""The bot process: one Sanic app with every channel and page, and the work that goes on beside them."""

import logging
import time
from collections.abc import Callable
from types import SimpleNamespace

from sanic import HTTPResponse, Request, Sanic, json, text
from sanic.config import Config

from bot.background import BackgroundWork
from bot.channels.wechat.blueprint import wechat_blueprint
from bot.chat.api import chat_api
from bot.chat.page import chat_page
from bot.chat.suggestions_page import suggestions_page
from bot.console.routes import console
from bot.domain.flood import Flood, OpenStreams
from bot.doors import close_to_floods, write_down_source
from bot.errors import BotErrorHandler
from bot.settings import Settings
from bot.sharing.api import sharing_api
from bot.wiring import Services, build, now

log = logging.getLogger(__name__)

LARGEST_REQUEST = 256 * 1024
ENTRIES_A_MINUTE = 30
READS_A_MINUTE = 120
SLOWEST_REQUEST = 20
"""Seconds in which a request must have arrived whole."""
STOPS_WITHIN = 5.0
"""Seconds for what runs when the process is asked to stop: requests, and the work beside them."""
App = Sanic[Config, SimpleNamespace]


def create_app(settings: Settings, *, name: str = "bot", make_services: Callable[[Settings], Services] = build) -> App:
    """Build the app; nothing is opened before the server starts."""
    app = Sanic(name, configure_logging=False, error_handler=BotErrorHandler())
    app.config.REQUEST_MAX_SIZE = LARGEST_REQUEST
    app.config.RESPONSE_TIMEOUT = 3600
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = STOPS_WITHIN
    app.config.ACCESS_LOG = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.REQUEST_TIMEOUT = SLOWEST_REQUEST
    app.ctx.settings = settings
    app.ctx.now = now
    app.ctx.entries = Flood(per_minute=ENTRIES_A_MINUTE)
    app.ctx.api_flood = Flood(per_minute=READS_A_MINUTE)
    app.ctx.streams = OpenStreams()
    app.blueprint(
        [
            wechat_blueprint(settings),
            chat_api(settings),
            chat_page(settings),
            suggestions_page(),
            sharing_api(settings),
            console(),
        ]
    )

    @app.before_server_start
    async def _open(app: App) -> None:
        app.ctx.services = make_services(settings)
        app.ctx.conversations = app.ctx.services.conversations
        app.ctx.background = BackgroundWork(app.ctx.services.jobs(), settings.late_retry_every)

    @app.before_server_stop
    async def _close(app: App) -> None:
        await app.ctx.background.stop(within=STOPS_WITHIN)
        await app.ctx.services.close()

    @app.get("/healthz")
    async def healthz(_: Request) -> HTTPResponse:
        return text("ok")

    @app.get("/readyz")
    async def readyz(request: Request) -> HTTPResponse:
        parts = await request.app.ctx.services.ready()
        return json(parts, status=200 if all(parts.values()) else 503)

    @app.on_request
    async def _began(request: Request) -> None:
        request.ctx.began = time.perf_counter()

    write_down_source(app, settings)
    close_to_floods(app, settings)

    @app.on_response  # type: ignore[untyped-decorator]
    async def _headers_and_log(request: Request, response: HTTPResponse) -> None:
        for header, value in SECURITY_HEADERS.items():
            response.headers[header] = value
        took = (time.perf_counter() - getattr(request.ctx, "began", time.perf_counter())) * 1000
        # The route, not the address: addresses hold tokens and openids.
        route = request.route.path if request.route else "-"
        log.info("%s /%s %s %.1f ms", request.method, route, response.status, took)

    return app


SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Cache-Control": "no-store",
}
