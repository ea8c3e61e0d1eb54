"""docs/security.md: every promise names its test, and every named test is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| ")]
PROMISES = [row for row in ROWS if row[-1].strip() != "test"]


def named(text: str) -> list[str]:
    return re.findall(r"`(tests/[^`]+)`", text)


def test_every_promise_names_a_test_that_is_there() -> None:
    assert len(PROMISES) > 40
    for *promise, tests in PROMISES:
        assert named(tests), promise
        for name in named(tests):
            assert re.search(r"^(async )?def test_", (ROOT / name).read_text(encoding="utf-8"), re.M), name


def test_every_file_of_fuzzing_stands_on_the_page() -> None:
    files = {f"tests/fuzz/{file.name}" for file in (ROOT / "tests" / "fuzz").glob("test_*.py")}
    assert files <= set(named(PAGE))


def test_every_setting_and_decision_that_is_named_is_there() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for setting in re.findall(r"`(BOT_[A-Z_]+)`", PAGE):
        assert f"\n{setting}=" in example, setting
    for number in re.findall(r"decision (\d{4})", PAGE):
        assert list((ROOT / "docs" / "decisions").glob(f"{number}-*.md")), number
