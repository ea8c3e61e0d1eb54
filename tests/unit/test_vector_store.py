"""Vectors of training texts are computed once, and the file tells nothing of the texts."""

from pathlib import Path

import numpy as np
import pytest

from engine.vector_store import stored


class Encoder:
    """Writes down what it was asked for; a vector is the length of the text."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: list[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[len(text)] for text in texts], dtype=np.float32)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "not-made-yet" / "vectors.npz"


def test_only_new_texts_are_embedded_the_second_time(file: Path) -> None:
    first, second = Encoder(), Encoder()
    stored(["一", "二二"], first, file)
    vectors = stored(["三三三", "二二", "一"], second, file)
    assert first.asked == ["一", "二二"]
    assert second.asked == ["三三三"]
    assert vectors.ravel().tolist() == [3, 2, 1]


def test_a_text_that_stands_twice_is_embedded_once(file: Path) -> None:
    encoder = Encoder()
    assert stored(["一", "一"], encoder, file).ravel().tolist() == [1, 1]
    assert encoder.asked == ["一"]


def test_texts_that_are_gone_from_the_training_data_are_gone_from_the_file(file: Path) -> None:
    stored(["一", "二二"], Encoder(), file)
    stored(["一", "三三三"], Encoder(), file)
    again = Encoder()
    stored(["二二"], again, file)
    assert again.asked == ["二二"]


def test_the_file_holds_no_words(file: Path) -> None:
    stored(["我想离婚"], Encoder(), file)
    with np.load(file) as held:
        assert set(held) == {"digests", "vectors"}
        assert "我想离婚" not in held["digests"].tolist()
    assert [other.name for other in file.parent.iterdir()] == [file.name]
