"""Files that officers send: one a form, small enough for a page; larger ones go in by the command line."""

from sanic import HTTPResponse, Request

from bot.console.pages import page
from bot.domain.errors import BadInput, BadRows


def uploaded(request: Request, field: str = "file") -> tuple[str, bytes]:
    """(name, content) of the file of a form. Raises BadInput when there is none."""
    file = request.files.get(field) if request.files else None
    if file is None or not file.body:
        raise BadInput("请先选一个 CSV 或 XLSX 文件。")
    if not file.name.lower().endswith((".csv", ".xlsx")):
        raise BadInput("只能读 CSV 或 XLSX 文件。")
    return file.name, file.body


def refused_rows(request: Request, wrong: BadRows, back: str) -> HTTPResponse:
    """Every bad row with its reason, and that nothing was put in. `back`: the address of the list."""
    return page(request, "import_refused.html", wrong.status, rows=wrong.rows, list_address=back)
