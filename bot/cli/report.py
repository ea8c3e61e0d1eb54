"""`python -m bot report`: a month's figures as one HTML file, to be read, sent or printed."""

import asyncio
from pathlib import Path

import click

from bot.console.figures_report import report_page
from bot.domain.errors import BadInput
from bot.domain.periods import Period, month_named
from bot.language.places import Gazetteer
from bot.services.areas import WHOLE_AREA, area_code
from bot.services.check_in import CheckIns
from bot.services.figures import FigureOffice, Figures
from bot.settings import ROOT, Settings, settings
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.wiring import case_rules, now


@click.command(help="某个月的数据做成一个 HTML 月报（可打印）；少于 5 人的数字不显示。")
@click.option("--month", required=True, metavar="2026-11", help="哪个月。")
@click.option("--area", default=WHOLE_AREA, metavar="名称或区划代码", help="哪个地方，默认全部。")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="写到哪个文件。")
def report(month: str, area: str, out: Path) -> None:
    """Count, write the file, say what stands in it."""
    period = month_named(month)
    if period is None:
        raise BadInput("月份没有看懂，请写成 2026-11 这样。")
    figures = asyncio.run(_count(settings(), period, area))
    out.write_text(report_page(figures, alone=True), encoding="utf-8")
    click.echo(f"{figures.area_name} {period.words}：{figures.women} 位妇女来问，已写到 {out}")


async def _count(chosen: Settings, period: Period, area: str) -> Figures:
    gazetteer = Gazetteer.load(ROOT / "data" / "places")
    database = Database(chosen.database_url)
    try:
        keyring = Keyring.from_base64(chosen.data_key.get_secret_value(), chosen.data_key_previous.get_secret_value())
        check_ins = CheckIns(database, keyring, clock=now, zone=chosen.timezone)
        office = FigureOffice(
            database, gazetteer, clock=now, zone=chosen.timezone, check_ins=check_ins, hours=case_rules(chosen).hours
        )
        return await office.count(period, area_code(gazetteer, area))
    finally:
        await database.close()
