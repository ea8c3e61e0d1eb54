"""The regression finds classes from both kinds of features, is the one that its penalty asks for, and is honest about its doubt."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from engine.regression import fit, honest_temperature

RNG = np.random.default_rng(7)


def clouds(spread: float, each: int = 60) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    """Three classes: the first told by an n-gram, the others by a vector."""
    labels = np.repeat(["a", "b", "c"], each)
    ngrams = csr_matrix((labels == "a").astype(np.float32)[:, None])
    centres = {"a": (0, 0), "b": (3, 0), "c": (0, 3)}
    vectors = np.array([centres[label] for label in labels]) + RNG.normal(0, spread, (len(labels), 2))
    return ngrams, vectors.astype(np.float32), labels


def test_classes_are_found_from_ngrams_and_vectors_together() -> None:
    ngrams, vectors, labels = clouds(0.3)
    found = fit(ngrams, vectors, labels, 8.0)
    assert (found.names[found.scores(ngrams, vectors).argmax(axis=1)] == labels).all()


def test_confidence_of_a_row_adds_up_to_one() -> None:
    ngrams, vectors, labels = clouds(2.0)
    assert fit(ngrams, vectors, labels, 8.0).confidence(ngrams, vectors).sum(axis=1) == pytest.approx(1.0)


def test_a_tighter_penalty_gives_smaller_weights() -> None:
    ngrams, vectors, labels = clouds(1.0)
    loose, tight = (np.abs(fit(ngrams, vectors, labels, looseness).weights[1]).sum() for looseness in (8.0, 0.01))
    assert tight < loose / 2


def test_it_ends_in_the_same_place_wherever_it_begins() -> None:
    ngrams, vectors, labels = clouds(1.0)
    half = np.arange(len(labels)) % 2 == 0
    begun = fit(ngrams, vectors, labels, 1.0, start=fit(ngrams[half], vectors[half], labels[half], 1.0))
    fresh = fit(ngrams, vectors, labels, 1.0)
    assert begun.confidence(ngrams, vectors) == pytest.approx(fresh.confidence(ngrams, vectors), abs=0.02)


def test_the_temperature_makes_an_overconfident_score_honest() -> None:
    chance = 0.8
    truth = (RNG.random(4000) > chance).astype(int)  # class 0 in four of five
    boastful = np.tile([3 * np.log(chance / (1 - chance)), 0.0], (4000, 1))
    temperature = honest_temperature(boastful, truth)
    assert 1 / (1 + np.exp(-boastful[0, 0] / temperature)) == pytest.approx(chance, abs=0.03)
