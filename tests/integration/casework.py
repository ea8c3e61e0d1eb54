"""A talk with a desk behind it: officers of a small area, and a woman who writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from bot.domain.accounts import Officer, Role
from bot.domain.audit import Deed
from bot.domain.cases import CaseRules, OpenReason
from bot.domain.messages import Answer, Inbound, InboundKind, Message
from bot.domain.workdays import is_workday
from bot.domain.working_hours import WorkingHours
from bot.language.places import Division, Gazetteer
from bot.services.audit import Audit
from bot.services.case_office import CaseOffice
from bot.services.case_reading import Shown
from bot.services.conversations import Conversations
from bot.services.late_answers import LateAnswers
from bot.services.safety import SafetyWords
from bot.services.turns import Turns
from bot.storage.accounts import Account
from bot.storage.case_alerts import CaseAlert
from bot.storage.cases import Case, CaseEvent
from bot.storage.conversations import Conversation
from bot.storage.database import Database
from bot.storage.records import Record, new_public_id
from bot.storage.rota import Presence
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.conftest import Delivered, FakeEngine, texts

ZONE = ZoneInfo("Asia/Shanghai")
RULES = CaseRules(WorkingHours.read("08:30-12:00,14:00-18:00", ZONE, is_workday))
COMMUNITY, TOWN, DISTRICT, CITY = "120113001001", "120113001", "120113", "12"
OTHER_TOWN = "120113002"
HERE, NOW = "转人工，我住柳林第一社区", "他拿刀要砍我"
DIVISIONS = (
    Division("120113000000", "北河区", "district", "120100000000", "北河"),
    Division("120113001000", "柳林街道", "town", "120113000000", "柳林"),
    Division("120113001001", "柳林第一社区居委会", "village", "120113001000", "柳林第一"),
    Division("120113002000", "石桥街道", "town", "120113000000", "石桥"),
)


@dataclass
class Written:
    """An audit log that remembers."""

    deeds: list[Deed] = field(default_factory=list)
    opened: list[tuple[str, str, str]] = field(default_factory=list)

    async def append(self, session: object, deed: Deed) -> None:
        self.deeds.append(deed)

    async def sealed_opened(self, by: Officer, kind: str, public_id: str, reason: str, source: str = "") -> None:
        self.opened.append((by.id, public_id, reason))


class AskingEngine(FakeEngine):
    """Calls the cases service as its actions do: for 「转人工」 at once, and after `unclear` messages that it did not get."""

    office: CaseOffice
    unclear: int = 0
    asks: int = 1

    async def turn(self, conversation: str, text: str, *, payload: str | None = None, metadata=None):
        answer = await super().turn(conversation, text, payload=payload, metadata=metadata)
        if "转人工" in text:
            for _ in range(self.asks):
                await self.office.cases.ask(conversation)
        elif "听不懂" in text:
            self.unclear += 1
            if self.unclear % 2 == 0:
                await self.office.cases.ask(conversation, OpenReason.NOT_UNDERSTOOD)
        return answer


@dataclass
class Casework:
    """The services over one database."""

    database: Database
    keyring: Keyring
    clock: Clock
    engine: AskingEngine = field(default_factory=AskingEngine)
    audit: Written | Audit = field(default_factory=Written)
    wechat: Delivered = field(default_factory=Delivered)
    rules: CaseRules = RULES
    messages: int = 0

    def __post_init__(self) -> None:
        gazetteer = Gazetteer(DIVISIONS, {}, (), (), ())
        self.office = CaseOffice.furnish(
            self.database, self.keyring, gazetteer, self.audit, self.engine, clock=self.clock, rules=self.rules
        )
        self.engine.office = self.office
        self.turns = Turns(
            self.database, self.keyring, self.engine, SafetyWords.load(),  # type: ignore[arg-type]
            clock=self.clock, alarm=self.office.cases, desk=self.office.desk,
        )  # fmt: skip
        self.talk = Conversations(self.database, self.keyring, self.turns, clock=self.clock, answer_within=5.0)
        self.late = LateAnswers(self.database, self.keyring, self.turns, {"wechat": self.wechat}, clock=self.clock)

    async def hire(self, name: str, area: str, role: Role = Role.OFFICER, *, there: bool = True) -> Officer:
        """An officer who works at an office, and is 在岗 there."""
        account = Account(
            public_id=new_public_id(), login=f"{name}-{new_public_id()[:6]}", name=name, role=role, scope=area,
            totp_step=0, created_at=self.clock(),
        )  # fmt: skip
        async with self.database.write() as session:
            session.add(account)
        officer = account.officer(self.clock())
        if there:
            await self.office.rota.come_on_duty(officer)
        return officer

    async def say(self, text: str, *, sender: str = "她", channel: str = "web", **more) -> Answer:
        self.messages += 1
        kind = more.pop("kind", InboundKind.TEXT)
        inbound = Inbound(
            channel, "main", sender, f"{sender} {self.messages}", kind, self.clock(), text, **more
        )  # fmt: skip
        return await self.talk.receive(inbound)

    async def press(self, answer: Answer | Sequence[Message], title: str, *, sender: str = "她") -> Answer:
        """Press the choice with this title."""
        messages = answer.messages if isinstance(answer, Answer) else answer
        [choice] = [one for message in messages for one in message.reply.choices if one.title == title]
        return await self.say("", sender=sender, kind=InboundKind.CHOICE, choice=choice.id)

    async def told(self, sender: str = "她", channel: str = "web") -> list[Message]:
        """Everything that was said to her, oldest first."""
        return await self.talk.later(channel, "main", sender, None)

    async def told_texts(self, sender: str = "她", channel: str = "web") -> list[str]:
        return [message.reply.text for message in await self.told(sender, channel)]

    async def wait(self, *there: Officer, **parts: float) -> None:
        """Let time pass while these officers' pages say all along that they are there."""
        self.clock.pass_by(**parts)
        async with self.database.write() as session:
            await session.execute(
                update(Presence)
                .where(Presence.officer_id.in_([officer.id for officer in there]))
                .values(seen_at=self.clock(), expires_at=self.clock() + self.rules.presence)
            )

    async def pass_by(self, *there: Officer, **parts: float) -> None:
        """The same, and do what is due."""
        await self.wait(*there, **parts)
        while await self.office.routing.run_due():
            pass

    async def rows(self, table: type[Record]) -> list:
        async with self.database.read() as session:
            return list(await session.scalars(select(table).order_by(table.id)))

    async def case(self) -> Case:
        """The one case."""
        [case] = await self.rows(Case)
        return case

    async def alerted(self) -> str:
        """The name of whoever is asked now, "" when nobody is."""
        async with self.database.read() as session:
            name = await session.scalar(
                select(Account.name)
                .join(CaseAlert, CaseAlert.officer_id == Account.public_id)
                .where(CaseAlert.outcome == "pending")
            )
        return name or ""

    async def owner(self) -> str:
        [conversation] = await self.rows(Conversation)
        return conversation.owner.value

    async def acts(self) -> list[str]:
        return [event.act.value for event in await self.rows(CaseEvent)]

    async def count(self, table: type[Record]) -> int:
        async with self.database.read() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0

    async def seen(self, by: Officer) -> list[Shown]:
        return await self.office.reading.page(by)

    async def asked(self, area: str = DISTRICT) -> tuple[Officer, str]:
        """An officer who is there, and the case of a woman who asked for a person."""
        officer = await self.hire("张敏", area)
        await self.say(HERE)
        return officer, (await self.case()).public_id

    async def taken(self) -> tuple[Officer, str]:
        """The same, taken."""
        officer, case = await self.asked()
        await self.office.handover.take(case, officer)
        return officer, case

    async def close(self) -> None:
        await self.talk.finish_running()


def moment(text: str) -> datetime:
    """A moment in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


__all__ = ["Casework", "moment", "texts"]
