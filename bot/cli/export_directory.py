"""`python -m bot export-directory`: the directory as Open Referral HSDS 3, a file a service with all that hangs on it."""

import json
from pathlib import Path

import click

from bot.cli.api_client import with_sharing
from bot.services.hsds import HsdsDirectory


@click.command(name="export-directory", help="把服务名录导出成 Open Referral HSDS 3 的 JSON，一个服务一个文件。")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_directory(folder: Path) -> None:
    """Files in `folder`/service, as HSDS's validators want them."""
    directory: HsdsDirectory = with_sharing(lambda sharing: sharing.hsds.directory())
    files = folder / "service"
    files.mkdir(parents=True, exist_ok=True)
    for name in directory.services:
        (files / f"{name}.json").write_text(
            json.dumps(directory.service(name), ensure_ascii=False, indent=1), encoding="utf-8"
        )
    click.echo(f"{len(directory.services)} 项服务，{len(directory.at_locations)} 处。", err=True)
