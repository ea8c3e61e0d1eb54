"""Conversations with an engine that does what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.dialogue.engine import EngineAnswer
from bot.domain.errors import EngineUnavailable
from bot.domain.messages import Answer, Choice, Inbound, InboundKind, Reply, Understanding
from bot.services.conversations import Conversations
from bot.services.late_answers import LateAnswers
from bot.services.safety import SafetyWords
from bot.services.turns import Turns
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.migrated import migrated_database, migrated_postgres, migrated_sqlite, migrated_url
from tests.integration.staffing import Staffed

if TYPE_CHECKING:
    from tests.integration.casework import Casework

__all__ = ["migrated_database", "migrated_postgres", "migrated_sqlite", "migrated_url"]


@dataclass
class FakeEngine:
    """Answers 「答：<text>」 after `delay` seconds, or is down."""

    down: bool = False
    delay: float = 0.0
    choices: tuple[Choice, ...] = ()
    intent: str = "chitchat"
    understood: Understanding | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    metadata: dict[str, object] = field(default_factory=dict)
    were_reset: list[str] = field(default_factory=list)

    async def turn(self, conversation: str, text: str, *, payload: str | None = None, metadata=None) -> EngineAnswer:
        self.asked.append((text, payload))
        self.metadata = metadata or {}
        await asyncio.sleep(self.delay)
        if self.down:
            raise EngineUnavailable
        return EngineAnswer(
            replies=(Reply(f"答：{payload or text}", choices=self.choices),),
            understanding=self.understood or Understanding(self.intent, 0.9, ((self.intent, 0.9),)),
        )

    async def reset(self, conversation: str) -> None:
        self.were_reset.append(conversation)


@dataclass
class Delivered:
    """A channel's delivery that remembers, or refuses."""

    refusal: Exception | None = None
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def deliver(self, sender: str, message) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.sent.append((sender, message.reply.text))


@dataclass
class Talk:
    """Everything a test of turns needs, on one database."""

    database: Database
    keyring: Keyring
    engine: FakeEngine
    clock: Clock
    wechat: Delivered
    conversations: Conversations
    late: LateAnswers

    async def say(
        self, text: str = "", *, message_id: str = "1", channel: str = "web", sender: str = "她", **more
    ) -> Answer:
        kind = more.pop("kind", InboundKind.TEXT)
        inbound = Inbound(channel, "main", sender, f"{sender} {message_id}", kind, self.clock(), text, **more)
        return await self.conversations.receive(inbound)


def talk_over(
    database: Database,
    keyring: Keyring,
    clock: Clock,
    answer_within: float = 1.0,
    engine: FakeEngine | None = None,
    **more: Any,
) -> Talk:
    engine, wechat = engine or FakeEngine(), Delivered()
    turns = Turns(database, keyring, engine, SafetyWords.load(), clock=clock, **more)  # type: ignore[arg-type]
    return Talk(
        database, keyring, engine, clock, wechat,
        Conversations(database, keyring, turns, clock=clock, answer_within=answer_within),
        LateAnswers(database, keyring, turns, {"wechat": wechat}, clock=clock),
    )  # fmt: skip


@pytest.fixture
async def talk(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[Talk]:
    made = talk_over(database, keyring, clock)
    yield made
    await made.conversations.finish_running()


@pytest.fixture
def staffed(database: Database, keyring: Keyring, clock: Clock) -> Staffed:
    return Staffed(database, keyring, clock)


@pytest.fixture
async def work(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[Casework]:
    from tests.integration.casework import Casework

    made = Casework(database, keyring, clock)
    yield made
    await made.close()


def texts(answer: Answer) -> list[str]:
    return [message.reply.text for message in answer.messages]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
