"""The action server's door: rasa-sdk answers whoever reaches its port, even a web page; here only the engine is let in."""

import hmac
from typing import Any

import pluggy
from rasa_sdk.plugin import plugin_manager
from sanic import HTTPResponse, Request, Sanic, json

from bot.settings import settings

HEADER = "x-engine-secret"
LARGEST_CALL = 1024 * 1024
OPEN = "/health"
hook = pluggy.HookimplMarker("rasa_sdk")


class Door:
    """A plugin of rasa-sdk."""

    @hook
    def attach_sanic_app_extensions(self, app: Sanic[Any, Any]) -> None:
        """Every request but the one for its health carries the secret that the bot and the engine share."""
        secret = settings().engine_secret.get_secret_value().encode()
        app.config.REQUEST_MAX_SIZE = LARGEST_CALL

        @app.on_request
        async def only_the_engine(request: Request) -> HTTPResponse | None:
            given = request.headers.get(HEADER, "").encode(errors="replace")
            if request.path == OPEN or hmac.compare_digest(given, secret):
                return None
            return json({"error": "secret"}, status=401)


def close() -> None:
    """Put the door in, once a process."""
    if not plugin_manager().has_plugin("door"):
        plugin_manager().register(Door(), "door")
