"""A woman whose appointment an officer moves or cancels is told so, quietly, and not against her will."""

import pytest

from bot.domain.appointments import Actor
from bot.services.appointments import BookingRequest
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.outbox import OutboxStore
from bot.storage.sealing import Keyring
from bot.storage.turns import TurnStore
from tests.conftest import Clock
from tests.integration.calendars import Booking, booking, local


async def conversation_of(made: Booking, channel: str) -> tuple[str, int]:
    async with made.database.write() as session:
        row = await TurnStore(session, made.keyring).begin(channel, "main", f"她 {channel}", made.clock())
        return row.public_id, row.id


async def told(made: Booking, number: int) -> list[tuple[str, bool, str | None]]:
    """(words, whether it is due by itself, why it waits) of everything said in a conversation."""
    async with made.database.read() as session:
        rows = await OutboxStore(session).after(number, None)
        return [(row.masked, row.next_attempt_at is not None, row.failure) for row in rows]


@pytest.mark.parametrize(
    ("channel", "remind", "due", "waits"),
    [
        ("web", False, False, None),  # the page fetches it
        ("wechat", True, True, None),  # she agreed to be written to
        ("wechat", False, False, "not_agreed"),  # it goes out with the next answer to her
    ],
)
async def test_she_hears_of_a_move_and_of_a_cancellation(
    database: Database, keyring: Keyring, clock: Clock, channel: str, remind: bool, due: bool, waits: str | None
) -> None:
    made = await booking(database, keyring, clock, [("甲站", [ServiceKind.LEGAL], 0.0)])
    service = made.services["甲站 legal"]
    conversation, number = await conversation_of(made, channel)
    visits = ((service, local("2026-11-27 09:00")),)
    booked = await made.appointments.book(BookingRequest("一", visits, conversation=conversation, remind=remind))
    await made.appointments.move(booked.id, [(service, local("2026-11-27 09:45"))], actor=Actor.OFFICER)
    await made.appointments.cancel(booked.id, actor=Actor.OFFICER)
    (moved, *state), (cancelled, *_) = await told(made, number)
    assert "11月27日（周五）09:45" in moved
    assert "取消了" in cancelled
    assert state == [due, waits]
    for words in (moved, cancelled):
        assert not any(secret in words for secret in ("甲站", "法律", "律师", "妇联", "家暴"))


async def test_what_she_changes_herself_is_not_told_twice(database: Database, keyring: Keyring, clock: Clock) -> None:
    made = await booking(database, keyring, clock, [("甲站", [ServiceKind.LEGAL], 0.0)])
    service = made.services["甲站 legal"]
    conversation, number = await conversation_of(made, "web")
    visits = ((service, local("2026-11-27 09:00")),)
    booked = await made.appointments.book(BookingRequest("一", visits, conversation=conversation))
    await made.appointments.cancel(booked.id, conversation=conversation)
    assert await told(made, number) == []
