"""The audit of dependencies: a hole without a written exception fails, nobody to ask is said plainly and fails nothing."""

import importlib.util
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
GOOD = "engine.txt  sanic  *  2026-11-20  held by Rasa\napp.txt  jinja2  CVE-1  2026-11-20  that part is not used\n"
HOLE = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3.0"], "description": ""}


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "requirements" / "audit.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


audit = load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in audit.FILES:
        (tmp_path / name).write_text("x==1\n", encoding="utf-8")
    (tmp_path / audit.EXCEPTIONS).write_text(GOOD, encoding="utf-8")
    return tmp_path


def answering(monkeypatch: pytest.MonkeyPatch, holes: dict[str, dict[str, list[Any]]]) -> list[str]:
    """A database that knows these holes, by file and package, and that of the probe; which files were asked for."""
    asked: list[str] = []

    def ask(file: Path, *_: Any) -> dict[str, Any]:
        asked.append(file.name)
        of = holes.get(file.name, {"x": []}) if file.name in audit.FILES else {"jinja2": [HOLE]}
        return {"dependencies": [{"name": name, "version": "1", "vulns": found} for name, found in of.items()]}

    monkeypatch.setattr(audit, "ask", ask)
    return asked


def run(folder: Path, now: datetime = NOW) -> int:
    return int(audit.audit(folder, folder / "kept.json", (), now))


@pytest.mark.parametrize(
    ("holes", "code"),
    [
        ({}, 0),  # nothing known
        ({"app.txt": {"jinja2": [HOLE]}}, 0),  # excepted, by the hole's other name
        ({"app.txt": {"jinja2": [HOLE | {"id": "PYSEC-2", "aliases": []}]}}, 1),  # another hole of the same package
        ({"test.txt": {"jinja2": [HOLE]}}, 1),  # the exception is for another file
        ({"engine.txt": {"sanic": [HOLE, HOLE | {"id": "PYSEC-9"}]}}, 0),  # held by Rasa, all of them
        ({"engine.txt": {"aiohttp": [HOLE]}}, 1),  # nobody has written that one down
    ],
)
def test_a_hole_without_an_exception_fails(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], holes: Any, code: int
) -> None:
    answering(monkeypatch, holes)
    assert run(folder) == code
    assert ("without a written exception" in capsys.readouterr().out) is bool(code)


def test_an_exception_is_looked_at_again_after_half_a_year(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, {"app.txt": {"jinja2": [HOLE]}})
    assert run(folder, NOW.replace(year=2027, month=5, day=19)) == 0
    assert run(folder, NOW.replace(year=2027, month=5, day=20)) == 1


def away(*_: Any) -> Any:
    raise audit.Unreachable("(no route)")


def knowing_nothing(file: Path, *_: Any) -> dict[str, Any]:
    return {"dependencies": [{"name": "jinja2", "version": "2.11.2", "vulns": []}]}


def a_mirror(file: Path, *_: Any) -> dict[str, Any]:
    return {"dependencies": [{"name": "jinja2", "skip_reason": "not found"}]}


@pytest.mark.parametrize("ask", [away, knowing_nothing, a_mirror])
def test_nobody_to_ask_is_said_and_not_taken_for_good_news(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ask: Callable[..., Any]
) -> None:
    monkeypatch.setattr(audit, "ask", ask)
    assert run(folder) == 0
    assert "NOT AUDITED" in capsys.readouterr().out
    assert not (folder / "kept.json").exists()


def test_it_asks_once_a_day_and_again_when_anything_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch, {})
    assert [run(folder), run(folder)] == [0, 0]
    assert asked == ["known_broken.txt", *audit.FILES]
    run(folder, NOW.replace(day=26))
    (folder / "app.txt").write_text("x==2\n", encoding="utf-8")
    run(folder, NOW.replace(day=26))
    assert len(asked) == 12


@pytest.mark.parametrize(
    "line",
    [
        "app.txt  jinja2  *  2026-11-20  all of it",  # too much: only what Rasa holds back
        "app.txt  jinja2  CVE-1  2026-11-20",  # no reason
        "app.txt  jinja2  CVE-1  lately  a reason",  # no day
        "other.txt  jinja2  CVE-1  2026-11-20  a reason",  # no such file
    ],
)
def test_an_exception_says_what_since_when_and_why(line: str) -> None:
    with pytest.raises(ValueError, match=r"wanted|isoformat"):
        audit.read_exceptions(line)


def test_our_exceptions_are_of_packages_that_are_there() -> None:
    written = audit.read_exceptions((ROOT / "requirements" / audit.EXCEPTIONS).read_text(encoding="utf-8"))
    assert written
    for one in written:
        assert f"\n{one.package}==" in "\n" + (ROOT / "requirements" / one.file).read_text(encoding="utf-8"), one
        assert len(one.reason) > 10


def test_what_pip_audit_says_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the program: says what pip-audit 2.10 writes, and fails as it does without a network."""
    told = {"dependencies": [{"name": "jinja2", "version": "2.11.2", "vulns": [HOLE]}], "fixes": []}
    program = tmp_path / "program"
    monkeypatch.setattr(audit.sys, "executable", str(program))
    for script, works in ((f"echo '{json.dumps(told)}'; exit 1", True), ("echo 'no connection' >&2; exit 1", False)):
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
        if works:
            [hole] = audit.holes_in("app.txt", audit.ask(tmp_path / "app.txt", (), 30))
            assert hole.names == {"PYSEC-1", "CVE-1"}
        else:
            with pytest.raises(audit.Unreachable, match="no connection"):
                audit.ask(tmp_path / "app.txt", (), 30)
    program.write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    with pytest.raises(audit.Unreachable):
        audit.ask(tmp_path / "app.txt", (), 0.2)
