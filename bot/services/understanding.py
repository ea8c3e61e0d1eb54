"""What is understood of a text, with the same cleaning, rules and joining as in a turn."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.dialogue.engine import EngineClient
from bot.domain.messages import Understanding
from bot.domain.risk import Risk
from bot.language.cleaning import clean
from bot.language.risk import read_risk
from bot.services.safety import combine

BATCH = 50
FALLBACK = "nlu_fallback"


@dataclass(frozen=True, slots=True)
class Understood:
    """One text: the best guess (also when a talk would ask back), and the risk by rules and joined."""

    intent: str
    confidence: float
    understanding: Understanding
    rules: Risk
    risk: Risk


async def understand(engine: EngineClient, texts: Sequence[str]) -> list[Understood]:
    """As many results as texts, in their order. Raises EngineUnavailable."""
    found: list[Understood] = []
    for at in range(0, len(texts), BATCH):
        batch = list(texts[at : at + BATCH])
        for text, understanding in zip(batch, await engine.understand([clean(t) for t in batch]), strict=True):
            best = next((rank for rank in understanding.ranking if rank[0] != FALLBACK), ("", 0.0))
            rules = read_risk(text)
            guess = Understanding(best[0], best[1], understanding.ranking, understanding.entities)
            found.append(Understood(best[0], best[1], understanding, rules, combine(rules, guess)))
    return found
