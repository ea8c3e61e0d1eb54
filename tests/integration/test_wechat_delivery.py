"""Sending when nobody waits: one token for all workers, parts in order, and Tencent's limits counted."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.channels.wechat.delivery import WeChatDelivery
from bot.channels.wechat.passive import passive_reply
from bot.domain.messages import Answer, Author, Inbound, InboundKind, Message, Owner, Reply
from bot.services.audit import Audit
from bot.services.late_answers import DeliveryRefused
from bot.services.retention import Retention
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.wechat import AFTER_EVENT, AFTER_MESSAGE, Allowance, WeChatStore
from tests.conftest import Clock
from tests.integration.forgetting import TIMES, tracking_engine
from tests.integration.test_wechat import wechat_settings

MOMENT = datetime(2026, 11, 24, tzinfo=UTC)


class Tencent:
    """A stand-in for Tencent's API: answers calls with `codes`, then with 0."""

    def __init__(self, *codes: object, token: object = None) -> None:
        self.codes = list(codes)
        self.token = token
        self.tokens = 0
        self.asked: list[str] = []
        self.sent: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/cgi-bin/stable_token":
            self.tokens += 1
            good = {"access_token": f"t{self.tokens}", "expires_in": 7200}
            return httpx.Response(200, json=good if self.token is None else self.token)
        self.asked.append(request.url.params["access_token"])
        code = self.codes.pop(0) if self.codes else 0
        if isinstance(code, Exception):
            raise code
        if isinstance(code, bytes):
            return httpx.Response(200, content=code)
        if code == 0:
            body = json.loads(request.content)
            self.sent.append(body["text"]["content"] if "text" in body else body["command"])
            assert "\\u" not in request.content.decode()  # Tencent shows such escapes as they are
        return httpx.Response(200, json={"errcode": code, "errmsg": "x"})


class Workers:
    """Deliveries on one database, as in several processes."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        self.database, self.keyring, self.clock = database, keyring, clock
        self.made: list[WeChatDelivery] = []

    def one(self, tencent: Tencent, keyring: Keyring | None = None) -> WeChatDelivery:
        self.made.append(
            WeChatDelivery(
                wechat_settings(), self.database, keyring or self.keyring,
                clock=self.clock, transport=httpx.MockTransport(tencent),
            )
        )  # fmt: skip
        return self.made[-1]

    async def she_did(self, allowance: Allowance, at: datetime | None = None) -> None:
        async with self.database.write() as session:
            await WeChatStore(session, self.keyring).open_window("openid", allowance, at or self.clock())


@pytest.fixture
async def workers(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[Workers]:
    workers = Workers(database, keyring, clock)
    yield workers
    for worker in workers.made:
        await worker.close()


async def progress_of(workers: Workers, name: str) -> int:
    async with workers.database.read() as session:
        return await WeChatStore(session, workers.keyring).progress(name)


def later(text: str = "后来的话", name: str = "m") -> Message:
    return Message(name, Author.BOT, Reply(text), MOMENT)


async def test_a_later_message_is_sent_and_the_token_is_fetched_once_for_all(workers: Workers) -> None:
    tencent = Tencent()
    five = [workers.one(tencent) for _ in range(5)]
    await asyncio.gather(*(worker.deliver("openid", later(name=str(at))) for at, worker in enumerate(five)))
    assert (tencent.tokens, tencent.sent) == (1, ["后来的话"] * 5)


async def test_a_refused_token_is_fetched_anew_once_and_never_in_a_loop(workers: Workers) -> None:
    tencent = Tencent(40001)
    await workers.one(tencent).deliver("openid", later())
    assert tencent.asked == ["t1", "t2"]
    stubborn = Tencent(40001, 40001, 40001)
    with pytest.raises(DeliveryRefused, match="40001"):
        await workers.one(stubborn).deliver("openid", later(name="n"))
    assert stubborn.codes == [40001]


async def test_a_token_that_ends_soon_is_replaced_in_time(workers: Workers) -> None:
    tencent = Tencent()
    worker = workers.one(tencent)
    await worker.deliver("openid", later())
    workers.clock.pass_by(seconds=7200 - 299)
    await worker.deliver("openid", later(name="n"))
    assert tencent.asked == ["t1", "t2"]


async def test_a_token_sealed_with_a_lost_key_is_fetched_anew(workers: Workers) -> None:
    tencent = Tencent()
    await workers.one(tencent).deliver("openid", later())
    await workers.one(tencent, Keyring(b"z" * 32)).deliver("openid", later(name="n"))
    assert tencent.asked == ["t1", "t2"]


@pytest.mark.parametrize(
    "token",
    [
        {"errcode": 40164, "errmsg": "invalid ip"},  # our address is not on the account's list
        {"errcode": 40125},  # a wrong secret
        {"access_token": ""},  # nothing
        {"access_token": "t", "expires_in": "soon"},  # nonsense
        ["t"],  # not even an object
    ],
)
async def test_no_token_is_the_operators_matter_and_is_tried_again(workers: Workers, token: object) -> None:
    with pytest.raises(DeliveryRefused) as refused:
        await workers.one(Tencent(token=token)).deliver("openid", later())
    assert refused.value.retry


@pytest.mark.parametrize(
    ("answer", "code", "retry"),
    [
        (40003, "40003", False),  # unknown openid
        (43004, "43004", False),  # she does not follow any more
        (45002, "45002", False),  # too long
        (45015, "45015", False),  # silent for 48 hours
        (45047, "45047", False),  # quota used
        (48002, "48002", False),  # she turned it off
        (50002, "50002", False),  # limited
        (-1, "-1", True),  # Tencent is busy
        (45009, "45009", True),  # the day's calls
        (45011, "45011", True),  # the minute's calls
        (httpx.ConnectTimeout("x"), "ConnectTimeout", True),  # no way there
        (b"<html>", "JSONDecodeError", True),  # a page of somebody in between
        (b"[]", "nonsense", True),  # not an object
        (b'{"errcode": null}', "nonsense", True),  # not a number
    ],
)
async def test_a_refusal_says_whether_trying_again_may_help(
    workers: Workers, answer: object, code: str, retry: bool
) -> None:
    with pytest.raises(DeliveryRefused) as refused:
        await workers.one(Tencent(answer)).deliver("openid", later())
    assert (refused.value.code, refused.value.retry) == (code, retry)


async def test_a_long_message_goes_on_where_it_was_broken_off(workers: Workers) -> None:
    tencent = Tencent(0, -1)
    worker = workers.one(tencent)
    words = "".join(f"第{number}句话。" for number in range(300))
    with pytest.raises(DeliveryRefused):
        await worker.deliver("openid", later(words))
    await worker.deliver("openid", later(words))
    assert "".join(tencent.sent) == words
    assert len(tencent.sent) == 3
    assert await progress_of(workers, "m") == 0


async def test_a_long_message_may_come_to_its_end_in_passive_replies(workers: Workers) -> None:
    words = "".join(f"第{number}句话。" for number in range(300))
    answer = Answer("", Owner.BOT, (later(words, "long"),))
    heard, ended = "", list[str]()
    while not ended:
        inbound = Inbound("wechat", "main", "openid", str(len(heard)), InboundKind.TEXT, MOMENT, "然后呢")
        text, ended = await passive_reply(workers.database, workers.keyring, inbound, answer, workers.clock())
        heard += text
    assert (heard, ended) == (words, ["long"])
    assert await progress_of(workers, "long") == 0


async def test_what_the_passive_reply_had_no_room_for_is_sent_afterwards_and_only_that(workers: Workers) -> None:
    tencent, now = Tencent(), workers.clock()
    words = "".join(f"第{number}句话。" for number in range(300))
    inbound = Inbound("wechat", "main", "openid", "1", InboundKind.TEXT, now, "说来话长")
    answer = Answer("", Owner.BOT, (later("先说一句。", "first"), later(words, "long"), later("最后一句。", "last")))
    text, ended = await passive_reply(workers.database, workers.keyring, inbound, answer, now)
    assert (text, ended) == ("先说一句。", ["first"])
    rest = Answer("", Owner.BOT, answer.messages[1:])
    text, ended = await passive_reply(workers.database, workers.keyring, replace(inbound, message_id="2"), rest, now)
    assert ended == []
    for message in rest.messages:
        await workers.one(tencent).deliver("openid", message)
    assert text + "".join(tencent.sent) == words + "最后一句。"
    assert await progress_of(workers, "long") == 0


async def test_five_texts_may_be_sent_after_a_message_and_tencent_is_not_asked_for_a_sixth(workers: Workers) -> None:
    tencent = Tencent()
    worker = workers.one(tencent)
    await workers.she_did(AFTER_MESSAGE)
    for number in range(5):
        assert await worker.quota_left("openid", workers.clock()) == 5 - number
        await worker.deliver("openid", later(name=str(number)))
    with pytest.raises(DeliveryRefused, match="45047"):
        await worker.deliver("openid", later(name="sixth"))
    assert len(tencent.asked) == 5
    workers.clock.pass_by(seconds=1)
    await workers.she_did(AFTER_MESSAGE)
    await worker.deliver("openid", later(name="sixth"))
    assert await worker.quota_left("openid", workers.clock()) == 4


async def test_a_window_closes_by_itself_and_a_repeat_does_not_open_it_again(workers: Workers) -> None:
    worker = workers.one(Tencent())
    began = workers.clock()
    await workers.she_did(AFTER_MESSAGE, began)
    await worker.deliver("openid", later())
    await workers.she_did(AFTER_MESSAGE, began)
    assert await worker.quota_left("openid", began) == 4
    assert await worker.quota_left("openid", began + timedelta(hours=48)) == 0
    assert await worker.quota_left("somebody else", began) == 0


async def test_a_click_allows_three_texts_for_a_minute(workers: Workers) -> None:
    worker = workers.one(Tencent())
    await workers.she_did(AFTER_EVENT)
    assert await worker.quota_left("openid", workers.clock()) == 3
    workers.clock.pass_by(minutes=1)
    assert await worker.quota_left("openid", workers.clock()) == 0


@pytest.mark.parametrize("code", [45047, 45015, 43004])
async def test_tencents_word_on_the_quota_counts_more_than_ours(workers: Workers, code: int) -> None:
    worker = workers.one(Tencent(code))
    await workers.she_did(AFTER_MESSAGE)
    with pytest.raises(DeliveryRefused):
        await worker.deliver("openid", later())
    assert await worker.quota_left("openid", workers.clock()) == 0


async def test_typing_is_shown_and_taken_back(workers: Workers) -> None:
    tencent = Tencent()
    worker = workers.one(tencent)
    await worker.typing("openid", on=True)
    await worker.typing("openid", on=False)
    assert tencent.sent == ["Typing", "CancelTyping"]


async def test_a_message_without_words_is_not_sent(workers: Workers) -> None:
    tencent = Tencent()
    await workers.one(tencent).deliver("openid", later(" \n"))
    assert tencent.asked == []


async def test_what_has_run_out_is_deleted(workers: Workers) -> None:
    now = workers.clock()
    await workers.she_did(AFTER_MESSAGE)
    async with workers.database.write() as session:
        store = WeChatStore(session, workers.keyring)
        assert await store.is_fresh("n", "1", now)
        assert await store.say("1", "您好", now)
        await store.advance("m", 1, now)
    audit = Audit(workers.database, workers.keyring, clock=workers.clock)
    retention = Retention(workers.database, tracking_engine(), audit, clock=workers.clock, times=TIMES)
    workers.clock.pass_by(minutes=14)
    await retention.run_due()
    async with workers.database.read() as session:
        store = WeChatStore(session, workers.keyring)
        assert (await store.nonces(), await store.said("1"), await store.progress("m")) == (1, "您好", 1)
    workers.clock.pass_by(days=8)
    await retention.run_due()
    async with workers.database.read() as session:
        store = WeChatStore(session, workers.keyring)
        assert (await store.nonces(), await store.said("1"), await store.progress("m")) == (0, None, 0)
        assert await store.windows("openid", now) == []
