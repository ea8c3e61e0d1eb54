"""What an officer does under a case: sets a task or a return visit, ticks it off, refers her to an outside body."""

from datetime import datetime, time, tzinfo

from sanic import Blueprint, HTTPResponse, Request, redirect

from bot.console.case import seen, typed_text
from bot.console.case_papers import Trouble, papers_page
from bot.console.fields import read_day
from bot.console.guard import form, guarded
from bot.domain.accounts import Permission
from bot.domain.cases import OutsideBody, TaskKind
from bot.domain.errors import BadInput, Conflict
from bot.services.case_papers import Referral

END_OF_DAY = time(23, 59)
TASK_FIELDS = ("kind", "due", "officer")
REFER_FIELDS = ("body", "name", "contact", "consented")


def add_case_paper_acts(console: Blueprint) -> None:
    """The part by itself, and its acts; the sheet is in `referrals`, booking in `case_booking`."""
    console.add_route(papers_alone, "/cases/<case>/papers")
    console.add_route(add_case_task, "/cases/<case>/tasks/add", methods=["POST"])
    console.add_route(finish_case_task, "/cases/<case>/tasks/<task>/finish", methods=["POST"])
    console.add_route(refer_case, "/cases/<case>/refer", methods=["POST"])


@guarded(Permission.SEE_CASES)
async def papers_alone(request: Request, case: str) -> HTTPResponse:
    """The part by itself."""
    return await papers_page(request, await seen(request, case))


@guarded(Permission.TAKE_CASES)
async def add_case_task(request: Request, case: str) -> HTTPResponse:
    """Set something to be done for her by a day. A form that is sent twice sets it once."""
    found, services, officer = await seen(request, case), request.app.ctx.services, request.ctx.officer
    text, fields = typed_text(request, "text"), {name: form(request, name) for name in TASK_FIELDS}
    try:
        due_at = due_on(fields["due"], services.availability.now())
        await services.office.papers.add_task(
            case, officer, kind_of(fields["kind"]), text, due_at, officer=fields["officer"],
            key=_key(request, text, *fields.values()),
        )  # fmt: skip
    except (BadInput, Conflict) as refused:
        trouble = Trouble(refused, "task", fields | {"text": text})
        return await papers_page(request, found, trouble)
    return to_papers(case, "task")


@guarded(Permission.TAKE_CASES)
async def finish_case_task(request: Request, case: str, task: str) -> HTTPResponse:
    """Tick a task off."""
    services, officer = request.app.ctx.services, request.ctx.officer
    await seen(request, case)
    await services.office.papers.finish_task(task, officer, typed_text(request, "result"))
    return to_papers(case, "done")


@guarded(Permission.TAKE_CASES)
async def refer_case(request: Request, case: str) -> HTTPResponse:
    """Refer her. A form that is sent twice refers her once."""
    found, services, officer = await seen(request, case), request.app.ctx.services, request.ctx.officer
    facts, fields = typed_text(request, "facts"), {name: form(request, name) for name in REFER_FIELDS}
    try:
        referral = Referral(
            _body(fields["body"]), fields["name"], facts, fields["contact"], consented=fields["consented"] == "1"
        )
        await services.office.papers.refer(case, officer, referral, key=_key(request, facts, *fields.values()))
    except (BadInput, Conflict) as refused:
        trouble = Trouble(refused, "refer", fields | {"facts": facts})
        return await papers_page(request, found, trouble)
    return to_papers(case, "referred")


def due_on(text: str, now: datetime) -> datetime:
    """The end of a local day; raises BadInput for a day that is none or over."""
    zone: tzinfo | None = now.tzinfo
    day = read_day(text)
    if day < now.date():
        raise BadInput("请选今天或以后的日期。")
    return datetime.combine(day, END_OF_DAY, zone)


def kind_of(text: str) -> TaskKind:
    """Which kind of task. Raises BadInput."""
    if text not in set(TaskKind):
        raise BadInput("请选是跟进还是回访。")
    return TaskKind(text)


def to_papers(case: str, said: str) -> HTTPResponse:
    """Back to the part of the case's page where it shows."""
    return redirect(f"/console/cases/{case}?said={said}#papers", status=303)


def _body(text: str) -> OutsideBody:
    if text not in set(OutsideBody):
        raise BadInput("请选转介到哪个单位。")
    return OutsideBody(text)


def _key(request: Request, *typed: str) -> str:
    """Names this very submit: changed and sent again it is another one. "" for a form that had no key."""
    key = form(request, "key")
    return "\0".join((key, *typed)) if key else ""
