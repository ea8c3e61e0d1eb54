"""The first page of every filter over 200,000 conversations (a million messages), and what the index costs a message.

`nice python -m bench.review_search [--conversations N] [--postgresql URL of an empty database] [--folder F]`

The words are this project's own: her lines are training examples, ours the checked answers and short sentences, drawn unevenly
as in life. Rows are written in bulk as turns and triggers leave them; the cost of a message is then measured with the triggers.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.made_conversations import NOW, Made, grams
from bot.domain.accounts import Officer, Role
from bot.domain.case_topics import Topic
from bot.domain.review_filter import Band, ReviewFilter, Whose
from bot.domain.risk import RiskLevel
from bot.services.review import Review
from bot.storage import tables
from bot.storage.database import Database

RESULTS = Path(__file__).parent / "results"
ASKED, LOOKED = 12, 200.0
"""How often each filter is asked, and the milliseconds that its first page may take (p95)."""


class Bench:
    """One database, filled and asked."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.known: dict[str, str] = {}
        self.review = Review(database, clock=lambda: NOW, zone="Asia/Shanghai")

    async def is_empty(self) -> bool:
        """Whether nothing was written yet. Makes the tables."""
        async with self.database.engine.begin() as connection:
            await connection.run_sync(tables.metadata.create_all)
        async with self.database.read() as session:
            return await session.scalar(text("SELECT max(id) FROM conversations")) is None

    async def fill(self, made: Made) -> None:
        """Every table and the index, triggers kept out of the way; then what a running system does from time to time."""
        await self._triggers(on=False)
        for conversations, hers, ours, entries in made.batches():
            async with self.database.write() as session:
                for name, rows in (
                    ("conversations", conversations), ("inbound_messages", hers), ("outbound_messages", ours),
                    ("review_entries", entries),
                ):  # fmt: skip
                    await session.execute(insert(tables.metadata.tables[name]), rows)
                await self._index(session, hers, ours)
        await self._triggers(on=True)
        await self._tidy()

    async def _index(self, session: Any, hers: list[dict[str, Any]], ours: list[dict[str, Any]]) -> None:
        sided = [(row["id"] * 2 + side, row) for side, rows in enumerate((hers, ours)) for row in rows]
        sqlite = self.database.is_sqlite
        # In the order in which they were said, as triggers would write them.
        words = sorted((number, row["conversation_id"], self._grams(row["masked"])) for number, row in sided)
        if sqlite:
            connection = await session.connection()
            await connection.exec_driver_sql(
                "INSERT INTO message_words (id, conversation_id) VALUES (?, ?)", [row[:2] for row in words]
            )
            await connection.exec_driver_sql(
                "INSERT INTO message_grams (rowid, grams) VALUES (?, ?)", [(row[0], row[2]) for row in words]
            )
            return
        connection = await (await session.connection()).get_raw_connection()
        cursor = connection.driver_connection.cursor()
        async with cursor.copy("COPY message_words (id, conversation_id, grams) FROM STDIN") as copy:
            for row in words:
                await copy.write_row(row)

    def _grams(self, masked: str) -> str:
        if masked not in self.known:
            self.known[masked] = grams(masked, places=not self.database.is_sqlite)
        return self.known[masked]

    async def _triggers(self, *, on: bool) -> None:
        """Bulk rows bring their own words. PostgreSQL builds its index at the end."""
        async with self.database.engine.begin() as connection:
            await self._switch(connection, on=on)
            if not self.database.is_sqlite:
                made = "CREATE INDEX ix_message_words_grams ON message_words USING gin (grams)"
                await connection.exec_driver_sql(made if on else "DROP INDEX ix_message_words_grams")

    async def _switch(self, connection: AsyncConnection, *, on: bool) -> None:
        if not self.database.is_sqlite:
            for name in ("inbound_messages", "outbound_messages"):
                await connection.exec_driver_sql(f"ALTER TABLE {name} {'ENABLE' if on else 'DISABLE'} TRIGGER USER")
            return
        if not on:
            found = await connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_words_%'"
            )
            self.kept = [(str(row["name"]), str(row["sql"])) for row in found.mappings()]
        for name, sql in self.kept:
            await connection.exec_driver_sql(sql if on else f"DROP TRIGGER {name}")

    async def _tidy(self) -> None:
        """As a running system is after so many rows at once. Nobody runs ANALYZE on SQLite, so it is not run here."""
        async with self.database.engine.connect() as plain:
            if self.database.is_sqlite:
                await plain.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                return
            connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
            for name in ("conversations", "inbound_messages", "outbound_messages", "review_entries"):
                await connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"
                )
            await connection.exec_driver_sql("VACUUM ANALYZE")

    async def sizes(self) -> dict[str, float]:
        """Messages, and megabytes: all of it, and the full-text index alone."""
        sql = (
            "SELECT (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size),"
            " (SELECT sum(length(block)) FROM message_grams_data), (SELECT count(*) FROM message_words)"
            if self.database.is_sqlite
            else "SELECT pg_database_size(current_database()), pg_relation_size('ix_message_words_grams'),"
            " (SELECT count(*) FROM message_words)"
        )
        async with self.database.read() as session:
            whole, index, messages = (await session.execute(text(sql))).one()
        return {"messages": messages, "database_mb": round(whole / 1e6), "index_mb": round(index / 1e6)}

    async def ask(self) -> dict[str, dict[str, float]]:
        """p50 and p95 of the first page, filter by filter."""
        found: dict[str, dict[str, float]] = {}
        async for name, work in self.questions():
            found[name] = await milliseconds(work)
        return found

    async def questions(self) -> AsyncIterator[tuple[str, Callable[[], Awaitable[int]]]]:
        """(name, one look at the first page → how many rows)."""
        for name, wanted, area in QUESTIONS:
            yield name, partial(self.first_page, wanted, area)
        deep = (await self.review.find(reviewer(), ReviewFilter())).after
        for _ in range(30):
            deep = (await self.review.find(reviewer(), ReviewFilter(), deep)).after
        yield "page 32, no filter", lambda: self.first_page(ReviewFilter(), "", deep)
        yield "worth a look", lambda: self.worth("")
        yield "worth a look, one district's reviewer", lambda: self.worth("120107")

    async def first_page(self, wanted: ReviewFilter, area: str, after: str = "") -> int:
        return len((await self.review.find(reviewer(area), wanted, after)).rows)

    async def worth(self, area: str) -> int:
        return len((await self.review.worth_a_look(reviewer(area)))[0])

    async def cost_of_a_message(self) -> dict[str, float]:
        """Milliseconds of writing one more answer, with the triggers and without; the commit, and its disk, not counted."""
        costs = {}
        for name, on in (("with_index", True), ("without", False)):
            async with self.database.engine.connect() as connection:
                if not on:
                    await self._switch(connection, on=False)
                taken = []
                for number in range(200):
                    began = time.perf_counter()
                    await connection.execute(
                        insert(tables.metadata.tables["outbound_messages"]),
                        {"public_id": f"extra{number}", "conversation_id": 1 + number, "author": "bot", "holding": False,
                         "sealed": b"-" * 200, "masked": ANSWER, "created_at": NOW, "attempts": 0},
                    )  # fmt: skip
                    taken.append((time.perf_counter() - began) * 1000)
                await connection.rollback()
            costs[name] = round(statistics.median(taken), 2)
        return costs


def reviewer(area: str = "") -> Officer:
    """Who looks."""
    return Officer("r", "r", "质检员", Role.REVIEWER, area, NOW)


ANSWER = (
    "家庭暴力不是家务事，您可以报警，也可以找妇联、居委会帮忙。先保证安全，留好伤情照片和聊天记录，去医院要写明原因。"
    * 2
)
QUESTIONS: tuple[tuple[str, ReviewFilter, str], ...] = (
    ("no filter", ReviewFilter(), ""),
    ("two weeks, a year ago", ReviewFilter(since=date(2025, 11, 1), until=date(2025, 11, 14)), ""),
    ("one district", ReviewFilter(area="120107"), ""),
    ("one town", ReviewFilter(area="120107005"), ""),
    ("one town that has none", ReviewFilter(area="120199001"), ""),
    ("channel", ReviewFilter(channel="wechat"), ""),
    ("topic, common", ReviewFilter(topic=Topic.VIOLENCE), ""),
    ("topic, rare", ReviewFilter(topic=Topic.LAND), ""),
    ("intent, common", ReviewFilter(intent="ask_divorce"), ""),
    ("intent, nobody's", ReviewFilter(intent="ask_nothing"), ""),
    ("low confidence", ReviewFilter(band=Band.LOW), ""),
    ("fallback", ReviewFilter(fallback=True), ""),
    ("emergency", ReviewFilter(risk=RiskLevel.EMERGENCY), ""),
    ("handed over", ReviewFilter(handed_over=True), ""),
    ("unanswered", ReviewFilter(unanswered=True), ""),
    ("thumbs down", ReviewFilter(unhelped=True), ""),
    ("longer than 15", ReviewFilter(shortest=15), ""),
    ("not reviewed", ReviewFilter(reviewed=False), ""),
    ("reviewed (nobody has)", ReviewFilter(reviewed=True), ""),
    ("a district's reviewer, low confidence", ReviewFilter(band=Band.LOW), "120107"),
    (
        "a town's reviewer, emergency and thumbs down",
        ReviewFilter(risk=RiskLevel.EMERGENCY, unhelped=True),
        "120107005",
    ),
    ("words, in most answers: 妇联", ReviewFilter(text="妇联"), ""),
    ("words, common: 离婚", ReviewFilter(text="离婚"), ""),
    ("words, common, hers: 离婚", ReviewFilter(text="离婚", whose=Whose.HERS), ""),
    ("words, rare: 汽油", ReviewFilter(text="汽油"), ""),
    ("words, long: 人身安全保护令", ReviewFilter(text="人身安全保护令"), ""),
    ("words, two terms: 孩子 抚养", ReviewFilter(text="孩子 抚养"), ""),
    ("words, nobody's: 饕餮", ReviewFilter(text="饕餮"), ""),
    ("words, one character, common: 我", ReviewFilter(text="我"), ""),
    ("words, one character, rare: 砸", ReviewFilter(text="砸"), ""),
    ("words, common, and a rare filter", ReviewFilter(text="妇联", risk=RiskLevel.EMERGENCY, unhelped=True), ""),
    ("words, common, hers, nobody's intent", ReviewFilter(text="离婚", whose=Whose.HERS, intent="ask_nothing"), ""),
    ("words, common, one town", ReviewFilter(text="离婚", area="120107005"), ""),
    ("words, rare, one district's reviewer", ReviewFilter(text="汽油"), "120107"),
)


async def milliseconds(work: Callable[[], Awaitable[int]], times: int = ASKED) -> dict[str, float]:
    """p50, p95 and the rows of one call; the first is not counted."""
    rows = await work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "rows": rows}


async def measure(url: str, conversations: int) -> dict[str, Any]:
    """Every figure of one database; one that an earlier run filled is only asked."""
    database = Database(url)
    bench = Bench(database)
    if await bench.is_empty():
        await bench.fill(Made(conversations))
    result: dict[str, Any] = {"conversations": conversations, **await bench.sizes()}
    result["first_page_ms"] = await bench.ask()
    result["message_ms"] = await bench.cost_of_a_message()
    result["load"] = round(os.getloadavg()[0], 1)
    await database.close()
    return result


def table(results: dict[str, dict[str, Any]]) -> str:
    """For people."""
    names = list(results)
    lines = [
        "# Finding conversations: milliseconds until the first page",
        "",
        f"`python -m bench.review_search`; asked for: under {LOOKED:g} ms. p50 / p95 of {ASKED} looks (rows).",
        "",
    ]
    for name, result in results.items():
        cost = result["message_ms"]
        lines.append(
            f"- {name}: {result['conversations']:,} conversations, {result['messages']:,} messages; database "
            f"{result['database_mb']} MB, full-text index {result['index_mb']} MB. Writing an answer of {len(ANSWER)} "
            f"characters: {cost['with_index']} ms, without the index {cost['without']} ms. Load of the machine (2 cores) "
            f"meanwhile: {result['load']}."
        )
    lines += ["", "| filter | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for question in results[names[0]]["first_page_ms"]:
        cells = []
        for name in names:
            taken = results[name]["first_page_ms"][question]
            slow = " **slow**" if taken["p95"] > LOOKED else ""
            cells.append(f"{taken['p50']} / {taken['p95']} ({taken['rows']:g}){slow}")
        lines.append(f"| {question} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--conversations", type=int, default=200_000)
    parser.add_argument("--postgresql", default="")
    parser.add_argument("--folder", default="", help="keep the SQLite file here, and use the one that is there")
    chosen = parser.parse_args()
    results: dict[str, dict[str, Any]] = {}
    with TemporaryDirectory() as folder:
        places = {"SQLite": f"sqlite+aiosqlite:///{chosen.folder or folder}/bench.db"}
        if chosen.postgresql:
            places["PostgreSQL"] = chosen.postgresql
        for name, url in places.items():
            results[name] = asyncio.run(measure(url, chosen.conversations))
            print(name, results[name], flush=True)
    if chosen.conversations == 200_000 and len(results) == 2:
        (RESULTS / "review_search.json").write_text(json.dumps(results, ensure_ascii=False) + "\n", encoding="utf-8")
        (RESULTS / "review_search.md").write_text(table(results), encoding="utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
