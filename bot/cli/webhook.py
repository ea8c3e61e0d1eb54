"""`python -m bot webhook …`: other systems that referrals are sent to."""

import click

from bot.cli.api_client import with_sharing
from bot.domain.cases import BODY_WORDS, OutsideBody


@click.group()
def webhook() -> None:
    """接收转介单的外部系统。"""


@webhook.command(help="登记对方系统的地址；以后转介给这个单位时，本人同意的就发过去。签名密钥只显示这一次。")
@click.option("--body", required=True, type=click.Choice([one.value for one in OutsideBody]), help="哪一类单位。")
@click.option("--name", required=True, help="单位名称，和转介时写的一样。")
@click.argument("url")
def add(body: str, name: str, url: str) -> None:
    """Print the secret on its own line."""
    address = with_sharing(lambda sharing: sharing.webhooks.add(OutsideBody(body), name, url))
    click.echo(
        f"{BODY_WORDS[address.body]}“{address.body_name}”已登记（{address.id}）。签名密钥，只显示这一次：", err=True
    )
    click.echo(address.secret)


@webhook.command(name="list", help="列出登记的地址。")
def list_webhooks() -> None:
    """One line each."""
    for one in with_sharing(lambda sharing: sharing.webhooks.all()):
        state = f"{one.revoked_at:%Y-%m-%d} 已停用" if one.revoked_at else "有效"
        click.echo(f"{one.id}  {BODY_WORDS[one.body]}  {one.body_name}  {one.url}  {state}")


@webhook.command(help="停用一个地址，立刻生效；没送到的不再发。")
@click.argument("address")
def revoke(address: str) -> None:
    """Nothing is sent there any more."""
    with_sharing(lambda sharing: sharing.webhooks.revoke(address))
    click.echo("已停用。", err=True)
