"""How long the trained model takes to read a message, by its length: start, memory, p50 and p95 of a whole parse.

`engine/.venv/bin/python -m bench.parsing [--model FILE] [--json]`, under a minute. Messages of 5 to 40 characters come from the
sets of evaluation/, each read once; longer ones are cut from two_needs.jsonl at another place each time: nothing is remembered.
"""

import argparse
import asyncio
import json
import os
import resource
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
LENGTHS = (100, 400, 1000, 2000, 4000)
TIMES = 20


def texts(name: str) -> list[str]:
    """The texts of a set in evaluation/."""
    lines = (ROOT / "evaluation" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def cuts(length: int) -> list[str]:
    """Texts of this length that begin at different places of one long story."""
    story = "".join(texts("two_needs")) * 2
    return [story[at * 97 : at * 97 + length] for at in range(TIMES)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "current.tar.gz")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    began = time.perf_counter()
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    agent = Agent.load(str(chosen.model))
    started = time.perf_counter() - began

    async def taken(messages: list[str]) -> dict[str, float]:
        """Milliseconds on the clock, and of work, which a busy machine does not stretch as much."""
        clock, work = [], []
        for text in messages:
            at, worked = time.perf_counter(), time.process_time()
            await agent.processor.parse_message(UserMessage(text))
            clock.append(1000 * (time.perf_counter() - at))
            work.append(1000 * (time.process_time() - worked))
        figures = {"p50": np.median(clock), "p95": np.percentile(clock, 95)}
        figures |= {"work_p50": np.median(work), "work_p95": np.percentile(work, 95), "messages": len(messages)}
        return {name: round(float(figure), 1) for name, figure in figures.items()}

    short = [text for name in ("services", "dialect") for text in texts(name) if 5 <= len(text) <= 40]
    asyncio.run(taken(short[:5]))
    rows = {"5–40": asyncio.run(taken(short[5:]))} | {
        str(length): asyncio.run(taken(cuts(length))) for length in LENGTHS
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if chosen.json:
        print(json.dumps({"start_s": round(started, 1), "memory_mb": memory, "parse_ms": rows}, ensure_ascii=False))
        return
    print(f"start {started:.1f} s, memory {memory} MB; milliseconds by characters")
    for length, row in rows.items():
        print(f"{length:>6}  " + "  ".join(f"{name} {figure}" for name, figure in row.items()))


if __name__ == "__main__":
    main()
