"""`python -m bot when`, as it is typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.when import when


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(when, arguments)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("now", ["2026-11-24T10:00", "2026-11-24T10:00+08:00", "2026-11-24T02:00:00Z"])
def test_one_text_is_one_line_of_json(now: str) -> None:
    code, out, _ = run("明天下午三点", "--now", now)
    shown = json.loads(out)
    assert code == 0
    assert (shown["kind"], shown["start"], shown["end"]) == ("point", "2026-11-25T15:00:00+08:00", None)
    assert shown["words"] == "2026年11月25日（周三）15:00"


def test_choices_are_shown() -> None:
    _, out, _ = run("周三或周五", "--now", "2026-11-24T10:00")
    assert [choice["start"] for choice in json.loads(out)["candidates"]] == [
        "2026-11-25T00:00:00+08:00",
        "2026-11-27T00:00:00+08:00",
    ]


def test_without_now_the_clock_is_taken() -> None:
    code, out, _ = run("三天后")
    assert code == 0
    assert json.loads(out)["kind"] == "range"


def test_a_file_gives_a_line_for_each_line_and_tells_the_bad_ones(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    lines = [
        '{"id": 1, "text": "明天"}',
        "",
        "not json",
        '{"id": "later", "text": "明天", "now": "2026-12-31T23:50"}',
        '{"id": 3, "text": "明天", "now": "noon"}',
        '{"text": "no id"}',
        '{"id": 4, "text": "你好"}',
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    code, out, err = run("--file", str(file), "--now", "2026-11-24T10:00")
    assert code == 1
    assert [json.loads(line) for line in out.splitlines()] == [
        {"id": 1, "kind": "range", "start": "2026-11-25T00:00:00+08:00", "end": "2026-11-26T00:00:00+08:00"},
        {"id": "later", "kind": "range", "start": "2027-01-01T00:00:00+08:00", "end": "2027-01-02T00:00:00+08:00"},
        {"id": 4, "kind": "none", "start": None, "end": None},
    ]
    assert [number in err for number in ("第 3 行", "第 5 行", "第 6 行")] == [True, True, True]


@pytest.mark.parametrize("arguments", [[], ["明天", "--now", "noon"]])
def test_wrong_use_is_told(arguments: list[str]) -> None:
    assert run(*arguments)[0] == 2
