"""Everything about teaching, put together once: change sets, trainings beside the live model, and which model is live."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.dialogue.engine import EngineClient
from bot.dialogue.training import Launcher, RasaTrainer
from bot.services.audit import Audit
from bot.services.live_model import LiveModel
from bot.services.measuring import Examiner
from bot.services.retraining import Retraining
from bot.services.teaching import Teaching
from bot.services.teaching_checks import guesses_of
from bot.services.training_data import TrainingData
from bot.storage.database import Database
from bot.storage.model_shelf import ModelShelf

LOG = "retrain.log"


@dataclass(frozen=True, slots=True)
class Lessons:
    """From the first proposal to the live model."""

    teaching: Teaching
    retraining: Retraining
    live: LiveModel

    @classmethod
    def furnish(
        cls,
        database: Database,
        audit: Audit,
        engine: EngineClient,
        *,
        root: Path,
        models: Path,
        folder: Path,
        clock: Callable[[], datetime],
        others: Sequence[tuple[Path, Path]] = (),
    ) -> "Lessons":
        """With the real trainer. `root`: the project; `models`, `folder`: see the settings; `others`: more sets to be examined
        on, each with the map of its labels."""
        shelf = ModelShelf(models)

        def data() -> TrainingData:
            return TrainingData.load(root, [file for file, _ in others])

        teaching = Teaching(database, audit, folder, shelf.taught, data, guesses_of(engine), clock=clock)
        retraining = Retraining(
            database, audit, teaching, shelf, RasaTrainer(root), Examiner(root, others), Launcher(root, folder / LOG),
            folder / "models", clock=clock,
        )  # fmt: skip
        return cls(teaching, retraining, LiveModel(database, audit, teaching, shelf, engine, clock=clock))
