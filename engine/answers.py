"""Ranks the answers of data/knowledge against a message by the likeness of their questions."""

from hashlib import sha256
from pathlib import Path
from typing import Any, Dict, List, Optional, Text

import joblib
import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from engine.clauses import last_clause
from engine.encoder import encode, encode_many

BEST = 5
FILE = "answers.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class AnswerRanker(GraphComponent):
    """Sets `answers`: the best five, `{"id", "intent", "score"}`, score between 0 and 1."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Where the answers are, and how much the vectors weigh against the n-grams."""
        return {"folder": "data/knowledge", "vector_weight": 0.6}

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource, index=None) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._index: Optional[Dict[Text, Any]] = index

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext,
    ) -> "AnswerRanker":  # fmt: skip
        """An empty one."""
        return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """What the files say, so that Rasa trains again when they change."""
        folder = Path({**cls.get_default_config(), **config}["folder"])
        return sha256(b"".join(file.read_bytes() for file in sorted(folder.glob("*.yml")))).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Index every question."""
        questions, answers = [], []
        for file in sorted(Path(self._config["folder"]).glob("*.yml")):
            for answer in yaml.safe_load(file.read_text(encoding="utf-8"))["answers"]:
                for question in answer["questions"]:
                    questions.append(question)
                    answers.append((answer["id"], answer["intent"]))
        if questions:
            ngrams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, dtype=np.float32)
            self._index = {
                "ngrams": ngrams,
                "matrix": ngrams.fit_transform(questions),
                "vectors": encode_many(questions),
                "answers": answers,
            }
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._index, folder / FILE)
        return self._resource

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext, **kwargs: Any,
    ) -> "AnswerRanker":  # fmt: skip
        """The index that was built."""
        with model_storage.read_from(resource) as folder:
            index = joblib.load(folder / FILE)
        return cls(config, model_storage, resource, index)

    def process(self, messages: List[Message]) -> List[Message]:
        """Rank for each message; the better of its whole and its end counts."""
        for message in messages:
            text = message.get(TEXT)
            if text and self._index is not None:
                message.set("answers", self._rank(text), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing after this one learns from it."""
        return training_data

    def _rank(self, text: Text) -> List[Dict[Text, Any]]:
        index = self._index or {}
        views = list(dict.fromkeys([text, last_clause(text)]))
        weight = self._config["vector_weight"]
        alike = weight * encode(views) @ index["vectors"].T
        alike = alike + (1 - weight) * (index["ngrams"].transform(views) @ index["matrix"].T).toarray()
        best: Dict[Any, float] = {}
        for answer, score in zip(index["answers"], alike.max(axis=0), strict=True):
            best[answer] = max(best.get(answer, 0.0), float(score))
        ranked = sorted(best.items(), key=lambda item: -item[1])[:BEST]
        return [{"id": name, "intent": intent, "score": round(score, 4)} for (name, intent), score in ranked]
