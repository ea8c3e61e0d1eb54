"""A month's figures out of 200,000 conversations of a year: SQLite on this disk, one process, nothing kept between two queries.

`python -m bench.figures [--json] [--conversations N]`

Asked: everything that the page shows for one month in under 1 s, for the whole area and for one district.
"""

import argparse
import asyncio
import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bot.domain.case_topics import BY_INTENT, ERRANDS
from bot.domain.periods import month_named
from bot.language.places import Gazetteer
from bot.services.figures import FigureOffice
from bot.settings import ROOT
from bot.storage import tables
from bot.storage.database import Database

YEAR_BEGINS, NOW = datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
DAYS, BATCH, TIMES, A_SECOND = 365, 20_000, 7, 1000.0
MESSAGES_EACH = (1, 2, 3, 4, 5, 8, 12)
INTENTS = (*BY_INTENT, *ERRANDS, "greet", "thank", "nlu_fallback", "nlu_fallback", "out_of_scope")
PHRASES = ("能不能帮我找个阿姨", "你们几点下班", "怎么领补贴", "在吗", "我想问个事")
RESULTS = Path(__file__).parent / "results" / "figures.json"
CONVERSATION = (
    "INSERT INTO conversations (id, public_id, channel, account, sender_digest, sealed_sender, owner, version, risk, "
    "leave_forms, created_at, last_inbound_at) VALUES (?, ?, ?, 'main', ?, ?, 'bot', 0, 'none', 0, ?, ?)"
)
MESSAGE = (
    "INSERT INTO inbound_messages (public_id, conversation_id, message_key, kind, sealed, masked, status, attempts, intent, "
    "confidence, risk, understanding, sent_at, received_at, answered_at, engine_ms) "
    "VALUES (?, ?, ?, 'text', ?, ?, 'answered', 1, ?, 0.9, 'none', ?, ?, ?, ?, 12.0)"
)
ENTRY = (
    "INSERT INTO review_entries (conversation_id, channel, first_at, last_at, messages, area, topic, intents, risk, "
    "handed_over, reasons) VALUES (?, ?, ?, ?, ?, ?, 'unknown', '', 0, 0, 0)"
)
CASE = (
    "INSERT INTO cases (id, public_id, conversation_id, status, level, reason, topic, area, route_from, due_at, need, "
    "place, risk, tried, may_call, safe_to_write, wishes, opened_at, closed_at, outcome, helped, helped_why, "
    "routing_since) VALUES (?, ?, ?, 'closed', ?, 'asked', 'unknown', ?, ?, ?, '', '', 'none', '', "
    "'unknown', 'unknown', '', ?, ?, 'advised', ?, '', ?)"
)
TAKEN = "INSERT INTO case_events (case_id, at, actor, act, detail) VALUES (?, ?, 'x', 'taken', '')"


class Bench:
    """A year of talks, and whoever counts them."""

    def __init__(self, folder: Path, conversations: int) -> None:
        self.rng = np.random.default_rng(2026)
        self.conversations = conversations
        self.messages = 0
        self.database = Database(f"sqlite+aiosqlite:///{folder / 'bench.db'}")
        self.gazetteer = Gazetteer.load(ROOT / "data" / "places")
        self.towns = [town.code[:9] for town in self.gazetteer.divisions("town")]
        self.office = FigureOffice(self.database, self.gazetteer, clock=lambda: NOW, zone="Asia/Shanghai")

    async def prepare(self) -> None:
        """Tables, and rows as turns leave them."""
        async with self.database.engine.begin() as connection:
            await connection.run_sync(tables.metadata.create_all)
            await connection.exec_driver_sql(
                "DROP TRIGGER inbound_messages_words_in"
            )  # the index of words is not measured
        for first in range(0, self.conversations, BATCH):
            await self.put(range(first + 1, min(first + BATCH, self.conversations) + 1))
        async with self.database.engine.connect() as connection:
            await connection.exec_driver_sql("ANALYZE")
            await connection.commit()
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def put(self, numbers: range) -> None:
        """A batch of conversations, their messages, and a case of every twentieth."""
        rows: dict[str, list[tuple[object, ...]]] = {sql: [] for sql in (CONVERSATION, MESSAGE, ENTRY, CASE, TAKEN)}
        for number in numbers:
            self.talk(number, rows)
        async with self.database.write() as session:
            connection = await session.connection()
            for sql, made in rows.items():
                if made:
                    await connection.exec_driver_sql(sql, made)

    def talk(self, number: int, rows: dict[str, list[tuple[object, ...]]]) -> None:
        """One woman: some messages of one day or two."""
        begins = YEAR_BEGINS + timedelta(seconds=float(self.rng.uniform(0, DAYS * 86400)))
        area = "" if number % 4 == 0 else str(self.rng.choice(self.towns))
        channel, at, many = ("web", "wechat")[number % 3 > 0], begins, int(self.rng.choice(MESSAGES_EACH))
        for place in range(many):
            at = begins + timedelta(minutes=2 * place, days=place // 4)
            intent, name = str(self.rng.choice(INTENTS)), f"m{number}-{place}"
            masked = (
                PHRASES[number % len(PHRASES)] if intent == "nlu_fallback" else "我想问一下离婚以后孩子归谁抚养" * 2
            )
            moment = _utc(at)
            rows[MESSAGE].append((name, number, name, b"x" * 120, masked, intent, "{}" * 150, moment, moment, moment))
        rows[CONVERSATION].append((number, f"c{number}", channel, f"d{number}", b"x" * 60, _utc(begins), _utc(at)))
        rows[ENTRY].append((number, channel, _utc(begins), _utc(at), many, area))
        if number % 20 == 0:
            level, helped = ("yellow", "orange", "red")[number % 3], (None, "yes", "partly", "no")[number // 20 % 4]
            opened, taken = _utc(at), _utc(at + timedelta(minutes=float(self.rng.exponential(20))))
            closed = _utc(at + timedelta(days=1))
            rows[CASE].append((number, f"k{number}", number, level, area, area, opened, opened, closed, helped, opened))
            rows[TAKEN].append((number, taken))
        self.messages += many

    async def month(self, area: str) -> dict[str, float]:
        """Milliseconds of a whole page's figures: the middle and the slowest of some, and the middle of the processor's share.

        The two differ when others use the machine.
        """
        month = month_named("2026-11")
        assert month is not None
        taken, worked = [], []
        for _ in range(TIMES):
            began, busy = time.perf_counter(), time.process_time()
            await self.office.count(month, area)
            taken.append((time.perf_counter() - began) * 1000)
            worked.append((time.process_time() - busy) * 1000)
        middle, slowest, cpu = statistics.median(taken), max(taken), statistics.median(worked)
        return {"p50": round(middle, 1), "slowest": round(slowest, 1), "cpu": round(cpu, 1)}


def _utc(moment: datetime) -> str:
    """As SQLite keeps a time."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


async def measure(conversations: int) -> dict[str, object]:
    """Every figure, on a database of its own."""
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder), conversations)
        await bench.prepare()
        result: dict[str, object] = {
            "conversations": conversations,
            "messages": bench.messages,
            "target_ms": A_SECOND,
            "whole_area_ms": await bench.month(""),
            "one_district_ms": await bench.month("120113"),
            "one_town_ms": await bench.month(bench.towns[0]),
        }
        await bench.database.close()
    return result


def table(result: dict[str, object]) -> str:
    """For people."""
    lines = []
    for name, value in result.items():
        if isinstance(value, dict):
            met = "yes" if value["p50"] < A_SECOND else "NO"
            times = "".join(f"{value[one]:10.1f}" for one in ("p50", "slowest", "cpu"))
            lines.append(f"{name:20}{times}  p50 <{A_SECOND:g} ms: {met}")
        else:
            lines.append(f"{name:20}{value!s:>9}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--conversations", type=int, default=200_000)
    chosen = parser.parse_args()
    result = asyncio.run(measure(chosen.conversations))
    if chosen.conversations == 200_000:
        RESULTS.write_text(json.dumps(result) + "\n", encoding="utf-8")
    print(json.dumps(result) if chosen.json else table(result))


if __name__ == "__main__":
    main()
