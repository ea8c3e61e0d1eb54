"""`python -m bot staff`, `audit` and `console-link`, as the person at the machine runs them."""

import asyncio
import base64
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.cli.staff import staff_service
from bot.settings import Settings, settings
from bot.wiring import now
from tests.integration.staffing import PASSWORD

ADDRESS = re.compile(r"^http://127\.0\.0\.1:8000/console/invitation#([\w-]{32})$", re.M)


@pytest.fixture
def folder(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A migrated database and the settings that lead to it."""
    shutil.copy(migrated_sqlite, tmp_path / "bot.db")
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv("BOT_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    monkeypatch.setenv("BOT_DATA_KEY", base64.b64encode(b"k" * 32).decode())
    monkeypatch.setenv("BOT_ENGINE_SECRET", "s")
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def add(login: str, role: str = "officer", area: str = "北辰区") -> Result:
    return run("staff", "add", "--name", f"{login}女士", "--login", login, "--role", role, "--area", area)


async def accept(secret: str) -> str:
    """Follow the invitation with the services of production → the secret in the phone."""
    async with staff_service(settings()) as staff:
        invited = await staff.invitation(secret)
        await staff.accept(secret, PASSWORD, pyotp.TOTP(invited.enrolment.secret).at(now()))
    return invited.enrolment.secret


@pytest.mark.parametrize(
    ("area", "scope"),
    [
        ("北辰区", "120113"),  # a district by name
        ("集贤里街道", "120113002"),  # a town by name
        ("120113000000", "120113"),  # by code
        ("全部", "全部"),  # the whole area
    ],
)
def test_an_account_is_added_with_an_invitation_and_listed(folder: Path, area: str, scope: str) -> None:
    added = add("zhaoyun", area=area)
    assert added.exit_code == 0, added.output
    assert ADDRESS.search(added.output)
    listed = run("staff", "list").output.strip().split("\t")
    assert listed == ["zhaoyun", "zhaoyun女士", "工作人员", scope, "待激活", "-"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--name", "赵云", "--role", "officer", "--area", "火星区"], "没有找到“火星区”"),  # no such place
        (["--name", "赵云", "--role", "officer", "--area", "12011"], "没有这样的区划代码"),  # no code at all
        (
            ["--name", "赵云", "--role", "officer", "--area", "990000000000"],
            "没有这样的区划代码",
        ),  # no place of this area
        (["--name", "赵云", "--role", "queen", "--area", "全部"], "queen"),  # no such role
        (["--name", "赵 云", "--role", "officer", "--area", "全部"], "空格"),  # no login
    ],
)
def test_what_cannot_be_added_is_told_in_words(folder: Path, words: list[str], told: str) -> None:
    refused = run("staff", "add", *words)
    assert refused.exit_code != 0
    assert told in refused.output
    assert run("staff", "list").output == ""


def test_a_name_that_several_places_bear_is_answered_with_their_codes(folder: Path) -> None:
    refused = add("zhaoyun", area="辛庄子村委会")
    assert refused.exit_code == 1
    assert len(re.findall(r"\d{12}", refused.output)) > 1


async def test_disable_enable_and_reset_by_login(folder: Path) -> None:
    first = ADDRESS.search((await asyncio.to_thread(add, "zhaoyun")).output)
    assert first
    await accept(first[1])
    for words, state in (("disable", "已停用"), ("enable", "在用"), ("reset", "待激活")):
        done = await asyncio.to_thread(run, "staff", words, "ZhaoYun")
        assert done.exit_code == 0, done.output
        assert state in (await asyncio.to_thread(run, "staff", "list")).output
    assert ADDRESS.search(done.output)
    assert "没有登录名" in (await asyncio.to_thread(run, "staff", "disable", "nobody")).output


async def test_console_link_invites_the_first_administrator_then_points_to_the_door(folder: Path) -> None:
    first = ADDRESS.search((await asyncio.to_thread(run, "console-link")).output)
    assert first
    await accept(first[1])
    assert (await asyncio.to_thread(run, "console-link")).output == "http://127.0.0.1:8000/console/enter\n"


def test_no_secret_is_kept_in_clear_or_logged(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    secret = ADDRESS.search(add("zhaoyun").output)
    assert secret
    assert secret[1] not in caplog.text
    kept = b"".join(file.read_bytes() for file in folder.glob("bot.db*"))
    assert secret[1].encode() not in kept


def test_audit_verify_tells_that_all_is_well_or_where_it_broke(folder: Path) -> None:
    for login in ("a1", "a2", "a3"):
        add(login)
    whole = run("audit", "verify")
    assert whole.exit_code == 0, whole.output
    anchor = whole.stdout.strip().splitlines()[-1]
    assert re.fullmatch(r"3:[0-9a-f]{64}", anchor)
    assert run("audit", "verify", "--anchor", anchor).exit_code == 0
    assert run("audit", "verify", "--anchor", "3:" + "0" * 64).exit_code == 1
    assert run("audit", "verify", "--anchor", "three").exit_code == 2
    with sqlite3.connect(folder / "bot.db") as raw:
        raw.execute("DROP TRIGGER audit_entries_no_update")
        raw.execute("UPDATE audit_entries SET source = '别处' WHERE sequence = 2")
    raw.close()
    broken = run("audit", "verify")
    assert broken.exit_code == 1
    assert "第 2 行" in broken.output
