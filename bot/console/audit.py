"""The audit log for auditors: who did what to which account, appointment or case, newest first. Nothing here can be changed."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_day
from bot.console.guard import guarded
from bot.console.pages import page
from bot.domain.accounts import Permission
from bot.domain.audit import ACT_WORDS, Act
from bot.services.audit import AuditQuery

A_PAGE = 50
LONGEST_NUMBER = 15
FILTERS = ("actor", "act", "object", "since", "until")


def add_audit(console: Blueprint) -> None:
    """The one route."""
    console.add_route(audit, "/audit")


@guarded(Permission.READ_AUDIT)
async def audit(request: Request) -> HTTPResponse:
    """Rows by whom, what, on what and when."""
    asked = {name: request.args.get(name, "").strip()[:64] for name in FILTERS}
    zone = ZoneInfo(request.app.ctx.settings.timezone)
    found = await request.app.ctx.services.audit.search(request.ctx.officer, _query(request, asked, zone))
    shown = found[:A_PAGE]
    return page(
        request, "audit.html", rows=shown, asked=asked, acts=ACT_WORDS, zone=zone,
        older=shown[-1].sequence if len(found) > A_PAGE else None,
    )  # fmt: skip


def _query(request: Request, asked: dict[str, str], zone: ZoneInfo) -> AuditQuery:
    """The filters as they were written; both days are meant whole. Raises BadInput for a day that is none."""
    before = request.args.get("before", "")
    return AuditQuery(
        actor=asked["actor"],
        act=Act(asked["act"]) if asked["act"] in set(Act) else None,
        object_id=asked["object"],
        since=_midnight(asked["since"], zone, 0),
        until=_midnight(asked["until"], zone, 1),
        before=int(before) if before.isdecimal() and before.isascii() and len(before) < LONGEST_NUMBER else None,
        limit=A_PAGE + 1,
    )


def _midnight(text: str, zone: ZoneInfo, days: int) -> datetime | None:
    return datetime.combine(read_day(text), time.min, zone) + timedelta(days=days) if text else None
