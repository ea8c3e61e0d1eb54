"""She is reminded once for each moment, and quietly."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.appointments import Actor
from bot.services.appointments import BookingRequest
from bot.services.reminders import CLAIM, Notice, Reached
from bot.storage.appointments import Appointment, AppointmentStore
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.outbox import OutboxStore
from bot.storage.reminders import ReminderStatus
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.calendars import booking, local
from tests.integration.reminding import (
    CUSTOM,
    DAY,
    FORBIDDEN,
    FRIDAY,
    HOURS,
    TEMPLATE,
    Office,
    Scripted,
    Tencent,
)


@pytest.fixture
async def office(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[Office]:
    made = await booking(database, keyring, clock, [("甲站", list(ServiceKind), 0.0)])
    office = Office(made, Tencent())
    yield office
    for delivery in office.deliveries:
        await delivery.close()


async def test_a_day_and_two_hours_before_if_she_agreed(office: Office) -> None:
    await office.book()
    await office.book(local("2026-11-27 09:45"), remind=False)
    assert [(row.due_at, row.minutes_before) for row in await office.rows()] == [
        (FRIDAY - DAY, 24 * 60),
        (FRIDAY - HOURS, 2 * 60),
    ]


async def test_what_is_past_when_she_books_is_not_made(office: Office) -> None:
    await office.book(local("2026-11-24 15:00"))
    assert [row.minutes_before for row in await office.rows()] == [120]


async def test_a_woman_on_the_web_reads_it_in_her_conversation_once(office: Office) -> None:
    await office.book()
    reminders = office.reminders()
    office.at(FRIDAY - DAY - timedelta(seconds=1))
    assert await reminders.send_due() == 0
    office.at(FRIDAY - DAY)
    assert [await reminders.send_due() for _ in range(3)] == [1, 0, 0]
    assert await office.said(delivered=True) == [
        "提醒您：您预约的事项，时间是 11月27日（周五）09:00。回复“我的预约”查看。"
    ]
    office.at(FRIDAY - HOURS)
    assert await reminders.send_due() == 1
    assert len(await office.said()) == 2


@pytest.mark.parametrize("channel", ["web", "wechat"])
async def test_many_workers_send_each_once(office: Office, channel: str) -> None:
    for number in range(6):
        await office.book(FRIDAY + timedelta(minutes=45 * number), channel=channel, sender=f"她 {number}")
        await office.she_writes(f"她 {number}")
    office.at(local("2026-11-26 17:00"))
    for number in range(6):
        await office.she_writes(f"她 {number}")
    others = [Database(office.made.database.url.render_as_string(hide_password=False)) for _ in range(4)]
    workers = [office.reminders(database=other) for other in others for _ in range(3)]
    settled = await asyncio.gather(*(worker.send_due() for worker in workers))
    assert sum(settled) == 6
    assert Counter(row.status for row in await office.rows()) == {ReminderStatus.SENT: 6, ReminderStatus.WAITING: 6}
    assert len(await office.said(delivered=True)) == 6
    assert len(office.tencent.sent) == (0 if channel == "web" else 6)
    for other in others:
        await other.close()


async def test_moving_replaces_reminders_also_those_that_were_sent(office: Office) -> None:
    booked = await office.book()
    office.at(FRIDAY - DAY)
    await office.reminders().send_due()
    later = local("2026-11-30 10:30")
    await office.made.appointments.move(booked.id, [(booked.visits[0].service, later)], actor=Actor.OFFICER)
    assert [(row.due_at, row.status) for row in await office.rows()] == [
        (later - DAY, ReminderStatus.WAITING),
        (later - HOURS, ReminderStatus.WAITING),
    ]


async def test_cancelling_drops_them(office: Office) -> None:
    booked = await office.book()
    await office.made.appointments.cancel(booked.id)
    office.at(FRIDAY - HOURS)
    assert (await office.rows(), await office.reminders().send_due(), await office.said()) == ([], 0, [])


async def test_an_offer_is_reminded_of_only_after_her_yes(office: Office) -> None:
    conversation = await office.conversation("web")
    service = office.made.services["甲站 legal"]
    request = BookingRequest(
        "k", ((service, FRIDAY),), conversation, actor=Actor.SYSTEM, held_until=office.clock() + HOURS
    )
    held = await office.made.appointments.book(request)
    assert await office.rows() == []
    await office.made.appointments.confirm(held.id, conversation=conversation, remind=True)
    assert len(await office.rows()) == 2


async def test_late_is_better_than_never_but_not_after_it_has_begun(office: Office) -> None:
    await office.book()
    office.at(FRIDAY - timedelta(minutes=1))  # the process was down for three days
    assert await office.reminders().send_due() == 2
    assert [row.status for row in await office.rows()] == [ReminderStatus.SKIPPED, ReminderStatus.SENT]
    assert len(await office.said()) == 1
    await office.book(local("2026-11-30 09:00"), sender="乙")
    office.at(local("2026-11-30 09:00"))
    assert await office.reminders().send_due() == 2
    assert len(await office.said()) == 1


async def test_a_worker_that_dies_before_sending_loses_nothing(office: Office) -> None:
    """The claim runs out and the next one sends the very same message, once."""
    await office.book(channel="wechat")
    office.at(FRIDAY - DAY)

    class Dies:
        async def remind(self, sender: str, notice: Notice) -> Reached:
            raise SystemExit  # as a kill: nothing after it runs

    with pytest.raises(SystemExit):
        await office.reminders(Dies()).send_due()
    next_worker = Scripted()
    assert await office.reminders(next_worker).send_due() == 0
    office.clock.pass_by(seconds=CLAIM.total_seconds() + 1)
    assert await office.reminders(next_worker).send_due() == 1
    assert (len(next_worker.seen), len(await office.said())) == (1, 1)


async def test_a_worker_that_dies_after_sending_makes_it_two_and_never_three(office: Office) -> None:
    await office.book(channel="wechat")
    office.at(FRIDAY - DAY)
    channel = Scripted()

    class DiesAfter:
        async def remind(self, sender: str, notice: Notice) -> Reached:
            await channel.remind(sender, notice)
            raise SystemExit

    with pytest.raises(SystemExit):
        await office.reminders(DiesAfter()).send_due()
    for _ in range(3):
        office.clock.pass_by(seconds=CLAIM.total_seconds() + 1)
        await office.reminders(channel).send_due()
    assert len(channel.seen) == 2
    assert len({notice.message.id for notice in channel.seen}) == 1  # by which WeChat drops a template's second one
    assert len(await office.said()) == 1


async def test_a_move_while_it_is_being_sent_leaves_the_new_reminders_alone(office: Office) -> None:
    booked = await office.book(channel="wechat")
    office.at(FRIDAY - DAY)
    later = local("2026-11-30 10:30")

    class MovedMeanwhile:
        async def remind(self, sender: str, notice: Notice) -> Reached:
            await office.made.appointments.move(booked.id, [(booked.visits[0].service, later)], actor=Actor.OFFICER)
            return Reached("message")

    assert await office.reminders(MovedMeanwhile()).send_due() == 0
    assert {row.status for row in await office.rows()} == {ReminderStatus.WAITING}


@pytest.mark.parametrize("kind", list(ServiceKind))
async def test_no_reminder_says_what_it_is_about(
    database: Database, keyring: Keyring, clock: Clock, kind: ServiceKind
) -> None:
    made = await booking(database, keyring, clock, [("甲站家暴庇护妇联法律心理服务站", [kind], 0.0)])
    office = Office(made, Tencent())
    service = next(iter(made.services.values()))
    for sender, channel in (("甲", "web"), ("乙", "wechat"), ("丙", "wechat")):
        free, *_ = await made.availability.instead_of(service, (kind,), FRIDAY)
        request = BookingRequest(
            sender,
            ((service, free.starts_at),),
            await office.conversation(channel, sender),
            "王姐",
            "13000000000",
            True,
        )
        await made.appointments.book(request)
    office.at(FRIDAY - DAY + timedelta(hours=3))
    await office.she_writes("丙")
    assert await office.reminders(wechat_reminder_template="T").send_due() == 3
    assert office.tencent.paths() == [TEMPLATE, CUSTOM]
    said = "".join(await office.said()) + json.dumps(office.tencent.sent, ensure_ascii=False)
    assert "您预约的事项" in said
    assert not [word for word in FORBIDDEN if word in said]
    for delivery in office.deliveries:
        await delivery.close()


async def test_an_open_page_is_told_even_while_an_officer_has_the_conversation(office: Office) -> None:
    """It is about her appointment, not about the talk; and a page that asks for later messages gets it."""
    from bot.domain.messages import Owner
    from bot.storage.conversations import Conversation

    await office.book()
    async with office.made.database.write() as session:
        (await session.scalar(select(Conversation))).owner = Owner.OFFICER
    office.at(FRIDAY - DAY)
    assert await office.reminders().send_due() == 1
    async with office.made.database.read() as session:
        conversation = await session.scalar(select(Conversation))
        rows = await OutboxStore(session).after(conversation.id, None)
    assert len(rows) == 1


async def test_midnight_and_the_year_change_nothing(office: Office) -> None:
    """The day before the first workday of 2027, and a reminder due on New Year's Eve."""
    monday = local("2027-01-04 09:00")
    office.at(local("2026-12-28 23:59"))
    await office.book(monday)
    assert [row.due_at for row in await office.rows()] == [monday - DAY, monday - HOURS]
    office.at(local("2027-01-03 08:59"))
    assert await office.reminders().send_due() == 0
    office.at(local("2027-01-03 09:00"))
    assert await office.reminders().send_due() == 1
    assert "1月4日（周一）09:00" in (await office.said())[0]
    thursday = local("2026-12-31 09:00")
    office.at(local("2026-12-29 23:59"))
    await office.book(thursday, sender="乙")
    office.at(local("2026-12-30 23:59"))
    assert await office.reminders().send_due() == 1
    assert "12月31日（周四）09:00" in (await office.said())[-1]


async def test_forgetting_a_woman_takes_her_name_from_what_stays_and_cancels_what_comes(office: Office) -> None:
    past = await office.book(phone="13000000000")
    coming = await office.book(local("2026-11-30 09:00"), phone="13000000000")
    office.at(local("2026-11-28 09:00"))
    conversation = await office.conversation("web")
    async with office.made.database.write() as session:
        store = AppointmentStore(session)
        services = await store.forget(await store.conversation_id(conversation), office.clock())
    assert services == [coming.visits[0].service]
    async with office.made.database.read() as session:
        rows = (await session.scalars(select(Appointment).order_by(Appointment.id))).all()
    assert [row.status for row in rows] == ["booked", "cancelled"]
    assert {(row.conversation_id, row.sealed_called, row.sealed_phone) for row in rows} == {(None, None, None)}
    assert (await office.made.appointments.one(past.id)).called == ""
    again = await office.book(local("2026-11-30 09:00"), sender="乙")  # the seat is free
    office.at(local("2026-11-30 08:00"))
    await office.reminders().send_due()
    assert again.id != coming.id
    assert len(await office.said()) == 1  # hers who came after, none for the forgotten one
