"""A reminder goes by the way that is open; when none is, an officer is asked to call her."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.appointments import Actor
from bot.domain.errors import NotFound
from bot.services.late_answers import DeliveryRefused
from bot.services.reminders import MOST_TRIES
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.calendars import booking, local
from tests.integration.reminding import CUSTOM, DAY, FRIDAY, HOURS, SUBSCRIPTION, TEMPLATE, Office, Scripted, Tencent


@pytest.fixture
async def office(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[Office]:
    made = await booking(database, keyring, clock, [("甲站", list(ServiceKind), 0.0)])
    office = Office(made, Tencent())
    yield office
    for delivery in office.deliveries:
        await delivery.close()


@pytest.mark.parametrize(
    ("writes", "settings", "codes", "by", "status"),
    [
        (True, {}, {}, [CUSTOM], "sent"),  # the window is open
        (False, {"wechat_reminder_template": "T"}, {}, [TEMPLATE], "sent"),  # closed: a template
        (False, {"wechat_reminder_subscription": "S"}, {}, [SUBSCRIPTION], "sent"),  # or a subscription message
        (False, {"wechat_reminder_template": "T", "wechat_reminder_subscription": "S"}, {}, [TEMPLATE], "sent"),  # one of them
        (True, {"wechat_reminder_template": "T"}, {CUSTOM: [45015]}, [TEMPLATE], "sent"),  # Tencent knows better
        (False, {"wechat_reminder_template": "T", "wechat_reminder_subscription": "S"}, {TEMPLATE: [43004]},
         [SUBSCRIPTION], "sent"),  # no follower for templates
        (False, {"wechat_reminder_subscription": "S"}, {SUBSCRIPTION: [43101]}, [], "listed"),  # she refused it
        (False, {"wechat_reminder_template": "T"}, {TEMPLATE: [47003]}, [], "listed"),  # a field is wrong
        (False, {}, {}, [], "listed"),  # nothing is set up
    ],
)  # fmt: skip
async def test_wechat_goes_down_the_ladder(
    office: Office, writes: bool, settings: dict, codes: dict, by: list[str], status: str
) -> None:
    await office.book(channel="wechat", phone="13000000000")
    office.at(FRIDAY - DAY)
    if writes:
        await office.she_writes()
    office.tencent.codes = {path: list(answers) for path, answers in codes.items()}
    reminders = office.reminders(**settings)
    await reminders.send_due()
    assert office.tencent.paths() == by
    assert (await office.rows())[0].status == status
    assert len(await office.said(delivered=True)) == (status == "sent")  # what did not go out was not said
    assert len(await office.said()) == (status == "sent")
    assert [to_call.has_phone for to_call in await reminders.listed("")] == [True] * (status == "listed")


async def test_a_template_has_what_and_when_under_the_keys_of_the_settings(office: Office) -> None:
    await office.book(channel="wechat")
    office.at(FRIDAY - DAY)
    await office.reminders(wechat_reminder_template="T", wechat_reminder_fields=("thing4", "time7")).send_due()
    ((_, body),) = office.tencent.sent
    assert (body["touser"], body["template_id"]) == ("她", "T")
    assert body["data"] == {"thing4": {"value": "您预约的事项"}, "time7": {"value": "2026年11月27日 09:00"}}


async def test_a_busy_channel_is_tried_again_and_then_an_officer_is_asked(office: Office) -> None:
    await office.book(channel="wechat", phone="13000000000")
    office.at(FRIDAY - DAY)
    channel = Scripted([DeliveryRefused("-1", retry=True) for _ in range(99)])
    reminders = office.reminders(channel)
    for _ in range(100):
        await reminders.send_due()
        office.clock.pass_by(seconds=10)
    assert len(channel.seen) == MOST_TRIES
    (to_call,) = await reminders.listed("12")
    assert (to_call.words, to_call.starts_at, to_call.called) == ("请打电话提醒", FRIDAY, "王姐")


async def test_after_a_short_trouble_it_is_sent(office: Office) -> None:
    await office.book(channel="wechat")
    office.at(FRIDAY - DAY)
    channel = Scripted([DeliveryRefused("-1", retry=True)])
    reminders = office.reminders(channel)
    assert await reminders.send_due() == 0
    assert await reminders.send_due() == 0
    office.clock.pass_by(seconds=11)
    assert await reminders.send_due() == 1
    assert (len(channel.seen), len(await office.said(delivered=True))) == (2, 1)


async def test_wechat_says_afterwards_that_she_blocked_us_and_she_is_listed(office: Office) -> None:
    await office.book(channel="wechat", phone="13000000000")
    office.at(FRIDAY - DAY)
    reminders = office.reminders(wechat_reminder_template="T")
    await reminders.send_due()
    receipt = (await office.rows())[0].receipt
    assert receipt == "1001"
    await reminders.not_received("template", "no such number", "failed:user block")
    assert await reminders.listed("") == []
    await reminders.not_received("template", receipt, "failed:user block")
    assert [row.failure for row in await office.rows()] == ["failed:user block", None]
    assert len(await reminders.listed("")) == 1


async def test_she_who_called_is_called_and_without_a_number_nobody_can(office: Office) -> None:
    with_phone = await office.book(channel="", phone="13000000000", sender="甲", actor=Actor.OFFICER)
    await office.book(local("2026-11-27 09:45"), channel="", sender="乙", actor=Actor.OFFICER)
    office.at(FRIDAY - DAY + timedelta(hours=1))
    reminders = office.reminders()
    assert await reminders.send_due() == 2
    first, second = await reminders.listed("120101")
    assert (first.appointment, first.has_phone, second.words) == (with_phone.id, True, "无法提醒（没有留电话）")
    assert await reminders.listed("120113") == []  # another officer's area
    await reminders.called(first.id)
    assert [one.id for one in await reminders.listed("")] == [second.id]
    with pytest.raises(NotFound):
        await reminders.called(first.id)


async def test_what_is_listed_goes_when_it_is_cancelled_or_over(office: Office) -> None:
    booked = await office.book(channel="", phone="13000000000", actor=Actor.OFFICER)
    office.at(FRIDAY - DAY)
    reminders = office.reminders()
    await reminders.send_due()
    assert len(await reminders.listed("")) == 1
    office.at(FRIDAY)
    assert await reminders.listed("") == []
    office.at(FRIDAY - HOURS)
    await office.made.appointments.cancel(booked.id, actor=Actor.OFFICER)
    assert await reminders.listed("") == []
