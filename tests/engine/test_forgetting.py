"""The engine forgets one conversation wholly, and by age all that are silent; no byte of them stays in its file."""

import sqlite3
import time

import httpx
import pytest

from tests.engine.test_channel import engine, turn
from tests.running import System

__all__ = ["engine"]

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
WORD = "紫貂皮帽子"


def events(system: System, conversation: str) -> int:
    with sqlite3.connect(system.folder / "tracker.db") as connection:
        [count] = connection.execute("SELECT count(*) FROM events WHERE sender_id = ?", [conversation]).fetchone()
    return int(count)


def in_files(system: System) -> set[str]:
    """Files of the tracker that hold her word, as JSON escapes it or plain."""
    spelled = (WORD.encode(), WORD.encode("unicode_escape"))
    files = system.folder.glob("tracker.db*")
    return {file.name for file in files for word in spelled if word in file.read_bytes()}


def test_forgetting_leaves_no_byte_of_her_words(engine: httpx.Client, system: System) -> None:
    for number in range(20):
        engine.post("/turn", json=turn(f"我说{WORD} {number}", conversation="hers"))
        engine.post("/turn", json=turn("你好", conversation=f"other{number % 3}"))
    assert in_files(system)
    assert engine.post("/forget", json={"conversation": "hers"}).json()["forgotten"] > 0
    assert events(system, "hers") == 0
    assert in_files(system) == set()
    assert events(system, "other0") > 0


def test_silent_conversations_are_counted_and_purged_and_others_stay(engine: httpx.Client, system: System) -> None:
    engine.post("/turn", json=turn("你好", conversation="silent"))
    time_between = time.time()
    engine.post("/turn", json=turn("你好", conversation="speaks"))
    counted = engine.post("/purge", json={"before": time_between, "dry": True}).json()["purged"]
    assert counted >= 1
    assert events(system, "silent") > 0
    assert engine.post("/purge", json={"before": time_between}).json()["purged"] == counted
    assert events(system, "silent") == 0
    assert events(system, "speaks") > 0
    assert engine.post("/purge", json={"before": time_between}).json()["purged"] == 0


def test_purging_takes_no_more_than_it_is_told(engine: httpx.Client) -> None:
    for number in range(3):
        engine.post("/turn", json=turn("你好", conversation=f"one of three {number}"))
    assert engine.post("/purge", json={"before": time.time(), "limit": 2}).json()["purged"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {},  # since when
        {"before": "yesterday"},  # no moment
        {"before": True},  # no moment either
        {"before": 1.0, "limit": 0},  # nothing
        {"before": 1.0, "limit": "all"},  # no number
        {"before": 1.0, "dry": "no"},  # neither yes nor no
    ],
)
def test_what_is_no_wish_for_purging_deletes_nothing(engine: httpx.Client, body: dict) -> None:
    response = engine.post("/purge", json=body)
    assert (response.status_code, response.json()) == (400, {"error": "before"})


def test_purging_needs_the_secret(engine: httpx.Client) -> None:
    response = engine.post("/purge", json={"before": time.time()}, headers={"X-Engine-Secret": "guess"})
    assert response.status_code == 401
