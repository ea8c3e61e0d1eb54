"""What an officer reads: places, days, weeks, holidays, who comes next, the sheet on paper."""

import pytest
from sqlalchemy import update

from bot.domain.appointments import Actor
from bot.services.appointments import BookingRequest
from bot.storage.directory import Location
from bot.storage.reminders import Reminder, ReminderStatus
from tests.console.conftest import Office, words
from tests.integration.calendars import local


async def test_places_are_found_by_words_kind_and_district(office: Office) -> None:
    assert "共 3 处" in await office.page("/console/calendar")
    for query in ("q=甲站", "q=和平区 甲", "kind=psychological", "district=和平区&q=乙"):
        assert "共 1 处" in await office.page(f"/console/calendar?{query}"), query
    assert "没有找到" in await office.page("/console/calendar?q=没有这样的地方")
    assert "共 0 处" in await office.page("/console/calendar?district=河东区")


async def test_sample_places_say_so(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00")
    move = f"?to={office.at('2026-11-25 09:45')}"
    for path in ("/console/calendar", office.calendar, f"{office.calendar}?view=week", "/console/coming?hours=72",
                 f"{office.calendar}/print", office.one(booked), office.one(booked, "move") + move):  # fmt: skip
        assert "示例" in await office.page(path), path


async def test_a_place_shows_how_many_come_today(office: Office) -> None:
    await office.booked("2026-11-24 14:15")
    await office.booked("2026-11-24 15:00", actor=Actor.OFFICER)
    assert "今天 2 个" in await office.page("/console/calendar?q=甲站")
    assert "今天 2 个" not in await office.page("/console/calendar?q=乙站")


async def test_a_day_shows_slots_seats_and_who_comes(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00", phone="13800000000")
    page = words(await office.page(f"{office.calendar}?day=2026-11-25"))
    assert "11月25日 周三" in page
    assert f"09:00 –09:40 李女士 {booked.number} 已约" in page
    assert "09:45 –10:25 空 1 代约" in page
    assert "要来 1 已登记 0 还空 9" in page
    assert "13800000000" not in page
    assert "看电话" in page


async def test_a_joint_visit_names_the_other_place(office: Office) -> None:
    both = (
        (office.site, local("2026-11-25 09:00")),
        (office.made.services["丙站 psychological"], local("2026-11-25 10:00")),
    )
    await office.made.appointments.book(BookingRequest("两项", both, called="李女士"))
    assert "同一预约还有：丙站" in await office.page(f"{office.calendar}?day=2026-11-25")


async def test_cancelled_visits_are_told_apart(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00")
    await office.made.appointments.cancel(booked.id, actor=Actor.OFFICER)
    page = words(await office.page(f"{office.calendar}?day=2026-11-25"))
    assert "已取消 1 个" in page
    assert "09:00 –09:40 空 1" in page


async def test_an_offer_that_waits_for_her_yes_is_no_booking_to_be_moved(office: Office) -> None:
    woman = await office.made.woman()
    await office.booked("2026-11-25 09:00", conversation=woman, held_until=local("2026-11-24 12:30"))
    page = words(await office.page(f"{office.calendar}?day=2026-11-25"))
    assert "候补留位到 12:30" in page
    assert "改约" not in page


async def test_a_visit_outside_the_slots_is_still_shown(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:45")
    await office.calendars.set_rules(office.site, {"minutes": 60})
    page = await office.page(f"{office.calendar}?day=2026-11-25")
    assert booked.number in page
    assert "不在现在的开放时段里" in page


async def test_today_is_marked_and_what_is_past_cannot_be_booked(office: Office) -> None:
    page = words(await office.page(office.calendar))
    assert "11月24日 周二 今天" in page
    assert "现在 10:00" in page
    assert "09:00 –09:40 没有人约" in page
    assert "现在 10:00" not in words(await office.page(f"{office.calendar}?day=2026-11-25"))


async def test_what_is_too_far_ahead_says_so(office: Office) -> None:
    page = words(await office.page(f"{office.calendar}?day=2026-12-25"))
    assert "还没到可约的日子（最多提前 28 天）" in page
    assert "代约" not in page


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-10-01", "国庆节放假"),
        ("2026-10-07", "放假（调休）"),  # a weekday given for a worked weekend
        ("2026-10-10", "调休上班"),  # a Saturday that is worked
        ("2027-01-01", "2027 年的放假调休安排还没有公布"),  # the notice comes in November
        ("2027-01-01", "元旦放假"),  # the law fixes it, notice or not
    ],
)
@pytest.mark.parametrize("view", ["day", "week"])
async def test_holidays_are_named(office: Office, day: str, said: str, view: str) -> None:
    assert said in await office.page(f"{office.calendar}?day={day}&view={view}")


async def test_a_year_that_is_announced_needs_no_warning(office: Office) -> None:
    assert "还没有公布" not in await office.page(f"{office.calendar}?view=week&day=2026-11-24")


async def test_a_week_is_seven_days_from_monday_with_counts(office: Office) -> None:
    await office.booked("2026-11-26 09:00")
    page = await office.page(f"{office.calendar}?view=week&day=2026-11-29")
    assert page.count('<section class="column') == 7
    assert "11月23日 周一" in page
    assert "要来 1 · 空 9" in words(page)
    assert "09:00 李女士" in words(page)


@pytest.mark.parametrize("query", ["day=gestern", "day=9999-01-01", "day=2026-02-30", "day=0001-01-01&view=week"])
async def test_a_day_that_is_none_is_told(office: Office, query: str) -> None:
    assert "没有办成" in await office.page(f"{office.calendar}?{query}", 400)


async def test_who_comes_next_leaves_out_whoever_is_written_down(office: Office) -> None:
    first = await office.booked("2026-11-24 14:15", called="甲")
    await office.booked("2026-11-24 15:00", called="乙", site=office.made.services["乙站 legal"])
    await office.booked("2026-11-27 09:00", called="丙")
    office.made.clock.pass_by(hours=5)
    page = words(await office.page("/console/coming"))
    assert page.index("甲") < page.index("乙")
    assert "丙" not in page
    assert "丙" in words(await office.page("/console/coming?hours=72"))
    await office.post(office.one(first, "attended"))
    assert first.number not in await office.page("/console/coming")


async def test_who_comes_next_has_pages(office: Office) -> None:
    await office.calendars.set_rules(office.site, {"seats": 60})
    numbers = [(await office.booked("2026-11-24 14:15", called=f"第{at}位")).number for at in range(51)]
    first, second = await office.page("/console/coming"), await office.page("/console/coming?page=2")
    assert [number in first for number in numbers] == [True] * 50 + [False]
    assert numbers[50] in second
    assert "下一页" in first
    assert "下一页" not in second


async def test_a_narrow_area_is_not_starved_by_the_others(office: Office) -> None:
    """Fifty elsewhere come first; hers is still on the first page of her area."""
    await office.calendars.set_rules(office.site, {"seats": 60})
    for _ in range(51):
        await office.booked("2026-11-24 14:15")
    other = office.made.services["乙站 legal"]
    await office.booked("2026-11-24 15:45", site=other, called="她")
    async with office.made.database.write() as session:
        await session.execute(update(Location).where(Location.name == "乙站").values(division_code="120102001000"))
    found = await office.calendars.coming("120102", 24, 50)
    assert [(row.service, row.entry.called) for row in found] == [(other, "她")]


async def test_the_sheet_has_names_but_no_phone_and_no_kind_of_trouble(office: Office) -> None:
    both = (
        (office.site, local("2026-11-25 09:00")),
        (office.made.services["丙站 psychological"], local("2026-11-25 10:00")),
    )
    request = BookingRequest("两项", both, called="李女士", phone="13800000000", remind=True)
    booked = await office.made.appointments.book(request)
    page = await office.page(f"{office.calendar}/print?day=2026-11-25")
    assert "李女士" in page
    assert booked.number in page
    assert "data-print" in page
    for word in ("13800000000", "法律", "心理", "妇女", "妇联", "维权", "丙站"):
        assert word not in page


async def test_only_the_sheet_can_be_printed(office: Office) -> None:
    style = (await office.client.get("/console/static/console.css")).text
    assert "body:not(.sheet) > * { display: none; }" in style
    assert 'class="sheet"' in await office.page(f"{office.calendar}/print")


async def test_pages_keep_to_the_strict_policy(office: Office) -> None:
    """No script and no style stands in a page, so that none that somebody wrote could run."""
    booked = await office.booked("2026-11-25 09:00")
    for path in ("/console/calendar", office.calendar, f"{office.calendar}?view=week", f"{office.calendar}/print",
                 f"{office.calendar}/rules", office.one(booked, "move"), "/console/coming", "/console/enter"):  # fmt: skip
        response = await office.client.get(path)
        assert "script-src 'self'" in response.headers["content-security-policy"]
        assert "style=" not in response.text
        assert " onclick" not in response.text
        assert response.text.count("<script") == response.text.count('<script type="module" src="/console/static/')


async def test_reminders_that_reach_nobody_are_listed_until_somebody_has_called(office: Office) -> None:
    booked = await office.booked("2026-11-26 09:00", phone="13800000000", remind=True)
    async with office.made.database.write() as session:
        await session.execute(update(Reminder).values(status=ReminderStatus.LISTED, done_at=office.made.clock()))
    page = await office.page("/console/reminders")
    assert booked.number in page
    assert "13800000000" not in page
    rows = await office.reminders.listed("")
    assert rows
    for row in rows:
        assert (await office.post(f"/console/reminders/{row.id}/called")).status_code == 303
    assert booked.number not in await office.page("/console/reminders")
    assert (await office.post(f"/console/reminders/{rows[0].id}/called")).status_code == 404
