"""One dialogue through stock Rasa and through ours, interleaved in one run on one machine: latency, throughput, memory.

`python -m bench.turns [--stock FOLDER] [--rounds 60] [--seconds 8]`, some fifteen minutes on two cores, and the training of the
stock model before (kept in FOLDER, `var/bench` unless told otherwise). Writes `bench/results/turns.json` and `latest.json`,
`turns.md` and `turns.svg`. Absolute times belong to the machine; the ratios are what is claimed.
"""

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bench.stacks import (
    AES_KEY,
    APP_ID,
    SAME_MODEL,
    STOCK,
    WEB,
    WECHAT,
    Ours,
    OursByWeb,
    OursByWeChat,
    Stack,
    StockRasa,
    memory_mb,
    stock_environment,
    train_stock,
)
from bench.turns_page import write_page
from bot.channels.wechat.envelope import Key
from tests.running import ROOT

UTTER, ACTION = "你好", "北辰区集贤里街道附近的妇女之家在哪"
TALK = (UTTER, ACTION, "谢谢", "离婚冷静期是多久", ACTION, "好的", "被家暴了怎么留证据", "谢谢你", ACTION, "再见")
"""Ten turns of which six call an action."""
USERS = (1, 8, 32, 128)
WARM_UP, SESSION, SESSIONS, EDGE = 8, 100, 3, 10
WITHIN = 4.5
RESULTS = Path(__file__).parent / "results"
AIMS = {
    "action_turn_vs_default": 0.25,
    "action_turn_vs_same_model": 0.4,
    "throughput_vs_stock": 4.0,
    "turn100_vs_turn1": 1.2,
    "overhead_ms_p50": 3.0,
}


class Failed(Exception):
    """A turn without an answer: figures of a system that fails are none."""


async def timed(stack: Stack, client: httpx.AsyncClient, user: str, text: str) -> float:
    """Milliseconds of one turn. Raises Failed."""
    began = time.perf_counter()
    words = await stack.say(client, user, text)
    took = (time.perf_counter() - began) * 1000
    if not words:
        raise Failed(f"{stack.name}: no answer to {text!r}")
    return took


async def latencies(
    stacks: Sequence[Stack], client: httpx.AsyncClient, rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Each round gives every system one utter turn and one action turn, in a shuffled order; a new user each ten rounds."""
    found: dict[str, dict[str, list[float]]] = {stack.name: {"utter": [], "action": []} for stack in stacks}
    rng = random.Random(8)
    for at in range(rounds + WARM_UP):
        for stack in rng.sample(list(stacks), len(stacks)):
            for kind, text in (("utter", UTTER), ("action", ACTION)):
                took = await timed(stack, client, f"latency {at // 10}", text)
                if at >= WARM_UP:
                    found[stack.name][kind].append(took)
    return found


async def long_sessions(stacks: Sequence[Stack], client: httpx.AsyncClient) -> dict[str, dict[str, float]]:
    """Medians of the first and the last action turns of sessions of a hundred turns."""
    found: dict[str, dict[str, list[float]]] = {stack.name: {"first": [], "last": []} for stack in stacks}
    for session in range(SESSIONS):
        for at in range(SESSION):
            for stack in stacks:
                took = await timed(stack, client, f"long {session}", ACTION)
                if 0 < at <= EDGE:  # the very first opens the session as well
                    found[stack.name]["first"].append(took)
                elif at >= SESSION - EDGE:
                    found[stack.name]["last"].append(took)
    return {name: {end: statistics.median(times) for end, times in ends.items()} for name, ends in found.items()}


async def throughput(
    stacks: Sequence[Stack], client: httpx.AsyncClient, seconds: float
) -> dict[str, dict[int, dict[str, float]]]:
    """Turns a second while so many users each write as soon as they are answered; two passes, the order turned about."""
    found: dict[str, dict[int, list[tuple[int, list[float], int]]]] = {
        stack.name: {users: [] for users in USERS} for stack in stacks
    }
    for turn in range(2):
        for users in USERS:
            for stack in list(stacks)[:: 1 if turn == 0 else -1]:
                found[stack.name][users].append(await _crowd(stack, client, users, seconds, turn))
    return {
        name: {
            users: {
                "turns_per_second": sum(len(times) for _, times, _ in passes) / (seconds * len(passes)),
                "p95_ms": percentile([took for _, times, _ in passes for took in times], 95),
                "late_or_failed": sum(failed for _, _, failed in passes),
            }
            for users, passes in by_users.items()
        }
        for name, by_users in found.items()
    }


async def _crowd(
    stack: Stack, client: httpx.AsyncClient, users: int, seconds: float, turn: int
) -> tuple[int, list[float], int]:
    times: list[float] = []
    failed = 0
    until = time.perf_counter() + seconds

    async def one(number: int) -> None:
        nonlocal failed
        at = number
        while time.perf_counter() < until:
            try:
                took = await timed(stack, client, f"crowd {turn} {users} {number}", TALK[at % len(TALK)])
            except (Failed, httpx.HTTPError):
                failed += 1
                continue
            finally:
                at += 1
            times.append(took)
            failed += took > WITHIN * 1000

    await asyncio.gather(*(one(number) for number in range(users)))
    return users, times, failed


def percentile(values: Sequence[float], part: int) -> float:
    """The value below which `part` per cent lie; 0 of nothing."""
    if not values:
        return 0.0
    return sorted(values)[min(len(values) - 1, len(values) * part // 100)]


def spread(times: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 in ms."""
    return {f"p{part}": round(percentile(times, part), 2) for part in (50, 95, 99)}


async def overhead(ours: Ours, wechat: OursByWeChat, client: httpx.AsyncClient, turns: int) -> float:
    """Median of a whole WeChat turn less what the engine took of it, in ms: verify, decrypt, two commits, encrypt."""
    before = _newest(ours)
    times = [await timed(wechat, client, f"overhead {at}", UTTER) for at in range(turns)]
    with closing(sqlite3.connect(ours.folder / "bot.db")) as database:
        engine = [
            row[0]
            for row in database.execute("SELECT engine_ms FROM inbound_messages WHERE id > ? ORDER BY id", [before])
        ]
    return float(statistics.median(whole - inner for whole, inner in zip(times, engine, strict=True)))


def _newest(ours: Ours) -> int:
    with closing(sqlite3.connect(ours.folder / "bot.db")) as database:
        return int(database.execute("SELECT coalesce(max(id), 0) FROM inbound_messages").fetchone()[0])


def envelope_ms() -> float:
    """What sealing and opening one answer costs, in ms."""
    key, words = Key(AES_KEY, APP_ID), "您" * 600
    began = time.perf_counter()
    for _ in range(300):
        key.open(key.seal(words))
    return (time.perf_counter() - began) / 300 * 1000


async def measure(stock: Path, rounds: int, seconds: float) -> dict[str, Any]:
    """Start everything, one after another, and measure; what was started is stopped."""
    with TemporaryDirectory() as folder:
        ours = Ours(Path(folder) / "ours")
        ours.set_up()
        environment = stock_environment(ours)
        default = StockRasa(STOCK, Path(folder) / "default", stock, environment)
        same = StockRasa(SAME_MODEL, Path(folder) / "same", ROOT / "models" / "current.tar.gz", environment)
        started: dict[str, float] = {}
        try:
            for name, start, ready in (
                (STOCK, default.start, default.wait_until_ready),
                (SAME_MODEL, same.start, same.wait_until_ready),
                (WEB, ours.start_all, lambda: ours.wait_until_ready(300)),
            ):
                began = time.perf_counter()
                start()
                await asyncio.to_thread(ready)
                started[name] = time.perf_counter() - began
                print(f"{name}: ready after {started[name]:.1f} s", flush=True)
            return await _measured([default, same, OursByWeb(ours), OursByWeChat(ours)], ours, started, rounds, seconds)
        finally:
            for running in (default, same, ours):
                running.stop()


async def _measured(
    stacks: Sequence[Stack], ours: Ours, started: dict[str, float], rounds: int, seconds: float
) -> dict[str, Any]:
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as client:
        times = await latencies(stacks, client, rounds)
        print("latencies", {name: spread(by["action"])["p50"] for name, by in times.items()}, flush=True)
        wechat = stacks[-1]
        assert isinstance(wechat, OursByWeChat)
        around = await overhead(ours, wechat, client, rounds * 2)
        print(f"overhead {around:.2f} ms", flush=True)
        ends = await long_sessions(stacks, client)
        print("long sessions", ends, flush=True)
        crowds = await throughput(stacks, client, seconds)
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "start_s": {name: round(value, 1) for name, value in started.items()},
        "latency_ms": {name: {kind: spread(of) for kind, of in by.items()} for name, by in times.items()},
        "long_session_ms": {name: {end: round(value, 2) for end, value in by.items()} for name, by in ends.items()},
        "throughput": crowds,
        "memory_mb": {
            stack.name: {name: round(memory_mb(pid)) for name, pid in stack.processes().items()} for stack in stacks
        },
        "overhead_ms_p50": round(around, 2),
        "envelope_ms": round(envelope_ms(), 3),
    }


def latest(found: dict[str, Any]) -> dict[str, float]:
    """The figures that are aimed at, ours by the web API against stock."""
    action = {name: by["action"]["p50"] for name, by in found["latency_ms"].items()}
    best = {name: max(at["turns_per_second"] for at in by.values()) for name, by in found["throughput"].items()}
    ends = found["long_session_ms"][WEB]
    ours = [at for name in (WEB, WECHAT) for at in found["throughput"][name].values()]
    late = sum(at["late_or_failed"] for at in ours)
    turns = sum(at["turns_per_second"] for at in ours) * found["seconds"] * 2
    return {
        "action_turn_vs_default": round(action[WEB] / action[STOCK], 3),
        "action_turn_vs_same_model": round(action[WEB] / action[SAME_MODEL], 3),
        "throughput_vs_stock": round(best[WEB] / best[STOCK], 2),
        "turn100_vs_turn1": round(ends["last"] / ends["first"], 3),
        "overhead_ms_p50": found["overhead_ms_p50"],
        "answered_within_4_5_s": round(1 - late / max(1, turns), 4),
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stock", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=8.0)
    wanted = parser.parse_args()
    stock = train_stock(wanted.stock)
    found = asyncio.run(measure(stock, wanted.rounds, wanted.seconds)) | {"seconds": wanted.seconds}
    figures = latest(found)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "turns.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    (RESULTS / "latest.json").write_text(json.dumps(figures, indent=1) + "\n")
    write_page(found, figures, AIMS, RESULTS)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
