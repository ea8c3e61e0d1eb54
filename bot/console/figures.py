"""Figures that a leader reads: the page with charts, the monthly report for paper, and the same numbers as a file."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request, html

from bot.console.fields import read_day
from bot.console.figures_report import report_page
from bot.console.guard import guarded
from bot.console.pages import page
from bot.console.spreadsheet import export
from bot.domain.accounts import LEVELS, Permission
from bot.domain.errors import BadInput
from bot.domain.figures import UNKNOWN_PART
from bot.domain.periods import SPAN_WORDS, Period, Span, month_named, period_of
from bot.services.figure_words import OF_SERVICES, SERVICE_UNITS, TABLE_WORDS, change_words, minutes_words, sentences
from bot.services.figures import Figures, Row

HEADER = ("表", "项目", "数量", "占比（%）", "上期", "变化（%）")


def add_figures(console: Blueprint) -> None:
    """Routes of figures."""
    console.add_route(figures, "/figures")
    console.add_route(report, "/figures/report")
    console.add_route(as_file, "/figures/export")


@guarded(Permission.SEE_FIGURES)
async def figures(request: Request) -> HTTPResponse:
    """The page."""
    counted = await _counted(request, period_asked(request))
    period, area = counted.period, request.args.get("area", "")
    return page(
        request, "figures.html", figures=counted, told=sentences(counted), spans=SPAN_WORDS, names=TABLE_WORDS,
        before=address(period.before(), area), after=address(period.after(), area), this=address(period, area),
        asked_area=area, up=_up(request, counted.area), unknown=UNKNOWN_PART, minutes=minutes_words, changed=change_words,
        of_services=OF_SERVICES, units=SERVICE_UNITS,
    )  # fmt: skip


@guarded(Permission.SEE_FIGURES)
async def report(request: Request) -> HTTPResponse:
    """A month on paper."""
    month = (
        month_named(request.args.get("month", ""))
        if request.args.get("month")
        else period_of(Span.MONTH, _today(request))
    )
    if month is None:
        raise BadInput("月份没有看懂，请写成 2026-11 这样。")
    return html(report_page(await _counted(request, month), back=address(month, request.args.get("area", ""))))


@guarded(Permission.SEE_FIGURES)
async def as_file(request: Request) -> HTTPResponse:
    """What the page shows, and nothing that it hides."""
    counted = await _counted(request, period_asked(request))
    return await export(request, f"数据 {counted.area_name} {counted.period.words}", HEADER, rows_of(counted))


def period_asked(request: Request) -> Period:
    """What the address asks for; this month when it asks for nothing. Raises BadInput."""
    asked = request.args.get("span", "")
    span = Span(asked) if asked in set(Span) else Span.MONTH
    if span is Span.RANGE:
        return Period(span, read_day(request.args.get("since", "")), read_day(request.args.get("until", "")))
    return period_of(span, read_day(request.args.get("day", ""), _today(request)))


def address(period: Period, area: str) -> str:
    """The query of an address for this period and area."""
    asked = {"span": period.span.value}
    if period.span is Span.RANGE:
        asked |= {"since": period.first.isoformat(), "until": period.last.isoformat()}
    else:
        asked["day"] = period.first.isoformat()
    return urlencode(asked | ({"area": area} if area else {}))


def rows_of(counted: Figures) -> Iterator[tuple[object, ...]]:
    """The figures a line each, for a file."""
    yield ("合计", "来问的妇女", str(counted.women), 100, str(counted.before), _plain(counted.change))
    for name, words in TABLE_WORDS.items():
        for row in counted.tables[name].rows:
            yield _line(words, row)
    for row in counted.areas:
        yield _line("从哪里来问", row)
    for wait in counted.waits:
        yield ("多久有人接（一半在几分钟内）", f"{wait.name}色个案", _plain(wait.p50), "", "", "")
        yield ("多久有人接（九成在几分钟内）", f"{wait.name}色个案", _plain(wait.p90), "", "", "")
    for text, band in counted.phrases:
        yield ("没听懂的话", text, band, "", "", "")


def _line(table: str, row: Row) -> tuple[object, ...]:
    before = "" if row.before is None else str(row.before)
    return (table, row.name, str(row.cell), _plain(row.share), before, _plain(row.change))


def _plain(number: float | None) -> object:
    return "" if number is None else number


async def _counted(request: Request, period: Period) -> Figures:
    counted: Figures = await request.app.ctx.services.figures.of(
        request.ctx.officer, period, request.args.get("area", "")[:12]
    )
    return counted


def _up(request: Request, area: str) -> str | None:
    """The area above, when that is hers too; "" is all that is hers."""
    scope = request.ctx.officer.area
    if len(area) <= len(scope):
        return None
    above = max((digits for digits in LEVELS if digits < len(area)), default=0)
    return area[:above] if above > len(scope) and above > LEVELS[1] else ""


def _today(request: Request) -> date:
    today: date = request.app.ctx.services.figures.today().date()
    return today
