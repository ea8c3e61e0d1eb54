"""Activities on one database: officers who invite, women who come."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.domain.accounts import Officer, Role
from bot.domain.activities import ActivityPlan, ActivityTopic
from bot.domain.messages import Choice
from bot.language.places import Gazetteer
from bot.services.activities import Activities
from bot.services.audit import Audit
from bot.services.late_answers import DeliveryRefused
from bot.services.reminders import Notice, Reached
from bot.storage.activities import ActivitySignUp
from bot.storage.conversations import Conversation, OutboundMessage
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore
from tests.conftest import Clock
from tests.integration.calendars import local

ZONE = "Asia/Shanghai"
DISTRICT, OTHER = "120113", "120103"
TOWN = "120113002"
SATURDAY = "2026-11-28 10:00"
SECRET = "单亲妈妈互助"


@dataclass
class Phone:
    """A channel that reminds, or refuses."""

    refusal: DeliveryRefused | None = None
    heard: list[str] = field(default_factory=list)

    async def remind(self, sender: str, notice: Notice) -> Reached:
        if self.refusal is not None:
            raise self.refusal
        self.heard.append(notice.message.reply.text)
        return Reached("message")


def plan(when: str = SATURDAY, *, hours: float = 2, **more: Any) -> ActivityPlan:
    """An activity of two hours in a town of 北辰, for two women."""
    begins = local(when)
    made = ActivityPlan(
        ActivityTopic.PARENT_CHILD, SECRET, TOWN, "甲妇女之家二楼", begins, begins + timedelta(hours=hours),
        audience="3–6 岁孩子和家长", organizer="示例街道妇联", seats=2,
    )  # fmt: skip
    return replace(made, **more)


class Inviting:
    """Everything a test of activities needs. It is Tuesday 2026-11-24, 10:00."""

    def __init__(self, database: Database, keyring: Keyring, gazetteer: Gazetteer, clock: Clock) -> None:
        self.database, self.keyring, self.clock = database, keyring, clock
        self.phone = Phone()
        self.audit = Audit(database, keyring, clock=clock)
        self.activities = Activities.furnish(
            database, keyring, gazetteer, self.audit, {"wechat": self.phone}, clock=clock, zone=ZONE
        )
        self.desk, self.rounds = self.activities.desk, self.activities.rounds

    def officer(self, area: str = DISTRICT, role: Role = Role.OFFICER) -> Officer:
        return Officer("o1", "o1", "王", role, area, self.clock())

    async def announce(self, when: str = SATURDAY, **more: Any) -> str:
        """A published activity → its public id."""
        made = await self.desk.create(plan(when, **more), self.officer(""))
        await self.desk.publish(made, self.officer(""))
        return made

    async def woman(self, name: str = "她", channel: str = "web") -> str:
        async with self.database.write() as session:
            store = TurnStore(session, self.keyring)
            known = await store.conversation_of(channel, "main", name)
            return (known or await store.begin(channel, "main", name, self.clock())).public_id

    async def delete(self, conversation: str) -> None:
        async with self.database.write() as session:
            row = await session.scalar(select(Conversation).where(Conversation.public_id == conversation))
            await session.delete(row)

    async def told(self, conversation: str) -> list[str]:
        return [row.reply.text for row in await self._messages(conversation)]

    async def offered(self, conversation: str) -> list[Choice]:
        return [choice for row in await self._messages(conversation) for choice in row.reply.choices]

    async def outbox(self) -> list[OutboundMessage]:
        async with self.database.read() as session:
            return list(await session.scalars(select(OutboundMessage).order_by(OutboundMessage.id)))

    async def sign_ups(self) -> list[ActivitySignUp]:
        async with self.database.read() as session:
            return list(await session.scalars(select(ActivitySignUp).order_by(ActivitySignUp.id)))

    async def code(self, activity: str) -> str:
        """What the officer shows on the day."""
        return (await self.desk.one(activity, self.officer(""))).sign_in_code

    def at(self, when: str) -> None:
        self.clock.now = local(when)

    async def _messages(self, conversation: str):
        async with self.database.read() as session:
            store = TurnStore(session, self.keyring)
            rows = await session.scalars(
                select(OutboundMessage)
                .join(Conversation, Conversation.id == OutboundMessage.conversation_id)
                .where(Conversation.public_id == conversation)
                .order_by(OutboundMessage.id)
            )
            return [store.message(row) for row in rows]
