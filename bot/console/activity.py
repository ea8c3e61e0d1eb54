"""One activity: what it says, its form, published, cancelled, copied, repeated, and the day's code for the wall."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from bot.console.activities import LIST
from bot.console.activity_form import read_plan, typed_of, typed_plan
from bot.console.fields import read_day, read_number, read_time
from bot.console.guard import form, guarded
from bot.console.pages import back_to, page
from bot.domain.accounts import Permission
from bot.domain.activities import LONGEST, MOST_SEATS, MOST_WEEKS, STATUS_WORDS, TOPIC_WORDS, ActivityStatus
from bot.domain.errors import BadInput, Conflict
from bot.services.activity_desk import ActivityDesk
from bot.services.activity_feedback import feedback_of

SAID = {
    "written": "写好了，现在是草稿，姐妹们还看不到。看一遍没问题，再点“发布”。",
    "published": "发布了，姐妹们问活动时就能看到。",
    "changed": "改好了。",
    "cancelled": "取消了。",
    "copied": "复制好了，这是新的一份草稿。看一遍没问题，再点“发布”。",
}
Act = Callable[[Request, ActivityDesk, str], Awaitable[HTTPResponse]]


def add_activity(console: Blueprint) -> None:
    """Routes of one."""
    console.add_route(activity, "/activities/<activity>")
    console.add_route(change_activity, "/activities/<activity>/change")
    console.add_route(changed_activity, "/activities/<activity>/change", methods=["POST"])
    console.add_route(activity_code, "/activities/<activity>/code")
    for name, act in ACTS.items():
        console.add_route(
            _handler(name, act), f"/activities/<activity>/{name}", methods=["POST"], name=f"{name}_activity"
        )


@guarded(Permission.RUN_SERVICES)
async def activity(request: Request, activity: str) -> HTTPResponse:
    """The whole of it."""
    return await _show(request, activity)


@guarded(Permission.RUN_SERVICES)
async def change_activity(request: Request, activity: str) -> HTTPResponse:
    """The form, filled."""
    return await _form(request, activity)


@guarded(Permission.RUN_SERVICES)
async def changed_activity(request: Request, activity: str) -> HTTPResponse:
    """Written anew; whoever signed up hears of another time or place."""
    desk, officer = request.app.ctx.services.activities.desk, request.ctx.officer
    before = await desk.one(activity, officer)
    try:
        told = await desk.change(activity, read_plan(request, before.plan), officer)
    except (BadInput, Conflict) as wrong:
        return await _form(request, activity, wrong)
    return back_to(f"{LIST}/{activity}", said="changed", told=str(told))


@guarded(Permission.RUN_SERVICES)
async def activity_code(request: Request, activity: str) -> HTTPResponse:
    """Six digits as large as the screen allows; nothing of who comes."""
    one = await request.app.ctx.services.activities.desk.one(activity, request.ctx.officer)
    return page(request, "activity_code.html", one=one, card=one.card)


async def _show(request: Request, activity: str, refused: BadInput | Conflict | None = None) -> HTTPResponse:
    services, officer = request.app.ctx.services, request.ctx.officer
    one, now = await services.activities.desk.one(activity, officer), services.activities.now()
    people = await services.activities.desk.attendees(activity, officer, limit=MOST_SEATS) if one.attended else []
    return page(
        request, "activity.html", refused.status if refused else 200, one=one, card=one.card, refused=refused,
        said="" if refused else _said(request), topics=TOPIC_WORDS, states=STATUS_WORDS, longest=LONGEST,
        most_weeks=MOST_WEEKS, feedback=feedback_of(people), begun=one.card.starts_at <= now,
        open=one.card.status is not ActivityStatus.CANCELLED and one.card.ends_at > now, today=now.date(),
        typed=lambda name: form(request, name), now=now,
    )  # fmt: skip


async def _form(request: Request, activity: str, refused: BadInput | Conflict | None = None) -> HTTPResponse:
    services = request.app.ctx.services
    one = await services.activities.desk.one(activity, request.ctx.officer)
    typed = typed_plan(request) if refused else typed_of(one.plan, one.card.area_words or "全部", one.card.starts_at)
    return page(
        request, "activity_form.html", refused.status if refused else 200, typed=typed, refused=refused, one=one.card,
        people=one.seated + one.waiting, topics=TOPIC_WORDS, states=STATUS_WORDS, longest=LONGEST,
        today=services.activities.now().date(),
    )  # fmt: skip


def _said(request: Request) -> str:
    said, told = SAID.get(request.args.get("said", ""), ""), request.args.get("told", "")
    if (repeated := request.args.get("repeated", "")).isdecimal():
        return f"排好了 {int(repeated)} 场。" if int(repeated) else "那几周都已经排过了，没有再排。"
    return f"{said}告诉了 {int(told)} 个人。" if said and told.isdecimal() and int(told) else said


def _handler(name: str, act: Act) -> Callable[..., Coroutine[Any, Any, HTTPResponse | None]]:
    @guarded(Permission.RUN_SERVICES)
    async def handle(request: Request, activity: str) -> HTTPResponse:
        try:
            return await act(request, request.app.ctx.services.activities.desk, activity)
        except (BadInput, Conflict) as wrong:
            return await _show(request, activity, wrong)

    handle.__name__ = f"{name}_activity"
    return handle


async def _publish(request: Request, desk: ActivityDesk, one: str) -> HTTPResponse:
    await desk.publish(one, request.ctx.officer)
    return back_to(f"{LIST}/{one}", said="published")


async def _cancel(request: Request, desk: ActivityDesk, one: str) -> HTTPResponse:
    told = await desk.cancel(one, request.ctx.officer, form(request, "reason"))
    return back_to(f"{LIST}/{one}", said="cancelled", told=str(told))


async def _copy(request: Request, desk: ActivityDesk, one: str) -> HTTPResponse:
    day, hour = read_day(form(request, "day")), read_time(form(request, "from"))
    starts_at = datetime.combine(day, hour, request.app.ctx.services.activities.now().tzinfo)
    made = await desk.copy(one, request.ctx.officer, starts_at)
    return back_to(f"{LIST}/{made}", said="copied")


async def _repeat(request: Request, desk: ActivityDesk, one: str) -> HTTPResponse:
    made = await desk.repeat(one, request.ctx.officer, read_number(form(request, "weeks")) or 0)
    return back_to(f"{LIST}/{one}", repeated=str(len(made)))


ACTS: dict[str, Act] = {"publish": _publish, "cancel": _cancel, "copy": _copy, "repeat": _repeat}
