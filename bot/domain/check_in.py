"""情绪自测: PHQ-2 and GAD-2, four items of 0 to 3 over the last two weeks, and what the two sums mean.

A screen and no diagnosis. Cut-off 3 on each: Kroenke, Spitzer, Williams 2003 (PHQ-2) and Kroenke et al. 2007 (GAD-2).
docs/check-in.md says which wording is used and why.
"""

from collections.abc import Sequence
from dataclasses import dataclass

ITEMS: Sequence[str] = (
    "做什么都提不起劲，平时喜欢的事也觉得没意思",
    "心里低落、难过，或者觉得没有盼头",
    "紧张、着急，一颗心老提着放不下来",
    "担心这、担心那，想停也停不下来",
)
"""The items in our own words: the first two are the PHQ-2, the others the GAD-2."""
ANSWERS: Sequence[str] = ("没有过", "有几天", "一半以上的日子", "差不多天天")
"""What she may answer, worth 0 to 3."""
CUT_OFF, HIGHEST = 3, 6
"""From the cut-off on a sum is worth a closer look; the highest that two items can come to."""
INTENT = "take_check_in"
PAYLOAD = f"/{INTENT}"
STEP = f"{PAYLOAD}{{"
"""How the payload of anything but the offer begins."""
FORGOTTEN = f"{STEP}}}"
"""What is left of an answer's payload."""
ANSWERING = f'{STEP}"item"'
"""How the payload of an answer begins."""
ANSWER_SENT = "［情绪自测的一个回答］"
"""What the log says she sent instead of her answer."""
RESULT_SAID = "［情绪自测的结果］"
"""What lists and the search see of the result, which stands in the message itself until it has been read."""
RESULT_GONE = "［情绪自测的结果，看过就没有留］"
"""What is left of it then."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The sums of both screens, 0 to 6 each: low spirits (PHQ-2) and worry (GAD-2). Raises ValueError for any other."""

    low: int
    worry: int

    def __post_init__(self) -> None:
        if not (0 <= self.low <= HIGHEST and 0 <= self.worry <= HIGHEST):
            raise ValueError("a sum of two items is 0 to 6")

    @property
    def is_high(self) -> bool:
        """Whether one of the two reaches the cut-off."""
        return max(self.low, self.worry) >= CUT_OFF

    def write(self) -> str:
        """As a slot or a sealed column holds it."""
        return f"{self.low}+{self.worry}"

    @classmethod
    def read(cls, text: str) -> "Scores":
        """The other way. Raises ValueError."""
        low, _, worry = text.partition("+")
        return cls(int(low), int(worry))


def score(answers: Sequence[int]) -> Scores:
    """The sums of four answers. Raises ValueError for fewer, more, or an answer that is none."""
    if len(answers) != len(ITEMS) or not all(0 <= answer < len(ANSWERS) for answer in answers):
        raise ValueError("four answers of 0 to 3")
    return Scores(sum(answers[:2]), sum(answers[2:]))


def answered(before: str, item: int, answer: int) -> str | None:
    """The answers so far (a digit each) with this one; an earlier item answered anew drops those after it.

    None when an answer before it is missing: they were forgotten meanwhile.
    """
    if not (0 <= item < len(ITEMS) and 0 <= answer < len(ANSWERS)) or item > len(before):
        return None
    return f"{before[:item]}{answer}"


def is_answer(payload: str | None) -> bool:
    """Whether a choice answers an item: then neither its title nor its payload is kept."""
    return payload is not None and payload.startswith(ANSWERING)


def tells_result(payload: str | None) -> bool:
    """Whether the reply to this choice is the result."""
    return is_answer(payload) and f'{ANSWERING}:"{len(ITEMS) - 1}"' in str(payload)
