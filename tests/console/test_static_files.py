"""The pages' own files come whole, by their names alone, and no request can leave one open."""

from pathlib import Path

import pytest

from bot.console.pages import FOLDER
from tests.console.conftest import Office


@pytest.mark.parametrize(
    ("name", "content_type"), [("console.css", "text/css"), ("console.js", "javascript"), ("icon.svg", "image/svg+xml")]
)
async def test_a_file_comes_whole_with_its_type(office: Office, name: str, content_type: str) -> None:
    response = await office.client.get(f"/console/static/{name}")
    assert response.content == (FOLDER / "static" / name).read_bytes()
    assert content_type in response.headers["content-type"]


@pytest.mark.parametrize("name", ["no.css", "..%2Fpages.py", "%2e%2e/pages.py", "../pages.py", ""])
async def test_nothing_else_is_found(office: Office, name: str) -> None:
    assert (await office.client.get(f"/console/static/{name}")).status_code == 404


async def test_no_file_is_opened_for_a_request(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(Path, "read_bytes", opened)
    assert (await office.client.get("/console/static/console.css")).status_code == 200
