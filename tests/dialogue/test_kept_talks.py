"""Conversations that reviewers kept, through the whole system: each step is understood as it was judged, in its place in the talk.

The files come from `python -m bot export-dialogue-tests tests/dialogue/kept`.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.services.dialogue_tests import read_story
from tests.dialogue.conftest import Woman
from tests.running import System

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

STORIES = [
    pytest.param(steps, id=f"{file.stem}: {name}")
    for file in sorted((Path(__file__).parent / "kept").glob("*.yml"))
    for name, steps in read_story(file.read_text(encoding="utf-8"))
]


def understood(system: System, woman: Woman) -> tuple[str, str]:
    """(intent, risk) of what she said last."""
    asked = """
        SELECT hers.intent, hers.risk FROM inbound_messages AS hers
        JOIN outbound_messages AS ours ON ours.conversation_id = hers.conversation_id
        WHERE ours.public_id = ? ORDER BY hers.id DESC LIMIT 1"""
    with closing(sqlite3.connect(system.folder / "bot.db")) as database:
        found: tuple[str, str] = database.execute(asked, [woman.last["messages"][0]["id"]]).fetchone()
        return found


@pytest.mark.parametrize("steps", STORIES)
def test_a_kept_talk_is_understood_as_reviewers_judged_it(
    woman: Woman, system: System, steps: list[tuple[str, str, str]]
) -> None:
    for words, intent, risk in steps:
        woman.say(words)
        assert (words, *understood(system, woman)) == (words, intent, risk)
