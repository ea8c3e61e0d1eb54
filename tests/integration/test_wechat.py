"""The webhook as WeChat uses it: wechatpy, written by others, encrypts what is posted and decrypts what is answered."""

import asyncio
import base64
import uuid
import warnings
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import func, select

from bot.app import create_app
from bot.channels.wechat.delivery import WeChatDelivery
from bot.domain.messages import Author, Choice, Message, Reply
from bot.services.late_answers import DeliveryRefused
from bot.settings import Settings, SettingsProblem
from bot.storage.conversations import InboundMessage
from bot.storage.wechat import WeChatNonce
from tests.integration.conftest import Talk
from tests.integration.test_chat_api import TalkServices, app_settings
from tests.serving import served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from wechatpy.crypto import WeChatCrypto
    from wechatpy.utils import check_signature

TOKEN, APP_ID = "token", "wx1234567890"
KEY = base64.b64encode(b"1" * 32).decode().rstrip("=")
OLD_KEY = base64.b64encode(b"0" * 32).decode().rstrip("=")


def wechat_settings(**changes: object) -> Settings:
    values: dict[str, object] = {
        "wechat_token": TOKEN,
        "wechat_aes_key": KEY,
        "wechat_aes_key_previous": OLD_KEY,
        "wechat_app_id": APP_ID,
        "wechat_secret": "secret",
        "wechat_api_url": "https://wechat.test",
    }
    return app_settings(**(values | changes))


@pytest.fixture
async def client(talk: Talk) -> AsyncIterator[httpx.AsyncClient]:
    services = TalkServices(talk)
    services.database, services.keyring = talk.database, talk.keyring  # type: ignore[attr-defined]
    app = create_app(wechat_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    async with served(app) as client:
        yield client


def text_message(content: str = "你好", message_id: int = 1, sender: str = "openid") -> str:
    return (
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{sender}]]></FromUserName>"
        f"<CreateTime>{now()}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content><MsgId>{message_id}</MsgId></xml>"
    )


def now() -> int:
    return int(datetime.now(UTC).timestamp())


async def post(
    client: httpx.AsyncClient, message: str, *, key: str = KEY, app_id: str = APP_ID, token: str = TOKEN,
    age: int = 0, nonce: str | None = None, drop: tuple[str, ...] = (), body: bytes | None = None,
) -> httpx.Response:  # fmt: skip
    nonce, timestamp = nonce or uuid.uuid4().hex[:16], str(now() - age)
    envelope = WeChatCrypto(token, key, app_id).encrypt_message(message, nonce, timestamp)
    sealed = envelope.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    incoming = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    sign = envelope.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    query = {"timestamp": timestamp, "nonce": nonce, "encrypt_type": "aes", "msg_signature": sign, "openid": "openid"}
    query = {name: value for name, value in query.items() if name not in drop}
    return await client.post("/wechat/main", params=query, content=body if body is not None else incoming.encode())


def opened(response: httpx.Response) -> str:
    """What the answer says, decrypted by wechatpy."""
    assert response.status_code == 200
    text = response.text
    sign, timestamp, nonce = (
        text.split(f"<{tag}>")[1].split(f"</{tag}>")[0].replace("<![CDATA[", "").replace("]]>", "")
        for tag in ("MsgSignature", "TimeStamp", "Nonce")
    )
    return str(WeChatCrypto(TOKEN, KEY, APP_ID).decrypt_message(text, sign, timestamp, nonce))


async def written(talk: Talk) -> tuple[int, int]:
    async with talk.database.read() as session:
        return (
            await session.scalar(select(func.count()).select_from(InboundMessage)) or 0,
            await session.scalar(select(func.count()).select_from(WeChatNonce)) or 0,
        )


async def test_the_address_is_verified(client: httpx.AsyncClient) -> None:
    from bot.channels.wechat.envelope import signature

    sign = signature(TOKEN, "1714036504", "n")
    check_signature(TOKEN, sign, "1714036504", "n")
    query = {"signature": sign, "timestamp": "1714036504", "nonce": "n", "echostr": "4375120948345356249"}
    assert (await client.get("/wechat/main", params=query)).text == "4375120948345356249"
    assert (await client.get("/wechat/main", params=query | {"signature": "0" * 40})).status_code == 403
    assert (await client.get("/wechat/other", params=query)).status_code == 404


async def test_a_message_is_answered_in_the_passive_reply(client: httpx.AsyncClient, talk: Talk) -> None:
    talk.engine.choices = (Choice("和平区", "/find_place"), Choice("河西区", "/find_place2"))
    answer = opened(await post(client, text_message("妇女之家")))
    assert "<Content><![CDATA[答：妇女之家\n1. 和平区\n2. 河西区\n（回复数字即可）]]></Content>" in answer
    assert "<ToUserName><![CDATA[openid]]></ToUserName>" in answer
    second = opened(await post(client, text_message("2", message_id=2)))
    assert "答：/find_place2" in second


async def test_the_previous_key_still_works_and_answers_with_itself(client: httpx.AsyncClient) -> None:
    response = await post(client, text_message(), key=OLD_KEY)
    assert response.status_code == 200
    with pytest.raises(Exception):  # noqa: B017, PT011 - wechatpy raises many kinds
        opened(response)


async def test_three_attempts_at_once_get_one_answer(client: httpx.AsyncClient, talk: Talk) -> None:
    talk.engine.delay = 0.3
    answers = await asyncio.gather(*(post(client, text_message("在吗", 7)) for _ in range(3)))
    assert all("答：在吗" in opened(answer) for answer in answers)
    assert len(talk.engine.asked) == 1


async def test_a_slow_engine_gets_the_honest_sentence(client: httpx.AsyncClient, talk: Talk) -> None:
    talk.engine.delay = 1.5
    assert "12338" in opened(await post(client, text_message("问离婚")))


async def test_welcome_on_subscribe_and_silence_for_what_needs_no_answer(client: httpx.AsyncClient, talk: Talk) -> None:
    event = text_message().replace("[text]", "[event]").replace("<MsgId>1</MsgId>", "<Event><![CDATA[{}]]></Event>")
    assert "答：/greet" in opened(await post(client, event.format("subscribe")))
    assert (await post(client, event.format("LOCATION"))).text == "success"
    assert (await post(client, event.format("unsubscribe"))).text == "success"


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": base64.b64encode(b"9" * 32).decode().rstrip("=")},  # another key
        {"app_id": "wx_someone_else"},  # another account
        {"token": "guess"},  # a forged signature
        {"age": 400},  # yesterday's news
        {"drop": ("msg_signature",)},  # downgrade
        {"drop": ("encrypt_type",)},  # downgrade
        {"drop": ("nonce",)},  # no nonce
        {"body": text_message().encode()},  # plain text in safe mode
        {"body": b"<xml><Encrypt>junk</Encrypt></xml>"},  # junk
        {"body": b""},  # nothing
        {"body": b"\xff\xfe\x00"},  # no text
        {"body": b'<!DOCTYPE x [<!ENTITY e "x">]><xml><Encrypt>&e;</Encrypt></xml>'},  # entities
        {"body": b"<xml>" + b"x" * 100_000 + b"</xml>"},  # large
    ],
)
async def test_what_is_not_wechats_is_refused_quietly_and_leaves_nothing(
    client: httpx.AsyncClient, talk: Talk, wrong: dict
) -> None:
    response = await post(client, text_message(), **wrong)
    assert 400 <= response.status_code < 500
    assert response.text == ""
    assert await written(talk) == (0, 0)
    assert talk.engine.asked == []


@pytest.mark.parametrize(
    "inner", ["<xml></xml>", "no xml", text_message().replace("MsgType", "Other"), "<xml><a>1</a><a>2</a></xml>"]
)
async def test_a_well_sealed_but_broken_message_is_refused_quietly(
    client: httpx.AsyncClient, talk: Talk, inner: str
) -> None:
    assert (await post(client, inner)).status_code == 400
    assert await written(talk) == (0, 0)


async def test_a_nonce_with_another_body_is_refused(client: httpx.AsyncClient) -> None:
    assert (await post(client, text_message("一", 1), nonce="same")).status_code == 200
    assert (await post(client, text_message("二", 2), nonce="same")).status_code == 403


def test_half_a_configuration_does_not_start() -> None:
    with pytest.raises(SettingsProblem, match="by half"):
        create_app(wechat_settings(wechat_token=""), name="half")


class Tencent:
    """A stand-in for Tencent's API."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)
        self.tokens = 0
        self.sent: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/cgi-bin/stable_token":
            self.tokens += 1
            return httpx.Response(200, json={"access_token": f"t{self.tokens}", "expires_in": 7200})
        code = self.codes.pop(0) if self.codes else 0
        if code == 0:
            self.sent.append(request.content.decode())
        return httpx.Response(200, json={"errcode": code})


def delivery(talk: Talk, tencent: Tencent) -> WeChatDelivery:
    return WeChatDelivery(
        wechat_settings(), talk.database, talk.keyring, clock=talk.clock, transport=httpx.MockTransport(tencent)
    )


def later(text: str = "后来的话") -> Message:
    return Message("m", Author.BOT, Reply(text), datetime(2026, 11, 24, tzinfo=UTC))


async def test_a_later_message_is_sent_and_the_token_is_fetched_once_for_all(talk: Talk) -> None:
    tencent = Tencent()
    workers = [delivery(talk, tencent) for _ in range(5)]
    await asyncio.gather(*(worker.deliver("openid", later()) for worker in workers))
    assert (tencent.tokens, len(tencent.sent)) == (1, 5)


async def test_a_refused_token_is_fetched_anew_once_and_never_in_a_loop(talk: Talk) -> None:
    tencent = Tencent(40001)
    await delivery(talk, tencent).deliver("openid", later())
    assert tencent.tokens == 2
    stubborn = Tencent(40001, 40001, 40001)
    with pytest.raises(DeliveryRefused, match="40001"):
        await delivery(talk, stubborn).deliver("openid", later())
    assert stubborn.codes == [40001]


@pytest.mark.parametrize(("code", "retry"), [(45015, False), (45047, False), (43004, False), (-1, True)])
async def test_a_refusal_says_whether_trying_again_may_help(talk: Talk, code: int, retry: bool) -> None:
    with pytest.raises(DeliveryRefused) as refused:
        await delivery(talk, Tencent(code)).deliver("openid", later())
    assert (refused.value.code, refused.value.retry) == (str(code), retry)


async def test_a_long_message_goes_out_in_order_in_parts_that_fit(talk: Talk) -> None:
    tencent = Tencent()
    await delivery(talk, tencent).deliver("openid", later("一句话。" * 400))
    assert len(tencent.sent) == 3
