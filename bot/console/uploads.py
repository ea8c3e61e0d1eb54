"""Files that officers send: one a form, small enough for a page; larger ones go in by the command line."""

from collections.abc import Awaitable, Callable

from sanic import HTTPResponse, Request

from bot.console.pages import back_to, page
from bot.domain.accounts import Officer
from bot.domain.errors import BadInput, BadRows, Conflict

Refused = BadInput | Conflict
PutIn = Callable[[Officer, str, bytes], Awaitable[tuple[int, int]]]
Shown = Callable[[Request, Refused | None], Awaitable[HTTPResponse]]


def uploaded(request: Request, field: str = "file") -> tuple[str, bytes]:
    """(name, content) of the file of a form. Raises BadInput when there is none."""
    file = request.files.get(field) if request.files else None
    if file is None or not file.body:
        raise BadInput("请先选一个 CSV 或 XLSX 文件。")
    if not file.name.lower().endswith((".csv", ".xlsx")):
        raise BadInput("只能读 CSV 或 XLSX 文件。")
    return file.name, file.body


async def taken_in(
    request: Request, put_in: PutIn, show: Shown, address: str, told: tuple[str, str] = ("came", "known")
) -> HTTPResponse:
    """All rows of the file or none: every bad one is told, anything else stands over the list that `show` makes.

    `address` is the list's; the two numbers of `put_in` go there under the names in `told`.
    """
    try:
        counts = await put_in(request.ctx.officer, *uploaded(request))
    except BadRows as wrong:
        return page(request, "import_refused.html", wrong.status, rows=wrong.rows, list_address=address)
    except (BadInput, Conflict) as wrong:
        return await show(request, wrong)
    return back_to(address, **dict(zip(told, map(str, counts), strict=True)))
