"""`python -m bot staff …`: accounts of the console, from the machine itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import click

from bot.domain.accounts import ROLE_WORDS, Role
from bot.language.places import Gazetteer
from bot.services.areas import WHOLE_AREA, area_code
from bot.services.audit import Audit
from bot.services.passwords import Passwords
from bot.services.staff import STATE_WORDS, AccountLine, Staff
from bot.settings import ROOT, Settings, settings
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.wiring import now

PAGE = 200
Result = TypeVar("Result")


@click.group()
def staff() -> None:
    """管理工作台的账号：新建、列出、停用、启用、重置。"""


@staff.command(help="新建账号，打印一次性邀请链接（三天内有效）。密码和手机验证由本人打开链接后设置。")
@click.option("--name", required=True, help="姓名，工作台里显示的名字。")
@click.option("--login", default="", help="登录名；不写就用姓名。")
@click.option(
    "--role",
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="角色：" + "，".join(f"{role} {words}" for role, words in ROLE_WORDS.items()) + "。",
)
@click.option("--area", required=True, help=f"辖区：名称（如 北辰区、集贤里街道）、区划代码，或“{WHOLE_AREA}”。")
def add(name: str, login: str, role: str, area: str) -> None:
    """Make an account and print its invitation."""
    scope = area_code(Gazetteer.load(ROOT / "data" / "places"), area)
    secret = _run(lambda service: service.invite(login or name, name, Role(role), scope))
    click.echo(invitation_address(settings(), secret))
    click.echo("请把链接单独发给本人；它只能用一次。", err=True)


@staff.command(name="list", help="列出账号：登录名、姓名、角色、辖区、状态、上次登录（UTC）。")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=None, help="只看这个角色。")
@click.option("--words", default="", help="登录名或姓名里有这几个字。")
def list_accounts(role: str | None, words: str) -> None:
    """One account a line, separated by tabs."""

    async def show(service: Staff) -> None:
        after = ""
        while page := await service.accounts(words=words, role=Role(role) if role else None, after=after, limit=PAGE):
            for line in page:
                click.echo(_line(line))
            after = page[-1].login

    _run(show)


@staff.command(help="停用账号：登录立即失效，邀请链接作废。")
@click.argument("login", metavar="登录名")
def disable(login: str) -> None:
    """End an account."""
    _run(lambda service: _on(service, login, service.disable))
    click.echo(f"已停用：{login}")


@staff.command(help="启用停用过的账号，密码和手机验证照旧。")
@click.argument("login", metavar="登录名")
def enable(login: str) -> None:
    """Let an account in again."""
    _run(lambda service: _on(service, login, service.enable))
    click.echo(f"已启用：{login}")


@staff.command(help="密码或手机丢了：旧密码、手机验证和登录立即失效，打印新的邀请链接。")
@click.argument("login", metavar="登录名")
def reset(login: str) -> None:
    """Print a new invitation."""
    secret = _run(lambda service: _on(service, login, service.reset))
    click.echo(invitation_address(settings(), secret))


def invitation_address(chosen: Settings, secret: str) -> str:
    """The page of an invitation; the secret stands behind #, which no server and no log sees."""
    return f"{console_address(chosen)}/invitation#{secret}"


def console_address(chosen: Settings) -> str:
    """Where the console is."""
    return f"{chosen.public_url or f'http://{chosen.host}:{chosen.port}'}/console"


@asynccontextmanager
async def staff_service(chosen: Settings) -> AsyncIterator[Staff]:
    """The service over a database that is closed afterwards."""
    database = Database(chosen.database_url)
    keyring = Keyring.from_base64(chosen.data_key.get_secret_value(), chosen.data_key_previous.get_secret_value())
    try:
        yield Staff(database, keyring, Passwords.load(), Audit(database, keyring, clock=now), clock=now)
    finally:
        await database.close()


async def _on(service: Staff, login: str, act: Callable[[str], Awaitable[Result]]) -> Result:
    return await act((await service.find(login)).id)


def _run(work: Callable[[Staff], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with staff_service(settings()) as service:
            return await work(service)

    return asyncio.run(run())


def _line(line: AccountLine) -> str:
    last = line.signed_in_at.strftime("%Y-%m-%d %H:%M") if line.signed_in_at else "-"
    parts = (line.login, line.name, ROLE_WORDS[line.role], line.scope or WHOLE_AREA, STATE_WORDS[line.state], last)
    return "\t".join(parts)
