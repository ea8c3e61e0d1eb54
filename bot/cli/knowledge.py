"""`python -m bot knowledge check`: every answer says what it rests on, and none is older than its limit."""

from datetime import UTC, date, datetime

import click

from bot.services.knowledge import Knowledge
from bot.settings import ROOT


@click.group()
def knowledge() -> None:
    """Checked answers."""


@knowledge.command()
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="instead of today, e.g. 2027-06-01")
def check(today: datetime | None) -> None:
    """Exit 1 and name the answers that lack a source or must be checked again."""
    day = today.date() if today else datetime.now(UTC).date()
    wrong = problems(Knowledge.load(ROOT / "data" / "knowledge"), day)
    if wrong:
        raise click.ClickException("\n".join(wrong))
    click.echo("知识库：每条答案都有依据，都在核对期限内。")


def problems(known: Knowledge, today: date) -> list[str]:
    """One sentence for each answer that is wrong."""
    return [
        *(f"{answer.id} 没有写依据（law 或 sources）" for answer in known.without_source()),
        *(
            f"{answer.id} 上次核对是 {answer.checked_at}，{answer.valid_until} 已到期，请重新核对"
            for answer in known.stale(today)
        ),
    ]
