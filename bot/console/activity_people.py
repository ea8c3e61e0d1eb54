"""Who comes to an activity: numbers and masked names, marked on the day, taken away as a list for the door."""

from sanic import Blueprint, HTTPResponse, Request

from bot.console.activities import LIST
from bot.console.fields import read_page
from bot.console.guard import form, guarded
from bot.console.pages import back_to, page
from bot.console.spreadsheet import export
from bot.domain.accounts import Permission
from bot.domain.activities import MOST_SEATS, SIGN_UP_WORDS, STATUS_WORDS, TOPIC_WORDS, ActivityStatus, SignUpStatus
from bot.domain.errors import BadInput, Conflict, NotFound

A_PAGE = 100
HEADER = ("号", "称呼", "状态")
"""Neither when she signed up nor what she thought of it: the door has no use for either."""


def add_activity_people(console: Blueprint) -> None:
    """Routes of who comes."""
    console.add_route(activity_people, "/activities/<activity>/people")
    console.add_route(export_activity_people, "/activities/<activity>/people/export")
    console.add_route(mark_activity, "/activities/<activity>/people/<sign_up>/mark", methods=["POST"])


@guarded(Permission.RUN_SERVICES)
async def activity_people(request: Request, activity: str) -> HTTPResponse:
    """By number, then who waits in their order."""
    return await _show(request, activity)


@guarded(Permission.RUN_SERVICES)
async def export_activity_people(request: Request, activity: str) -> HTTPResponse:
    """The same as a file."""
    officer, desk = request.ctx.officer, request.app.ctx.services.activities.desk
    if not officer.may(Permission.EXPORT):
        raise NotFound
    found = await desk.attendees(activity, officer, limit=MOST_SEATS)
    rows = [(one.number or "候补", one.called, SIGN_UP_WORDS[one.status]) for one in found]
    return await export(request, "活动名单", HEADER, rows)


@guarded(Permission.RUN_SERVICES)
async def mark_activity(request: Request, activity: str, sign_up: str) -> HTTPResponse:
    """She came, did not come, or a slip is put right."""
    status, number = form(request, "status"), str(read_page(form(request, "page")))
    try:
        if status not in set(SignUpStatus):
            raise BadInput("请点“到了”或“没来”。")
        await request.app.ctx.services.activities.desk.mark(
            activity, sign_up, request.ctx.officer, SignUpStatus(status)
        )
    except (BadInput, Conflict) as wrong:
        return await _show(request, activity, wrong)
    return back_to(f"{LIST}/{activity}/people", page=number, marked=status)


async def _show(request: Request, activity: str, refused: BadInput | Conflict | None = None) -> HTTPResponse:
    services, officer = request.app.ctx.services, request.ctx.officer
    number = read_page(request.args.get("page", ""))
    one = await services.activities.desk.one(activity, officer)
    found = await services.activities.desk.attendees(activity, officer, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1)
    return page(
        request, "activity_people.html", refused.status if refused else 200, one=one, card=one.card, refused=refused,
        rows=found[:A_PAGE], more=len(found) > A_PAGE, number=number, states=STATUS_WORDS, topics=TOPIC_WORDS,
        sign_up_states=SIGN_UP_WORDS, said=bool(request.args.get("marked")) and refused is None,
        can_mark=one.card.status is ActivityStatus.PUBLISHED
        and (bool(one.sign_in_code) or one.card.starts_at <= services.activities.now()),
    )  # fmt: skip
