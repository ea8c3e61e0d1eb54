"""`python -m bot announce`: wait until everything answers, then say where."""

import asyncio
import time

import click
import httpx

from bot.cli.console_link import make_link
from bot.settings import settings


@click.command()
@click.option("--seconds", default=240.0, help="How long to wait.")
def announce(seconds: float) -> None:
    """Print the addresses once `/readyz` is 200."""
    chosen = settings()
    base = chosen.public_url or f"http://{chosen.host}:{chosen.port}"
    local = f"http://{'127.0.0.1' if chosen.host == '0.0.0.0' else chosen.host}:{chosen.port}"  # noqa: S104
    if not wait_until_ready(local, seconds):
        raise click.ClickException(f"{seconds:.0f} 秒内没有就绪；请看上面的日志。")
    link = asyncio.run(make_link(chosen))
    click.echo(f"\n  对话页面     {base}/chat\n  工作台       {link}\n  停止         Ctrl-C\n")


def wait_until_ready(base_url: str, seconds: float) -> bool:
    """Whether `/readyz` became 200 within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{base_url}/readyz", timeout=2, trust_env=False).status_code == 200:
                return True
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    return False
