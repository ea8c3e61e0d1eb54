"""Entities by Rasa's CRF over single characters, told which of them lie in a known word or place name.

Rasa's own extractor writes down its examples and trains again at every start; ours writes down the trained model.
Rasa's own featurizer knows the lookup tables of data/nlu; ours adds the names of data/places, which stay there.
"""

import csv
import re
import shutil
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from hashlib import sha256
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Text, Tuple

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.extractors.crf_entity_extractor import CRFEntityExtractor, CRFToken
from rasa.nlu.featurizers.sparse_featurizer.regex_featurizer import RegexFeaturizer
from rasa.nlu.utils.pattern_utils import extract_patterns
from rasa.shared.nlu.constants import ENTITY_ATTRIBUTE_TYPE
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import coo_matrix
from sklearn_crfsuite import CRF

FILE = "entities.crfsuite"
PLACE_FILES = ("divisions.csv", "aliases.csv", "outside.txt", "ordinary.txt")
SHORTEST_VILLAGE = 3
"""Shorter names of villages and communities (安全, 广场, 第二) are mostly something else."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class WordAndPlaceFeaturizer(RegexFeaturizer):
    """Marks the characters of known words, times and places, for the extractor that comes after it."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Chinese has no word boundaries; `places` is the folder of place names."""
        return {**RegexFeaturizer.get_default_config(), "use_word_boundaries": False, "places": "data/places"}

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """What the files of places and this one say, so that Rasa trains again when they change."""
        folder = Path({**cls.get_default_config(), **config}["places"])
        files = [Path(__file__), *(folder / name for name in PLACE_FILES)]
        return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Take the expressions and lookup tables of the training data, and the places."""
        words = extract_patterns(training_data, use_word_boundaries=self._config["use_word_boundaries"])
        self.known_patterns = words + place_patterns(Path(self._config["places"]))
        self._persist()
        return self._resource

    def _features_for_patterns(
        self, message: Message, attribute: Text
    ) -> Tuple[Optional[coo_matrix], Optional[coo_matrix]]:
        """Mark each token with the names of what it lies in.

        `time/clock` marks `time` as well: what is learned of one kind of time, or place, holds for the rarer ones.
        Rasa's own also writes down what a token does not lie in, which takes five times as long here and in training,
        and teaches nothing. The extractor wants features on a message, but reads the marks; so they are one zero.
        """
        tokens = message.get(TOKENS_NAMES[attribute], [])
        if not message.get(attribute) or not tokens:
            return None, None
        starts, ends = [token.start for token in tokens], [token.end for token in tokens]
        marks: List[Dict[Text, bool]] = [{} for _ in tokens]
        for pattern in self.known_patterns:
            for found in re.finditer(pattern["pattern"], message.get(attribute)):
                for at in range(bisect_right(ends, found.start()), bisect_left(starts, found.end())):
                    marks[at].update({pattern["name"]: True, pattern["name"].split("/")[0]: True})
        for token, mark in zip(tokens, marks, strict=True):
            token.set("pattern", mark)
        return coo_matrix((len(tokens), 1)), coo_matrix((1, 1))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class StoredEntityExtractor(CRFEntityExtractor):
    """Rasa's extractor, with a model that is loaded instead of trained at every start."""

    def persist(self, dataset: List[List[CRFToken]]) -> None:
        """Write the trained model down. The examples are not kept."""
        with self._model_storage.write_to(self._resource) as folder:
            shutil.copyfile(self.entity_taggers[ENTITY_ATTRIBUTE_TYPE].modelfile.name, folder / FILE)

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext, **kwargs: Any,
    ) -> "StoredEntityExtractor":  # fmt: skip
        """The trained one, read into memory now: the folder does not outlive this call."""
        with model_storage.read_from(resource) as folder:
            tagger = CRF(model_filename=str(folder / FILE))
            tagger.tagger_.labels()
        extractor = cls(config, model_storage, resource, OrderedDict({ENTITY_ATTRIBUTE_TYPE: tagger}))
        extractor.crf_order = [ENTITY_ATTRIBUTE_TYPE]
        return extractor


def place_patterns(folder: Path) -> List[Dict[Text, Text]]:
    """Expressions for districts and towns, for villages and communities, and for names that are ordinary words too."""
    ordinary = set((folder / "ordinary.txt").read_text(encoding="utf-8").split())
    names: Dict[Text, List[Text]] = {"place/town": [], "place/village": [], "ordinary": []}
    for kind, name in place_names(folder):
        names["ordinary" if name in ordinary else kind].append(name)
    return [{"name": name, "pattern": one_of(found)} for name, found in names.items()]


def place_names(folder: Path) -> Iterator[Tuple[Text, Text]]:
    """(pattern, name) of every place, with and without its suffix, of this area and of other parts of the country."""
    with (folder / "divisions.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["level"] == "village":
                if len(row["short_name"]) >= SHORTEST_VILLAGE:
                    yield "place/village", row["short_name"]
            else:
                yield "place/town", row["name"]
                yield "place/town", row["short_name"]
                if row["name"].endswith("街道"):
                    yield "place/town", row["name"][:-1]
    with (folder / "aliases.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield "place/town", row["alias"]
    for name in (folder / "outside.txt").read_text(encoding="utf-8").split():
        yield "place/town", name


def one_of(names: List[Text]) -> Text:
    """An expression for any of the names; the longest that fits wins."""
    return "|".join(re.escape(name) for name in sorted(set(names), key=lambda name: (-len(name), name)))
