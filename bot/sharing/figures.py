"""Figures of a month: the same hidden small numbers as the console's page; what is hidden is null with its mark."""

from typing import Any

from sanic import Blueprint, HTTPResponse, Request, json

from bot.domain.accounts import CODE_DIGITS
from bot.domain.errors import BadInput, NotFound
from bot.domain.figures import Cell
from bot.domain.periods import month_named
from bot.domain.sharing import Scope
from bot.services.figures import Figures
from bot.sharing.access import division, only, reads


def add_figures(api: Blueprint) -> None:
    """Routes of figures."""
    api.add_route(figures, "/figures")


@reads(Scope.FIGURES)
async def figures(request: Request) -> HTTPResponse:
    """A month's figures of the whole area, or of one division of it."""
    only(request, "month", "division")
    period = month_named(request.args.get("month", ""))
    if period is None:
        raise BadInput("参数 month 要写成 2026-11 这样。")
    office = request.app.ctx.services.figures
    area = division(request)
    if area and request.app.ctx.services.gazetteer.division(area.ljust(CODE_DIGITS, "0")) is None:
        raise NotFound("没有这个地区。")
    return json(_shape(await office.count(period, area)))


def _shape(found: Figures) -> dict[str, Any]:
    tables = {
        name: {
            "total": _cell(table.total),
            "rows": [{"key": row.key, "name": row.name} | _cell(row.cell) for row in table.rows],
        }
        for name, table in found.tables.items()
    }
    return {
        "month": f"{found.period.first:%Y-%m}",
        "division": found.area,
        "division_name": found.area_name,
        "women": _cell(found.women),
        "tables": tables,
        "made_at": found.made_at.isoformat(timespec="seconds"),
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"count": cell.count, "hidden": str(cell.mark) if cell.mark else None}
