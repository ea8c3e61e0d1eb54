"""The engine's memory of a session: as long as it has to be and no longer."""

import sqlite3
from contextlib import closing

import pytest

from tests.dialogue.conftest import Woman, woman
from tests.running import System

__all__ = ["woman"]
pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
MOST_ROWS = 80 + 20
"""engine.tracker_store.MOST_EVENTS, and what one more turn adds."""


def sizes(system: System) -> list[int]:
    """Events by conversation."""
    with closing(sqlite3.connect(system.folder / "tracker.db")) as database:
        return [row[0] for row in database.execute("SELECT count(*) FROM events GROUP BY sender_id")]


def test_a_long_talk_is_folded_and_what_counts_is_kept(woman: Woman, system: System) -> None:
    woman.say("我在河西区天塔街，附近有妇女之家吗")
    for _ in range(14):
        woman.say("谢谢")
        woman.say("离婚冷静期是多久")
    assert max(sizes(system)) <= MOST_ROWS
    answer = woman.say("那心理咨询呢")
    assert "心理服务" in answer
    assert "天塔" in answer, "the place was forgotten"


def test_a_form_under_way_is_not_folded(woman: Woman, system: System) -> None:
    for _ in range(9):
        woman.say("谢谢")
    woman.say("想约个律师，北辰区的")
    for _ in range(6):
        woman.say("离婚冷静期是多久")
    assert any("月" in choice for choice in woman.choices), "the free slots are offered again"
