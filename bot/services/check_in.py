"""Check-ins: keeping a result when she agrees, taking it back, showing it to her officer, counting, and forgetting the rest."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer
from bot.domain.check_in import CUT_OFF, HIGHEST, Scores
from bot.domain.errors import NotFound
from bot.services.case_access import seen
from bot.storage.check_in import CheckInStore
from bot.storage.database import Database
from bot.storage.figures import Areas, Counts, Stretch
from bot.storage.sealing import Keyring

READ_WITHIN = timedelta(minutes=15)
"""How long a result stands in the talk to be read."""
BATCH = 200
HIGH, LOW = "high", "low"


@dataclass(frozen=True, slots=True)
class Kept:
    """A result that she agreed to have kept; the day is local."""

    day: date
    scores: Scores = field(repr=False)

    @property
    def words(self) -> str:
        """「低落 4 分、担心 2 分（各满分 6，3 分起要细看）」"""
        return f"低落 {self.scores.low} 分、担心 {self.scores.worry} 分（各满分 {HIGHEST}，{CUT_OFF} 分起要细看；不是诊断）"


class CheckIns:
    """Public ids in. What she answers is nowhere in here: it stands in the talk's slots and goes with them."""

    def __init__(self, database: Database, keyring: Keyring, *, clock: Callable[[], datetime], zone: str) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._zone = ZoneInfo(zone)

    async def keep(self, conversation: str, scores: Scores) -> None:
        """She agreed: write it down. Agreed twice on a day, the last one counts. Raises NotFound."""
        now = self._clock()
        async with self._database.write() as session:
            store = CheckInStore(session, self._keyring)
            number = await store.conversation_id(conversation)
            if number is None:
                raise NotFound
            await store.keep(number, scores, now.astimezone(self._zone).date(), now)

    async def withdraw(self, conversation: str) -> int:
        """She takes her consent back: all of hers go; how many there were. Raises NotFound."""
        async with self._database.write() as session:
            store = CheckInStore(session, self._keyring)
            number = await store.conversation_id(conversation)
            if number is None:
                raise NotFound
            return await store.withdraw(number)

    async def of_case(self, case_id: str, by: Officer) -> tuple[Kept, ...]:
        """What she agreed to have kept, the newest first, for who may see her case. Raises NotFound."""
        async with self._database.read() as session:
            case = await seen(session, case_id, by)
            if case.conversation_id is None:
                return ()
            rows = await CheckInStore(session, self._keyring).of_conversation(case.conversation_id)
        return tuple(Kept(row.day, scores) for row, scores in reversed(rows))

    async def counts(self, session: AsyncSession, stretch: Stretch, areas: Areas) -> Counts:
        """By (area, 「high」 or 「low」) how many were kept in the stretch; the figures say what of it may be shown."""
        rows = await CheckInStore(session, self._keyring).counted(stretch, areas)
        return Counter((area, HIGH if scores.is_high else LOW) for area, scores in rows)

    async def forget_results(self) -> int:
        """Take results out of the talk that were there long enough to be read; how many."""
        async with self._database.write() as session:
            return await CheckInStore(session, self._keyring).blank_results(self._clock() - READ_WITHIN, BATCH)
