"""The part under a case: what is still to be done for her, her appointments, services near her, her referrals."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sanic import HTTPResponse, Request

from bot.console.pages import page
from bot.domain.accounts import Permission
from bot.domain.care import Due
from bot.domain.case_topics import CaseLevel
from bot.domain.cases import BODY_WORDS, TASK_WORDS, CaseStatus
from bot.domain.errors import BotError
from bot.services.case_papers import LONGEST_TEXT, Task
from bot.services.case_reading import Shown
from bot.services.case_tasks import days_of

SAID = {
    "task": "记下了，到日子会出现在“待办”里。",
    "done": "登记好了。",
    "booked": "约好了，她的对话里也看得到。",
    "referred": "转介记好了，可以打印转介单。",
}
AGAIN_IN = timedelta(days=7)
"""What the form proposes for a return visit."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An act that was refused: `where` names the form it came from, `typed` what she had written into it."""

    error: BotError
    where: str
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A task with its local days."""

    task: Task
    day: date
    due: Due
    done_on: date | None


async def papers_page(request: Request, case: Shown, trouble: Trouble | None = None) -> HTTPResponse:
    """The part by itself, where a refused form comes back; with `trouble`, what was refused and all that she had typed."""
    papers = await papers_of(request, case, trouble)
    return page(request, "papers_page.html", trouble.error.status if trouble else 200, case=case, papers=papers)


async def papers_of(request: Request, case: Shown, trouble: Trouble | None = None) -> dict[str, Any]:
    """All that `case_papers.html` shows, to be given to the page under the name `papers`."""
    services, officer = request.app.ctx.services, request.ctx.officer
    papers, now, zone = services.office.papers, services.availability.now(), ZoneInfo(request.app.ctx.settings.timezone)
    mine = case.officer == officer.id or officer.may(Permission.ASSIGN_CASES)
    return {
        "path": f"/console/cases/{case.id}", "today": now.date(), "again_on": now.date() + AGAIN_IN,
        "key": secrets.token_urlsafe(12), "said": SAID.get(request.args.get("said", ""), ""),
        "trouble": trouble, "typed": trouble.typed if trouble else {}, "longest": LONGEST_TEXT,
        "tasks": _shown(await papers.tasks(case.id, officer), now, zone), "task_kinds": TASK_WORDS,
        "staff": await services.office.rota.staff(officer) if officer.may(Permission.ASSIGN_CASES) else [],
        "me": officer.id, "may_write": officer.may(Permission.TAKE_CASES),
        "hers": officer.may(Permission.TAKE_CASES) and case.status is CaseStatus.TAKEN and mine,
        "in_danger": case.level is CaseLevel.RED, "bodies": BODY_WORDS, "in_chat": bool(case.conversation),
        "referrals": [(name, words, at.astimezone(zone))
                      for name, words, at in await papers.referrals(case.id, officer)],
        "appointments": await services.case_bookings.of_case(case.id, officer),
        "near": await services.case_bookings.near(case.area), "area_known": bool(case.area),
    }  # fmt: skip


def _shown(tasks: list[Task], now: datetime, zone: tzinfo) -> list[ShownTask]:
    """Open ones first, the next due first; then done ones, the last done first."""
    days = days_of(now, zone)
    shown = [
        ShownTask(
            task, task.due_at.astimezone(zone).date(), days.due(task.due_at),
            task.done_at.astimezone(zone).date() if task.done_at else None,
        )
        for task in tasks
    ]  # fmt: skip
    done = sorted((one for one in shown if one.done_on), key=lambda one: one.task.done_at or now, reverse=True)
    return [one for one in shown if not one.done_on] + done
