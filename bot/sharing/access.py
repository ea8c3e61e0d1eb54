"""Who may read: a key in the Authorization header, and not more often than a limit."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from sanic import HTTPResponse, Request

from bot.domain.accounts import branch
from bot.domain.errors import BadInput
from bot.domain.sharing import Scope

BEARER = "Bearer "
MOST_A_PAGE, USUAL_A_PAGE, LAST_PAGE = 100, 50, 10_000
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]


def reads(scope: Scope) -> Callable[[Handler], Handler]:
    """Only for a client whose key reaches so far; NotAllowed else, TooMany when it asks too often."""

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def checked(request: Request, **path: str) -> HTTPResponse:
            header = request.headers.get("authorization", "")
            key = header[len(BEARER) :].strip() if header.startswith(BEARER) else ""
            client = await request.app.ctx.services.sharing.clients.check(key, scope)
            request.app.ctx.api_flood.check(client.id, request.app.ctx.now())
            return await handler(request, **path)

        return checked

    return guard


def only(request: Request, *names: str) -> None:
    """Raise BadInput for another name than these, one twice or one left empty: a slip must not widen what is asked."""
    for name, values in request.get_args(keep_blank_values=True).items():
        if name not in names:
            raise BadInput(f"不认识的参数：{name[:40]}。")
        if not all(values):
            raise BadInput(f"参数 {name} 没有写值。")
        if len(values) > 1:
            raise BadInput(f"参数 {name} 只能写一次。")


def number(request: Request, name: str, usual: int, most: int) -> int:
    """A whole number of the query, from 1 to `most`. Raises BadInput."""
    text = request.args.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and 1 <= int(text) <= most):
        raise BadInput(f"参数 {name} 应是 1 到 {most} 的整数。")
    return int(text)


def division(request: Request) -> str:
    """The branch that is asked for, "" for the whole area. Raises BadInput for what is no code."""
    code = request.args.get("division")
    if code is None:
        return ""
    try:
        if wanted := branch(code):
            return wanted
    except ValueError:
        pass
    raise BadInput("参数 division 应是区划代码，或它的前 2、4、6、9 位。")


def paged(request: Request, things: list[Any]) -> dict[str, Any]:
    """One page in the shape of HSDS's API: `page` from 1, `per_page` things in each."""
    page, size = number(request, "page", 1, LAST_PAGE), number(request, "per_page", USUAL_A_PAGE, MOST_A_PAGE)
    pages = max(1, -(-len(things) // size))
    contents = things[(page - 1) * size : page * size]
    return {
        "total_items": len(things),
        "total_pages": pages,
        "page_number": page,
        "size": len(contents),
        "first_page": page == 1,
        "last_page": page >= pages,
        "empty": not contents,
        "contents": contents,
    }
