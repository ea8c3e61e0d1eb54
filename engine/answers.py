"""Ranks the answers of data/knowledge against a message.

Three likenesses are added: to the nearest question of an answer, to the middle of all its questions and its first line, and to
all its words. Where they do not tell the answers of a topic apart, E5's vectors have their say too. The weights were found on
the lines of evaluation/answers.jsonl that are marked `tuned`.
"""

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

from engine.clauses import last_clause, questions
from engine.encoder import deep, deep_stored, quick, quick_many

BEST = 8
"""Answers told whatever their topic: the classifier is wrong about the topic more often than their order is."""
OF_A_NEED = 4
"""Answers told of each topic that the message asks for."""
UNLIKELY = 0.01
"""Confidence of the classifier in a topic that it does not name."""
SURE = 0.9
"""With this confidence in the quick likeness the slow one is not asked."""
SPREAD = 0.03
"""As in bot/services/knowledge.py: how far apart likenesses lie that are e times as probable."""
FIRST_LINE = 0.5
"""What the first line of an answer weighs beside one of its questions."""
FILE = "answers.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class AnswerRanker(GraphComponent):
    """Sets `answers`: the best of all and of what is asked for, best first, `{"id", "intent", "score"}`; 1: the same words."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Where the answers are, what the three likenesses weigh, what vectors weigh against n-grams in the first, E5
        against all of them, and the classifier's word on the topic."""
        return {
            "folder": "data/knowledge",
            "nearest": 0.4,
            "middle": 0.35,
            "words": 0.25,
            "vector_weight": 0.6,
            "deep_weight": 0.4,
            "topic_weight": 0.01,
        }

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
        """Index every answer."""
        answers = [
            answer
            for file in sorted(Path(self._config["folder"]).glob("*.yml"))
            for answer in yaml.safe_load(file.read_text(encoding="utf-8"))["answers"]
        ]
        self._index = index(answers) if answers else None
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
        """Rank for each message."""
        for message in messages:
            text = message.get(TEXT)
            if text and self._index is not None:
                ranking = {rank["name"]: rank["confidence"] for rank in message.get("intent_ranking") or []}
                asked = dict.fromkeys([*list(ranking)[:1], *(message.get("needs") or [])])
                message.set("answers", self._rank(text, list(asked), ranking), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing after this one learns from it."""
        return training_data

    def _rank(self, text: Text, asked: List[Text], ranking: Dict[Text, float]) -> List[Dict[Text, Any]]:
        """`asked` are the intents to be answered; where there are several, each sentence that asks is looked at for itself."""
        intents = [intent for _, intent in self._index["answers"]]
        parts = questions(text) if len(asked) > 1 else []
        topic = np.log([max(ranking.get(intent, 0.0), UNLIKELY) for intent in intents]) * self._config["topic_weight"]
        scores = self.scores([text, last_clause(text), *parts])
        if not set(asked).isdisjoint(intents) and (parts or not is_sure(scores + topic)):
            share = self._config["deep_weight"]
            scores = (1 - share) * scores + share * self.deep_scores([text, *parts])
        order = [int(at) for at in np.argsort(-(scores + topic))]
        told = {at for intent in asked for at in [at for at in order if intents[at] == intent][:OF_A_NEED]} | {
            *order[:BEST]
        }
        return [
            {"id": self._index["answers"][at][0], "intent": intents[at], "score": round(float((scores + topic)[at]), 4)}
            for at in order
            if at in told
        ]

    def scores(self, views: List[Text]) -> np.ndarray:
        """(answers,) how like a message each is; the best of the views of it counts."""
        index, weigh = self._index, self._config
        views = list(dict.fromkeys(views))
        vectors, ngrams = quick(views), index["ngrams"].transform(views)
        share = weigh["vector_weight"]
        alike = share * vectors @ index["vectors"].T + (1 - share) * (ngrams @ index["questions"].T).toarray()
        nearest = np.maximum.reduceat(alike, index["begins"], axis=1)
        middle = vectors @ index["middles"].T
        words = (ngrams @ index["words"].T).toarray()
        parts = [(nearest, "nearest"), (middle, "middle"), (words, "words")]
        return sum(weigh[name] * likeness.max(axis=0) for likeness, name in parts)

    def deep_scores(self, views: List[Text]) -> np.ndarray:
        """(answers,) the same by E5's vectors, half the nearest question and half the middle."""
        index = self._index
        vectors = unit(deep(views) - index["deep_centre"])
        nearest = np.maximum.reduceat(vectors @ index["deep_vectors"].T, index["begins"], axis=1)
        return (nearest.max(axis=0) + (vectors @ index["deep_middles"].T).max(axis=0)) / 2


def index(answers: List[Dict[Text, Any]]) -> Dict[Text, Any]:
    """What a message is compared with. `begins` is where the questions of each answer begin."""
    questions = [question for answer in answers for question in answer["questions"]]
    ngrams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, dtype=np.float32)
    ngrams.fit([*questions, *(answer["answer"] for answer in answers)])
    vectors = quick_many(questions)
    first_lines = quick_many([answer["answer"].split("\n")[0] for answer in answers])
    begins = np.cumsum([0, *(len(answer["questions"]) for answer in answers)])[:-1]
    counts = np.array([len(answer["questions"]) for answer in answers])[:, None]
    middles = np.add.reduceat(vectors, begins) / counts + FIRST_LINE * first_lines
    deeper = deep_stored(questions, "answers")
    deep_vectors = unit(deeper - deeper.mean(axis=0))
    return {
        "answers": [(answer["id"], answer["intent"]) for answer in answers],
        "ngrams": ngrams,
        "questions": ngrams.transform(questions),
        "vectors": vectors,
        "begins": begins,
        "middles": unit(middles),
        "deep_centre": deeper.mean(axis=0),
        "deep_vectors": deep_vectors,
        "deep_middles": unit(np.add.reduceat(deep_vectors, begins)),
        "words": ngrams.transform([" ".join([*answer["questions"], answer["answer"]]) for answer in answers]),
    }


def unit(vectors: np.ndarray) -> np.ndarray:
    """(n, dimensions) at length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def is_sure(scores: np.ndarray) -> bool:
    """Whether the first answer stands clear of the others."""
    best = np.sort(scores)[::-1][:BEST]
    return bool(1 / np.exp((best - best[0]) / SPREAD).sum() >= SURE)
