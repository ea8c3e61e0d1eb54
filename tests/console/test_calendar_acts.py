"""What an officer does, seen in the database: booking, moving, cancelling, writing down, closing, opening, rules."""

import asyncio
import logging
from urllib.parse import quote

import pytest
from sqlalchemy import select

from bot.domain.appointments import Actor, AppointmentStatus
from bot.services.appointments import BookingRequest
from bot.storage.appointments import Appointment, AppointmentEvent
from bot.storage.calendars import CalendarChangeRow
from tests.console.conftest import Office, words
from tests.integration.calendars import local

EVIL = "<script>alert(1)</script>"


async def rows(office: Office, kind: type) -> list:
    async with office.made.database.read() as session:
        return list((await session.scalars(select(kind))).all())


def form(office: Office, at: str, **more: str) -> dict[str, str]:
    return {"to": office.at(at), "called": "王女士", "phone": "", "key": "一张表"} | more


async def close(office: Office, act: str = "close", **fields: str):
    common = {"shown": "2026-11-26", "day": "2026-11-26", "until": "", "part": "own", "key": f"{act} {fields}"}
    return await office.post(f"{office.calendar}/{act}", **(common | fields))


async def test_booking_for_a_caller_is_read_out_with_its_number(office: Office) -> None:
    assert "代约：11月25日（周三）09:00，40 分钟" in await office.page(
        f"{office.calendar}/book?to={office.at('2026-11-25 09:00')}"
    )
    sent = form(office, "2026-11-25 09:00", phone="１３８ 0000-0000", remind="1")
    page = words(await office.follow(await office.post(f"{office.calendar}/book", **sent)))
    (row,) = await rows(office, Appointment)
    assert (row.conversation_id, row.remind, row.status) == (None, True, AppointmentStatus.BOOKED)
    assert await office.calendars.phone(row.public_id) == "1380000-0000"
    assert "约好了，请念给她听： 11月25日（周三）09:00–09:40 甲站" in page
    assert row.number in page
    assert [event.actor for event in await rows(office, AppointmentEvent)] == [Actor.OFFICER]


async def test_an_officer_need_not_keep_the_lead_time(office: Office) -> None:
    response = await office.post(f"{office.calendar}/book", **form(office, "2026-11-24 10:30"))
    assert response.status_code == 303


async def test_a_form_sent_twice_books_once(office: Office) -> None:
    await office.calendars.set_rules(office.site, {"seats": 4})
    sent = form(office, "2026-11-25 09:00")
    answers = await asyncio.gather(*(office.post(f"{office.calendar}/book", **sent) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(await rows(office, Appointment)) == 1


async def test_the_same_form_for_another_woman_is_another_booking(office: Office) -> None:
    """Back in the browser, another name written over the first: she must not be lost."""
    await office.calendars.set_rules(office.site, {"seats": 4})
    for called in ("王女士", "赵女士"):
        await office.post(f"{office.calendar}/book", **form(office, "2026-11-25 09:00", called=called))
    assert len(await rows(office, Appointment)) == 2


async def test_a_stale_page_brings_three_others_and_keeps_what_was_written(office: Office) -> None:
    await office.booked("2026-11-25 09:00")
    sent = form(office, "2026-11-25 09:00", phone="13800000000", remind="1")
    response = await office.post(f"{office.calendar}/book", **sent)
    assert response.status_code == 409
    assert "这个时间刚刚被约走了" in response.text
    assert response.text.count('<button name="to"') == 3
    assert 'value="王女士"' in response.text
    assert 'value="13800000000"' in response.text
    assert office.at("2026-11-25 09:45") in response.text
    assert office.at("2026-11-25 09:00", office.made.services["乙站 legal"]) in response.text
    again = await office.post(f"{office.calendar}/book", **(sent | {"to": office.at("2026-11-25 09:45")}))
    assert "09:45–10:25" in await office.follow(again)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"called": ""}, "请写怎么称呼她"),
        ({"called": "一" * 21}, "请写怎么称呼她"),
        ({"phone": "没有"}, "电话没有看懂"),
        ({"phone": "12"}, "电话没有看懂"),  # too short to be called
        ({"remind": "1"}, "请留一个电话"),  # a caller has no chat that could remind her
    ],
)
async def test_a_form_that_cannot_be_used_comes_back_filled_in(
    office: Office, wrong: dict[str, str], said: str
) -> None:
    response = await office.post(f"{office.calendar}/book", **form(office, "2026-11-25 09:00", **wrong))
    assert response.status_code == 400
    assert said in response.text
    assert 'name="called"' in response.text
    assert not await rows(office, Appointment)


@pytest.mark.parametrize("to", ["", "nonsense", "@", "{site}@2026-11-25", "{site}@9999-99-99T00:00"])
async def test_a_time_that_is_none_books_nothing(office: Office, to: str) -> None:
    to = to.format(site=office.site)
    assert (await office.post(f"{office.calendar}/book", to=to, called="甲", key="k")).status_code in {400, 404}
    assert (await office.client.get(f"{office.calendar}/book", params={"to": to})).status_code in {400, 404}
    assert not await rows(office, Appointment)


@pytest.mark.parametrize("at", ["2026-11-25 09:10", "2026-11-29 09:00", "2026-11-23 09:00"])
async def test_a_time_that_is_no_slot_is_refused_with_others(office: Office, at: str) -> None:
    response = await office.post(f"{office.calendar}/book", **form(office, at))
    assert response.status_code == 409
    assert "不开放预约" in response.text
    assert not await rows(office, Appointment)


async def test_what_she_and_officers_write_stays_words(office: Office) -> None:
    await office.post(f"{office.calendar}/book", **form(office, "2026-11-26 09:00", called="<b>王</b>"))
    await close(office, "open", **{"from": "18:00", "to": "19:00"}, note=EVIL)
    await close(office, **{"from": "16:00", "to": "17:00"}, note=EVIL)
    (row,) = await rows(office, Appointment)
    one = f"{office.calendar}/appointments/{row.public_id}"
    for path in (f"{office.calendar}?day=2026-11-26", f"{office.calendar}?view=week&day=2026-11-26", one, f"{one}/move",
                 f"{one}/cancel", f"{office.calendar}/print?day=2026-11-26", "/console/coming?hours=72"):  # fmt: skip
        page = await office.page(path)
        assert "<b>王" not in page, path
        assert "&lt;b&gt;王" in page, path
        assert "<script>alert" not in page, path
    refused = await office.post(f"{office.calendar}/book", **form(office, "2026-11-26 09:00", called='"><b>'))
    assert refused.status_code == 409
    assert '"><b>' not in refused.text
    searched = await office.page("/console/calendar?q=%22%3E%3Cb%3E")
    assert '"><b>' not in searched


async def test_moving_reads_back_then_moves_and_the_old_seat_is_free(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00")
    choices = await office.page(office.one(booked, "move"))
    to = office.at("2026-11-26 09:45")
    assert quote(to) in choices
    assert "附近的空位" in choices
    assert "乙站" in choices
    confirm = words(await office.page(office.one(booked, "move") + f"?to={to}"))
    assert "11月25日（周三）09:00–09:40" in confirm
    assert "改到（请念给她听）： 11月26日（周四）09:45" in confirm
    page = words(await office.follow(await office.post(office.one(booked, "move"), to=to)))
    assert "已改到： 11月26日（周四）09:45–10:25" in page
    moved = await office.made.appointments.one(booked.id)
    assert (moved.starts_at, moved.number) == (local("2026-11-26 09:45"), booked.number)
    assert "09:00 –09:40 空 1" in words(await office.page(f"{office.calendar}?day=2026-11-25"))


async def test_a_move_sent_twice_moves_once_also_to_another_place(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00")
    to = office.at("2026-11-26 09:45", office.made.services["乙站 legal"])
    for _ in range(2):
        page = await office.follow(await office.post(office.one(booked, "move"), to=to))
        assert "已改到" in page
        assert "乙站" in page
    assert (await office.made.appointments.one(booked.id)).sequence == 1


async def test_a_move_to_a_slot_that_went_leaves_everything_and_offers_others(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00")
    await office.booked("2026-11-25 09:45")
    response = await office.post(office.one(booked, "move"), to=office.at("2026-11-25 09:45"))
    assert response.status_code == 409
    assert "原来的预约没有动" in response.text
    assert response.text.count('<button name="to"') == 3
    assert (await office.made.appointments.one(booked.id)).starts_at == local("2026-11-25 09:00")


async def test_a_joint_visit_moves_as_one(office: Office) -> None:
    other = office.made.services["丙站 psychological"]
    both = ((office.site, local("2026-11-25 09:00")), (other, local("2026-11-25 10:00")))
    booked = await office.made.appointments.book(BookingRequest("两项", both, called="李女士"))
    assert "两项都有空的时间" in await office.page(office.one(booked, "move"))
    to = f"{office.at('2026-11-26 09:00')},{office.at('2026-11-26 10:00', other)}"
    await office.follow(await office.post(office.one(booked, "move"), to=to))
    moved = await office.made.appointments.one(booked.id)
    assert [visit.starts_at for visit in moved.visits] == [local("2026-11-26 09:00"), local("2026-11-26 10:00")]


async def test_cancelling_asks_first_and_may_be_sent_twice(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00")
    assert "位子马上给别人" in await office.page(office.one(booked, "cancel"))
    assert (await office.made.appointments.one(booked.id)).status == "booked"
    for _ in range(2):
        assert "已取消 李女士 的预约" in await office.follow(await office.post(office.one(booked, "cancel")))
    assert (await office.made.appointments.one(booked.id)).status == "cancelled"


async def test_whether_she_came_is_written_down_and_can_be_corrected(office: Office) -> None:
    booked = await office.booked("2026-11-24 14:15")
    early = await office.post(office.one(booked, "attended"))
    assert early.status_code == 409
    assert "还没到时间" in early.text
    office.made.clock.pass_by(hours=5)
    for act, status in (("no-show", "no_show"), ("attended", "attended")):
        await office.follow(await office.post(office.one(booked, act)))
        assert (await office.made.appointments.one(booked.id)).status == status
    assert "这个预约已经结束" in (await office.post(office.one(booked, "cancel"))).text


async def test_a_phone_is_shown_on_pressing_and_the_log_keeps_who_but_not_the_number(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    booked = await office.booked("2026-11-25 09:00", phone="13800000000")
    for path in (f"{office.calendar}?day=2026-11-25", office.one(booked), "/console/coming?hours=72"):
        assert "13800000000" not in await office.page(path)
    assert (await office.client.get(office.one(booked, "phone"))).status_code == 405
    with caplog.at_level(logging.INFO):
        page = (await office.post(office.one(booked, "phone"))).text
    assert "tel:13800000000" in page
    assert f"phone of appointment {booked.id}" in caplog.text
    assert "13800000000" not in caplog.text


async def test_closed_hours_can_be_undone(office: Office) -> None:
    response = await close(office, part="morning", note="外出培训")
    page = words(await office.follow(response))
    assert "已关闭，这段时间不能再约" in page
    assert "00:00 –12:00 已关闭 外出培训" in page
    assert "12:00 –12:40 空 1" in page
    (row,) = await rows(office, CalendarChangeRow)
    for _ in range(2):  # pressed twice
        undone = await office.post(f"{office.calendar}/undo", change=row.public_id, day="2026-11-26")
        assert "09:00 –09:40 空 1" in words(await office.follow(undone))
    assert not await rows(office, CalendarChangeRow)


async def test_hours_with_a_booking_are_not_closed_and_say_who_is_in_the_way(office: Office) -> None:
    booked = await office.booked("2026-11-26 14:15")
    response = await close(office, part="afternoon", note="外出培训")
    assert response.status_code == 409
    assert "这段时间已有 1 个预约" in response.text
    assert booked.number in response.text
    assert 'value="外出培训"' in response.text
    assert not await rows(office, CalendarChangeRow)


@pytest.mark.parametrize(
    ("fields", "begins", "ends"),
    [
        ({"part": "day"}, "2026-11-26 00:00", "2026-11-27 00:00"),
        ({"part": "day", "until": "2026-11-28"}, "2026-11-26 00:00", "2026-11-29 00:00"),
        ({"part": "afternoon"}, "2026-11-26 12:00", "2026-11-27 00:00"),
        ({"from": "09:45", "to": "11:10"}, "2026-11-26 09:45", "2026-11-26 11:10"),
        ({"from": "20:00", "to": "00:00"}, "2026-11-26 20:00", "2026-11-27 00:00"),  # till midnight
    ],
)
async def test_parts_of_days_mean_what_the_form_says(
    office: Office, fields: dict[str, str], begins: str, ends: str
) -> None:
    assert (await close(office, **fields)).status_code == 303
    (row,) = await rows(office, CalendarChangeRow)
    assert (row.starts_at, row.ends_at) == (local(begins), local(ends))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"from": "", "to": ""}, "时间没有看懂"),
        ({"from": "11:00", "to": "10:00"}, "结束时间要在开始时间之后"),
        ({"part": "day", "until": "2026-11-25"}, "结束日期要在开始日期之后"),
        ({"part": "morning", "until": "2026-11-27"}, "几天一起只能整天关闭"),
        ({"part": "day", "until": "2027-03-01"}, "最多关闭或加开 31 天"),
        ({"part": "day", "day": "2026-11-20"}, "已经过去"),
        ({"day": "2026-13-01"}, "日期没有看懂"),
    ],
)
async def test_hours_that_cannot_be_closed_are_told(office: Office, fields: dict[str, str], said: str) -> None:
    response = await close(office, **fields)
    assert response.status_code == 400
    assert said in response.text
    assert not await rows(office, CalendarChangeRow)


async def test_a_closing_sent_twice_closes_once(office: Office) -> None:
    for _ in range(2):
        assert (await close(office, part="morning")).status_code == 303
    assert len(await rows(office, CalendarChangeRow)) == 1


async def test_opened_hours_can_be_booked_and_then_not_taken_back(office: Office) -> None:
    page = words(await office.follow(await close(office, "open", **{"from": "18:00", "to": "19:00"}, note="晚间")))
    assert "18:00 –18:40 空 1 代约" in page
    await office.booked("2026-11-26 18:00", actor=Actor.OFFICER)
    (row,) = await rows(office, CalendarChangeRow)
    refused = await office.post(f"{office.calendar}/undo", change=row.public_id, day="2026-11-26")
    assert refused.status_code == 409
    assert "加开的这段时间里已有预约" in refused.text


async def test_a_change_of_another_place_cannot_be_undone_from_here(office: Office) -> None:
    await close(office, part="morning")
    (row,) = await rows(office, CalendarChangeRow)
    other = f"/console/calendar/{office.made.services['乙站 legal']}/undo"
    assert (await office.post(other, change=row.public_id, day="2026-11-26")).status_code == 404
    assert len(await rows(office, CalendarChangeRow)) == 1


async def test_rules_say_where_they_come_from_and_can_be_given_back(office: Office) -> None:
    before = words(await office.page(f"{office.calendar}/rules"))
    assert "一次多长 40 分钟 法律服务通用" in before
    set_here = words(await office.follow(await office.post(f"{office.calendar}/rules/set", minutes="60", seats="２")))
    assert "一次多长 1 小时 这里单独定的" in set_here
    assert "同时几个人 2 人 这里单独定的" in set_here
    assert "10:05 –11:05 空 2 / 2" in words(await office.page(f"{office.calendar}?day=2026-11-25"))
    back = words(await office.follow(await office.post(f"{office.calendar}/rules/set", minutes="", seats="")))
    assert "一次多长 40 分钟 法律服务通用" in back


@pytest.mark.parametrize("wrong", [{"minutes": "3"}, {"seats": "0"}, {"seats": "-1"}, {"lead_hours": "两"}])
async def test_rules_out_of_bounds_change_nothing(office: Office, wrong: dict[str, str]) -> None:
    response = await office.post(f"{office.calendar}/rules/set", horizon_days="14", **wrong)
    assert response.status_code == 400
    assert f'value="{next(iter(wrong.values()))}"' in response.text
    holds, own = await office.calendars.rules(office.site)
    assert (holds.horizon.days, own) == (28, None)
