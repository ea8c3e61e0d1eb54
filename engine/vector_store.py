"""Keeps the slow vectors of training texts from one training to the next, so that a new line costs milliseconds, not a minute.

The file lies beside Rasa's own cache, holds digests and not texts, and may be deleted at any time.
"""

from hashlib import sha256
from pathlib import Path
from typing import Callable, List, Sequence

import numpy as np

FOLDER = Path(".rasa")


def stored(texts: Sequence[str], embed: Callable[[List[str]], np.ndarray], file: Path) -> np.ndarray:
    """(n, length) vectors of `texts`: those in the file from there, the rest by `embed`; then the file holds these texts."""
    digests = [sha256(text.encode()).hexdigest() for text in texts]
    known = _read(file)
    missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
    if missing:
        known.update(zip(missing, embed(list(missing.values())), strict=True))
    vectors = np.stack([known[digest] for digest in digests])
    if missing:
        _write(file, digests, vectors)
    return vectors


def _read(file: Path) -> dict:
    if not file.exists():
        return {}
    with np.load(file) as held:
        return dict(zip(held["digests"].tolist(), held["vectors"], strict=True))


def _write(file: Path, digests: List[str], vectors: np.ndarray) -> None:
    """A killed training leaves the old file or the new one, never half of one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new.npz")
    np.savez(new, digests=np.array(digests), vectors=vectors)
    new.replace(file)
