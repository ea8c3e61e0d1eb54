"""A woman about whom everything is kept, and a search of every table and file for her words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select, text

import bot.storage.tables  # noqa: F401 - every table is made
from bot.domain.accounts import Officer, Role
from bot.domain.appointments import BookedAppointment
from bot.domain.cases import CaseOutcome, OutsideBody, TaskKind
from bot.domain.errors import EngineUnavailable
from bot.domain.geography import Point
from bot.domain.messages import InboundKind
from bot.domain.retention import RetentionTimes
from bot.domain.reviews import MarkKind
from bot.services.appointments import BookingRequest
from bot.services.audit import Audit
from bot.services.availability import SlotWish
from bot.services.case_papers import Referral
from bot.services.holds import Holds
from bot.services.offers import Offers
from bot.services.privacy import Privacy
from bot.services.record_copies import RecordCopies
from bot.services.retention import Retention
from bot.services.waiting_list import WaitingList
from bot.storage.conversations import Conversation, InboundMessage
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.records import Record
from bot.storage.reviews import DialogueTest, ReviewMark
from bot.storage.sealing import CannotOpen, Keyring
from tests.conftest import Clock
from tests.integration.calendars import CENTRE, Booking, booking, local
from tests.integration.casework import DISTRICT, HERE, AskingEngine, Casework

WORD = "紫貂皮帽子"
"""Stands in everything that she, an officer or a reviewer wrote; no masking touches it."""
NAME, PHONE = "欧阳若兰", "13912345678"
TIMES = RetentionTimes()
OTHERS = 40
"""Messages of other women, so that an index has more than hers."""


class TrackingEngine(AskingEngine):
    """Keeps what she wrote, as Rasa's tracker does, until it is told to forget."""

    def __post_init__(self) -> None:
        self.kept: dict[str, list[str]] = {}

    async def turn(self, conversation: str, text: str, *, payload: str | None = None, metadata=None):
        answer = await super().turn(conversation, text, payload=payload, metadata=metadata)
        self.kept.setdefault(conversation, []).append(text)
        return answer

    async def forget(self, conversation: str) -> None:
        if self.down:
            raise EngineUnavailable
        self.kept.pop(conversation, None)

    async def purge(self, before: datetime, *, limit: int = 500, dry: bool = False) -> int:
        if self.down:
            raise EngineUnavailable
        return 0


def tracking_engine() -> TrackingEngine:
    engine = TrackingEngine()
    engine.__post_init__()
    return engine


@dataclass
class World:
    """The services that forgetting touches, over one database."""

    database: Database
    keyring: Keyring
    clock: Clock
    engine: TrackingEngine = field(default_factory=tracking_engine)

    def __post_init__(self) -> None:
        self.audit = Audit(self.database, self.keyring, clock=self.clock)
        self.work = Casework(self.database, self.keyring, self.clock, engine=self.engine, audit=self.audit)
        self.privacy = self.worker()
        self.retention = self.purger()
        self.holds = Holds(self.database, self.audit, clock=self.clock)
        self.copies = RecordCopies(self.database, self.keyring, self.audit, clock=self.clock, zone="Asia/Shanghai")

    def worker(self) -> Privacy:
        """Another process."""
        return Privacy(self.database, self.keyring, self.engine, self.audit, clock=self.clock)

    def purger(self, times: RetentionTimes = TIMES) -> Retention:
        """Another process."""
        return Retention(self.database, self.engine, self.audit, clock=self.clock, times=times)

    async def conversation(self, position: int = 0) -> str:
        return (await self.work.rows(Conversation))[position].public_id

    async def furnish(self) -> Booking:
        """A place with a calendar, one seat at a time."""
        self.made = await booking(self.database, self.keyring, self.clock, [("甲站", [ServiceKind.LEGAL], 0.0)])
        return self.made

    async def book(self, conversation: str, starts_at: datetime, called: str = NAME) -> BookedAppointment:
        visits = ((self.made.services["甲站 legal"], starts_at),)
        request = BookingRequest(
            f"{conversation} {starts_at}", visits, conversation, called, PHONE if called == NAME else "", remind=True
        )
        return await self.made.appointments.book(request)

    async def join_waiting_list(self, conversation: str, starts_at: datetime) -> None:
        made = self.made
        offers = Offers(
            self.database, self.keyring, made.appointments, made.availability, {}, point_of=lambda code: CENTRE,
            clock=self.clock, hold=timedelta(hours=2), at_once=3,
        )  # fmt: skip
        waiting = WaitingList(
            self.database, self.keyring, made.appointments, made.availability, offers, clock=self.clock
        )
        service = made.services["甲站 legal"]
        wish = SlotWish((ServiceKind.LEGAL,), starts_at, starts_at + timedelta(minutes=15), service=service)
        await waiting.join(conversation, wish, called=NAME, phone=PHONE, may_message=True)

    async def everything(self) -> tuple[str, Officer, str]:
        """(her conversation, the officer, the closed case)."""
        await self.furnish()
        officer, case = await self.case_with_papers()
        conversation = await self.conversation()
        await self.work.say(f"我还想说{WORD}的事")
        for number in range(OTHERS):
            await self.work.say(f"别人的话第{number}句", sender=f"别人{number % 3}")
        await self.work.say("", kind=InboundKind.LOCATION, point=Point(39.130011, 117.200022))
        self.coming = await self.book(conversation, local("2026-11-27 09:00"))
        await self.book(await self.made.woman("先来的"), local("2026-11-27 09:45"), "先来的")
        await self.join_waiting_list(conversation, local("2026-11-27 09:45"))
        await self.review(conversation)
        await self.copies.offer(conversation)
        return conversation, officer, case

    async def case_with_papers(self) -> tuple[Officer, str]:
        """A case with a note, a task, a referral, a reply and somebody ruled out, closed."""
        work = self.work
        officer = await work.hire("张敏", DISTRICT, Role.SUPERVISOR)
        await work.say(f"{HERE}，他烧了我的{WORD}")
        await work.say(f"我叫{NAME}，电话{PHONE}，{WORD}是我妈留下的，别找姓胡的")
        case = (await work.case()).public_id
        await work.office.handover.take(case, officer)
        await work.office.papers.add_note(case, officer, f"她说{WORD}")
        await work.office.papers.add_task(
            case, officer, TaskKind.FOLLOW_UP, f"问{WORD}", self.clock() + timedelta(days=1)
        )
        referral = Referral(OutsideBody.COURT, "示例法院", f"{WORD}", contact=PHONE, consented=True)
        await work.office.papers.refer(case, officer, referral)
        await work.office.handover.reply(case, officer, f"您说的{WORD}我知道了", "k1")
        await work.office.handover.close(case, officer, CaseOutcome.ADVISED)
        return officer, case

    async def review(self, conversation: str) -> None:
        """A reviewer's mark and a talk kept as a test."""
        reviewer = await self.work.hire("质检", "", Role.REVIEWER, there=False)
        async with self.database.write() as session:
            row = (await session.scalars(select(Conversation).where(Conversation.public_id == conversation))).one()
            heard = (await session.scalars(select(InboundMessage).order_by(InboundMessage.id))).first()
            assert heard is not None
            named = {"conversation_id": row.id, "reviewer_id": reviewer.id, "at": self.clock()}
            session.add(ReviewMark(inbound_id=heard.id, kind=MarkKind.NOTE, text=f"{WORD}没听懂", **named))
            session.add(DialogueTest(name="一段对话", steps=f'[["{WORD}"]]', **named))

    async def forget(self, conversation: str, *, keep_appointments: bool = False) -> int:
        """Ask, and do all that is due; how many were forgotten."""
        await self.privacy.ask(conversation, keep_appointments=keep_appointments)
        return await self.pass_and_do()

    async def pass_and_do(self) -> int:
        self.clock.pass_by(seconds=11)
        done = await self.privacy.forget_due()
        self.clock.pass_by(seconds=61)
        await self.privacy.forget_due()
        return done

    async def close(self) -> None:
        await self.work.close()


@dataclass
class Peopled:
    """A world in which women write and officers come; what is tried in it is added by whoever inherits."""

    world: World

    async def woman(self, sender: str = "她", channel: str = "web") -> str:
        await self.world.work.say("你好", sender=sender, channel=channel)
        async with self.world.database.read() as session:
            return (
                await session.scalars(select(Conversation.public_id).order_by(Conversation.id.desc()))
            ).first() or ""

    async def officer(self, area: str = DISTRICT, role: Role = Role.OFFICER) -> Officer:
        return await self.world.work.hire("张敏", area, role, there=False)


def purposes() -> set[str]:
    """Every purpose under which the code seals something: the constants of the modules that call `seal`."""
    found = set()
    for file in (Path(__file__).resolve().parents[2] / "bot").rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        if ".seal(" in source or "PURPOSE" in source or "_sealed(" in source:
            found |= set(re.findall(r'"([a-z ]{3,30})"', source))
    return found


def opened(value: bytes, keyring: Keyring) -> str:
    """What is sealed in it, whatever for; fails when nothing opens it, so that the search is not blind."""
    for purpose in purposes():
        try:
            return keyring.open(value, purpose)
        except CannotOpen:
            continue
    raise AssertionError(f"nothing opens a sealed value of {len(value)} bytes")


def values_of(connection: Connection) -> Iterator[tuple[str, object]]:
    """(table, value) of every column of every row, tables of the index included."""
    if connection.dialect.name == "sqlite":
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        named = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    for name in connection.execute(text(named)).scalars().all():
        for row in connection.execute(text(f'SELECT * FROM "{name}"')):
            yield from ((name, value) for value in row)


async def tables_with(database: Database, keyring: Keyring, *words: str) -> set[str]:
    """Tables that hold one of the words, plain or sealed."""
    sealed = {table.name for table in Record.metadata.sorted_tables}
    async with database.engine.connect() as connection:
        values = await connection.run_sync(lambda sync: list(values_of(sync)))
    found = set()
    for table, value in values:
        if isinstance(value, bytes | memoryview) and bytes(value) and table in sealed:
            value = opened(bytes(value), keyring)  # noqa: PLW2901
        told = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
        found |= {table for word in words if word in told}
    return found


async def index_with(database: Database, word: str) -> bool:
    """Whether SQLite's index of words holds a character of the word, but its first and last, in any of its blocks.

    A block keeps of a term what it does not share with the term before it: of two characters at least the second one.
    """
    signs = {sign.encode().hex().upper().encode() for sign in word[1:-1]}
    async with database.engine.connect() as connection:
        blocks = [bytes(block) for (block,) in await connection.execute(text("SELECT block FROM message_grams_data"))]
    return any(sign in block.upper() for block in blocks for sign in signs)


def files_with(folder: Path, *words: str) -> set[str]:
    """Files of the folder whose bytes hold one of the words."""
    return {
        file.name for file in folder.iterdir() if file.is_file() for word in words if word.encode() in file.read_bytes()
    }
