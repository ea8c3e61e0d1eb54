"""The sheet of a referral: masked until an officer opens it with her code and a reason, then made for paper."""

from sanic import Blueprint, HTTPResponse, Request

from bot.console.case import seen
from bot.console.case_opened import confirmed
from bot.console.guard import form, guarded, source
from bot.console.pages import page
from bot.domain.accounts import Permission
from bot.domain.case_topics import LEVEL_WORDS, TOPIC_WORDS
from bot.domain.errors import BadInput, BotError, NotFound, SignInRefused, StepUpNeeded, TooMany


def add_referrals(console: Blueprint) -> None:
    """Routes of sheets."""
    console.add_route(show_referral, "/cases/<case>/referrals/<referral>")
    console.add_route(open_referral, "/cases/<case>/referrals/<referral>/open", methods=["POST"])


@guarded(Permission.SEE_CASES)
async def show_referral(request: Request, case: str, referral: str) -> HTTPResponse:
    """What was referred where and when; what it says about her is opened with a reason."""
    return await _masked(request, case, referral)


@guarded(Permission.OPEN_SEALED)
async def open_referral(request: Request, case: str, referral: str) -> HTTPResponse:
    """The sheet, to be printed. Code first, then who opened it and why is written down, then it is shown."""
    services = request.app.ctx.services
    await seen(request, case)
    await _line(request, case, referral)
    try:
        officer = await confirmed(request)
        sheet = await services.office.papers.sheet(referral, officer, form(request, "reason"), source=source(request))
    except (SignInRefused, StepUpNeeded, TooMany, BadInput) as refused:
        return await _masked(request, case, referral, refused)
    now = services.availability.now()
    opened, referred = (moment.astimezone(now.tzinfo) for moment in (sheet.opened_at, sheet.referred_at))
    return page(request, "referral_sheet.html", sheet=sheet, opened=opened, referred=referred, printed_at=now)


async def _masked(request: Request, case: str, referral: str, refused: BotError | None = None) -> HTTPResponse:
    services = request.app.ctx.services
    found = await seen(request, case)
    _, words, at = await _line(request, case, referral)
    return page(
        request, "referral.html", refused.status if refused else 200, case=found, words=words,
        at=at.astimezone(services.availability.now().tzinfo), refused=refused, referral=referral,
        level=LEVEL_WORDS[found.level], topic=TOPIC_WORDS[found.topic], reason=form(request, "reason"),
        fresh=request.ctx.officer.is_fresh(services.office.room.now()),
    )  # fmt: skip


async def _line(request: Request, case: str, referral: str):  # type: ignore[no-untyped-def]
    """(id, words, moment) of a referral of this very case. Raises NotFound."""
    known = await request.app.ctx.services.office.papers.referrals(case, request.ctx.officer)
    found = next((line for line in known if line[0] == referral), None)
    if found is None:
        raise NotFound
    return found
