"""Teaching with a trainer that trains nothing: models are small files, figures are what a test says, the engine remembers."""

import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from bot.dialogue.engine import ModelSwap
from bot.domain.accounts import Officer, Role
from bot.domain.errors import EngineUnavailable
from bot.domain.reviews import CorrectionState, MarkedEntity, write_entities
from bot.domain.teaching import Figure, Span, TrainingFailed
from bot.services.lessons import Lessons
from bot.services.live_model import LiveModel
from bot.services.retraining import Retraining
from bot.services.teaching import Teaching
from bot.services.training_data import TrainingData
from bot.storage.audit import AuditEntry
from bot.storage.conversations import InboundMessage
from bot.storage.model_shelf import ModelShelf, model_id_of
from bot.storage.reviews import Correction, ReviewStore
from tests.conftest import Clock
from tests.integration.conftest import Talk
from tests.integration.staffing import Staffed

DATA = TrainingData(
    examples=(("ask_divorce", "想离婚怎么弄好呢"),),
    examined=(("services", "北辰哪里有妇女之家呀"),),
    intents=frozenset({"ask_divorce", "ask_custody", "find_place"}),
    entities=frozenset({"role", "place"}),
)
FIGURES = (
    Figure("crisis", "识别 all", 0.9, 90, 100, guards="danger"),
    Figure("hard_negatives", "误报", 0.01, 1, 100, at_least=False, guards="alarms"),
    Figure("services", "答对", 0.8, 80, 100),
)
WORSE = (Figure("crisis", "识别 all", 0.89, 89, 100, guards="danger"), *FIGURES[1:])


def write_model(file: Path, model_id: str) -> None:
    """What is read of a model file: the id that training gave it."""
    told = json.dumps({"model_id": model_id}).encode()
    with tarfile.open(file, "w:gz") as opened:
        member = tarfile.TarInfo("metadata.json")
        member.size = len(told)
        opened.addfile(member, io.BytesIO(told))


@dataclass
class FakeTrainer:
    """Writes a model named after its count, or fails."""

    broken: bool = False
    learned: list[list[str]] = field(default_factory=list)

    async def train(self, more: Sequence[Path], out: Path, tell) -> None:
        await tell("一部分")
        if self.broken:
            raise TrainingFailed
        self.learned.append([file.read_text(encoding="utf-8") for file in more])
        out.parent.mkdir(parents=True, exist_ok=True)
        write_model(out, f"trained {len(self.learned)}")


@dataclass
class FakeExaminer:
    """Figures by the model's id; those of every other model are FIGURES."""

    of: dict[str, tuple[Figure, ...]] = field(default_factory=dict)

    def sets(self) -> list[str]:
        return ["crisis", "services"]

    async def figures(self, model: Path, tell) -> tuple[Figure, ...]:
        await tell("crisis")
        return self.of.get(model_id_of(model), FIGURES)


@dataclass
class FakeEngine:
    """Answers with a model of the shelf, or is not running, or cannot read one."""

    shelf: ModelShelf
    running: bool = True
    answers: str = "base"
    unreadable: set[str] = field(default_factory=set)
    used: list[str] = field(default_factory=list)

    async def model(self) -> str | None:
        return self.answers if self.running else None

    async def use_model(self, name: str) -> ModelSwap:
        if name in self.unreadable:
            raise EngineUnavailable
        self.used.append(name)
        former, self.answers = self.answers, model_id_of(self.shelf.file(name))
        return ModelSwap(self.answers, former, 0.5)


@dataclass
class School:
    """The three services over one database and one folder."""

    talk: Talk
    staffed: Staffed
    folder: Path
    trainer: FakeTrainer = field(default_factory=FakeTrainer)
    examiner: FakeExaminer = field(default_factory=FakeExaminer)
    launched: list[str] = field(default_factory=list)
    guesses: tuple[Span, ...] | None = ()

    def __post_init__(self) -> None:
        database, audit, clock = self.talk.database, self.staffed.audit, self.talk.clock
        self.shelf = ModelShelf(self.folder / "models")
        self.shelf.folder.mkdir(parents=True)
        write_model(self.shelf.current, "base")
        self.engine = FakeEngine(self.shelf)
        self.teaching = Teaching(
            database, audit, self.folder / "teaching", self.shelf.taught, lambda: DATA, self._guess, clock=clock
        )
        self.retraining = Retraining(
            database, audit, self.teaching, self.shelf, self.trainer, self.examiner, self._launch,
            self.folder / "teaching" / "models", clock=clock,
        )  # fmt: skip
        self.live = LiveModel(database, audit, self.teaching, self.shelf, self.engine, clock=clock)

    @property
    def lessons(self) -> Lessons:
        return Lessons(self.teaching, self.retraining, self.live)

    @property
    def clock(self) -> Clock:
        return self.talk.clock

    async def _guess(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        if self.guesses is None:
            raise EngineUnavailable
        return [self.guesses for _ in texts]

    async def _launch(self, training: str) -> None:
        self.launched.append(training)

    async def officer(self, login: str, role: Role = Role.REVIEWER, scope: str = "") -> Officer:
        return await self.staffed.officer(login, role, scope)

    async def corrected(
        self, text: str, intent: str | None = "ask_custody", *, entities: tuple[MarkedEntity, ...] | None = (),
        state: CorrectionState = CorrectionState.ACCEPTED, wish: str = "", changes: bool = True,
    ) -> str:  # fmt: skip
        """She writes, a reviewer judges it, it is accepted → her words as they are kept, masked."""
        reviewer = await self._reviewer()
        self.number = getattr(self, "number", 0) + 1
        await self.talk.say(text, message_id=f"taught {self.number}", sender=f"她 {self.number}")
        await self.talk.conversations.finish_running()
        now = self.clock()
        async with self.talk.database.write() as session:
            inbound = await session.scalar(select(InboundMessage).order_by(InboundMessage.id.desc()).limit(1))
            assert inbound is not None
            store = ReviewStore(session)
            judged = Correction(
                inbound_id=inbound.id, reviewer_id=reviewer, intent=intent, entities=write_entities(entities),
                new_intent_wish=wish, changes=changes, at=now,
            )  # fmt: skip
            judgement = await store.named(await store.judge(judged))
            assert judgement is not None
            await store.decide(judgement, state, reviewer, now)
            return inbound.masked

    async def _reviewer(self) -> str:
        if not hasattr(self, "reviewer"):
            self.reviewer = await self.staffed.hire("judge", Role.REVIEWER, "")
        return self.reviewer

    async def acts(self) -> list[tuple[str, str]]:
        """(act, object) of the audit log, as far as it is of teaching."""
        async with self.talk.database.read() as session:
            rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.sequence))
            return [(row.act, row.object_id) for row in rows if row.act.startswith(("teaching", "model"))]

    async def approved(self, *texts: str) -> str:
        """A change set of these sentences, approved by a second person."""
        for text in texts:
            await self.corrected(text)
        first, second = await self.two()
        change_set = await self.teaching.propose(first)
        await self.teaching.approve(second, change_set)
        return change_set

    async def two(self) -> tuple[Officer, Officer]:
        """Who proposes, and who approves."""
        if not hasattr(self, "pair"):
            self.pair = await self.officer("first"), await self.officer("second", Role.SUPERVISOR)
        return self.pair
