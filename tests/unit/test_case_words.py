"""What she is told about her case: every sentence exists, is filled, and names a number where she may need one."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.services.case_words import WHY, when
from bot.services.words import case_words

ROOT = Path(__file__).resolve().parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
FILLED = {"asked", "noted", "danger", "acknowledged", "climbed", "taken", "transferred", "closed", "closed_again"}
"""Sentences that CaseWords fills or chooses; the rest are said as they stand."""


def test_every_sentence_that_is_said_exists_and_every_one_that_exists_is_said() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "bot" / "services").glob("*.py"))
    plain = set(re.findall(r'plain\("(\w+)"', code)) | {"left", "meanwhile", "reopened", "acknowledged", "nobody_took"}
    waiting = {
        f"{name}{end}" for name in ("asked", "noted", "danger", "acknowledged") for end in ("_nobody", "_nobody_now")
    }
    rated = {"rated_yes", "rated_partly", "rated_no"}
    choices = {f"choices.{name}" for name in ("leave", "meanwhile", "helped_yes", "helped_partly", "helped_no", *WHY)}
    assert set(case_words()) == plain | FILLED | waiting | rated | choices


def test_no_sentence_names_what_an_onlooker_must_not_read() -> None:
    for name, text in case_words().items():
        assert not re.search("家暴|暴力|打您|轻生|自杀|离婚", text), name


@pytest.mark.parametrize("name", [name for name in case_words() if "nobody" in name])
def test_when_nobody_is_there_a_number_is_named(name: str) -> None:
    assert "12338" in case_words()[name]


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-24 10:15", "10:15"),
        ("2026-11-25 08:30", "明天08:30"),
        ("2026-11-30 08:30", "11月30日（周一）08:30"),
    ],
)
def test_times_are_told_as_people_tell_them(moment: str, words: str) -> None:
    now = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
    assert when(datetime.fromisoformat(moment).replace(tzinfo=ZONE), now, ZONE) == words
