"""A limit on how fast one sender may write; counts live in this process, as they only blunt a flood."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta

from bot.domain.errors import TooMany

MINUTE = timedelta(minutes=1)
REMEMBERED = 10_000


class Flood:
    """Sliding minute per sender; the senders longest silent are forgotten first."""

    def __init__(self, *, per_minute: int) -> None:
        self._per_minute = per_minute
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()

    def check(self, sender: str, now: datetime) -> None:
        """Raise TooMany when this is one message too many within a minute."""
        times = self._seen.setdefault(sender, deque())
        self._seen.move_to_end(sender)
        while times and now - times[0] > MINUTE:
            times.popleft()
        if len(times) >= self._per_minute:
            raise TooMany
        times.append(now)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
