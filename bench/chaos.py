"""Every process is killed again and again while women write: afterwards nothing may be lost, doubled or left open.

`python -m bench.chaos [--minutes 3] [--women 8] [--seed 1]` (`make chaos`). Each few seconds one of the three processes
is killed as the kernel kills, and started again after a moment or a longer while; now and then the disk takes no more
bytes. The women repeat what was not accepted under the same message id, as a page does. Then everything is left to
settle and the database is asked. Figures go to `bench/results/chaos.json`; a promise that was broken ends it with 1.
"""

import argparse
import asyncio
import json
import random
import re
import resource
import sqlite3
import subprocess
import sys
import time
import uuid
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bench.stacks import Ours
from tests.running import PYTHON, ROOT

RESULTS = Path(__file__).parent / "results" / "chaos.json"
SETTLE = 120.0
"""Seconds after the last kill within which everything must be answered."""
TALK = (
    "你好",
    "北辰区集贤里街道附近的妇女之家在哪",
    "离婚冷静期是多久",
    "他拿着刀要砍我",
    "谢谢",
    "转人工",
    "他不给生活费怎么办",
)
BOOKED = re.compile(r"预约号 (\d{6})")


@dataclass
class Tally:
    """What the women saw."""

    accepted: dict[str, str] = field(default_factory=dict)
    """Conversation token by message id, of every message that was answered with 200."""
    repeats: int = 0
    slowest_s: float = 0.0
    bookings: set[str] = field(default_factory=set)
    killed: Counter[str] = field(default_factory=Counter)


class Woman:
    """Writes one message after another; what is not accepted is sent again under the same id."""

    def __init__(self, client: httpx.AsyncClient, tally: Tally, rng: random.Random) -> None:
        self.client, self.tally, self.rng = client, tally, rng
        self.token: str | None = None

    async def talk(self, until: float) -> None:
        """Small talk, needs, danger, persons asked for, bookings; a new conversation now and then."""
        while time.monotonic() < until:
            if self.rng.random() < 0.2:
                self.token = None
                await self.book()
                continue
            if self.rng.random() < 0.2:
                self.token = None
            await self.send(text=self.rng.choice(TALK))

    async def book(self) -> None:
        """A booking by talk; many women want the same hours."""
        day = (datetime.now(UTC) + timedelta(days=self.rng.randint(2, 9))).astimezone()
        told = await self.send(text=f"想约个律师，{day.month}月{day.day}日上午，北辰区的")
        for answer in ("月", "李女士", "不用提醒"):
            choices = [choice for message in told["messages"] for choice in message["choices"]]
            wanted = next((choice for choice in choices if answer in choice["title"]), None)
            if wanted is None and answer != "李女士":
                return
            told = await (self.send(text=answer) if wanted is None else self.send(choice=wanted["id"]))
        self.tally.bookings |= set(BOOKED.findall(json.dumps(told, ensure_ascii=False)))

    async def send(self, **content: str) -> dict[str, Any]:
        """Until it is accepted."""
        body = {"conversation": self.token, "message_id": str(uuid.uuid4()), **content}
        began = time.monotonic()
        while True:
            try:
                response = await self.client.post("/chat/api/messages", json=body, timeout=10)
            except httpx.HTTPError:
                response = None
            if response is not None and response.status_code == 200:
                break
            if response is not None and response.status_code in {400, 404, 409}:  # a choice of a talk that went on
                return {"messages": []}
            self.tally.repeats += 1
            await asyncio.sleep(0.3)
        told: dict[str, Any] = response.json()
        self.token = told["conversation"]
        self.tally.accepted[str(body["message_id"])] = told["conversation"]
        self.tally.slowest_s = max(self.tally.slowest_s, time.monotonic() - began)
        return told


async def havoc(system: Ours, until: float, rng: random.Random, tally: Tally) -> None:
    """Kill and start again, in turn and at random."""
    while time.monotonic() < until:
        await asyncio.sleep(rng.uniform(2, 5))
        name = rng.choice(("bot", "actions", "engine"))
        system.kill(name)
        tally.killed[name] += 1
        away = rng.uniform(0.2, 1.5) if rng.random() < 0.8 else rng.uniform(5, 10)
        await asyncio.sleep(away)
        system.start(name)
        if name == "engine":
            await asyncio.sleep(8)  # a model is loaded; killing it before would only show that a dead engine is dead
        if rng.random() < 0.15:
            await full_disk(system, tally)


async def full_disk(system: Ours, tally: Tally) -> None:
    """For three seconds no file of the bot or the actions can grow (RLIMIT_FSIZE of the running processes)."""
    pids = [system.processes[name].pid for name in ("bot", "actions") if name in system.processes]
    for pid in pids:
        _limit(pid, 4096)
    tally.killed["full disk"] += 1
    await asyncio.sleep(3)
    for pid in pids:
        _limit(pid, resource.RLIM_INFINITY)


def _limit(pid: int, size: int) -> None:
    for process in (pid, *_children(pid)):
        try:
            hard = resource.prlimit(process, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, hard))
        except ProcessLookupError:
            continue


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


ASKED = {
    "messages that are not answered": "SELECT count(*) FROM inbound_messages WHERE status != 'answered'",
    "answers said twice": """
        SELECT count(*) FROM (SELECT 1 FROM outbound_messages WHERE inbound_id IS NOT NULL AND NOT holding
        GROUP BY inbound_id, masked HAVING count(*) > 1)""",
    "answered without a word": """
        SELECT count(*) FROM inbound_messages AS hers JOIN conversations ON conversations.id = hers.conversation_id
        WHERE hers.kind = 'text' AND conversations.owner = 'bot' AND NOT EXISTS
        (SELECT 1 FROM outbound_messages AS ours WHERE ours.inbound_id = hers.id AND NOT ours.holding)
        AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.conversation_id = hers.conversation_id)""",
    "emergencies without a case": """
        SELECT count(*) FROM inbound_messages WHERE risk = 'emergency'
        AND conversation_id NOT IN (SELECT conversation_id FROM cases WHERE conversation_id IS NOT NULL)""",
    "conversations that wait without a case": """
        SELECT count(*) FROM conversations WHERE owner = 'queue'
        AND id NOT IN (SELECT conversation_id FROM cases WHERE conversation_id IS NOT NULL)""",
    "two open cases of one woman": """
        SELECT count(*) FROM (SELECT 1 FROM cases WHERE status != 'closed' AND conversation_id IS NOT NULL
        GROUP BY conversation_id HAVING count(*) > 1)""",
}
"""What must be 0 in the end."""


def broken(system: Ours, tally: Tally) -> dict[str, int]:
    """How often each promise was broken."""
    with closing(sqlite3.connect(system.folder / "bot.db")) as database:
        found = {name: int(database.execute(query).fetchone()[0]) for name, query in ASKED.items()}
        stored = database.execute("SELECT count(*) FROM inbound_messages").fetchone()[0]
        numbers = {str(row[0]) for row in database.execute("SELECT number FROM appointments")}
    found["accepted and not stored"] = max(0, len(tally.accepted) - int(stored))
    found["appointments told of and not there"] = len(tally.bookings - numbers)
    verified = subprocess.run(
        [str(PYTHON), "-m", "bot", "audit", "verify"],
        check=False,
        cwd=ROOT,
        env=system.environment,
        capture_output=True,
    )
    found["audit chain broken"] = int(verified.returncode != 0)
    return found


async def run(folder: Path, minutes: float, women: int, seed: int) -> dict[str, Any]:
    """The whole of it → figures."""
    system, rng, tally = Ours(folder), random.Random(seed), Tally()
    system.set_up()
    system.start_all()
    try:
        await asyncio.to_thread(system.wait_until_ready, 300)
        until = time.monotonic() + minutes * 60
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=system.url, trust_env=False, limits=limits) as client:
            talks = [Woman(client, tally, random.Random(seed + at)).talk(until) for at in range(1, women + 1)]
            await asyncio.gather(havoc(system, until - 10, rng, tally), *talks)
        took = await settle(system)
        return {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "minutes": minutes,
            "seed": seed,
            "accepted": len(tally.accepted),
            "repeated": tally.repeats,
            "killed": dict(tally.killed),
            "bookings": len(tally.bookings),
            "slowest_s": round(tally.slowest_s, 1),
            "settled_after_s": round(took, 1),
            "broken": broken(system, tally),
        }
    finally:
        system.stop()


async def settle(system: Ours) -> float:
    """Wait until no message is open → seconds; stops waiting after SETTLE."""
    began = time.monotonic()
    await asyncio.to_thread(system.wait_until_ready, SETTLE)
    while time.monotonic() - began < SETTLE:
        with closing(sqlite3.connect(system.folder / "bot.db")) as database:
            if not database.execute(ASKED["messages that are not answered"]).fetchone()[0]:
                break
        await asyncio.sleep(0.5)
    return time.monotonic() - began


def main() -> None:
    """Run, write, and say whether every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--women", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with TemporaryDirectory() as folder:
        found = asyncio.run(run(Path(folder), wanted.minutes, wanted.women, wanted.seed))
    RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    print(json.dumps(found, ensure_ascii=False, indent=1))
    sys.exit(int(any(found["broken"].values())))


if __name__ == "__main__":
    main()
