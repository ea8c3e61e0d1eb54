"""打开原文: the conversation as it was written, for who gives a reason and her second factor. It is in this one answer only."""

from sanic import Blueprint, HTTPResponse, Request

from bot.console.case import case_page, refused, seen
from bot.console.case_papers import Trouble
from bot.console.guard import COOKIE, form, guarded, source
from bot.console.pages import page
from bot.domain.accounts import Officer, Permission
from bot.domain.errors import BadInput, NotFound, SignInRefused, StepUpNeeded, TooMany
from bot.services.case_words import when


def add_case_opened(console: Blueprint) -> None:
    """The one route."""
    console.add_route(open_text, "/cases/<case>/open", methods=["POST"], name="case_open")


@guarded(Permission.OPEN_SEALED)
async def open_text(request: Request, case: str) -> HTTPResponse:
    """Code first, then the reason is written down, then the text is shown. What fails on the way shows nothing."""
    found, office = await seen(request, case), request.app.ctx.services.office
    reason = form(request, "reason")
    try:
        officer = await confirmed(request)
        talk = await office.reading.open_transcript(case, officer, reason, source=source(request))
    except (SignInRefused, StepUpNeeded, TooMany, BadInput) as trouble:
        return await case_page(request, case, Trouble(trouble, "open", {"reason": reason}))
    except NotFound:
        await refused(request, case)
        raise
    now = office.room.now()
    return page(
        request, "case_opened.html", case=found, talk=talk, reason=reason, now=now,
        when=lambda moment: when(moment, now, now.tzinfo or moment.tzinfo),
    )  # fmt: skip


async def confirmed(request: Request) -> Officer:
    """Who asks, with a code that is five minutes old at most. Raises SignInRefused, StepUpNeeded, TooMany."""
    accounts, code = request.app.ctx.services.accounts, form(request, "code")
    officer: Officer = request.ctx.officer
    if code:
        officer = await accounts.step_up(request.cookies.get(COOKIE) or "", code, source=source(request))
    accounts.require_fresh(officer)
    return officer
