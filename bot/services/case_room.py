"""What the page of one case asks besides the case: can words reach her now, which colleagues are there, is anything new."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer
from bot.domain.cases import CaseRules
from bot.domain.rota import is_excluded, monday
from bot.services.case_access import may_hand_to, seen
from bot.services.case_lines import PULLED, is_listening
from bot.storage.case_news import CaseNews
from bot.storage.cases import Case, CaseStore
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.listening import ListeningStore
from bot.storage.rota import RotaStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore
from bot.storage.wechat import WeChatStore

MARK = "case page"
LONGEST_MARK = 24


@dataclass(frozen=True, slots=True)
class Reach:
    """How words get to her. `channel` "": she has no conversation with us, so nothing can be written.

    Where her page fetches messages: `listening`, and when it was `seen_at` last (None: never that we know).
    Elsewhere: `left`, how many messages her channel still carries, and `until` when; None when no window is open.
    `unsent`: lines of ours that wait; they go out with the answer to her next message.
    """

    channel: str = ""
    listening: bool = False
    seen_at: datetime | None = None
    left: int = 0
    until: datetime | None = None
    unsent: int = 0

    @property
    def pulled(self) -> bool:
        """Whether her page fetches messages itself."""
        return self.channel in PULLED

    @property
    def now(self) -> bool:
        """Whether what is written now gets to her now."""
        return self.listening if self.pulled else self.left > 0


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who is there and on duty; `office` is her branch."""

    id: str
    name: str
    office: str


class CaseRoom:
    """Every method raises NotFound for a case that is not the officer's to see."""

    def __init__(
        self, database: Database, keyring: Keyring, *, clock: Callable[[], datetime], rules: CaseRules
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._rules = rules

    def now(self) -> datetime:
        """The moment in the officers' own zone."""
        return self._clock().astimezone(self._rules.hours.zone)

    async def reach(self, case_id: str, by: Officer) -> Reach:
        """Whether, and how often, she can be written to now."""
        async with self._database.read() as session:
            conversation = await self._conversation(session, await seen(session, case_id, by))
            if conversation is None:
                return Reach()
            if conversation.channel in PULLED:
                seen_at = await ListeningStore(session).seen_at(conversation.id)
                return Reach(conversation.channel, is_listening(seen_at, self._clock()), seen_at)
            sender = TurnStore(session, self._keyring).sender_of(conversation)
            window = await WeChatStore(session, self._keyring).widest_window(sender, self._clock())
            unsent = await CaseNews(session).unsent(conversation.id)
            left, until = (0, None) if window is None else window
            return Reach(conversation.channel, left=left, until=until, unsent=unsent)

    async def colleagues(self, case_id: str, by: Officer) -> list[Colleague]:
        """Who could take it over now: there and on duty, on the case's way up or in the officer's branch; nearest first.

        Nobody whom the woman ruled out.
        """
        now = self.now()
        async with self._database.read() as session:
            case = await seen(session, case_id, by)
            exclusions = await CaseStore(session).exclusions(case)
            there = await RotaStore(session).there(
                None, monday(now.date()), now, federation=case.federation_id or ""
            )  # fmt: skip
        able = [
            who
            for who in there
            if may_hand_to(by, case, who.office, who.federation)
            and who.officer != case.officer_id
            and not is_excluded(exclusions, who.officer, who.name, who.office, who.federation)
        ]
        able.sort(key=lambda who: (-len(who.office), who.rank, who.name))
        return [Colleague(who.officer, who.name, who.office) for who in able]

    async def mark(self, case_id: str, by: Officer) -> str:
        """Changes whenever the page of the case would show something else. It tells nothing itself."""
        async with self._database.read() as session:
            case = await seen(session, case_id, by)
            numbers = await CaseNews(session).numbers(case)
        reach = await self.reach(case_id, by)
        shown = (*numbers, reach.now, reach.left, reach.until)
        return self._keyring.digest(repr(shown), MARK)[:LONGEST_MARK]

    async def is_there(self, case_id: str) -> bool:
        """Whether such a case exists, hers to see or not: for the log of what was refused, never for an answer."""
        async with self._database.read() as session:
            return await CaseNews(session).is_there(case_id)

    async def _conversation(self, session: AsyncSession, case: Case) -> Conversation | None:
        if case.conversation_id is None:
            return None
        return await TurnStore(session, self._keyring).conversation(case.conversation_id)
