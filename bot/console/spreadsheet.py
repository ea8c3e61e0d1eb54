"""Lists as files for the spreadsheets that offices use: UTF-8 with a mark that Excel needs, and no cell that can compute."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from sanic import HTTPResponse, Request

from bot.domain.audit import Act, Deed

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for a formula at the start of a cell (OWASP, CSV injection)."""


async def export(request: Request, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HTTPResponse:
    """The rows as 「name.csv」; the audit log says who took which list and how many rows, not what stood in it."""
    kept = [[cell(value) for value in row] for row in rows]
    officer = request.ctx.officer
    await request.app.ctx.services.audit.note(
        Deed(Act.EXPORTED, officer.id, "list", request.path, f"{name}，{len(kept)} 行")
    )
    return csv_file(name, header, kept)


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> HTTPResponse:
    """A file to save, its name in Chinese (RFC 6266)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return HTTPResponse(
        body=text.getvalue().encode("utf-8-sig"),
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.csv"},
        content_type="text/csv; charset=utf-8",
    )


def cell(value: object) -> str:
    """A value as text: times to the minute, nothing for None, and an apostrophe before what would be a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    text = str(value)
    return f"'{text}" if text.lstrip(" \u3000").startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS) else text
