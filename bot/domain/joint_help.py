"""Which needs call for a lawyer, which for somebody who listens: where both show, both are offered at once."""

from collections.abc import Iterable
from enum import StrEnum


class Side(StrEnum):
    """Which kind of help a need calls for."""

    LEGAL = "legal"
    MIND = "mind"


OFFERED = "offered"
"""What is remembered once both were offered: it is said once a talk."""
LEGAL = frozenset(
    {"ask_domestic_violence", "ask_protection_order", "ask_divorce", "ask_custody", "ask_property", "ask_bride_price",
     "ask_inheritance", "ask_maternity", "ask_wages", "ask_sexual_harassment", "ask_rural_land", "ask_other_legal"}
)  # fmt: skip
MIND = frozenset({"feel_distressed", "feel_postpartum", "feel_bereaved", "need_counselling"})


def sides(needs: Iterable[str]) -> frozenset[Side]:
    """The kinds of help that some intents call for."""
    needs = set(needs)
    return frozenset(side for side, intents in ((Side.LEGAL, LEGAL), (Side.MIND, MIND)) if needs & intents)


def both_show(remembered: str, needs: Iterable[str]) -> tuple[bool, str]:
    """(whether to offer both now, what to remember) by what the talk showed before and what a message asks for."""
    shown = sides(needs)
    if remembered == OFFERED or not shown:
        return False, remembered
    together = shown | {Side(remembered)} if remembered else shown
    return (True, OFFERED) if len(together) > 1 else (False, next(iter(together)).value)
