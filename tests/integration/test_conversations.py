"""A turn: recorded before work, answered once, in her order, whatever dies."""

import asyncio

import pytest
from sqlalchemy import func, select, update

from bot.domain.errors import NotFound
from bot.domain.geography import Point
from bot.domain.messages import Choice, InboundKind, Owner
from bot.domain.risk import RiskLevel
from bot.services.late_answers import DeliveryRefused
from bot.services.shared_points import SharedPoints
from bot.storage.conversations import Conversation, InboundMessage, InboundStatus, OutboundMessage, SharedPoint
from tests.integration.conftest import Talk, talk_over, texts


async def rows(talk: Talk, table: type) -> list:
    async with talk.database.read() as session:
        return list(await session.scalars(select(table).order_by(table.id)))


async def set_owner(talk: Talk, owner: Owner) -> None:
    async with talk.database.write() as session:
        await session.execute(update(Conversation).values(owner=owner, version=Conversation.version + 1))


async def test_an_answer_comes_back_and_both_sides_are_in_the_log(talk: Talk) -> None:
    answer = await talk.say("你好，我电话13800000000")
    assert texts(answer) == ["答：你好,我电话13800000000"]
    assert answer.owner is Owner.BOT
    [inbound], [outbound] = await rows(talk, InboundMessage), await rows(talk, OutboundMessage)
    assert inbound.status is InboundStatus.ANSWERED
    assert (inbound.intent, inbound.confidence) == ("chitchat", 0.9)
    assert "13800000000" not in inbound.masked
    assert b"138" not in inbound.sealed + outbound.sealed
    assert inbound.engine_ms is not None


async def test_the_same_message_three_times_at_once_is_answered_once_to_all(talk: Talk) -> None:
    talk.engine.delay = 0.2
    answers = await asyncio.gather(*(talk.say("在吗", channel="wechat") for _ in range(3)))
    assert [texts(answer) for answer in answers] == [["答：在吗"]] * 3
    assert len(talk.engine.asked) == 1
    assert len(await rows(talk, InboundMessage)) == len(await rows(talk, OutboundMessage)) == 1


async def test_a_slow_engine_gets_an_honest_sentence_and_then_the_answer(talk: Talk) -> None:
    talk.engine.delay = 1.6
    answer = await talk.say("我想问离婚")
    assert answer.late
    assert "110" in texts(answer)[0]
    assert "12338" in texts(answer)[0]
    await talk.conversations.finish_running()
    later = await talk.conversations.later("web", "main", "她", answer.messages[-1].id)
    assert [message.reply.text for message in later] == ["答：我想问离婚"]
    assert len(talk.engine.asked) == 1


async def test_while_the_engine_is_down_nothing_is_lost_and_the_order_is_kept(talk: Talk) -> None:
    talk.engine.down = True
    first = await talk.say("第一句", message_id="1")
    second = await talk.say("第二句", message_id="2")
    assert first.late
    assert second.late
    talk.engine.down = False
    talk.clock.pass_by(minutes=1)
    while await talk.late.answer_open_turns():
        pass
    later = await talk.conversations.later("web", "main", "她", second.messages[-1].id)
    assert [message.reply.text for message in later] == ["答：第一句", "答：第二句"]


async def test_a_turn_whose_process_died_is_taken_over(talk: Talk) -> None:
    talk.engine.delay = 30
    dying = asyncio.create_task(talk.say("救急", channel="wechat", sender="openid"))
    await asyncio.sleep(0.3)
    for task in list(talk.conversations._running.values()):
        task.cancel()
    await asyncio.gather(dying, return_exceptions=True)

    survivor = talk_over(talk.database, talk.keyring, talk.clock)
    talk.clock.pass_by(minutes=1)
    assert await survivor.late.answer_open_turns() == 1
    talk.clock.pass_by(minutes=1)
    while await survivor.late.deliver_due():
        pass
    assert ("openid", "答：救急") in survivor.wechat.sent
    assert [row.status for row in await rows(talk, InboundMessage)] == [InboundStatus.ANSWERED]


async def test_a_late_reply_is_dropped_when_an_officer_took_over(talk: Talk) -> None:
    talk.engine.delay = 0.4
    waiting = asyncio.create_task(talk.say("有人吗"))
    await asyncio.sleep(0.15)
    await set_owner(talk, Owner.OFFICER)
    answer = await waiting
    assert (answer.messages, answer.owner) == ((), Owner.OFFICER)
    assert await rows(talk, OutboundMessage) == []


@pytest.mark.parametrize("owner", [Owner.OFFICER, Owner.QUEUE])
async def test_the_engine_is_not_asked_while_a_person_has_the_conversation(talk: Talk, owner: Owner) -> None:
    await talk.say("你好", message_id="1")
    await set_owner(talk, owner)
    await talk.say("还在吗", message_id="2")
    assert [text for text, _ in talk.engine.asked] == ["你好"]


async def test_an_emergency_is_answered_without_the_engine(talk: Talk) -> None:
    talk.engine.down = True
    answer = await talk.say("他现在拿刀要砍我")
    assert "110" in texts(answer)[0].splitlines()[0]
    assert not answer.late
    assert talk.engine.asked == []
    [inbound] = await rows(talk, InboundMessage)
    assert inbound.risk is RiskLevel.EMERGENCY


async def test_an_emergency_does_not_wait_behind_what_is_still_unanswered(talk: Talk) -> None:
    talk.engine.down = True
    await talk.say("问一件事", message_id="1")
    answer = await talk.say("救命他正在打我", message_id="2")
    assert not answer.late
    assert "110" in texts(answer)[0]


async def test_what_she_types_is_never_a_payload(talk: Talk) -> None:
    await talk.say('/restart{"a":1}')
    assert talk.engine.asked == [('/restart{"a":1}', None)]


async def test_a_number_picks_the_choice_that_was_offered_last(talk: Talk) -> None:
    talk.engine.choices = (Choice("和平区", '/find_place{"place":"1"}'), Choice("河西区", '/find_place{"place":"2"}'))
    await talk.say("妇女之家", message_id="1")
    talk.engine.choices = ()
    await talk.say("第二个", message_id="2")
    assert talk.engine.asked[-1] == ("河西区", '/find_place{"place":"2"}')
    await talk.say("2", message_id="3")
    assert talk.engine.asked[-1] == ("2", None)


async def test_a_pressed_choice_is_resolved_here_and_a_strange_one_is_refused(talk: Talk) -> None:
    talk.engine.choices = (Choice("和平区", "/find_place"),)
    choice = (await talk.say("妇女之家", message_id="1")).messages[0].reply.choices[0]
    await talk.say(message_id="2", kind=InboundKind.CHOICE, choice=choice.id)
    assert talk.engine.asked[-1] == ("和平区", "/find_place")
    with pytest.raises(NotFound):
        await talk.say(message_id="3", kind=InboundKind.CHOICE, choice=choice.id, sender="别人")
    assert len(await rows(talk, InboundMessage)) == 2


async def test_her_exact_point_is_kept_for_one_lookup_only(talk: Talk) -> None:
    await talk.say(message_id="1", kind=InboundKind.LOCATION, point=Point(39.1, 117.2))
    key = str(talk.engine.metadata["shared_point"])
    assert talk.engine.asked[-1][1] == "/share_location"
    points = SharedPoints(talk.database, talk.keyring, clock=talk.clock)
    assert await points.take(key) == Point(39.1, 117.2)
    assert await points.take(key) is None
    assert await rows(talk, SharedPoint) == []


async def test_an_undeliverable_answer_goes_out_with_the_next_one(talk: Talk) -> None:
    talk.engine.down = True
    held = await talk.say("问一件事", message_id="1", channel="wechat")
    await talk.conversations.mark_delivered([message.id for message in held.messages])
    talk.engine.down = False
    talk.wechat.refusal = DeliveryRefused("45015", retry=False)
    talk.clock.pass_by(minutes=1)
    await talk.late.answer_open_turns()
    talk.clock.pass_by(minutes=1)
    assert await talk.late.deliver_due() == 0
    answer = await talk.say("还在吗", message_id="2", channel="wechat")
    assert texts(answer) == ["答：问一件事", "答：还在吗"]


async def test_an_unknown_token_opens_nothing(talk: Talk) -> None:
    with pytest.raises(NotFound):
        await talk.conversations.later("web", "main", "猜的", None)
    async with talk.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Conversation)) == 0
