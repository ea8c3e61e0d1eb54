"""Models as files: the live one, those that are kept with their cards, what they learned, and which came after which.

current.tar.gz      the live model; what `make run` starts with
live.json           names of models in the order they went live, the present one last
taught/<id>.yml     the change sets in the live model; `make train` learns them beside data/
kept/<name>.tar.gz  every model that was trained beside, or was live once; <name>.json its card, <name>.svg its picture
"""

import fcntl
import hashlib
import json
import re
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bot.domain.errors import Conflict, NotFound
from bot.domain.teaching import Card, Figure

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
SUFFIX = ".tar.gz"
CHUNK = 1024 * 1024
REMEMBERED = 20
"""Names in live.json."""
MOST_KEPT = 10
"""Models, besides those that one may go back to."""


class ModelShelf:
    """One folder of models. Files are replaced whole: a killed process leaves the old one or the new one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.current = folder / f"current{SUFFIX}"
        self.taught = folder / "taught"
        self._kept = folder / "kept"

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Only one at a time changes what is live. Raises Conflict."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".moving").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as other:
                raise Conflict("另一个人正在换模型，请稍后再看。") from other
            yield

    def file(self, name: str, suffix: str = SUFFIX) -> Path:
        """Where a kept model is, or what belongs to it. Raises NotFound for what can be no name."""
        if not NAME.fullmatch(name):
            raise NotFound("没有这个模型。")
        return self._kept / f"{name}{suffix}"

    def keep(self, name: str, model: Path, card: Card) -> None:
        """Put a model and its card among the kept ones."""
        self._kept.mkdir(parents=True, exist_ok=True)
        _copy(model, self.file(name))
        self.write_card(card)

    def write_card(self, card: Card) -> None:
        """The card of a kept model, anew."""
        _write(self.file(card.name, ".json"), json.dumps(asdict(card), ensure_ascii=False, indent=1))

    def card(self, name: str) -> Card | None:
        """The card of a kept model; None when it is not kept."""
        file = self.file(name, ".json")
        return (
            _card(json.loads(file.read_text(encoding="utf-8"))) if file.exists() and self.file(name).exists() else None
        )

    def cards(self) -> list[Card]:
        """Every kept model's, the newest first."""
        found = [self.card(file.stem) for file in self._kept.glob("*.json")]
        return sorted((card for card in found if card), key=lambda card: card.trained_at, reverse=True)

    def prune(self) -> None:
        """Delete the oldest models that never went live, or went long ago; their cards and pictures stay."""
        needed = set(self.names())
        for card in [card for card in self.cards() if card.name not in needed][MOST_KEPT:]:
            self.file(card.name).unlink(missing_ok=True)

    def live(self) -> Card | None:
        """The card of the live model; None when it was made by `make train` and never measured."""
        if not self.current.exists():
            return None
        digest = digest_of(self.current)
        # The one that went live last, if two were to be the same file.
        known = [card for card in self.cards() if card.digest == digest]
        names = self.names()
        return max(known, key=lambda card: names.index(card.name) if card.name in names else -1, default=None)

    def names(self) -> list[str]:
        """Of the models that went live, in order, the last one last."""
        file = self.folder / "live.json"
        return list(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []

    def put_live(self, name: str, names: Sequence[str], sets: Sequence[tuple[str, Path]]) -> None:
        """Make a kept model the one that starts. `sets`: (id, file) of the change sets that it learned."""
        new = self.folder / "taught.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        for change_set, file in sets:
            shutil.copyfile(file, new / f"{change_set}.yml")
        # A fresh time of change, also for an old model: `make train` would make another one over it.
        _copy(self.file(name), self.current)
        shutil.rmtree(self.taught, ignore_errors=True)
        if sets:
            new.rename(self.taught)
        else:
            new.rmdir()
        self.current.touch()
        _write(self.folder / "live.json", json.dumps(list(names)[-REMEMBERED:]))


def digest_of(file: Path) -> str:
    """SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def model_id_of(file: Path) -> str:
    """The id that training gave a model. Raises NotFound when the file is none."""
    try:
        with tarfile.open(file) as opened:
            metadata = opened.extractfile("metadata.json")
            return str(json.load(metadata)["model_id"]) if metadata else ""
    except (tarfile.TarError, KeyError, ValueError, OSError) as odd:
        raise NotFound("这不是一个模型文件。") from odd


def _card(fields: dict[str, object]) -> Card:
    figures = fields.pop("figures")
    sets = fields.pop("change_sets")
    assert isinstance(figures, list)  # noqa: S101 - as it was written
    assert isinstance(sets, list)  # noqa: S101 - as it was written
    return Card(**fields, change_sets=tuple(sets), figures=tuple(Figure(**one) for one in figures))  # type: ignore[arg-type]


def _copy(source: Path, target: Path) -> None:
    new = target.with_name(f"{target.name}.new")
    shutil.copyfile(source, new)
    new.replace(target)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
