"""The queue: cases that wait, those in her hands, and the rest of her area, the gravest and the most urgent first."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from bot.console.case import SAID
from bot.console.case_search import TAB_WORDS, Search, Tab, areas, read_search, whole
from bot.console.fields import read_page
from bot.console.guard import guarded, put_duty
from bot.console.pages import clock, page
from bot.console.spreadsheet import export
from bot.domain.accounts import Permission
from bot.domain.case_topics import LEVEL_WORDS, TOPIC_WORDS
from bot.domain.cases import (
    HELPED_WORDS,
    OUTCOME_WORDS,
    STATUS_WORDS,
    UNTAKEN,
    CaseStatus,
    Consent,
)
from bot.domain.errors import NotFound
from bot.services.areas import area_words
from bot.services.case_reading import MOST_ROWS, Shown
from bot.services.case_watch import standing_of

A_PAGE = 50
MOST_EXPORTED = 5000
AGAIN = 30
"""Seconds until a page without a script asks again."""
HEADER = (
    "编号", "级别", "状态", "主题", "地区", "地点", "她的需要（已遮盖）", "为什么建", "可以打电话", "可以发消息", "建于",
    "等到何时以前", "超时", "谁在办", "正在问", "她在等（自）", "结案", "结果", "她的评价",
)  # fmt: skip
CONSENT_WORDS = {Consent.UNKNOWN: "", Consent.YES: "可以", Consent.NO: "不可以"}


def add_cases(console: Blueprint) -> None:
    """Routes of the queue."""
    console.add_route(cases, "/cases")
    console.add_route(watch_cases, "/cases/watch")
    console.add_route(case_rows, "/cases/rows")
    console.add_route(export_cases, "/cases/export")


@guarded(Permission.SEE_CASES)
async def cases(request: Request) -> HTTPResponse:
    """The page."""
    return page(request, "cases.html", **await _queue(request), **await _choices(request))


@guarded(Permission.SEE_CASES, touch=False)
async def watch_cases(request: Request) -> HTTPResponse:
    """The same page, asked for by a browser that runs no script: it keeps no session open."""
    await put_duty(request)
    return page(request, "cases.html", **await _queue(request), **await _choices(request))


@guarded(Permission.SEE_CASES, touch=False)
async def case_rows(request: Request) -> HTTPResponse:
    """What may have changed meanwhile, for the script of a page that is open: counts and list."""
    return page(request, "case_rows.html", **await _queue(request))


@guarded(Permission.SEE_CASES)
async def export_cases(request: Request) -> HTTPResponse:
    """What the search finds, as a file; masked, like the page."""
    if not request.ctx.officer.may(Permission.EXPORT):
        raise NotFound
    now = request.app.ctx.services.office.room.now()
    search, gazetteer = read_search(request, now), request.app.ctx.services.gazetteer
    lines = [_line(case, now, gazetteer) async for case in _every(request, search)]
    return await export(request, f"个案 {TAB_WORDS[search.tab]} {now:%Y-%m-%d}", HEADER, lines)


async def _queue(request: Request) -> dict[str, Any]:
    """What both the page and its script show."""
    services, officer = request.app.ctx.services, request.ctx.officer
    office, now = services.office, services.office.room.now()
    search, number = read_search(request, now), read_page(request.args.get("page", ""))
    found: list[Shown] = await office.reading.page(
        officer, search.wanted, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1
    )
    standing = standing_of(await office.watch.latest(fresh=True), officer)
    return {
        "search": search, "number": number, "rows": found[:A_PAGE], "more": len(found) > A_PAGE, "now": now,
        "counts": standing.counts, "untaken": sum(standing.counts[status.value] for status in UNTAKEN),
        "open_cases": sum(standing.counts[status.value] for status in CaseStatus if status is not CaseStatus.CLOSED),
        "asked": standing.asked, "version": standing.version, "tabs": TAB_WORDS, "Tab": Tab, "Status": CaseStatus,
        "levels": LEVEL_WORDS, "topics": TOPIC_WORDS, "stands": STATUS_WORDS, "outcomes": OUTCOME_WORDS,
        "helped": HELPED_WORDS, "Consent": Consent, "able": officer.may(Permission.TAKE_CASES),
        "area": lambda case: area_words(services.gazetteer, case.area) if case.area else "",
        "left": lambda until: left_words(until, now), "hour": lambda moment: hour_words(moment, now),
        "since": lambda moment: clock(max(now - moment, timedelta())),
    }  # fmt: skip


async def _choices(request: Request) -> dict[str, Any]:
    """What only the whole page needs."""
    services, officer = request.app.ctx.services, request.ctx.officer
    search = read_search(request, services.office.room.now())
    return {
        "areas": areas(services.gazetteer, officer, search.wanted.area), "whole": whole(officer, services.gazetteer),
        "officers": await services.office.reading.officers(officer), "again": AGAIN,
        "said": SAID.get(request.args.get("said", ""), ""), "may_export": officer.may(Permission.EXPORT),
    }  # fmt: skip


async def _every(request: Request, search: Search) -> AsyncIterator[Shown]:
    """All that the search finds, up to a limit."""
    reading = request.app.ctx.services.office.reading
    for offset in range(0, MOST_EXPORTED, MOST_ROWS):
        found: list[Shown] = await reading.page(request.ctx.officer, search.wanted, offset=offset, limit=MOST_ROWS)
        for case in found:
            yield case
        if len(found) < MOST_ROWS:
            return


def _line(case: Shown, now: datetime, gazetteer: Any) -> tuple[object, ...]:
    def local(moment: datetime | None) -> datetime | None:
        return moment.astimezone(now.tzinfo) if moment else None

    return (
        case.id, LEVEL_WORDS[case.level], STATUS_WORDS[case.status], TOPIC_WORDS[case.topic],
        area_words(gazetteer, case.area) if case.area else "", case.place, case.need, case.reason_words,
        CONSENT_WORDS[case.may_call], CONSENT_WORDS[case.safe_to_write], local(case.opened_at), local(case.due_at),
        case.is_overdue(now), case.officer_name, case.alerted_name, local(case.waits_since), local(case.closed_at),
        _said(OUTCOME_WORDS, case.outcome), _said(HELPED_WORDS, case.helped),
    )  # fmt: skip


def _said(words: Mapping[Any, str], value: object) -> str:
    return "" if value is None else words[value]


def left_words(until: datetime, now: datetime) -> str:
    """「还剩 3 分钟」「还剩不到 1 分钟」「超时 2 小时」"""
    span = until - now
    if span <= timedelta():
        return f"超时 {_long(-span)}" if -span >= timedelta(minutes=1) else "刚超时"
    return f"还剩 {_long(span)}" if span >= timedelta(minutes=1) else "还剩不到 1 分钟"


def _long(span: timedelta) -> str:
    """From a day on, days are enough."""
    return clock(timedelta(days=span.days)) if span.days else clock(span)


def hour_words(moment: datetime, now: datetime) -> str:
    """「10:05」 of today, else 「11-23 10:05」"""
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%m-%d %H:%M}"
