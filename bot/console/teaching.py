"""Teaching: accepted corrections become change sets, a second person approves them, a model learns them beside the live one,
old and new are compared, and the new one goes live or is taken back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sanic import Blueprint, HTTPResponse, Request, json
from sanic.response import text

from bot.console.case_opened import confirmed
from bot.console.guard import form, guarded, source
from bot.console.pages import back_to, page
from bot.domain.accounts import Officer, Permission
from bot.domain.errors import BotError, NotAllowed, NotFound, SignInRefused
from bot.domain.teaching import (
    BUSY,
    CHANGE_SET_WORDS,
    MOVE_WORDS,
    TRAINING_WORDS,
    ChangeSetState,
    TrainingState,
)
from bot.services.evaluation.comparison import MOST_MORE_ALARMS

A_PAGE = 20
LONGEST_NUMBER = 15
PROMOTED, ROLLED_BACK = "promoted", "rolled_back"
SAID = {
    "proposed": "改动做好了，等另一个人来批准。",
    "approved": "已批准，可以拿去训练。",
    "refused": "没有批准。这些改正以后还可以再提。",
    "training": "训练开始了，正在用的模型照常回答。",
    PROMOTED: "新模型已经上线，没有一轮对话中断。",
    ROLLED_BACK: "已经退回上一个模型，没有一轮对话中断。",
    "next_start": "换好了。对话引擎现在没有运行，下次启动就用这个模型。",
}
SHOWN = ("all", "taught", "refused")


def add_teaching(console: Blueprint) -> None:
    """Routes of teaching."""
    console.add_route(teaching, "/teaching", name="teaching")
    console.add_route(propose, "/teaching/propose", methods=["POST"], name="teaching_propose")
    console.add_route(change_set_page, "/teaching/sets/<change_set>", name="teaching_change_set_page")
    console.add_route(approve, "/teaching/sets/<change_set>/approve", methods=["POST"], name="teaching_approve")
    console.add_route(refuse, "/teaching/sets/<change_set>/refuse", methods=["POST"], name="teaching_refuse")
    console.add_route(train, "/teaching/train", methods=["POST"], name="teaching_train")
    console.add_route(training_page, "/teaching/trainings/<training>", name="teaching_training_page")
    console.add_route(progress, "/teaching/trainings/<training>/progress", name="teaching_progress")
    console.add_route(picture, "/teaching/trainings/<training>/picture.svg", name="teaching_picture")
    console.add_route(promote, "/teaching/trainings/<training>/promote", methods=["POST"], name="teaching_promote")
    console.add_route(roll_back, "/teaching/rollback", methods=["POST"], name="teaching_roll_back")


@guarded(Permission.TEACH)
async def teaching(request: Request) -> HTTPResponse:
    """What is live, what waits, and what was done."""
    return await _overview(request)


@guarded(Permission.TEACH)
async def propose(request: Request) -> HTTPResponse:
    """A change set of everything that was accepted since."""
    try:
        made = await request.app.ctx.services.lessons.teaching.propose(request.ctx.officer, source(request))
    except BotError as refused:
        return await _overview(request, _shown(refused))
    return back_to(f"/console/teaching/sets/{made}", said="proposed")


@guarded(Permission.TEACH)
async def change_set_page(request: Request, change_set: str) -> HTTPResponse:
    """Its lines, each with what stands in its way."""
    return await _one_set(request, change_set)


@guarded(Permission.TEACH)
async def approve(request: Request, change_set: str) -> HTTPResponse:
    """By a second person; lines that she ticked are left out."""
    ticked = request.form.getlist("drop") if request.form else None
    dropped = [int(number) for number in ticked or () if number.isdecimal() and len(number) < LONGEST_NUMBER]
    lessons = request.app.ctx.services.lessons
    try:
        await lessons.teaching.approve(request.ctx.officer, change_set, dropped, source(request))
    except BotError as refused:
        return await _one_set(request, change_set, _shown(refused))
    return back_to(f"/console/teaching/sets/{change_set}", said="approved")


@guarded(Permission.TEACH)
async def refuse(request: Request, change_set: str) -> HTTPResponse:
    """By a second person."""
    try:
        await request.app.ctx.services.lessons.teaching.refuse(request.ctx.officer, change_set, source(request))
    except BotError as refused:
        return await _one_set(request, change_set, _shown(refused))
    return back_to(f"/console/teaching/sets/{change_set}", said="refused")


@guarded(Permission.TEACH)
async def train(request: Request) -> HTTPResponse:
    """In a process of its own; its page shows how far it is."""
    lessons = request.app.ctx.services.lessons
    try:
        training = await lessons.retraining.start(request.ctx.officer, form(request, "change_set", 32), source(request))
    except BotError as refused:
        return await _overview(request, _shown(refused))
    return back_to(f"/console/teaching/trainings/{training}", said="training")


@guarded(Permission.TEACH)
async def training_page(request: Request, training: str) -> HTTPResponse:
    """How far it is; then old and new side by side."""
    return await _one_training(request, training)


@guarded(Permission.TEACH, touch=False)
async def progress(request: Request, training: str) -> HTTPResponse:
    """For the page's script: it asks by itself, which is no sign that somebody is there."""
    found = await request.app.ctx.services.lessons.live.one(request.ctx.officer, training)
    row = found.row
    return json({"step": row.step, "done": row.done, "steps": row.steps, "ended": row.state not in BUSY})


@guarded(Permission.TEACH)
async def picture(request: Request, training: str) -> HTTPResponse:
    """What got better and what got worse."""
    live = request.app.ctx.services.lessons.live
    found = await live.one(request.ctx.officer, training)
    return text(live.picture(request.ctx.officer, found.row.model), content_type="image/svg+xml; charset=utf-8")


@guarded(Permission.TEACH)
async def promote(request: Request, training: str) -> HTTPResponse:
    """Put it in place of the live one, unless something forbids it. Her second factor has to be fresh."""
    try:
        moved = await request.app.ctx.services.lessons.live.promote(await confirmed(request), training, source(request))
    except BotError as refused:
        return await _one_training(request, training, _shown(refused))
    return back_to("/console/teaching", said=PROMOTED if moved.seconds is not None else "next_start")


@guarded(Permission.TEACH)
async def roll_back(request: Request) -> HTTPResponse:
    """Put the former one back. Her second factor has to be fresh."""
    try:
        moved = await request.app.ctx.services.lessons.live.roll_back(await confirmed(request), source(request))
    except BotError as refused:
        return await _overview(request, _shown(refused))
    return back_to("/console/teaching", said=ROLLED_BACK if moved.seconds is not None else "next_start")


async def _overview(request: Request, refused: BotError | None = None) -> HTTPResponse:
    lessons, officer = request.app.ctx.services.lessons, request.ctx.officer
    if officer.area:
        return page(request, "teaching_elsewhere.html")
    state, before = request.args.get("state", ""), request.args.get("before", "")
    sets = await lessons.teaching.page(
        officer, state=ChangeSetState(state) if state in set(ChangeSetState) else None,
        before=int(before) if before.isdecimal() and len(before) < LONGEST_NUMBER else None, limit=A_PAGE + 1,
    )  # fmt: skip
    trainings = await lessons.live.trainings(officer)
    return page(
        request, "teaching.html", refused.status if refused else 200, refused=refused, said=_said(request), state=state,
        standing=await lessons.live.standing(), waiting=await lessons.teaching.waiting(officer), sets=sets[:A_PAGE],
        more=len(sets) > A_PAGE, trainings=trainings, moves=await lessons.live.moves(officer),
        busy=next((row for row, _ in trainings if row.busy), None), fresh=_fresh(request), **_words(request),
    )  # fmt: skip


async def _one_set(request: Request, change_set: str, refused: BotError | None = None) -> HTTPResponse:
    whole = await request.app.ctx.services.lessons.teaching.one(request.ctx.officer, change_set)
    asked = request.args.get("show", "all")
    shown = [one for one in whole.examples if asked not in SHOWN[1:] or bool(one.refusal) == (asked == "refused")]
    return page(
        request, "change_set.html", refused.status if refused else 200, refused=refused, said=_said(request), whole=whole,
        shown=shown, asked=asked, undecided=whole.state is ChangeSetState.PROPOSED,
        approved=whole.state is ChangeSetState.APPROVED, **_words(request),
    )  # fmt: skip


async def _one_training(request: Request, training: str, refused: BotError | None = None) -> HTTPResponse:
    lessons = request.app.ctx.services.lessons
    whole = await lessons.live.one(request.ctx.officer, training)
    return page(
        request, "training.html", refused.status if refused else 200, refused=refused, said=_said(request), whole=whole,
        busy=whole.row.state in BUSY, measured=whole.row.state not in BUSY | {TrainingState.FAILED},
        bound=MOST_MORE_ALARMS, fresh=_fresh(request), took=_took(whole.row.asked_at, whole.row.ended_at), **_words(request),
    )  # fmt: skip


def _fresh(request: Request) -> bool:
    """Whether the pages need not ask for her code: what is live changes only with a second factor given just now."""
    officer: Officer = request.ctx.officer
    return officer.is_fresh(request.app.ctx.services.availability.now())


def _took(asked_at: datetime, ended_at: datetime | None) -> timedelta | None:
    return ended_at - asked_at if ended_at else None


def _shown(refused: BotError) -> BotError:
    """What the page tells. What is not hers, or not there, is a page of its own."""
    if isinstance(refused, NotFound | NotAllowed) and not isinstance(refused, SignInRefused):
        raise refused
    return refused


def _said(request: Request) -> str:
    return SAID.get(request.args.get("said", ""), "")


def _words(request: Request) -> dict[str, object]:
    return {
        "set_words": CHANGE_SET_WORDS,
        "training_words": TRAINING_WORDS,
        "move_words": MOVE_WORDS,
        "zone": ZoneInfo(request.app.ctx.settings.timezone),
    }
