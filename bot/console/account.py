"""Her own account: who she is here, her second factor once more, another password."""

from sanic import Blueprint, HTTPResponse, Request

from bot.console.entrance import let_in
from bot.console.guard import COOKIE, form, guarded, secret, source
from bot.console.pages import back_to, page
from bot.domain.errors import BadInput, BotError, SignInRefused, StepUpNeeded, TooMany
from bot.services.areas import area_words

SAID = {"stepped_up": "验证好了，五分钟内有效。", "password": "密码改好了。别处的登录都已退出。"}


def add_account(console: Blueprint) -> None:
    """Routes of one's own account."""
    console.add_route(show_account, "/account")
    console.add_route(step_up, "/account/step-up", methods=["POST"])
    console.add_route(change_password, "/account/password", methods=["POST"])


@guarded()
async def show_account(request: Request) -> HTTPResponse:
    """Who she is, and both forms."""
    return _page(request)


@guarded()
async def step_up(request: Request) -> HTTPResponse:
    """Take her code again."""
    session = request.cookies.get(COOKIE, "")
    try:
        await request.app.ctx.services.accounts.step_up(session, form(request, "code"), source=source(request))
    except (SignInRefused, TooMany) as refused:
        return _page(request, refused)
    return back_to("/console/account", said="stepped_up")


@guarded()
async def change_password(request: Request) -> HTTPResponse:
    """Another password; she stays signed in here and nowhere else."""
    new = secret(request, "new")
    try:
        if new != secret(request, "again"):
            raise BadInput("两次写的新密码不一样，请再写一遍。")
        signed_in = await request.app.ctx.services.accounts.change_password(
            request.cookies.get(COOKIE, ""), secret(request, "current"), new, source=source(request)
        )
    except (SignInRefused, StepUpNeeded, BadInput, TooMany) as refused:
        return _page(request, refused)
    return let_in(request, back_to("/console/account", said="password"), signed_in)


def _page(request: Request, refused: BotError | None = None) -> HTTPResponse:
    services, officer, left = request.app.ctx.services, request.ctx.officer, request.args.get("codes_left", "")
    return page(
        request, "account.html", refused.status if refused else 200, refused=refused,
        area=area_words(services.gazetteer, officer.area), fresh=officer.is_fresh(services.availability.now()),
        said=SAID.get(request.args.get("said", ""), ""), codes_left=left if left in set("012345678") else "",
    )  # fmt: skip
