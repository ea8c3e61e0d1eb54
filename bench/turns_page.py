"""The figures of `bench.turns` as a table and a picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

COLOURS = ("#9aa0a6", "#5f6368", "#0b7a75", "#c2570c")
WIDE = 520


def write_page(found: Mapping[str, Any], figures: Mapping[str, float], aims: Mapping[str, float], folder: Path) -> None:
    """`turns.md` and `turns.svg` in the folder."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, autoescape=True,
    )  # fmt: skip
    values = {"found": found, "figures": figures, "aims": aims, "colours": COLOURS, "reached": reached(figures, aims)}
    (folder / "turns.md").write_text(made.get_template("turns.md.j2").render(values), encoding="utf-8")
    longest = max(by["action"]["p95"] for by in found["latency_ms"].values())
    most = max(at["turns_per_second"] for by in found["throughput"].values() for at in by.values())
    values |= {"scale": WIDE / longest, "rate": WIDE / most}
    (folder / "turns.svg").write_text(made.get_template("turns.svg.j2").render(values), encoding="utf-8")


def reached(figures: Mapping[str, float], aims: Mapping[str, float]) -> Mapping[str, bool]:
    """Whether each aim is reached: throughput is to be more, everything else less."""
    return {
        name: figures[name] >= aim if name == "throughput_vs_stock" else figures[name] <= aim
        for name, aim in aims.items()
    }
