"""Limits on how often one sender may ask and how many streams are open; counts of one process, as they only blunt a flood."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.domain.errors import TooMany

MINUTE = timedelta(minutes=1)
REMEMBERED = 10_000
STREAMS_A_CONVERSATION, STREAMS_AN_ADDRESS = 6, 300
ADDRESS_SHARE = 10
"""How many conversations' worth one address may write: telephone networks put many women behind one address."""


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


class OpenStreams:
    """Streams that are open now. A conversation's oldest gives way to a new one: a telephone that lost its network has left
    streams behind that nobody reads. An address with too many gets no more."""

    def __init__(
        self, *, per_conversation: int = STREAMS_A_CONVERSATION, per_address: int = STREAMS_AN_ADDRESS
    ) -> None:
        self._per_conversation = per_conversation
        self._per_address = per_address
        self._of: dict[str, deque[asyncio.Event]] = {}
        self._from: Counter[str] = Counter()

    @contextmanager
    def one(self, conversation: str, address: str) -> Iterator[asyncio.Event]:
        """A stream, open during the block; the event is set when it has to end. Raises TooMany."""
        if self._from[address] >= self._per_address:
            raise TooMany
        streams, over = self._of.setdefault(conversation, deque()), asyncio.Event()
        if len(streams) >= self._per_conversation:
            streams.popleft().set()
        streams.append(over)
        self._from[address] += 1
        try:
            yield over
        finally:
            self._close(conversation, address, over)

    def _close(self, conversation: str, address: str, over: asyncio.Event) -> None:
        self._from[address] -= 1
        self._from += Counter()  # forgets those at zero
        streams = self._of.get(conversation, deque())
        if over in streams:
            streams.remove(over)
        if not streams:
            self._of.pop(conversation, None)
