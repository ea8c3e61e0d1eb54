"""Keys, addresses and the directory for other systems, by the command line."""

import base64
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.settings import settings


@pytest.fixture
def run(migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copy(migrated_sqlite, tmp_path / "bot.db")
    monkeypatch.setenv("BOT_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    monkeypatch.setenv("BOT_DATA_KEY", base64.b64encode(b"k" * 32).decode())
    monkeypatch.setenv("BOT_ENGINE_SECRET", "s")
    settings.cache_clear()
    yield lambda *words: CliRunner().invoke(main, list(words))
    settings.cache_clear()


def test_a_key_is_printed_once_and_can_be_taken_back(run) -> None:
    added = run("api-client", "add", "--name", "某平台", "--scope", "directory", "--scope", "activities")
    assert added.exit_code == 0, added.output
    key = added.stdout.strip().splitlines()[-1]
    assert len(key) > 30
    listed = run("api-client", "list").stdout
    assert "某平台" in listed
    assert "activities directory" in listed
    assert key not in listed
    client = listed.split()[0]
    assert run("api-client", "revoke", client).exit_code == 0
    assert "已收回" in run("api-client", "list").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("api-client", "add", "--name", "某平台", "--scope", "everything"),
        ("api-client", "add", "--name", " ", "--scope", "figures"),
        ("api-client", "revoke", "nobody"),
        ("webhook", "add", "--body", "court", "--name", "某法院", "http://court.example/"),
        ("webhook", "revoke", "nobody"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_kept(run, words: tuple[str, ...]) -> None:
    refused = run(*words)
    assert refused.exit_code != 0
    assert "Traceback" not in refused.output
    assert run("api-client", "list").stdout == run("webhook", "list").stdout == ""


def test_an_address_is_registered_and_taken_out(run) -> None:
    added = run("webhook", "add", "--body", "court", "--name", "某法院（示例）", "https://court.example/hook")
    assert added.stdout.strip().splitlines()[-1].startswith("whsec_")
    listed = run("webhook", "list").stdout
    assert "某法院（示例）" in listed
    run("webhook", "revoke", listed.split()[0])
    assert "已停用" in run("webhook", "list").stdout


def test_the_sample_directory_is_exported_a_file_a_service(run, tmp_path: Path) -> None:
    assert run("demo").exit_code == 0
    done = run("export-directory", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    files = list((tmp_path / "out" / "service").glob("*.json"))
    services = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    assert sum(len(one["service_at_locations"]) for one in services) > 1000
    assert all("示例" in one["description"] for one in services)
    assert {file.stem for file in files} == {one["id"] for one in services}
