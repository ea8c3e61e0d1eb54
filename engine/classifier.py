"""Intents from character n-grams and sentence vectors, by a linear classifier with calibrated confidence.

Why this and not DIET stands in docs/decisions/0002-pipeline.md, with the figures.
"""

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
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from engine.clauses import last_clause, sentences
from engine.encoder import encode, encode_many

RANKING = 10
FILE = "classifier.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Sets `intent`, `intent_ranking`, and `needs`: the intents of a message that asks for more than one thing."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`C` of the regression, weight of the vectors against the n-grams, and what a second need must reach."""
        return {"C": 8.0, "ngrams": [1, 3], "vector_weight": 1.6, "need_confidence": 0.6}

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource, model=None) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model: Optional[Dict[Text, Any]] = model

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LinearIntentClassifier":  # fmt: skip
        """An untrained one."""
        return cls(config, model_storage, resource)

    @staticmethod
    def required_packages() -> List[Text]:
        """What must be installed."""
        return ["sklearn"]

    def train(self, training_data: TrainingData) -> Resource:
        """Fit, find the temperature that makes held-out confidence honest, and write the model down."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        texts = [example.get(TEXT) for example in examples]
        labels = np.array([example.get(INTENT) for example in examples])
        ngrams = TfidfVectorizer(
            analyzer="char", ngram_range=tuple(self._config["ngrams"]), sublinear_tf=True, min_df=2, dtype=np.float32
        )
        features = self._features(ngrams.fit_transform(texts), texts, encode_many)
        regression = LogisticRegression(C=self._config["C"], max_iter=400, class_weight="balanced", tol=1e-3)
        temperature = 1.0
        if np.unique(labels, return_counts=True)[1].min() >= 3:
            held_out = cross_val_predict(regression, features, labels, cv=3, method="decision_function")
            temperature = honest_temperature(held_out, np.unique(labels, return_inverse=True)[1])
        regression.fit(features, labels)
        self._model = {"ngrams": ngrams, "regression": regression, "temperature": temperature}
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / FILE)
        return self._resource

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext, **kwargs: Any,
    ) -> "LinearIntentClassifier":  # fmt: skip
        """The trained one; the encoder is read now, not at the first message."""
        with model_storage.read_from(resource) as folder:
            model = joblib.load(folder / FILE)
        encode(["你好"])
        return cls(config, model_storage, resource, model)

    def process(self, messages: List[Message]) -> List[Message]:
        """Classify each message, and the sentences of the longer ones."""
        for message in messages:
            text = message.get(TEXT)
            if not text or self._model is None:
                continue
            parts = sentences(text)
            parts = parts if 1 < len(parts) <= 4 else []
            rankings = self._rank([text, *parts])
            ranking = [{"name": name, "confidence": confidence} for name, confidence in rankings[0]]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set("needs", self._needs(rankings), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing after this one learns from intents."""
        return training_data

    def _needs(self, rankings: List[List[Tuple[Text, float]]]) -> List[Text]:
        """The intent of the whole, then those of sentences that are sure of something else."""
        needs = [rankings[0][0][0]]
        for ranking in rankings[1:]:
            name, confidence = ranking[0]
            if name not in needs and confidence >= self._config["need_confidence"]:
                needs.append(name)
        return needs

    def _rank(self, texts: List[Text]) -> List[List[Tuple[Text, float]]]:
        model = self._model or {}
        scores = model["regression"].decision_function(
            self._features(model["ngrams"].transform(texts), texts, encode)
        ) / model["temperature"]  # fmt: skip
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        names = model["regression"].classes_
        return [[(str(names[at]), float(row[at])) for at in np.argsort(-row)[:RANKING]] for row in odds]

    def _features(self, ngrams: csr_matrix, texts: List[Text], encoder) -> csr_matrix:
        """(n, n-grams + 2 × 512): the n-grams, the vector of the whole, the vector of its end."""
        weight = self._config["vector_weight"]
        ends = [last_clause(text) for text in texts]
        vectors = np.hstack([encoder(texts), encoder(ends)]) * weight
        return hstack([ngrams, csr_matrix(vectors)], format="csr")


def honest_temperature(scores: np.ndarray, labels: np.ndarray) -> float:
    """The divisor of (n, classes) scores that makes the likelihood of the true labels largest."""
    candidates = np.geomspace(0.2, 5.0, 60)

    def loss(temperature: float) -> float:
        scaled = scores / temperature
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        likelihood = scaled[np.arange(len(labels)), labels] - np.log(np.exp(scaled).sum(axis=1))
        return -float(likelihood.mean())

    return float(min(candidates, key=loss))
