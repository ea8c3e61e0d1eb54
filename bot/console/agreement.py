"""How far reviewers agree, and the judgements that wait for a decision."""

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_page
from bot.console.guard import form
from bot.console.pages import back_to, page
from bot.console.reading import reviewing
from bot.services.agreement import kappa_words

A_PAGE = 20
PATH = "/console/review/agreement"


def add_agreement(console: Blueprint) -> None:
    """The two routes."""
    console.add_route(agreement_page, "/review/agreement")
    console.add_route(decide, "/review/<talk>/decide", methods=["POST"])


@reviewing
async def agreement_page(request: Request) -> HTTPResponse:
    """Kappa of all and of each pair, then what she may decide."""
    corrections, officer = request.app.ctx.services.review_desk.corrections, request.ctx.officer
    number = read_page(request.args.get("page", ""))
    found = await corrections.undecided(officer, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1)
    intent, risk, pairs = await corrections.agreement(officer)
    return page(
        request, "agreement.html", intent=intent, risk=risk, pairs=pairs, waiting=found[:A_PAGE], number=number,
        more=len(found) > A_PAGE, kappa_words=kappa_words, said=request.args.get("said") == "decided",
    )  # fmt: skip


@reviewing
async def decide(request: Request, talk: str) -> HTTPResponse:
    """Accept or reject one."""
    await request.app.ctx.services.review_desk.corrections.decide(
        talk, form(request, "message", 40), form(request, "correction", 40), request.ctx.officer,
        accept=form(request, "accept") == "1",
    )  # fmt: skip
    return back_to(PATH, page=str(read_page(request.args.get("page", ""))), said="decided")
