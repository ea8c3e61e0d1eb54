"""Which model is live: put in place without losing a turn, taken back by one command, and what is known of each."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.dialogue.engine import ModelSwap
from bot.domain.accounts import Officer
from bot.domain.audit import Act, Deed
from bot.domain.errors import Conflict, NotFound, StepUpNeeded
from bot.domain.teaching import Card, Figure, MoveKind, NotBetter, TrainingState
from bot.services.audit import Audit
from bot.services.evaluation.comparison import Change, compare
from bot.services.teaching import Teaching, whole_area
from bot.storage.database import Database
from bot.storage.model_shelf import ModelShelf, digest_of, model_id_of
from bot.storage.teaching import ModelMove, TeachingStore, Training

MAY_GO_LIVE = (TrainingState.READY, TrainingState.LIVE)
HISTORY = 20


class RunningEngine(Protocol):
    """`bot.dialogue.engine.EngineClient`, or a test's."""

    async def model(self) -> str | None:
        """The id of the model that answers; None when the engine is not running."""

    async def use_model(self, name: str) -> ModelSwap:
        """Read a kept model and answer with it. Raises EngineUnavailable; then the former one goes on answering."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What changed. `seconds`: how long the engine read beside the turns; None: it is not running and starts with the model."""

    model: str
    former: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class WholeTraining:
    """A training for its page. `may_go_live`: nothing is against it, and it is not live now."""

    row: Training
    asker: str
    changes: tuple[Change, ...]
    objections: tuple[str, ...]
    is_live: bool
    may_go_live: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What is live now. `card`: None when `make train` made it and nobody measured it. `answers`: whether the running engine
    has this very model; None when it is not running. `can_go_back`: there is a former one."""

    card: Card | None
    answers: bool | None
    can_go_back: bool


class LiveModel:
    """Changes one thing: the live model. Everybody else who tries at the same moment gets Conflict."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        teaching: Teaching,
        shelf: ModelShelf,
        engine: RunningEngine,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._audit = audit
        self._teaching = teaching
        self._shelf = shelf
        self._engine = engine
        self._clock = clock

    async def promote(self, by: Officer | None, training: str, source: str = "") -> Moved:
        """Put the training's model in place. Raises StepUpNeeded, NotFound, NotBetter, Conflict (the live one is another than
        it was measured against), EngineUnavailable (the engine cannot read it; nothing changed)."""
        self._require(by)
        async with self._database.read() as session:
            row = await TeachingStore(session).training(training)
        if row is None:
            raise NotFound("没有这个训练。")
        if row.state is TrainingState.REJECTED:
            raise NotBetter(objections_of(row))
        if row.state not in MAY_GO_LIVE or self._shelf.card(row.model) is None:
            raise Conflict("这个训练没有可以上线的模型。")
        with self._shelf.moving():
            former = self._live_or_kept()
            if row.model == former.name:
                raise Conflict("这个模型正在用。")
            if row.against != former.digest:
                raise Conflict("它是和另一个模型比的，正在用的已经换过。请再训练一次。")
            names = [name for name in self._shelf.names() if name != row.model]
            names = [*(names if names[-1:] == [former.name] else [*names, former.name]), row.model]
            return await self._change(MoveKind.PROMOTED, row.model, former, names, by, source)

    async def roll_back(self, by: Officer | None, source: str = "") -> Moved:
        """Put the model back that was live before. Raises StepUpNeeded, Conflict when there is none."""
        self._require(by)
        with self._shelf.moving():
            names = self._names_to_go_back_to()
            if not names:
                raise Conflict("没有更早的模型可以退回。")
            return await self._change(MoveKind.ROLLED_BACK, names[-1], self._live_or_kept(), names, by, source)

    async def standing(self) -> Standing:
        """What is live, and whether the engine agrees."""
        card, answering = self._shelf.live(), await self._engine.model()
        own = model_id_of(self._shelf.current) if self._shelf.current.exists() else ""
        return Standing(card, None if answering is None else answering == own, bool(self._names_to_go_back_to()))

    async def trainings(self, by: Officer, limit: int = HISTORY) -> list[tuple[Training, str]]:
        """(training, who asked or ""), newest first."""
        whole_area(by)
        async with self._database.read() as session:
            return await TeachingStore(session).trainings(limit)

    async def moves(self, by: Officer, limit: int = HISTORY) -> list[tuple[ModelMove, str]]:
        """(move, who made it or ""), newest first."""
        whole_area(by)
        async with self._database.read() as session:
            return await TeachingStore(session).moves(limit)

    async def one(self, by: Officer, training: str) -> WholeTraining:
        """A training and its figures. Raises NotFound."""
        whole_area(by)
        async with self._database.read() as session:
            store = TeachingStore(session)
            row = await store.training(training)
            if row is None:
                raise NotFound
            names = await store.names([row.asked_by or ""])
        live = self._shelf.live()
        is_live = bool(row.model) and live is not None and live.name == row.model
        kept = row.state in MAY_GO_LIVE and self._shelf.card(row.model) is not None
        return WholeTraining(
            row, names.get(row.asked_by or "", ""), changes_of(row), objections_of(row), is_live,
            kept and not is_live,
        )  # fmt: skip

    def picture(self, by: Officer, model: str) -> str:
        """The SVG of a kept model's comparison. Raises NotFound."""
        whole_area(by)
        file = self._shelf.file(model, ".svg")
        if not file.exists():
            raise NotFound
        return file.read_text(encoding="utf-8")

    def _require(self, by: Officer | None) -> None:
        """What every woman is answered with changes only by who works for the whole area and holds her phone just now; None is
        the command line, whose door is the machine itself."""
        if by is None:
            return
        whole_area(by)
        if not by.is_fresh(self._clock()):
            raise StepUpNeeded

    def _live_or_kept(self) -> Card:
        """The live model's card; one that `make train` made is kept first, so that there is a way back to it."""
        card = self._shelf.live()
        if card is not None:
            return card
        if not self._shelf.current.exists():
            raise Conflict("还没有正在用的模型，请先运行 make train。")
        digest, now = digest_of(self._shelf.current), self._clock()
        taught = tuple(file.stem for file in sorted(self._shelf.taught.glob("*.yml")))
        card = Card(f"base-{digest[:12]}", digest, model_id_of(self._shelf.current), now.isoformat(), taught)
        self._shelf.keep(card.name, self._shelf.current, card)
        return card

    def _names_to_go_back_to(self) -> list[str]:
        """The names up to the model that was live before; () when there is none."""
        names, live = self._shelf.names(), self._shelf.live()
        earlier = names[:-1] if live is not None and names[-1:] == [live.name] else names
        while earlier and self._shelf.card(earlier[-1]) is None:
            earlier = earlier[:-1]
        return earlier

    async def _change(
        self, kind: MoveKind, name: str, former: Card, names: Sequence[str], by: Officer | None, source: str
    ) -> Moved:
        """The engine first, as it may be unable to read the model; then what `make run` starts with; then the history."""
        card = self._shelf.card(name)
        assert card is not None  # noqa: S101 - both callers have seen it
        act = Act.MODEL_PROMOTED if kind is MoveKind.PROMOTED else Act.MODEL_ROLLED_BACK
        deed = Deed(act, by.id if by else "", "model", name, f"之前是 {former.name}", source)
        await self._audit.note(deed)  # before it is done: no model changes unseen
        files = await self._teaching.write_files()
        sets = [(one, files[one]) for one in card.change_sets if one in files]
        running = await self._engine.model()
        swap = await self._engine.use_model(name) if running is not None else None
        try:
            await asyncio.to_thread(self._shelf.put_live, name, names, sets)
        except OSError:
            if swap is not None:
                await self._engine.use_model(former.name)
            raise
        moved = Moved(name, former.name, swap.seconds if swap else None)
        async with self._database.write() as session:
            store = TeachingStore(session)
            await store.add(
                ModelMove(kind=kind, model=name, former=former.name, by=by.id if by else None, at=self._clock(),
                          seconds=moved.seconds)
            )  # fmt: skip
            training = await store.of_model(name)
            if training is not None:
                await store.move_on(training.public_id, MAY_GO_LIVE, self._clock(), state=TrainingState.LIVE)
        return moved


def objections_of(row: Training) -> tuple[str, ...]:
    """Why the model may not go live."""
    return tuple(json.loads(row.objections))


def changes_of(row: Training) -> tuple[Change, ...]:
    """The comparison that a training ended with; () before that."""
    former, figures = (tuple(Figure(**one) for one in json.loads(stored)) for stored in (row.former, row.figures))
    return compare(former, figures)
