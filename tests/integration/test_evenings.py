"""Once an evening she who writes of an office's business hears what there is at this hour; never in danger, and never twice."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.messages import Choice, Entity, Owner, Understanding
from bot.domain.workdays import is_workday
from bot.domain.working_hours import WorkingHours
from bot.services.after_hours import AfterHours
from bot.services.noticing import Noticing
from bot.storage.database import Database
from bot.storage.directory import Location, ServiceKind
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.conftest import Talk, talk_over, texts
from tests.integration.test_conversations import set_owner
from tests.integration.test_directory import GAZETTEER, directory, place
from tests.integration.test_on_call import NUMBER, on_call

HOURS = WorkingHours.read("08:30-12:00,14:00-18:00", ZoneInfo("Asia/Shanghai"), is_workday)
TOWN = "北辰区集贤里街道"
EVENING = {"hours": 9}
"""From ten in the morning to seven in the evening, on a Tuesday."""
SAID = "过了上班时间"


async def talking(database: Database, keyring: Keyring, clock: Clock, *places: Location) -> Talk:
    found = await directory(database, clock, *places)
    after_hours = AfterHours(database, found, GAZETTEER, HOURS)
    made = talk_over(database, keyring, clock, 20.0, noticing=Noticing(GAZETTEER), after_hours=after_hours)
    understand(made, "ask_parenting")
    return made


def understand(talk: Talk, intent: str, place_named: str = TOWN) -> None:
    entities = (Entity("place", place_named, place_named, 0, len(place_named)),) if place_named else ()
    talk.engine.understood = Understanding(intent, 0.9, ((intent, 0.9),), entities)


@pytest.fixture
async def talk(database: Database, keyring: Keyring, clock: Clock) -> Talk:
    return await talking(database, keyring, clock, place(1, 100), place(2, 9_000, closes=22), on_call(3, 200))


async def test_after_her_answer_she_hears_what_is_open_who_answers_and_what_can_be_done(talk: Talk) -> None:
    talk.clock.pass_by(**EVENING)
    answer, hour = texts(await talk.say(f"{TOWN}，孩子不听话怎么办"))
    assert answer.startswith("答：")
    assert hour.startswith("现在过了上班时间")
    assert "“2号”（约 " in hour
    assert NUMBER in hour
    assert "在这里都能问" in hour


async def test_it_is_said_once_an_evening_and_again_on_the_next(talk: Talk) -> None:
    talk.clock.pass_by(**EVENING)
    said = [len(texts(await talk.say("孩子不听话", message_id=str(at)))) for at in range(3)]
    talk.clock.pass_by(hours=6)  # one at night: the same evening
    said.append(len(texts(await talk.say("孩子不听话", message_id="4"))))
    talk.clock.pass_by(hours=9)  # ten in the morning
    said.append(len(texts(await talk.say("孩子不听话", message_id="5"))))
    talk.clock.pass_by(**EVENING)
    said.append(len(texts(await talk.say("孩子不听话", message_id="6"))))
    assert said == [2, 1, 1, 1, 1, 2]


async def test_it_is_said_on_a_free_day_too(talk: Talk) -> None:
    talk.clock.pass_by(days=4)  # Saturday, ten in the morning
    assert SAID in texts(await talk.say("孩子不听话"))[1]


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("greet", "你好"),  # small talk
        ("make_suggestion", "建议多装路灯"),  # the assistant takes it by itself
        ("report_suicide", "孩子不听话"),  # the model sees danger
        ("ask_parenting", "他现在拿刀要砍我"),  # the rules see danger
        ("ask_expert", "苹果树叶子发黄"),  # goes to a person anyway
        ("", "嗯"),  # nothing was understood
    ],
)
async def test_to_anything_else_nothing_is_added(talk: Talk, intent: str, text: str) -> None:
    talk.clock.pass_by(**EVENING)
    understand(talk, intent)
    assert not any(SAID in said for said in texts(await talk.say(text)))


async def test_on_the_evening_of_danger_nothing_is_added_to_later_answers(talk: Talk) -> None:
    talk.clock.pass_by(**EVENING)
    await talk.say("他现在拿刀要砍我", message_id="1")
    talk.clock.pass_by(hours=1)
    assert not any(SAID in said for said in texts(await talk.say("孩子不听话", message_id="2")))


async def test_while_a_person_has_the_conversation_it_is_not_said(talk: Talk) -> None:
    await talk.say("你好", message_id="1")
    await set_owner(talk, Owner.OFFICER)
    talk.clock.pass_by(**EVENING)
    assert texts(await talk.say("孩子不听话", message_id="2")) == []


async def test_a_choice_is_answered_and_nothing_added(talk: Talk) -> None:
    talk.engine.choices = (Choice("怎么管", "/ask_parenting"),)
    offered = (await talk.say("你好", message_id="1")).messages[-1].reply.choices[0]
    talk.clock.pass_by(**EVENING)
    assert len(texts(await talk.say(choice=offered.id, message_id="2"))) == 1


async def test_before_a_booking_it_comes_first_so_that_the_question_is_last(talk: Talk) -> None:
    talk.clock.pass_by(**EVENING)
    understand(talk, "book_appointment")
    hour, question = texts(await talk.say(f"想约{TOWN}的妇女之家"))
    assert SAID in hour
    assert "现在就能约" in hour
    assert question.startswith("答：")


async def test_an_answer_that_tells_the_hours_itself_is_the_one_of_the_evening(talk: Talk) -> None:
    talk.clock.pass_by(**EVENING)
    understand(talk, "find_place")
    assert len(texts(await talk.say("附近哪里有妇女之家", message_id="1"))) == 1
    understand(talk, "ask_parenting")
    assert len(texts(await talk.say("孩子不听话", message_id="2"))) == 1


async def test_where_she_is_is_remembered_and_asked_for_when_nobody_knows(talk: Talk) -> None:
    understand(talk, "ask_parenting")
    await talk.say(f"我在{TOWN}", message_id="1")
    talk.clock.pass_by(**EVENING)
    understand(talk, "ask_parenting", "")
    assert "“2号”" in texts(await talk.say("孩子不听话", message_id="2"))[1]
    assert "哪条街道" in texts(await talk.say("孩子不听话", sender="另一位"))[1]


async def test_legal_questions_hear_of_legal_services(database: Database, keyring: Keyring, clock: Clock) -> None:
    legal = place(7, 100)
    legal.services[0].kind = ServiceKind.LEGAL
    talk = await talking(database, keyring, clock, place(1, 100, closes=22), legal)
    talk.clock.pass_by(**EVENING)
    understand(talk, "ask_divorce")
    hour = texts(await talk.say("想离婚"))[1]
    assert "“7号”，明天（周三） 9:00" in hour
    assert "1号" not in hour


async def test_sample_places_are_called_so(database: Database, keyring: Keyring, clock: Clock) -> None:
    talk = await talking(database, keyring, clock, place(1, 100, synthetic=True))
    talk.clock.pass_by(**EVENING)
    assert "示例数据" in texts(await talk.say("孩子不听话"))[1]


@pytest.mark.parametrize(
    ("moment", "evening"),
    [
        ("2026-11-24T09:00", None),  # a working day
        ("2026-11-24T12:30", None),  # lunch is no evening
        ("2026-11-24T18:00", "2026-11-24"),
        ("2026-11-25T03:00", "2026-11-24"),  # the night belongs to the day before
        ("2026-11-25T08:29", "2026-11-24"),
        ("2026-11-25T08:30", None),
        ("2026-11-28T11:00", "2026-11-28"),  # Saturday
        ("2026-11-29T03:00", "2026-11-28"),
        ("2026-10-01T10:00", "2026-10-01"),  # National Day
        ("2026-10-10T10:00", None),  # a Saturday that is worked
    ],
)
def test_which_evening_it_is(moment: str, evening: str | None) -> None:
    found = HOURS.evening(datetime.fromisoformat(f"{moment}+08:00").astimezone(UTC))
    assert (found.isoformat() if found else None) == evening
