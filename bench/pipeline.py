"""How well the intent pipeline understands, and what each of its parts earns: the tables of docs/decisions/0002-pipeline.md.

`engine/.venv/bin/python -m bench.pipeline [--real FILE --labels MAP]`, some ten minutes on two cores. The examples of data/nlu
are cut into five folds, each understood by a model of the other four; then a model of all reads the sets of evaluation/ that
name an intent, and the real questions of `--real`, scored as `python -m bot evaluate` does. Prints figures, never a text.
"""

import argparse
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from engine import encoder, intent_model
from engine.classifier import LinearIntentClassifier, understand
from engine.clauses import last_clause
from engine.intent_model import IntentModel, calibrated, ngrams_of

ROOT = Path(__file__).resolve().parents[1]
ENTITY = re.compile(r"\[([^\]]+)\](?:\(\w+\)|\{[^}]*\})")
SETTINGS = LinearIntentClassifier.get_default_config()
USE, DEEP = SETTINGS["quick_weight"], SETTINGS["deep_weight"]
VARIANTS: Mapping[str, tuple[bool, Mapping[str, float]]] = {
    "n-grams": (True, {}),
    "USE": (False, {"use": USE}),
    "n-grams + USE": (True, {"use": USE}),
    "n-grams + USE, whole and end": (True, {"use": USE, "use_end": USE}),
    "n-grams + E5": (True, {"e5": DEEP}),
    "n-grams + USE + E5": (True, {"use": USE, "e5": DEEP}),
    "n-grams + USE + E5, whole and end": (True, {"use": USE, "use_end": USE, "e5": DEEP, "e5_end": DEEP}),
}
"""Name → whether n-grams are read, and the vectors with their weights."""
AS_BUILT = "as built: E5 only where unsure"
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)


@dataclass
class Lines:
    """Texts, what is right for each (the first counts), and the label of an intent where labels are not intents."""

    texts: list[str]
    right: list[list[str]]
    label_of: Mapping[str, str]
    vectors: dict[str, np.ndarray]

    @classmethod
    def embedded(cls, texts: list[str], right: list[list[str]], label_of: Mapping[str, str]) -> "Lines":
        """With the vectors of each whole and of its end."""
        ends = [last_clause(text) for text in texts]
        vectors = {"use": encoder.quick_many(texts), "use_end": encoder.quick_many(ends)}
        return cls(
            texts, right, label_of, {**vectors, "e5": encoder.deep_many(texts), "e5_end": encoder.deep_many(ends)}
        )

    def score(self, names: np.ndarray, confidence: np.ndarray) -> tuple[float, float]:
        """(accuracy, macro-F1 over the labels of the lines)."""
        given = [str(name) for name in names[confidence.argmax(axis=1)]]
        given = [self.label_of.get(name, "(none)") for name in given] if self.label_of else given
        truth = [right[0] for right in self.right]
        counted = [right[0] if label in right else label for right, label in zip(self.right, given, strict=True)]
        macro = f1_score(truth, counted, labels=sorted(set(truth)), average="macro", zero_division=0)
        return float(np.mean([a == b for a, b in zip(truth, counted, strict=True)])), float(macro)


def examples() -> tuple[list[str], list[str]]:
    """The lines of data/nlu without their annotations, and their intents."""
    texts, labels = [], []
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            for line in entry["examples"].strip().splitlines() if "intent" in entry else ():
                texts.append(ENTITY.sub(r"\1", line[2:]))
                labels.append(entry["intent"])
    return texts, labels


def read(file: Path, label_of: Mapping[str, str]) -> Lines:
    """A file of {"text","label","also"} lines."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    right = [[line["label"], *line.get("also", ())] for line in lines]
    return Lines.embedded([line["text"] for line in lines], right, label_of)


def joined(
    lines: Lines, weights: Mapping[str, float], rows: np.ndarray, centres: Mapping[str, np.ndarray]
) -> np.ndarray:
    """(rows, length) weighted vectors; those of E5 less their centre."""
    parts = [(lines.vectors[view][rows] - centres.get(view, 0)) * weight for view, weight in weights.items()]
    return np.hstack(parts) if parts else np.zeros((len(rows), 1), dtype=np.float32)


def understood(own: Lines, train: np.ndarray, other: Lines, rows: np.ndarray, variant: str) -> tuple:
    """A model of some rows of `own` reads some of `other`: names, raw and calibrated confidence, seconds of fitting."""
    labels, texts = np.array([right[0] for right in own.right])[train], [own.texts[at] for at in train]
    with_ngrams, weights = VARIANTS[variant]
    of = ngrams_of(SETTINGS)
    learned, read_now = of.fit_transform(texts), of.transform([other.texts[at] for at in rows])
    if not with_ngrams:
        learned, read_now = csr_matrix((len(train), 1), dtype=np.float32), csr_matrix((len(rows), 1), dtype=np.float32)
    centres = {view: own.vectors[view][train].mean(axis=0) for view in weights if view.startswith("e5")}
    began = time.perf_counter()
    model = calibrated(learned, joined(own, weights, train, centres), labels, SETTINGS["C"])
    seconds = time.perf_counter() - began
    vectors = joined(other, weights, rows, centres)
    calm = model.confidence(read_now, vectors)
    model.temperature = 1.0
    return model.names, model.confidence(read_now, vectors), calm, seconds


def as_built(model: IntentModel, lines: Lines, rows: np.ndarray) -> np.ndarray:
    """Confidence of the classifier as it stands, one text after the other."""
    return np.stack([understand(model, lines.texts[at], SETTINGS)[0] for at in rows])


def learned(own: Lines, train: np.ndarray) -> IntentModel:
    """The model of the engine, from some rows."""
    labels = np.array([right[0] for right in own.right])[train]
    texts = [own.texts[at] for at in train]
    return intent_model.learn(texts, labels, own.vectors["use"][train], own.vectors["e5"][train], SETTINGS)


def folds(own: Lines) -> list[tuple[np.ndarray, np.ndarray]]:
    """(train, held out) rows, five times."""
    cut = StratifiedKFold(5, shuffle=True, random_state=0)
    return list(cut.split(own.texts, [right[0] for right in own.right]))


def dishonesty(confidence: np.ndarray, right: np.ndarray) -> float:
    """Mean distance between confidence and accuracy in tenths (ECE)."""
    bins = np.minimum((confidence * 10).astype(int), 9)
    return float(sum(abs((confidence - right)[bins == at].sum()) for at in range(10)) / len(right))


def row(variant: str, own: Lines, others: Mapping[str, Lines]) -> str:
    """A line of the table."""
    everything = np.arange(len(own.texts))
    parts = [(held, understood(own, train, own, held, variant)) for train, held in folds(own)]
    names = parts[0][1][0]
    truth = np.searchsorted(names, [right[0] for right in own.right])
    raw, calm = np.zeros((len(truth), len(names))), np.zeros((len(truth), len(names)))
    for held, (_, before, after, _) in parts:
        raw[held], calm[held] = before, after
    figures = [own.score(names, calm), (dishonesty(c.max(1), c.argmax(1) == truth) for c in (raw, calm))]
    seconds = 0.0
    for lines in others.values():
        names, _, confidence, seconds = understood(own, everything, lines, np.arange(len(lines.texts)), variant)
        figures.append(lines.score(names, confidence))
    return (
        f"| {variant} | " + " | ".join("/".join(f"{x:.3f}" for x in pair) for pair in figures) + f" | {seconds:.1f} |"
    )


def row_as_built(own: Lines, others: Mapping[str, Lines]) -> tuple[str, np.ndarray, np.ndarray]:
    """The same for the classifier of the engine; and the held-out confidences and truths for the curve."""
    parts = [(held, learned(own, train)) for train, held in folds(own)]
    names = parts[0][1].names
    truth = np.searchsorted(names, [right[0] for right in own.right])
    calm = np.zeros((len(truth), len(names)))
    for held, model in parts:
        calm[held] = as_built(model, own, held)
    began = time.perf_counter()
    whole = learned(own, np.arange(len(own.texts)))
    seconds = time.perf_counter() - began
    figures = [
        "/".join(f"{x:.3f}" for x in own.score(names, calm)),
        f"–/{dishonesty(calm.max(1), calm.argmax(1) == truth):.3f}",
    ]
    for lines in others.values():
        confidence = as_built(whole, lines, np.arange(len(lines.texts)))
        figures.append("/".join(f"{x:.3f}" for x in lines.score(names, confidence)))
    two_needs(whole)
    return f"| {AS_BUILT} | " + " | ".join(figures) + f" | {seconds:.1f} |", calm, truth


def two_needs(model: IntentModel) -> None:
    """Second needs found and false, by the confidence they must have."""
    file = ROOT / "evaluation" / "two_needs.jsonl"
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    print("| least confidence | both of two | nothing false of two | false second need of one | main need of one |")
    for least in (0.5, 0.6, 0.7, 0.75, 0.8, 0.9):
        settings = {**SETTINGS, "need_confidence": least}
        found = [understand(model, line["text"], settings)[1][:2] for line in lines]
        pairs = list(zip([line["needs"] for line in lines], found, strict=True))
        two = [(set(wanted), set(names)) for wanted, names in pairs if len(wanted) > 1]
        one = [(wanted[0], names) for wanted, names in pairs if len(wanted) == 1]
        cells = [sum(wanted == names for wanted, names in two), sum(names <= wanted for wanted, names in two)]
        cells += [sum(len(names) > 1 for _, names in one), sum(wanted == names[0] for wanted, names in one)]
        print(f"| {least} | {' | '.join(map(str, cells))} | of {len(two)} and {len(one)}")


def curve(confidence: np.ndarray, truth: np.ndarray) -> None:
    """What asking back below a threshold costs and saves, on held-out examples."""
    ranked = np.argsort(-confidence, axis=1)
    right, among = ranked[:, 0] == truth, (ranked[:, :2] == truth[:, None]).any(axis=1)
    print(
        "| threshold | asked back | errors avoided | right of the rest | right ones put off | true one among two offered |"
    )
    for least in THRESHOLDS:
        back = confidence.max(axis=1) < least
        cells = (
            back.mean(),
            (back & ~right).sum() / (~right).sum(),
            right[~back].mean(),
            (back & right).sum() / right.sum(),
        )
        print(f"| {least} | " + " | ".join(f"{cell:.3f}" for cell in cells) + f" | {among[back].mean():.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, help="real questions, {text, label, also} lines")
    parser.add_argument("--labels", type=Path, default=ROOT / "evaluation" / "real_questions.labels.yml")
    parser.add_argument("--only-as-built", action="store_true")
    chosen = parser.parse_args()
    began = time.perf_counter()
    texts, labels = examples()
    own = Lines.embedded(texts, [[label] for label in labels], {})
    print(f"{len(own.texts)} examples, four vectors each in {time.perf_counter() - began:.0f} s")
    others = {name: ROOT / "evaluation" / f"{name}.jsonl" for name in ("services", "dialect")}
    sets = {name: read(file, {}) for name, file in others.items() if file.exists()}
    if chosen.real:
        sets["real"] = read(chosen.real, yaml.safe_load(chosen.labels.read_text(encoding="utf-8")))
    print(
        "| features | own examples, five folds | ECE before/after temperature |",
        " | ".join(sets),
        "| seconds of fitting |",
    )
    for variant in () if chosen.only_as_built else VARIANTS:
        print(row(variant, own, sets), flush=True)
    line, confidence, truth = row_as_built(own, sets)
    print(line)
    curve(confidence, truth)


if __name__ == "__main__":
    main()
