"""Rasa's stock classifier on our examples, to compare: character n-grams and DIET, without entities.

`nice engine/.venv/bin/python -m bench.diet [--epochs 100] [--real FILE]` learns from four fifths of data/nlu and reads the last
fifth, the first fold of `bench.pipeline`, and the real questions. With six thousand examples it takes hours on two cores.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from bench.pipeline import ROOT, dishonesty, examples


def pipeline(epochs: int) -> list[dict[str, Any]]:
    """Rasa's own components over our tokens."""
    return [
        {"name": "engine.tokenizer.CharacterTokenizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "word"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char", "min_ngram": 1, "max_ngram": 3},
        {
            "name": "DIETClassifier", "epochs": epochs, "entity_recognition": False,
            "constrain_similarities": True, "random_seed": 1,
        },
    ]  # fmt: skip


def project(folder: Path, texts: list[str], labels: list[str], epochs: int) -> None:
    """The two files that Rasa trains from."""
    lines: dict[str, list[str]] = {}
    for text, label in zip(texts, labels, strict=True):
        lines.setdefault(label, []).append(f"- {text}")
    nlu = [{"intent": label, "examples": "\n".join(own) + "\n"} for label, own in lines.items()]
    (folder / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True), "utf-8")
    config = {"recipe": "default.v1", "language": "zh", "assistant_id": "diet", "pipeline": pipeline(epochs)}
    (folder / "config.yml").write_text(yaml.safe_dump(config), "utf-8")


def train(folder: Path) -> Any:
    """The trained agent."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    began = time.perf_counter()
    files = {"config": str(folder / "config.yml"), "nlu_data": str(folder / "nlu.yml")}
    model = train_nlu(**files, output=str(folder), fixed_model_name="diet")
    print(f"trained in {time.perf_counter() - began:.0f} s", flush=True)
    return Agent.load(model)


async def parsed(agent: Any, texts: list[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Intents, their confidence, milliseconds."""
    from rasa.core.channels.channel import UserMessage

    names, sure, taken = [], [], []
    for text in texts:
        began = time.perf_counter()
        intent = (await agent.processor.parse_message(UserMessage(text)))["intent"]
        taken.append(1000 * (time.perf_counter() - began))
        names.append(intent["name"])
        sure.append(intent["confidence"])
    return names, np.array(sure), np.array(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--labels", type=Path, default=ROOT / "evaluation" / "real_questions.labels.yml")
    chosen = parser.parse_args()
    os.environ.update(RASA_TELEMETRY_ENABLED="false", LOG_LEVEL="ERROR")  # at debug level Rasa logs what it reads
    texts, labels = examples()
    learned, held = next(StratifiedKFold(5, shuffle=True, random_state=0).split(texts, labels))
    with tempfile.TemporaryDirectory() as folder:
        project(Path(folder), [texts[at] for at in learned], [labels[at] for at in learned], chosen.epochs)
        agent = train(Path(folder))
    names, sure, taken = asyncio.run(parsed(agent, [texts[at] for at in held]))
    truth = [labels[at] for at in held]
    right = np.array([a == b for a, b in zip(names, truth, strict=True)])
    macro = f1_score(truth, names, average="macro", zero_division=0)
    print(f"own examples {right.mean():.3f}/{macro:.3f}, ECE {dishonesty(sure, right):.3f}")
    print(f"parse p50 {np.median(taken):.1f} ms, p95 {np.percentile(taken, 95):.1f} ms")
    if chosen.real:
        label_of = yaml.safe_load(chosen.labels.read_text(encoding="utf-8"))
        lines = [json.loads(line) for line in chosen.real.read_text(encoding="utf-8").splitlines()]
        given, _, _ = asyncio.run(parsed(agent, [line["text"] for line in lines]))
        good = [label_of.get(a) in {b["label"], *b.get("also", ())} for a, b in zip(given, lines, strict=True)]
        print(f"real questions {np.mean(good):.3f}")


if __name__ == "__main__":
    main()
