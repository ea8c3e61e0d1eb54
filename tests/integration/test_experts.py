"""A question for an expert becomes a case of its own kind; nobody but a person answers it, and she can take it back."""

import pytest

from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import CaseOutcome, CaseStatus, OpenReason
from bot.domain.errors import NotFound
from bot.domain.messages import Owner
from bot.storage.cases import Case
from bot.storage.conversations import Conversation
from tests.integration.casework import DISTRICT, TOWN, Casework

QUESTION = "我在柳林街道，大棚黄瓜叶子发黄，浇了水也不行"


async def asks(work: Casework, text: str = QUESTION, sender: str = "她") -> str:
    """She writes; the public id of her conversation."""
    await work.say(text, sender=sender)
    return str((await work.rows(Conversation))[-1].public_id)


async def test_her_question_becomes_a_case_and_she_hears_who_comes(work: Casework) -> None:
    await work.hire("张敏", DISTRICT)
    conversation = await asks(work)
    asked = await work.office.experts.ask(conversation, QUESTION)
    assert asked.fresh
    assert asked.place_known
    assert "区妇联" in asked.told
    case = await work.case()
    assert (case.reason, case.topic, case.level, case.area) == (
        OpenReason.EXPERT, Topic.EXPERT, CaseLevel.YELLOW, TOWN,
    )  # fmt: skip
    assert "叶子发黄" in case.need
    assert await work.owner() == Owner.BOT


async def test_an_announcement_opens_nothing(work: Casework) -> None:
    conversation = await asks(work, "想找个农技专家")
    assert not (await work.office.experts.ask(conversation, "想找个农技专家")).case
    assert await work.count(Case) == 0


async def test_a_pressed_guess_takes_what_she_wrote_before(work: Casework) -> None:
    conversation = await asks(work, "猪拉稀不吃食三天了")
    await work.say("种养的事问专家", payload="/ask_expert") if False else await work.say("1")
    asked = await work.office.experts.ask(conversation, "")
    assert asked.case


async def test_a_second_question_is_added_to_the_open_case(work: Casework) -> None:
    conversation = await asks(work)
    first = await work.office.experts.ask(conversation, QUESTION)
    second = await work.office.experts.ask(conversation, "还有草莓苗一片片蔫了，电话13812345678")
    assert (second.case, second.fresh) == (first.case, False)
    case = await work.case()
    assert case.need.startswith("还有草莓苗")
    assert "13812345678" not in case.need


async def test_taking_it_back_closes_it_unless_somebody_has_it(work: Casework) -> None:
    officer = await work.hire("张敏", DISTRICT)
    conversation = await asks(work)
    first = await work.office.experts.ask(conversation, QUESTION)
    assert await work.office.experts.withdraw(conversation, first.case)
    assert (await work.case()).outcome is CaseOutcome.LEFT
    second = await work.office.experts.ask(conversation, QUESTION)
    await work.office.handover.take(second.case, officer)
    assert not await work.office.experts.withdraw(conversation, second.case)
    assert (await work.rows(Case))[-1].status is CaseStatus.TAKEN


async def test_taking_it_back_does_not_close_what_was_opened_for_something_else(work: Casework) -> None:
    _, case = await work.asked()
    [row] = await work.rows(Conversation)
    asked = await work.office.experts.ask(row.public_id, QUESTION)
    assert (asked.case, asked.fresh) == (case, False)
    assert not await work.office.experts.withdraw(row.public_id, case)
    assert (await work.case()).status is not CaseStatus.CLOSED


async def test_another_woman_cannot_take_it_back(work: Casework) -> None:
    asked = await work.office.experts.ask(await asks(work), QUESTION)
    other = await asks(work, "你好", sender="另一个")
    with pytest.raises(NotFound):
        await work.office.experts.withdraw(other, asked.case)
    with pytest.raises(NotFound):
        await work.office.experts.ask("nobody", QUESTION)


async def test_danger_that_shows_later_makes_the_case_grave(work: Casework) -> None:
    conversation = await asks(work)
    asked = await work.office.experts.ask(conversation, QUESTION)
    await work.say("他拿刀要砍我")
    case = await work.case()
    assert (case.public_id, case.level, case.topic) == (asked.case, CaseLevel.RED, Topic.VIOLENCE)
    assert not await work.office.experts.withdraw(conversation, asked.case)
