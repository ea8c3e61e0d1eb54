"""The nearest three of a million places: the index against measuring every distance, in one run.

`python -m bench.nearest [--json] [--places N]`
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import numpy as np

from bot.domain.geography import EARTH_RADIUS_M, Point
from bot.domain.nearest import NearestIndex

TOWNS = 3000
QUERIES = 300


def places(number: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(n,) latitudes and longitudes, clustered like towns over China's box."""
    towns = rng.integers(0, TOWNS, number)
    latitudes = rng.uniform(20, 48, TOWNS)[towns] + rng.normal(0, 0.05, number)
    longitudes = rng.uniform(85, 130, TOWNS)[towns] + rng.normal(0, 0.05, number)
    return latitudes, longitudes


def brute_force(latitudes: np.ndarray, longitudes: np.ndarray, point: Point) -> list[tuple[int, float]]:
    """Every distance, then the three smallest."""
    lat, lon = np.radians(latitudes), np.radians(longitudes)
    here_lat, here_lon = np.radians(point.latitude), np.radians(point.longitude)
    half = np.sin((lat - here_lat) / 2) ** 2 + np.cos(lat) * np.cos(here_lat) * np.sin((lon - here_lon) / 2) ** 2
    best = np.argpartition(half, 3)[:3]
    metres = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half[best]))
    return sorted(zip(best.tolist(), metres.tolist(), strict=True), key=lambda pair: pair[1])


def milliseconds(work: Callable[[Point], object], points: list[Point]) -> dict[str, float]:
    """p50, p95 and p99 of one call."""
    taken = []
    for point in points:
        began = time.perf_counter()
        work(point)
        taken.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(taken, n=100)
    return {"p50": round(cuts[49], 4), "p95": round(cuts[94], 4), "p99": round(cuts[98], 4)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--places", type=int, default=1_000_000)
    chosen = parser.parse_args()
    rng = np.random.default_rng(2026)
    latitudes, longitudes = places(chosen.places, rng)
    began = time.perf_counter()
    index = NearestIndex(latitudes, longitudes)
    built = time.perf_counter() - began
    points = [Point(float(a), float(b)) for a, b in zip(*places(QUERIES, rng), strict=True)]
    one_in_ten = rng.random(chosen.places) < 0.1
    result = {
        "places": chosen.places,
        "build_s": round(built, 2),
        "index_ms": milliseconds(lambda point: index.nearest(point, 3), points),
        "index_filter_1_in_10_ms": milliseconds(
            lambda point: index.nearest(point, 3, lambda at: bool(one_in_ten[at])), points
        ),
        "brute_force_ms": milliseconds(lambda point: brute_force(latitudes, longitudes, point), points[:20]),
    }
    result["index_vs_brute_force_p50"] = round(result["index_ms"]["p50"] / result["brute_force_ms"]["p50"], 6)  # type: ignore[index]
    print(json.dumps(result) if chosen.json else "\n".join(f"{name:28}{value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
