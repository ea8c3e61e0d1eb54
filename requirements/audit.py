"""`make audit`: known holes in what the three locked requirement files name; each is mended, or a written exception says why.

pip-audit asks the vulnerability database; what is passed here goes on to it (`-s osv`, `--timeout 30`). First it is asked for a
version that is known to be broken: a mirror that knows packages but no holes would otherwise look like good news. What is found
is kept for a day, so that `make check` asks once.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FILES = ("app.txt", "test.txt", "engine.txt")
EXCEPTIONS = "audit_exceptions.txt"
KEPT = HERE.parent / "var" / "audit.json"
KNOWN_BROKEN = "jinja2==2.11.2\n"
GOOD_FOR = timedelta(days=180)
"""After that an exception has to be looked at again: what was bearable then may not be now."""
HELD_BACK = "engine.txt"
"""The one file whose packages may be excepted whole: Rasa's pins hold them, and only the engine's contract reaches them."""
ALL = "*"
PROBE_WITHIN, FILE_WITHIN = 15.0, 300.0
"""Seconds: one package is answered at once or not at all; a file has up to two hundred."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A known hole of one pinned package."""

    file: str
    package: str
    names: frozenset[str]
    mended_in: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {self.package} {', '.join(sorted(self.names))} (mended in {', '.join(self.mended_in) or '—'})"


@dataclass(frozen=True, slots=True)
class Exemption:
    """A line of the exceptions file: `file package hole-or-* reviewed-on reason`."""

    file: str
    package: str
    hole: str
    reviewed: date
    reason: str

    def covers(self, hole: Hole, today: date) -> bool:
        """Whether it speaks of this hole and is not too old."""
        named = self.hole == ALL or self.hole in hole.names
        return (self.file, self.package) == (hole.file, hole.package) and named and today - self.reviewed <= GOOD_FOR


class Unreachable(Exception):
    """The database does not answer, or knows nothing of holes."""


def read_exceptions(text: str) -> list[Exemption]:
    """Raises ValueError for a line without file, package, hole, day and reason, or that excepts too much."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split(maxsplit=4)
        if len(parts) < 5 or parts[0] not in FILES or (parts[2] == ALL and parts[0] != HELD_BACK):
            raise ValueError(f"line {number}: file, package, hole (* only for {HELD_BACK}), day and reason are wanted")
        found.append(Exemption(parts[0], parts[1], parts[2], date.fromisoformat(parts[3]), parts[4]))
    return found


def uncovered(holes: Iterable[Hole], exceptions: Sequence[Exemption], today: date) -> list[Hole]:
    """The holes that no exception speaks of."""
    return [hole for hole in holes if not any(one.covers(hole, today) for one in exceptions)]


def holes_in(file: str, told: dict[str, Any]) -> list[Hole]:
    """Holes of pip-audit's answer. Raises Unreachable when it could not ask for a single package."""
    asked = [one for one in told["dependencies"] if "skip_reason" not in one]
    if not asked:
        raise Unreachable
    return [
        Hole(file, one["name"], frozenset([hole["id"], *hole.get("aliases", [])]), tuple(hole["fix_versions"]))
        for one in asked
        for hole in one["vulns"]
    ]


def ask(file: Path, options: Sequence[str], within: float) -> dict[str, Any]:
    """pip-audit's answer for one file of pins. Raises Unreachable, also after `within` seconds."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "-f",
        "json",
        "--progress-spinner",
        "off",
        "--disable-pip",
        "--no-deps",
    ]
    command += ["--timeout", "5", *options, "-r", str(file)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=within)
    except subprocess.TimeoutExpired as late:
        raise Unreachable from late
    try:
        told = json.loads(done.stdout)
    except ValueError as wrong:
        raise Unreachable("".join(done.stderr.strip().splitlines()[-1:]) or "no answer") from wrong
    return dict(told)


def ask_all(folder: Path, options: Sequence[str]) -> list[Hole]:
    """Every hole in the three files. Raises Unreachable."""
    with tempfile.TemporaryDirectory() as made:
        probe = Path(made) / "known_broken.txt"
        probe.write_text(KNOWN_BROKEN, encoding="utf-8")
        if not holes_in(probe.name, ask(probe, options, PROBE_WITHIN)):
            raise Unreachable("it knows of no hole in a version that has some")
    return [hole for file in FILES for hole in holes_in(file, ask(folder / file, options, FILE_WITHIN))]


def audit(folder: Path, kept: Path, options: Sequence[str], now: datetime) -> int:
    """The exit code: 1 for a hole without an exception; 0 with a clear line when nobody could be asked."""
    exceptions = read_exceptions((folder / EXCEPTIONS).read_text(encoding="utf-8"))
    asked_for = hashlib.sha256(b"".join((folder / name).read_bytes() for name in (*FILES, EXCEPTIONS))).hexdigest()
    answer = {"of": asked_for, "day": now.date().isoformat()}
    if kept.is_file() and json.loads(kept.read_text(encoding="utf-8")) == answer:
        print("→ dependencies: audited today, no hole without an exception")
        return 0
    try:
        holes = ask_all(folder, options)
    except Unreachable as wrong:
        print(f"→ dependencies: NOT AUDITED, the vulnerability database does not answer {wrong}".rstrip())
        return 0
    if left := uncovered(holes, exceptions, now.date()):
        print("→ dependencies: known holes without a written exception (requirements/audit_exceptions.txt):")
        print(*[f"  {hole}" for hole in left], sep="\n")
        return 1
    print(f"→ dependencies: audited, {len(holes)} known holes, each with a written exception")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(answer), encoding="utf-8")
    return 0


def main() -> int:
    """As `make audit` calls it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=HERE, help="where the requirement files are")
    parser.add_argument("--kept", type=Path, default=KEPT, help="where today's answer is kept")
    given, options = parser.parse_known_args()
    if find_spec("pip_audit") is None:
        print("→ dependencies: pip-audit is not installed; `make setup check` installs it")
        return 1
    return audit(given.folder, given.kept, options, datetime.now(UTC))


if __name__ == "__main__":
    sys.exit(main())
