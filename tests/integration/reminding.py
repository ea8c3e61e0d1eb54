"""One place whose women are reminded, and a stand-in for Tencent, for tests of reminders."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from sqlalchemy import select

from bot.channels.wechat.delivery import WeChatDelivery
from bot.channels.wechat.reminders import WeChatReminders
from bot.domain.appointments import Actor, BookedAppointment
from bot.services.appointments import BookingRequest
from bot.services.late_answers import DeliveryRefused
from bot.services.reminders import Notice, Reached, Reminders
from bot.storage.conversations import OutboundMessage
from bot.storage.database import Database
from bot.storage.reminders import Reminder
from bot.storage.turns import TurnStore
from bot.storage.wechat import AFTER_MESSAGE, WeChatStore
from tests.conftest import Clock
from tests.integration.calendars import Booking, local
from tests.integration.test_wechat import wechat_settings

FRIDAY = local("2026-11-27 09:00")
DAY, HOURS = timedelta(hours=24), timedelta(hours=2)
TEMPLATE, SUBSCRIPTION = "/cgi-bin/message/template/send", "/cgi-bin/message/subscribe/bizsend"
CUSTOM = "/cgi-bin/message/custom/send"
FORBIDDEN = (
    "家暴", "妇联", "妇女", "法律", "律师", "心理", "咨询", "服务", "半边天", "庇护", "甲站", "地址", "王姐", "示例", "法院",
    "维权", "离婚", "调解",
)  # fmt: skip
"""What no message that comes unasked may say."""


@dataclass
class Tencent:
    """Answers each path with the codes it was given, then with 0; remembers what got through."""

    codes: dict[str, list[int]] = field(default_factory=dict)
    sent: list[tuple[str, dict]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/cgi-bin/stable_token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 7200})
        codes = self.codes.get(path, [])
        code = codes.pop(0) if codes else 0
        if code == 0:
            self.sent.append((path, json.loads(request.content)))
        return httpx.Response(200, json={"errcode": code, "errmsg": "x", "msgid": 1000 + len(self.sent)})

    def paths(self) -> list[str]:
        return [path for path, _ in self.sent]


@dataclass
class Scripted:
    """A channel that does what a test tells it."""

    refusals: list[DeliveryRefused] = field(default_factory=list)
    seen: list[Notice] = field(default_factory=list)

    async def remind(self, sender: str, notice: Notice) -> Reached:
        self.seen.append(notice)
        if self.refusals:
            raise self.refusals.pop(0)
        return Reached("message")


@dataclass
class Office:
    """One place with its calendar, and whoever reminds."""

    made: Booking
    tencent: Tencent
    deliveries: list[WeChatDelivery] = field(default_factory=list)

    @property
    def clock(self) -> Clock:
        return self.made.clock

    async def book(
        self, starts_at: datetime = FRIDAY, *, channel: str = "web", remind: bool = True, phone: str = "",
        kind: str = "legal", sender: str = "她", actor: Actor = Actor.WOMAN,
    ) -> BookedAppointment:  # fmt: skip
        conversation = await self.conversation(channel, sender) if channel else ""
        service = next(name for door, name in self.made.services.items() if door.endswith(f" {kind}"))
        request = BookingRequest(
            f"{sender} {starts_at}", ((service, starts_at),), conversation, "王姐", phone, remind, actor
        )
        return await self.made.appointments.book(request)

    async def conversation(self, channel: str, sender: str = "她") -> str:
        async with self.made.database.write() as session:
            store = TurnStore(session, self.made.keyring)
            known = await store.conversation_of(channel, "main", sender)
            return (known or await store.begin(channel, "main", sender, self.clock())).public_id

    def reminders(self, channel: object = None, database: Database | None = None, **settings: object) -> Reminders:
        """One worker's."""
        database = database or self.made.database
        chosen = wechat_settings(**settings)
        delivery = WeChatDelivery(
            chosen, database, self.made.keyring, clock=self.clock, transport=httpx.MockTransport(self.tencent)
        )
        self.deliveries.append(delivery)
        wechat = channel or WeChatReminders(chosen, delivery, clock=self.clock)
        return Reminders(
            database, self.made.keyring, self.made.directory, {"wechat": wechat},  # type: ignore[dict-item]
            clock=self.clock, zone="Asia/Shanghai",
        )  # fmt: skip

    async def rows(self) -> Sequence[Reminder]:
        async with self.made.database.read() as session:
            return (await session.scalars(select(Reminder).order_by(Reminder.due_at))).all()

    async def said(self, *, delivered: bool | None = None) -> list[str]:
        async with self.made.database.read() as session:
            rows = await session.scalars(select(OutboundMessage).order_by(OutboundMessage.id))
            store = TurnStore(session, self.made.keyring)
            return [
                store.message(row).reply.text
                for row in rows
                if delivered is None or (row.delivered_at is not None) == delivered
            ]

    async def she_writes(self, sender: str = "她") -> None:
        async with self.made.database.write() as session:
            await WeChatStore(session, self.made.keyring).open_window(sender, AFTER_MESSAGE, self.clock())

    def at(self, moment: datetime) -> None:
        self.clock.now = moment
