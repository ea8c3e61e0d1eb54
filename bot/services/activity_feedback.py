"""What women said of an activity, taken together: nothing at all while fewer than five have said something."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.figures import SMALLEST
from bot.services.activity_desk import Attendee


@dataclass(frozen=True, slots=True)
class Feedback:
    """`rated`: how many gave stars, 0 where they are too few to be told; `words`: masked, in no order of who came."""

    rated: int
    words: tuple[str, ...]


def feedback_of(attendees: Iterable[Attendee]) -> Feedback:
    """Of those who came; whoever reads it cannot tell from the order or the number who said what."""
    said = [one for one in attendees if one.rating is not None or one.words]
    stars = [one.rating for one in said if one.rating is not None]
    return Feedback(
        rated=len(stars) if len(stars) >= SMALLEST else 0,
        words=tuple(sorted(one.words for one in said if one.words)) if len(said) >= SMALLEST else (),
    )
