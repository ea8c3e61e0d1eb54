"""How well it understands, measured: labels, danger, entities, confidence, messages with two needs."""

from bot.services.evaluation.labels import LabelScore, Report, evaluate, is_dangerous
from bot.services.evaluation.rates import Rate, wilson

__all__ = ["LabelScore", "Rate", "Report", "evaluate", "is_dangerous", "wilson"]
