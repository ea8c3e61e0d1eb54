"""待办: what is to be done for women: overdue, today, coming; ticked off here, and taken away as a file."""

from typing import Any
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request

from bot.console.case import typed_text
from bot.console.fields import read_page
from bot.console.guard import form, guarded
from bot.console.pages import back_to, page
from bot.console.spreadsheet import export
from bot.domain.accounts import Permission
from bot.domain.care import Due, TaskFilter
from bot.domain.case_topics import LEVEL_WORDS, TOPIC_WORDS
from bot.domain.cases import TASK_WORDS, TaskKind
from bot.domain.errors import NotFound

A_PAGE = 50
MOST_EXPORTED = 5000
EVERYBODY = "all"
DUE_WORDS = {Due.OVERDUE: "过期", Due.TODAY: "今天", Due.COMING: "以后"}
DONE = "done"
FILTERS = ("when", "kind", "officer")
HEADER = ("哪天以前", "种类", "级别", "类别", "地区", "做什么", "谁做", "办好的日子", "结果")


def add_tasks(console: Blueprint) -> None:
    """Routes of tasks."""
    console.add_route(tasks, "/tasks")
    console.add_route(export_tasks, "/tasks/export")
    console.add_route(finish_task, "/tasks/<task>/finish", methods=["POST"])


@guarded(Permission.SEE_CASES)
async def tasks(request: Request) -> HTTPResponse:
    """A page of them, the next due first."""
    office, officer = request.app.ctx.services.office, request.ctx.officer
    asked, number = asked_of(request), read_page(request.args.get("page", ""))
    wanted = _wanted(request, asked)
    found = await office.tasks.page(officer, wanted, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1)
    return page(
        request, "tasks.html", rows=found[:A_PAGE], more=len(found) > A_PAGE, number=number, asked=asked,
        query=urlencode({name: value for name, value in asked.items() if value}),
        counts=await office.tasks.counts(officer, wanted.officer), due_words=DUE_WORDS, task_kinds=TASK_WORDS,
        levels=LEVEL_WORDS, topics=TOPIC_WORDS, everybody=EVERYBODY, may_finish=officer.may(Permission.TAKE_CASES),
        staff=await office.rota.staff(officer) if officer.may(Permission.ASSIGN_CASES) else [],
        said="登记好了。" if request.args.get("said") == DONE else "",
    )  # fmt: skip


@guarded(Permission.SEE_CASES)
async def export_tasks(request: Request) -> HTTPResponse:
    """The same list as a file, whole."""
    if not request.ctx.officer.may(Permission.EXPORT):
        raise NotFound
    wanted = _wanted(request, asked_of(request))
    found = await request.app.ctx.services.office.tasks.page(request.ctx.officer, wanted, limit=MOST_EXPORTED)
    rows = [
        (f"{row.due_at:%Y-%m-%d}", TASK_WORDS[row.kind], LEVEL_WORDS[row.level], TOPIC_WORDS[row.topic], row.place,
         row.text, row.officer, f"{row.done_at:%Y-%m-%d}" if row.done_at else "", row.result)
        for row in found
    ]  # fmt: skip
    return await export(request, "待办", HEADER, rows)


@guarded(Permission.TAKE_CASES)
async def finish_task(request: Request, task: str) -> HTTPResponse:
    """Tick it off; twice is once."""
    services = request.app.ctx.services
    await services.office.papers.finish_task(task, request.ctx.officer, typed_text(request, "result"))
    kept = {name: form(request, name) for name in FILTERS}
    return back_to("/console/tasks", said=DONE, **{name: value for name, value in kept.items() if value})


def asked_of(request: Request) -> dict[str, str]:
    """The filters as they stand in the address."""
    return {name: request.args.get(name, "").strip()[:40] for name in FILTERS}


def _wanted(request: Request, asked: dict[str, Any]) -> TaskFilter:
    officer = asked["officer"] or request.ctx.officer.id
    return TaskFilter(
        officer="" if officer == EVERYBODY else officer,
        kind=TaskKind(asked["kind"]) if asked["kind"] in set(TaskKind) else None,
        due=Due(asked["when"]) if asked["when"] in set(DUE_WORDS) else None,
        done=asked["when"] == DONE,
    )
