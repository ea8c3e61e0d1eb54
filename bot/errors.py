"""What a failed request gets back: words and a code, never a stack trace."""

import logging

from sanic import HTTPResponse, Request, json
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler

from bot.console.pages import error_page
from bot.domain.errors import BadInput, BotError, NotFound, TooLong, TooMany

log = logging.getLogger(__name__)

WORDS = {400: BadInput, 404: NotFound, 405: BadInput, 413: TooLong, 429: TooMany}


class BotErrorHandler(ErrorHandler):
    """The one place where errors become responses."""

    def default(self, request: Request | None, exception: Exception) -> HTTPResponse:
        """JSON `{"error": code, "detail": words}`; a page in the console."""
        if request is not None and request.path.startswith("/console"):
            return error_page(request, exception)
        if isinstance(exception, BotError):
            return _response(exception.status, exception.code, exception.words)
        if isinstance(exception, SanicException) and exception.status_code < 500:
            known = WORDS.get(exception.status_code, BadInput)
            return _response(exception.status_code, known.code, known.default_words)
        log.error("request failed: %s", type(exception).__name__, exc_info=exception)
        return _response(500, BotError.code, BotError.default_words)


def _response(status: int, code: str, words: str) -> HTTPResponse:
    return json({"error": code, "detail": words}, status=status)
