"""Messages that ask for more than one thing: is every need seen, and is nothing made up."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.services.evaluation.rates import Rate, share, wilson


@dataclass(frozen=True, slots=True)
class NeedsReport:
    """`all_found`: lines where every need was; `found`: needs that were; `made_up`: given needs that are none."""

    lines: int
    all_found: Rate
    found: Rate
    made_up: Rate


def needs_report(expected: Sequence[Sequence[str]], given: Sequence[Sequence[str]]) -> NeedsReport:
    """Compare the needs of each line, whatever their order."""
    pairs = [(set(wanted), set(got)) for wanted, got in zip(expected, given, strict=True)]
    return NeedsReport(
        lines=len(pairs),
        all_found=share([wanted <= got for wanted, got in pairs]),
        found=wilson(sum(len(wanted & got) for wanted, got in pairs), sum(len(wanted) for wanted, _ in pairs)),
        made_up=wilson(sum(len(got - wanted) for wanted, got in pairs), sum(len(got) for _, got in pairs)),
    )
