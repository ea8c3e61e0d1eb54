"""The webhook as WeChat uses it: wechatpy, written by others, encrypts what is posted and decrypts what is answered."""

import asyncio
import base64
import logging
import uuid
import warnings
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import func, select

from bot.app import create_app
from bot.channels.wechat.blueprint import wechat_blueprint
from bot.channels.wechat.envelope import signature
from bot.channels.wechat.text import LIMIT
from bot.domain.errors import Unavailable
from bot.domain.messages import Choice
from bot.services.late_answers import DeliveryRefused
from bot.settings import Settings, SettingsProblem
from bot.storage.conversations import Conversation, InboundMessage, OutboundMessage
from bot.storage.wechat import WeChatNonce, WeChatReply, WeChatWindow
from tests.integration.conftest import Talk
from tests.integration.test_chat_api import TalkServices, app_settings
from tests.serving import served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from wechatpy import parse_message
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


def webhook(talk: Talk, settings: Settings) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    """The running app on the services of a test."""
    services = TalkServices(talk)
    services.database, services.keyring = talk.database, talk.keyring  # type: ignore[attr-defined]
    return served(create_app(settings, name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services))


@pytest.fixture
async def client(talk: Talk) -> AsyncIterator[httpx.AsyncClient]:
    async with webhook(talk, wechat_settings()) as client:
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
    client: httpx.AsyncClient, message: str | bytes, *, key: str = KEY, app_id: str = APP_ID, token: str = TOKEN,
    age: int = 0, nonce: str | None = None, drop: tuple[str, ...] = (), body: bytes | None = None,
) -> httpx.Response:  # fmt: skip
    """Seal a message as Tencent does (wechatpy draws new random bytes each time) and post it."""
    nonce, timestamp = nonce or uuid.uuid4().hex[:16], str(now() - age)
    envelope = WeChatCrypto(token, key, app_id).encrypt_message(message, nonce, timestamp)
    sealed = envelope.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    incoming = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    sign = envelope.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    query = {"timestamp": timestamp, "nonce": nonce, "encrypt_type": "aes", "msg_signature": sign, "openid": "openid"}
    query = {name: value for name, value in query.items() if name not in drop}
    return await client.post("/wechat/main", params=query, content=body if body is not None else incoming.encode())


def opened(response: httpx.Response, key: str = KEY) -> str:
    """What the answer says, decrypted by wechatpy."""
    assert response.status_code == 200
    text = response.text
    sign, timestamp, nonce = (
        text.split(f"<{tag}>")[1].split(f"</{tag}>")[0].replace("<![CDATA[", "").replace("]]>", "")
        for tag in ("MsgSignature", "TimeStamp", "Nonce")
    )
    return str(WeChatCrypto(TOKEN, key, APP_ID).decrypt_message(text, sign, timestamp, nonce))


def said(response: httpx.Response) -> str:
    """The words of the passive reply."""
    message = parse_message(opened(response))
    assert (message.source, message.target, message.type) == ("gh_1", "openid", "text")
    return str(message.content)


def event(name: str, key: str = "") -> str:
    """An event of hers; its name as Tencent writes it."""
    more = f"<Event><![CDATA[{name}]]></Event><EventKey><![CDATA[{key}]]></EventKey>"
    return text_message().replace("[text]", "[event]").replace("<MsgId>1</MsgId>", more)


def media(kind: str, more: str) -> str:
    """A message of another type."""
    return text_message().replace("[text]", f"[{kind}]").replace("<MsgId>", f"{more}<MsgId>")


async def written(talk: Talk) -> int:
    """How many rows there are of anything that a request may leave."""
    tables = (Conversation, InboundMessage, OutboundMessage, WeChatNonce, WeChatReply, WeChatWindow)
    async with talk.database.read() as session:
        return sum([await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables])


async def logged(talk: Talk) -> list[str]:
    """What the masked log says she sent."""
    async with talk.database.read() as session:
        return list(await session.scalars(select(InboundMessage.masked).order_by(InboundMessage.id)))


async def test_the_address_is_verified(client: httpx.AsyncClient) -> None:
    sign = signature(TOKEN, "1714036504", "n")
    check_signature(TOKEN, sign, "1714036504", "n")
    query = {"signature": sign, "timestamp": "1714036504", "nonce": "n", "echostr": "4375120948345356249"}
    assert (await client.get("/wechat/main", params=query)).text == "4375120948345356249"
    assert (await client.get("/wechat/main", params=query | {"signature": "0" * 40})).status_code == 403
    assert (await client.get("/wechat/other", params=query)).status_code == 404


async def test_a_message_is_answered_in_the_passive_reply(client: httpx.AsyncClient, talk: Talk) -> None:
    talk.engine.choices = (Choice("和平区", "/find_place"), Choice("河西区", "/find_place2"))
    assert said(await post(client, text_message("妇女之家"))) == "答：妇女之家\n1. 和平区\n2. 河西区\n（回复数字即可）"
    assert said(await post(client, text_message("2", message_id=2))).startswith("答：/find_place2\n")


async def test_the_previous_key_still_works_and_answers_with_itself(client: httpx.AsyncClient) -> None:
    assert "答：你好" in opened(await post(client, text_message(), key=OLD_KEY), key=OLD_KEY)


async def test_three_attempts_at_once_get_one_answer(client: httpx.AsyncClient, talk: Talk) -> None:
    talk.engine.delay = 0.3
    answers = await asyncio.gather(*(post(client, text_message("在吗", 7)) for _ in range(3)))
    assert [said(answer) for answer in answers] == ["答：在吗"] * 3
    assert len(talk.engine.asked) == 1


async def test_a_repeat_with_the_same_nonce_but_sealed_anew_is_answered_as_before(
    client: httpx.AsyncClient, talk: Talk
) -> None:
    first, again = [await post(client, text_message("在吗", 7), nonce="same") for _ in range(2)]
    assert said(first) == said(again) == "答：在吗"
    assert len(talk.engine.asked) == 1


async def test_a_nonce_with_another_message_is_refused(client: httpx.AsyncClient, talk: Talk) -> None:
    assert (await post(client, text_message("一", 1), nonce="same")).status_code == 200
    before = await written(talk)
    assert (await post(client, text_message("二", 2), nonce="same")).status_code == 403
    assert await written(talk) == before


async def test_a_slow_engine_gets_the_honest_sentence_and_a_later_attempt_the_answer(
    client: httpx.AsyncClient, talk: Talk
) -> None:
    talk.engine.delay = 1.5
    assert "12338" in said(await post(client, text_message("问离婚")))
    await asyncio.sleep(1)
    assert "答：问离婚" in said(await post(client, text_message("问离婚")))


async def test_an_answer_too_long_for_one_text_comes_in_parts_and_none_is_lost(
    client: httpx.AsyncClient, talk: Talk
) -> None:
    talk.wechat.refusal = DeliveryRefused("no_delivery", retry=False)
    story = "".join(f"第{number}句话说完了。" for number in range(200))
    heard = [said(await post(client, text_message(story, 1)))]
    assert said(await post(client, text_message(story, 1))) == heard[0]  # a repeat is told the same part
    for message_id in (2, 3):
        talk.clock.pass_by(minutes=1)
        await talk.late.deliver_due()
        heard.append(said(await post(client, text_message("嗯", message_id))))
    assert all(len(words.encode()) <= LIMIT for words in heard)
    assert "".join(heard).replace("\n\n答：嗯", "").startswith("答：" + story)


async def test_welcome_on_subscribe_and_silence_for_what_needs_no_answer(client: httpx.AsyncClient, talk: Talk) -> None:
    assert said(await post(client, event("subscribe", "qrscene_1"))) == "答：/greet"
    for name in ("LOCATION", "VIEW", "TEMPLATESENDJOBFINISH", "unsubscribe", "location_select", "subscribe_msg_popup"):
        assert (await post(client, event(name))).text == "success"
    assert await logged(talk) == ["subscribe", "unsubscribe", "location_select", "subscribe_msg_popup"]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (text_message(), [("message", 5)]),  # five texts in 48 hours
        (event("subscribe"), [("event", 3)]),  # three in a minute
        (event("CLICK", "你好"), [("event", 3)]),  # the same
        (event("VIEW", "http://x.test"), []),  # opens nothing
        (event("unsubscribe"), []),  # closes everything
    ],
)
async def test_what_she_does_opens_and_closes_the_quota(
    client: httpx.AsyncClient, talk: Talk, inner: str, expected: list[tuple[str, int]]
) -> None:
    if "unsubscribe" in inner:
        await post(client, text_message())
    await post(client, inner)
    async with talk.database.read() as session:
        windows = await session.execute(select(WeChatWindow.opened_by, WeChatWindow.remaining))
    assert [tuple(window) for window in windows] == expected


async def test_a_menu_click_is_the_text_of_the_menu(client: httpx.AsyncClient, talk: Talk) -> None:
    assert said(await post(client, event("CLICK", "找妇女之家"))) == "答：找妇女之家"


async def test_a_place_is_looked_up_a_voice_is_read_and_a_picture_is_told_kindly(
    client: httpx.AsyncClient, talk: Talk
) -> None:
    place = "<Location_X>39.1</Location_X><Location_Y>117.2</Location_Y><Scale>20</Scale><Label>x</Label>"
    assert said(await post(client, media("location", place))) == "答：/share_location"
    voice = "<MediaId>1</MediaId><Format>amr</Format><Recognition><![CDATA[我想离婚]]></Recognition>"
    assert said(await post(client, media("voice", voice).replace(">1</MsgId>", ">2</MsgId>"))) == "答：我想离婚"
    picture = media("image", "<PicUrl>http://x.test/1</PicUrl><MediaId>1</MediaId>")
    assert "看不了图片" in said(await post(client, picture.replace(">1</MsgId>", ">3</MsgId>")))
    assert await logged(talk) == ["［位置］", "我想离婚", "［图片］"]


async def test_words_that_look_like_markup_come_back_unharmed(client: httpx.AsyncClient) -> None:
    sent = text_message("a]]]]><![CDATA[><b>&amp;")
    assert said(await post(client, sent)) == "答：a]]><b>&amp;"


async def test_when_it_cannot_be_taken_she_is_told_so(
    client: httpx.AsyncClient, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def receive(_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(talk.conversations, "receive", receive)
    assert said(await post(client, text_message())) == Unavailable.default_words


async def test_the_log_says_why_but_not_who_or_what(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await post(client, text_message("他打我"))
    await post(client, text_message("他打我", 2), age=400)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert "WeChat request refused: stale" in ours
    assert not [line for line in ours if "openid" in line or "打我" in line or TOKEN in line]


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
        {"drop": ("timestamp",)},  # no time
        {"age": -400},  # tomorrow's news
        {"nonce": "n" * 65},  # a nonce longer than we remember
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
    assert await written(talk) == 0
    assert talk.engine.asked == []


@pytest.mark.parametrize(
    "inner",
    [
        "<xml></xml>",  # nothing in it
        "no xml",  # no XML
        text_message()[:-9],  # cut off
        b"<xml><Content>\xff\xfe</Content></xml>",  # no UTF-8
        text_message().replace("MsgType", "Other"),  # no type
        text_message().replace("<MsgId>1</MsgId>", ""),  # no id
        text_message().replace("<MsgId>", "<MsgId>2</MsgId><MsgId>"),  # an element twice
        text_message().replace("<Content>", "<Content>x</Content><Content>"),  # words twice
        '<!DOCTYPE x [<!ENTITY e "x">]>' + text_message().replace("<![CDATA[你好]]>", "&e;"),  # an entity
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + text_message(),  # a DTD
        media("location", "<Location_X>nan</Location_X><Location_Y>117.2</Location_Y>"),  # nowhere
        media("location", "<Location_X>117.2</Location_X><Location_Y>39.1</Location_Y>"),  # the wrong way round
        event("subscribe").replace("Event>", "Other>"),  # an event without a name
    ],
)
async def test_a_well_sealed_but_broken_message_is_refused_quietly(
    client: httpx.AsyncClient, talk: Talk, inner: str | bytes
) -> None:
    response = await post(client, inner)
    assert (response.status_code, response.text) == (400, "")
    assert await written(talk) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"wechat_token": ""},  # no token: everybody could sign
        {"wechat_aes_key": ""},  # no key: nothing could be opened
        {"wechat_app_id": ""},  # not known whose messages are ours
        {"wechat_aes_key": "short"},  # no EncodingAESKey
    ],
)
def test_half_a_configuration_does_not_start(changes: dict[str, str]) -> None:
    with pytest.raises(SettingsProblem, match="BOT_WECHAT_AES_KEY"):
        wechat_blueprint(wechat_settings(**changes))


async def test_without_settings_there_is_no_account(talk: Talk) -> None:
    async with webhook(talk, app_settings()) as client:
        assert (await client.get("/wechat/main")).status_code == 404
        assert (await post(client, text_message())).status_code == 404
    assert await written(talk) == 0


async def test_plain_messages_are_read_only_where_the_setting_allows_it(talk: Talk) -> None:
    timestamp = str(now())
    query = {"signature": signature(TOKEN, timestamp, "n"), "timestamp": timestamp, "nonce": "n"}
    async with webhook(talk, wechat_settings()) as client:
        refused = await client.post("/wechat/main", params=query, content=text_message().encode())
    assert (refused.status_code, await written(talk)) == (403, 0)
    async with webhook(talk, wechat_settings(wechat_plain_mode=True)) as client:
        plain = await client.post("/wechat/main", params=query, content=text_message().encode())
        assert parse_message(plain.text).content == "答：你好"
        forged = await client.post("/wechat/main", params=query | {"signature": "0" * 40}, content=b"<xml/>")
        sign = signature(TOKEN, "1714036504", "other")
        old = {"timestamp": "1714036504", "nonce": "other", "signature": sign}
        stale = await client.post("/wechat/main", params=old, content=text_message(message_id=3).encode())
        assert (forged.status_code, stale.status_code) == (403, 403)
        assert said(await post(client, text_message(message_id=2))) == "答：你好"  # sealed ones go on working


async def test_one_sender_s_flood_is_told_to_wait_others_are_heard_and_so_is_a_cry_for_help(talk: Talk) -> None:
    async with webhook(talk, wechat_settings(messages_per_minute=1)) as client:
        answers = [said(await post(client, text_message(message_id=number))) for number in range(1, 5)]
        assert answers[:3] == ["答：你好"] * 3
        assert "请稍等几秒再发" in answers[3]
        assert "110" in answers[3]
        other = await post(client, text_message(message_id=9, sender="other"))
        assert "答：你好" in opened(other)
        assert "110" in said(await post(client, text_message("他正在打我，救命", message_id=10)))
