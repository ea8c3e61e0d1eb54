"""The pages' own files, held in memory: few, small, and asked for by every page.

Sanic's static route opens a file for each request and leaves it open when the browser goes away in that moment.
"""

import mimetypes
from pathlib import Path

from sanic import Blueprint, HTTPResponse, Request, raw
from sanic.exceptions import NotFound


def add_static_files(blueprint: Blueprint, address: str, folder: Path) -> None:
    """GET `address`/name for every file of the folder, read once; anything else is not found."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    @blueprint.get(f"{address}/<name:str>", name=f"static_{folder.parent.name}")
    async def static_file(_: Request, name: str) -> HTTPResponse:
        if name not in files:
            raise NotFound("没有这个文件。")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return raw(files[name], content_type=f"{kind}; charset=utf-8")
