"""What is learned of intents: two regressions over character n-grams and sentence vectors; knows nothing of Rasa.

The quick one reads USE's vector, the full one E5's as well. Each has the temperature that makes its confidence honest.
"""

from dataclasses import dataclass, replace
from typing import Any, Dict, List

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from engine.regression import Regression, fit, honest_temperature

DEFAULTS: Dict[str, Any] = {"C": 8.0, "ngrams": [1, 2], "min_df": 3, "quick_weight": 1.5, "deep_weight": 5.0}
"""`C` of the regressions, lengths of the n-grams, in how many examples one must stand, weights of the vectors beside them."""
HELD_OUT = 5
"""One example of a class in so many is kept apart to find the temperature."""


@dataclass
class IntentModel:
    """`centre` is the mean of E5's vectors, which all point nearly one way."""

    settings: Dict[str, Any]
    ngrams: TfidfVectorizer
    centre: np.ndarray
    quick: Regression
    full: Regression

    @property
    def names(self) -> np.ndarray:
        """The intents, in the order of the columns."""
        return self.quick.names

    def quick_confidences(self, texts: List[str], quick: np.ndarray) -> np.ndarray:
        """(n, classes) from texts and their (n, 512) vectors of USE."""
        return self.quick.confidence(self.ngrams.transform(texts), quick * self.settings["quick_weight"])

    def full_confidences(self, texts: List[str], quick: np.ndarray, deep: np.ndarray) -> np.ndarray:
        """The same, with their (n, 384) vectors of E5."""
        return self.full.confidence(self.ngrams.transform(texts), _joined(quick, deep - self.centre, self.settings))


def learn(
    texts: List[str], labels: np.ndarray, quick: np.ndarray, deep: np.ndarray, settings: Dict[str, Any]
) -> IntentModel:
    """Learn from (n) texts, their labels and their vectors of USE and E5."""
    of = ngrams_of(settings)
    ngrams, centre = of.fit_transform(texts), deep.mean(axis=0)
    by_quick = calibrated(ngrams, quick * settings["quick_weight"], labels, settings["C"])
    by_both = calibrated(ngrams, _joined(quick, deep - centre, settings), labels, settings["C"])
    return IntentModel(settings, of, centre, by_quick, by_both)


def ngrams_of(settings: Dict[str, Any]) -> TfidfVectorizer:
    """Not yet fitted."""
    return TfidfVectorizer(
        analyzer="char", ngram_range=tuple(settings["ngrams"]), sublinear_tf=True, min_df=settings["min_df"], dtype=np.float32
    )  # fmt: skip


def calibrated(ngrams: csr_matrix, vectors: np.ndarray, labels: np.ndarray, looseness: float) -> Regression:
    """Fitted on all, with the temperature that a fit on four fifths needs for the last fifth."""
    names, at = np.unique(labels, return_inverse=True)
    held = np.zeros(len(labels), dtype=bool)
    for name in names:
        held[np.flatnonzero(labels == name)[HELD_OUT - 1 :: HELD_OUT]] = True
    partly = fit(ngrams[~held], vectors[~held], labels[~held], looseness)
    temperature = honest_temperature(partly.scores(ngrams[held], vectors[held]), at[held]) if held.any() else 1.0
    return replace(fit(ngrams, vectors, labels, looseness, start=partly), temperature=temperature)


def _joined(quick: np.ndarray, deep: np.ndarray, settings: Dict[str, Any]) -> np.ndarray:
    return np.hstack([quick * settings["quick_weight"], deep * settings["deep_weight"]])
