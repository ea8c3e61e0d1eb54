"""Two hundred thousand conversations as rows, in the words of this project's own examples and answers.

Drawn unevenly, as in life: some lines are said again and again, most once in a while.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.domain.case_topics import topic_of
from bot.domain.risk import RiskLevel
from bot.language.new_words import EXAMPLE, LABELLED, NLU

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
YEARS = 2
BATCH = 5000
SHORT = (
    "您好，我是妇联的小助手。",
    "好的，记下了。",
    "您方便说说在哪个区吗？",
    "已经帮您转给工作人员。",
    "不客气，有事再来。",
)
AREAS = [f"1201{district:02d}{town:03d}" for district in range(1, 17) for town in range(1, 17)]
REASONS = ((32, 0.004), (16, 0.02), (8, 0.005), (4, 0.06), (2, 0.08), (1, 0.1))


class Lines:
    """(intent, line) of hers and lines of ours, the first ones drawn far more often than the last."""

    def __init__(self) -> None:
        self.hers = [
            (block.partition("\n")[0].strip(), LABELLED.sub(r"\1", line))
            for file in sorted(NLU.glob("*.yml"))
            for block in file.read_text(encoding="utf-8").split("- intent:")[1:]
            for line in EXAMPLE.findall(block)
        ]
        answers = [
            answer["answer"]
            for file in sorted((ROOT / "data" / "knowledge").glob("*.yml"))
            for answer in yaml.safe_load(file.read_text(encoding="utf-8")).get("answers", [])
        ]
        self.ours = [*SHORT, *answers]
        rng = np.random.default_rng(7)
        rng.shuffle(self.hers)


def uneven(rng: np.random.Generator, size: int, many: int) -> np.ndarray:
    """(many,) numbers below `size`; half of them are in the first sixth."""
    return (size * rng.random(many) ** 2.6).astype(int)


class Made:
    """A database of this many conversations, as numbers before they are rows."""

    def __init__(self, conversations: int) -> None:
        self.rng, self.lines = np.random.default_rng(2026), Lines()
        self.lengths = (
            1 + np.minimum(self.rng.geometric(0.4, conversations), 40) - (self.rng.random(conversations) < 0.3)
        )
        self.lengths = np.maximum(self.lengths, 1)
        ages = np.sort(self.rng.random(conversations))[::-1] * YEARS * 365 * 86400
        self.began = [NOW - timedelta(seconds=float(age)) for age in ages]

    def batches(self) -> Iterator[tuple[list[dict[str, Any]], ...]]:
        """(conversations, hers, ours, entries), some thousand conversations at a time."""
        number, total = 0, len(self.lengths)
        for first in range(0, total, BATCH):
            rows: tuple[list[dict[str, Any]], ...] = ([], [], [], [])
            for at in range(first, min(first + BATCH, total)):
                number = self._conversation(at, number, rows)
            yield rows

    def _conversation(self, at: int, number: int, rows: tuple[list[dict[str, Any]], ...]) -> int:
        conversations, hers, ours, entries = rows
        rng, count, channel = self.rng, int(self.lengths[at]), ("wechat", "web")[at % 3 == 0]
        began, said = self.began[at], uneven(self.rng, len(self.lines.hers), int(self.lengths[at]))
        spoken = uneven(rng, len(self.lines.ours), count)
        intents, confidences = [], rng.beta(6, 1.2, count)
        risk = int(rng.choice(4, p=[0.93, 0.04, 0.025, 0.005]))
        conversations.append(
            {"id": at + 1, "public_id": f"c{at}", "channel": channel, "account": "main", "sender_digest": f"d{at}",
             "sealed_sender": b"-", "owner": "bot", "version": 0, "risk": list(RiskLevel)[risk],
             "created_at": began, "last_inbound_at": began}
        )  # fmt: skip
        for nth in range(count):
            number += 1
            intent, line = self.lines.hers[said[nth]]
            moment = began + timedelta(seconds=40 * nth)
            intents.append(intent)
            understanding = json.dumps({"ranking": [[intent, round(float(confidences[nth]), 4)], ["greet", 0.05]]})
            hers.append(
                {"id": number, "public_id": f"i{number}", "conversation_id": at + 1, "message_key": f"k{number}",
                 "kind": "text", "sealed": b"-" * 80, "masked": line, "status": "answered", "attempts": 1,
                 "intent": intent, "confidence": float(confidences[nth]), "risk": "none", "sent_at": moment,
                 "understanding": understanding, "received_at": moment}
            )  # fmt: skip
            ours.append(
                {"id": number, "public_id": f"o{number}", "conversation_id": at + 1, "inbound_id": number,
                 "author": "bot", "holding": False, "sealed": b"-" * 200, "masked": self.lines.ours[spoken[nth]],
                 "created_at": moment, "delivered_at": moment, "attempts": 0}
            )  # fmt: skip
        entries.append(
            {"conversation_id": at + 1, "channel": channel, "first_at": began,
             "last_at": began + timedelta(seconds=40 * (count - 1)), "messages": count,
             "area": AREAS[int(rng.integers(len(AREAS)))] if rng.random() < 0.4 else "",
             "topic": topic_of(intents[::-1]), "intents": f"|{'|'.join(dict.fromkeys(intents))}|",
             "lowest_confidence": float(confidences.min()), "risk": risk, "handed_over": bool(rng.random() < 0.05),
             "reasons": sum(weight for weight, share in REASONS if rng.random() < share)}
        )  # fmt: skip
        return number


def grams(masked: str, *, places: bool) -> str:
    """The words of the index as its triggers write them; with `places` as PostgreSQL reads them."""
    folded = "".join(sign.lower() if sign.isascii() else sign for sign in masked)
    found = [folded[at : at + 2].encode().hex().upper() for at in range(len(folded))]
    return " ".join(f"'{gram}':{at}" for at, gram in enumerate(found, 1)) if places else " ".join(found)
