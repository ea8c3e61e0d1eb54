"""Multinomial logistic regression over sparse n-grams beside dense vectors, with confidence that can be believed.

scikit-learn's takes one matrix: the vectors would have to become sparse (eight times slower) or the n-grams dense (gigabytes).
"""

from dataclasses import dataclass
from typing import Optional, Tuple

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import logsumexp, softmax

ROUNDS = 60
"""More did not change held-out accuracy."""
TEMPERATURES = np.geomspace(0.2, 5.0, 60)


@dataclass
class Regression:
    """`weights` is (n-grams, classes), (vector length, classes), (classes); scores are divided by the temperature."""

    names: np.ndarray
    weights: Tuple[np.ndarray, np.ndarray, np.ndarray]
    temperature: float = 1.0

    def scores(self, ngrams: csr_matrix, vectors: np.ndarray) -> np.ndarray:
        """(n, classes), any real number."""
        of_ngrams, of_vectors, bias = self.weights
        return ngrams @ of_ngrams + vectors @ of_vectors + bias

    def confidence(self, ngrams: csr_matrix, vectors: np.ndarray) -> np.ndarray:
        """(n, classes), each row adds up to 1."""
        return softmax(self.scores(ngrams, vectors) / self.temperature, axis=1)


def fit(
    ngrams: csr_matrix, vectors: np.ndarray, labels: np.ndarray, looseness: float, start: Optional[Regression] = None
) -> Regression:
    """The regression whose penalised likelihood is largest; `looseness` is scikit-learn's `C`.

    Examples are weighed half-way between all alike (rare intents lose) and balanced (common ones lose). `start` is an earlier
    regression over the same features and classes, to begin from.
    """
    names, at = np.unique(labels, return_inverse=True)
    shapes = [(ngrams.shape[1], len(names)), (vectors.shape[1], len(names)), (len(names),)]
    weight = _root_balanced(at)
    truth = np.eye(len(names), dtype=np.float32)[at]
    turned = ngrams.T.tocsr()

    def loss(flat: np.ndarray) -> Tuple[float, np.ndarray]:
        of_ngrams, of_vectors, bias = _parts(flat, shapes)
        scores = ngrams @ of_ngrams + vectors @ of_vectors + bias
        surprise = logsumexp(scores, axis=1) - scores[np.arange(len(at)), at]
        slope = (softmax(scores, axis=1) - truth) * weight[:, None]
        slopes = (turned @ slope + of_ngrams / looseness, vectors.T @ slope + of_vectors / looseness, slope.sum(axis=0))
        penalty = (np.square(of_ngrams).sum() + np.square(of_vectors).sum()) / (2 * looseness)
        return float(weight @ surprise + penalty), _flat(slopes)

    first = _flat(start.weights) if start is not None else np.zeros(sum(int(np.prod(shape)) for shape in shapes))
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS, "gtol": 1e-2, "ftol": 1e-5})
    return Regression(names, _parts(found.x, shapes))


def honest_temperature(scores: np.ndarray, at: np.ndarray) -> float:
    """The divisor of held-out (n, classes) scores that makes the likelihood of the true classes `at` largest."""

    def surprise(temperature: float) -> float:
        scaled = scores / temperature
        return float((logsumexp(scaled, axis=1) - scaled[np.arange(len(at)), at]).mean())

    return float(min(TEMPERATURES, key=surprise))


def _root_balanced(at: np.ndarray) -> np.ndarray:
    """(n,) weights of mean 1."""
    weight = (1 / np.sqrt(np.bincount(at)))[at].astype(np.float32)
    return weight * (len(at) / weight.sum())


def _parts(flat: np.ndarray, shapes: list) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    pieces = np.split(flat.astype(np.float32), cuts)
    return tuple(piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True))


def _flat(parts: Tuple[np.ndarray, ...]) -> np.ndarray:
    return np.concatenate([part.ravel() for part in parts]).astype(np.float64)
