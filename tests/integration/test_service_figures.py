"""The Federation's own services in the figures: counted where they lie, without sample data, and never a small number."""

from datetime import timedelta

from sqlalchemy import select

from bot.domain.activities import ActivityTopic, SignUpStatus
from bot.domain.cases import OpenReason
from bot.domain.check_in import FORGOTTEN
from bot.domain.suggestions import Source
from bot.domain.volunteers import VolunteerKind
from bot.storage.activities import Activity, ActivitySignUp
from bot.storage.aid import AidApplication
from bot.storage.cases import Case
from bot.storage.conversations import InboundMessage
from bot.storage.mobile import MobileSubscription
from bot.storage.suggestions import Suggestion
from bot.storage.volunteers import Volunteer
from tests.integration.test_figures import NORTH, WILLOW, World, local, seen, world

__all__ = ["world"]


async def add(world: World, *rows: object) -> None:
    async with world.database.write() as session:
        session.add_all(rows)


def activity(number: int, area: str = WILLOW, **more: object) -> Activity:
    begins = local("2026-11-14 09:00")
    return Activity(
        id=number, topic=ActivityTopic.TRAINING, title="课", place="二楼", division_code=area, starts_at=begins,
        ends_at=begins + timedelta(hours=2), sign_in_code="123456", created_at=begins, **more,
    )  # fmt: skip


async def test_activities_count_by_what_became_of_each_seat_without_sample_data(world: World) -> None:
    women = await world.many(30, "2026-11-03 10:00", "greet")
    await add(world, activity(1), activity(2, synthetic=True))
    at = local("2026-11-10 09:00")
    came = {"status": SignUpStatus.ATTENDED, "signed_up_at": at}
    rows = [ActivitySignUp(activity_id=1, conversation_id=one, seat=seat, **came) for seat, one in enumerate(women, 1)]
    sample = [
        ActivitySignUp(activity_id=2, conversation_id=one, seat=seat, **came) for seat, one in enumerate(women, 1)
    ]
    await add(world, *rows, *sample)
    assert seen(await world.count(area=WILLOW), "activities") == {"attended": "30"}


async def test_a_few_seats_are_told_of_nowhere(world: World) -> None:
    [one, other, third] = await world.many(3, "2026-11-03 10:00", "greet")
    await add(world, activity(1))
    at = local("2026-11-10 09:00")
    came = {"activity_id": 1, "status": SignUpStatus.SIGNED_UP, "signed_up_at": at}
    await add(
        world,
        *(ActivitySignUp(conversation_id=who, seat=seat, **came) for seat, who in enumerate((one, other, third), 1)),
    )
    for area in ("", NORTH, WILLOW):
        assert set(seen(await world.count(area=area), "activities").values()) <= {"<5", "※"}
        assert str((await world.count(area=area)).tables["activities"].total) in {"<5", "※"}


async def test_what_women_brought_forward_counts_by_voices(world: World) -> None:
    at = local("2026-11-10 09:00")
    signed = {"source": Source.PAPER, "category": "other", "area": NORTH, "received_at": at}
    await add(world, Suggestion(voices=40, **signed), Suggestion(voices=90, synthetic=True, **signed))
    assert seen(await world.count(area=NORTH), "suggestions") == {"received": "40"}


async def test_volunteers_aid_experts_and_stops_are_counted_where_they_lie(world: World) -> None:
    women, at = await world.many(25, "2026-11-03 10:00", "greet"), local("2026-11-10 09:00")
    helps = {"kind": VolunteerKind.VOLUNTEER, "area": WILLOW, "applied_at": at}
    told = {
        "division_code": WILLOW,
        "latitude_wgs84": 39.1,
        "longitude_wgs84": 117.2,
        "ends_at": local("2027-11-10 09:00"),
    }
    await add(world, *(Volunteer(conversation_id=one, **helps) for one in women))
    await add(world, *(MobileSubscription(conversation_id=one, created_at=at, **told) for one in women))
    for one in women:
        await world.case(
            "2026-11-10 09:00", "2026-11-10 10:00", area=WILLOW, conversation=one, reason=OpenReason.EXPERT
        )
    async with world.database.read() as session:
        cases = list(await session.scalars(select(Case.id)))
    await add(world, *(AidApplication(case_id=one, programme="x", name="某项", applied_at=at) for one in cases))
    figures = await world.count(area=WILLOW)
    counted = {name: seen(figures, name) for name in ("volunteers", "mobile", "experts", "aid")}
    assert counted == {
        "volunteers": {"applied": "25"}, "mobile": {"not_yet": "25"}, "experts": {"taken": "25"}, "aid": {"collecting": "25"},
    }  # fmt: skip


async def test_a_check_in_counts_by_how_far_she_came(world: World) -> None:
    step = "/take_check_in{"

    async def took(*payloads: str, offered: bool = False, person: bool = False) -> None:
        talk = await world.wrote(
            *[("2026-11-03 10:00", "take_check_in") for _ in payloads], ("2026-11-03 09:00", "feel_distressed")
        )
        async with world.database.write() as session:
            rows = list(await session.scalars(select(InboundMessage).where(InboundMessage.conversation_id == talk)))
            for row, payload in zip(rows, payloads, strict=False):
                row.payload = payload
            rows[-1].understanding = '{"sources": ["utter_offer_check_in"]}' if offered else None
        if person:
            await world.case("2026-11-03 11:00", conversation=talk)

    done = [f'{step}"step":"begin"}}', *[FORGOTTEN] * 4]
    for _ in range(20):
        await took(offered=True)
        await took(*done)
    for _ in range(10):
        await took(f'{step}"step":"begin"}}', FORGOTTEN)
        await took(*done, person=True)
    await world.many(30, "2026-11-03 10:00", "feel_distressed")  # nothing was offered
    expected = {"offered": "20", "begun": "10", "done": "20", "person": "10"}
    assert seen(await world.count(), "check_in_steps") == expected
