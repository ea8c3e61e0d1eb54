"""Accounts in an administrator's hands: listed, invited, changed, disabled, given a new invitation."""

from sanic import Blueprint, HTTPResponse, Request

from bot.console.guard import form, guarded, source
from bot.console.pages import back_to, page
from bot.domain.accounts import Permission, Role
from bot.domain.errors import BadInput, BotError, Conflict, NotFound
from bot.domain.federations import FEDERATION_WORDS
from bot.services.areas import area_code, area_words
from bot.services.staff import STATE_WORDS, AccountLine

A_PAGE = 50
SAID = {
    "changed": "改好了，她要重新登录。",
    "disabled": "已停用，她的登录马上失效。",
    "enabled": "已启用，密码和手机验证照旧。",
}


def add_accounts(console: Blueprint) -> None:
    """Routes of accounts."""
    console.add_route(accounts, "/accounts")
    console.add_route(invite, "/accounts/invite", methods=["POST"])
    console.add_route(account_page, "/accounts/<account>")
    console.add_route(change_account, "/accounts/<account>/change", methods=["POST"])
    console.add_route(place, "/accounts/<account>/federation", methods=["POST"])
    console.add_route(disable, "/accounts/<account>/disable", methods=["POST"])
    console.add_route(enable, "/accounts/<account>/enable", methods=["POST"])
    console.add_route(reset, "/accounts/<account>/reset", methods=["POST"])


@guarded(Permission.MANAGE_ACCOUNTS)
async def accounts(request: Request) -> HTTPResponse:
    """A page of them, by login."""
    return await _list(request)


@guarded(Permission.MANAGE_ACCOUNTS)
async def invite(request: Request) -> HTTPResponse:
    """A new account; the link is on this page and never again."""
    login, name = form(request, "login"), form(request, "name")
    services = request.app.ctx.services
    try:
        scope = area_code(services.gazetteer, form(request, "area"))
        invitation = await services.staff.invite(
            login or name, name, _role(form(request, "role")), scope, by=request.ctx.officer, source=source(request)
        )
    except NotFound:
        return await _list(request, BadInput("这个辖区不归您管，不能在那里建账号。"))
    except (BadInput, Conflict) as refused:
        return await _list(request, refused)
    return _invited(request, name, invitation)


@guarded(Permission.MANAGE_ACCOUNTS)
async def account_page(request: Request, account: str) -> HTTPResponse:
    """One account, and what can be done with it."""
    return await _one(request, account)


@guarded(Permission.MANAGE_ACCOUNTS)
async def change_account(request: Request, account: str) -> HTTPResponse:
    """Another name, role or area."""
    services = request.app.ctx.services
    await services.staff.one(account, by=request.ctx.officer)
    try:
        await services.staff.change(
            account, role=_role(form(request, "role")), name=form(request, "name"),
            scope=area_code(services.gazetteer, form(request, "area")), by=request.ctx.officer, source=source(request),
        )  # fmt: skip
    except NotFound:
        return await _one(request, account, BadInput("这个辖区不归您管。"))
    except (BadInput, Conflict) as refused:
        return await _one(request, account, refused)
    return back_to(f"/console/accounts/{account}", said="changed")


@guarded(Permission.MANAGE_ACCOUNTS)
async def place(request: Request, account: str) -> HTTPResponse:
    """For which federation at work she takes cases, or her area's office."""
    try:
        await request.app.ctx.services.staff.place(
            account, form(request, "federation"), by=request.ctx.officer, source=source(request)
        )  # fmt: skip
    except (BadInput, Conflict) as refused:
        return await _one(request, account, refused)
    return back_to(f"/console/accounts/{account}", said="changed")


@guarded(Permission.MANAGE_ACCOUNTS)
async def disable(request: Request, account: str) -> HTTPResponse:
    """End it."""
    try:
        await request.app.ctx.services.staff.disable(account, by=request.ctx.officer, source=source(request))
    except Conflict as refused:
        return await _one(request, account, refused)
    return back_to(f"/console/accounts/{account}", said="disabled")


@guarded(Permission.MANAGE_ACCOUNTS)
async def enable(request: Request, account: str) -> HTTPResponse:
    """Let it in again."""
    try:
        await request.app.ctx.services.staff.enable(account, by=request.ctx.officer, source=source(request))
    except Conflict as refused:
        return await _one(request, account, refused)
    return back_to(f"/console/accounts/{account}", said="enabled")


@guarded(Permission.MANAGE_ACCOUNTS)
async def reset(request: Request, account: str) -> HTTPResponse:
    """A new invitation; the password, the phone and the sessions she had end now."""
    staff, officer = request.app.ctx.services.staff, request.ctx.officer
    try:
        invitation = await staff.reset(account, by=officer, source=source(request))
    except Conflict as refused:
        return await _one(request, account, refused)
    return _invited(request, (await staff.one(account, by=officer)).name, invitation)


async def _list(request: Request, refused: BotError | None = None) -> HTTPResponse:
    services, words, role = request.app.ctx.services, request.args.get("q", "")[:40], request.args.get("role", "")
    found: list[AccountLine] = await services.staff.accounts(
        by=request.ctx.officer, words=words, role=Role(role) if role in set(Role) else None,
        after=request.args.get("after", "")[:40], limit=A_PAGE + 1,
    )  # fmt: skip
    typed = {name: form(request, name) for name in ("login", "name", "role", "area")}
    return page(
        request, "accounts.html", refused.status if refused else 200, refused=refused, words=words, role=role,
        rows=[(line, area_words(services.gazetteer, line.scope)) for line in found[:A_PAGE]], more=len(found) > A_PAGE,
        states=STATE_WORDS, typed=typed,
    )  # fmt: skip


async def _one(request: Request, account: str, refused: BotError | None = None) -> HTTPResponse:
    services = request.app.ctx.services
    line: AccountLine = await services.staff.one(account, by=request.ctx.officer)
    own = line.id == request.ctx.officer.id
    return page(
        request, "one_account.html", refused.status if refused else 200, refused=refused, line=line, own=own,
        area=area_words(services.gazetteer, line.scope), states=STATE_WORDS,
        said=SAID.get(request.args.get("said", ""), ""),
        federations=await services.staff.federations(), federation_kinds=FEDERATION_WORDS,
    )  # fmt: skip


def _invited(request: Request, name: str, invitation: str) -> HTTPResponse:
    base = request.app.ctx.settings.public_url or f"{request.scheme}://{request.host}"
    return page(request, "invited.html", whose=name, address=f"{base}/console/invitation#{invitation}")


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as wrong:
        raise BadInput("请选一个角色。") from wrong
