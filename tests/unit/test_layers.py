"""Arrows point one way, files stay readable, and every setting is told."""

import ast
import re
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
LAYERS = {
    "domain": set(),
    "language": {"domain"},
    "dialogue": {"domain"},
    "storage": {"domain"},
    "services": {"domain", "language", "dialogue", "storage"},
    "channels": {"domain", "services", "storage"},  # storage: a channel's own tokens and nonces
    "chat": {"domain", "services", "static_files"},
    "console": {"domain", "services", "static_files"},
    "sharing": {"domain", "services"},
}
OPEN_TO_ALL = {"settings"}
LONGEST_FILE = 400


def python_files(*folders: str) -> list[Path]:
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


def imported(file: Path) -> set[str]:
    """Dotted names that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_what_lies_below_it(layer: str) -> None:
    allowed = LAYERS[layer] | {layer} | OPEN_TO_ALL
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in python_files(f"bot/{layer}")
        for name in imported(file)
        if name.startswith("bot.") and name.split(".")[1] not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_of_ours_imports_rasa_and_the_engine_imports_nothing_of_ours() -> None:
    ours = [file for file in python_files("bot", "actions") if any(re.match(r"rasa(\.|$)", n) for n in imported(file))]
    engine = [
        file
        for file in sorted((ROOT / "engine").glob("*.py"))
        if any(re.match(r"(bot|actions)(\.|$)", name) for name in imported(file))
    ]
    assert not ours + engine


def test_migrations_import_nothing_of_ours() -> None:
    assert not [
        file for file in python_files("migrations/versions") if any(n.startswith("bot") for n in imported(file))
    ]


def test_files_stay_readable(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints the largest ones, so that growth is seen before it hurts."""
    lengths = sorted(
        ((file.read_text(encoding="utf-8").count("\n"), file) for file in python_files("bot", "actions", "tests")),
        reverse=True,
    )
    with capsys.disabled():
        print("\nlargest files:", ", ".join(f"{file.relative_to(ROOT)} {lines}" for lines, file in lengths[:5]))
    assert lengths[0][0] <= LONGEST_FILE


def test_no_file_is_named_after_a_kind_of_thing() -> None:
    names = {file.stem for file in python_files("bot", "actions", "engine") if ".venv" not in file.parts}
    assert not names & {"utils", "helpers", "common", "misc", "manager"}


def test_every_setting_stands_in_the_example_file() -> None:
    told = set(re.findall(r"^(BOT_[A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M))
    assert told == {f"BOT_{name.upper()}" for name in Settings.model_fields}
