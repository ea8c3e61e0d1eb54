"""The webhook `/wechat/<account>`: verify, decrypt, parse, hand over, encrypt the answer. Refusals are quiet."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sanic import Blueprint, HTTPResponse, Request, text

from bot.channels.wechat import xml
from bot.channels.wechat.envelope import Key, Refused, check, key_from, signature
from bot.channels.wechat.passive import passive_reply
from bot.domain.errors import BotError
from bot.domain.flood import Flood
from bot.domain.messages import Inbound
from bot.settings import Settings, SettingsProblem
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.wechat import AFTER_EVENT, AFTER_MESSAGE, WeChatStore

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=5)
ATTEMPTS = 3
"""How often WeChat asks for the answer to one message; a repeat must not be refused what the first was given."""
SUCCESS = "success"
XML = "application/xml; charset=utf-8"
text_reply = partial(text, content_type="text/plain; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Account:
    """One account's secrets. `keys`: the current one first, then the previous one."""

    name: str
    token: str
    keys: tuple[Key, ...]
    plain_mode: bool

    @classmethod
    def from_settings(cls, settings: Settings) -> "Account | None":
        """None when WeChat is not set up; ends the start when it is set up by half."""
        token, aes_key = settings.wechat_token.get_secret_value(), settings.wechat_aes_key.get_secret_value()
        if not (token or aes_key or settings.wechat_app_id):
            return None
        if not (token and settings.wechat_app_id and (aes_key or settings.wechat_plain_mode)):
            raise SettingsProblem(
                "WeChat is set up by half: BOT_WECHAT_TOKEN, BOT_WECHAT_AES_KEY and BOT_WECHAT_APP_ID belong together."
            )
        previous = settings.wechat_aes_key_previous.get_secret_value()
        try:
            keys = tuple(key_from(key, settings.wechat_app_id) for key in (aes_key, previous) if key)
        except ValueError as wrong:
            raise SettingsProblem(f"BOT_WECHAT_AES_KEY: {wrong}") from None
        return cls(settings.wechat_account, token, keys, settings.wechat_plain_mode)


@dataclass(frozen=True, slots=True)
class Opened:
    """A request that was WeChat's: its fields, and the key to answer with (None in plain mode)."""

    fields: Mapping[str, str]
    key: Key | None
    nonce: str


def wechat_blueprint(settings: Settings) -> Blueprint:
    """GET verifies the address, POST brings messages. Without WeChat settings every account is unknown."""
    account = Account.from_settings(settings)
    if account is not None and account.plain_mode:
        log.warning("BOT_WECHAT_PLAIN_MODE is on: anybody who saw one address may write in any name. For tests only.")
    blueprint = Blueprint("wechat", url_prefix="/wechat")
    flood = Flood(per_minute=settings.messages_per_minute * ATTEMPTS)

    @blueprint.get("/<name:str>")
    async def verify(request: Request, name: str) -> HTTPResponse:
        try:
            _signed(_known(account, name), request)
        except Refused as refused:
            return _refuse(refused)
        return text_reply(request.args.get("echostr", ""))

    @blueprint.post("/<name:str>")
    async def receive(request: Request, name: str) -> HTTPResponse:
        now = request.app.ctx.now()
        try:
            known = _known(account, name)
            opened = _open(known, request, now)
            inbound = xml.read_message(opened.fields, known.name)
            services = request.app.ctx.services
            await _note(services.database, services.keyring, opened, inbound, now)
        except Refused as refused:
            return _refuse(refused)
        return await _take(request, known, opened, inbound, flood)

    return blueprint


async def _take(request: Request, known: Account, opened: Opened, inbound: Inbound, flood: Flood) -> HTTPResponse:
    """What was WeChat's and is no replay → the answer."""
    services, now = request.app.ctx.services, request.app.ctx.now()
    if failed := xml.failed_template(opened.fields):
        await services.reminders.not_received("template", *failed)
    if xml.is_silent(opened.fields):
        return text_reply(SUCCESS)
    try:
        if not services.conversations.is_heard_always(inbound):
            flood.check(inbound.sender, now)
        answer = await services.conversations.receive(inbound)
    except BotError as error:
        log.warning("a WeChat message was not taken: %s", error.code)
        return _say(known, opened, error.words, now)
    if not xml.expects_answer(opened.fields):
        return text_reply(SUCCESS)
    words, _ = await passive_reply(services.database, services.keyring, inbound, answer, now)
    return _say(known, opened, words, now)


def _known(account: Account | None, name: str) -> Account:
    if account is None or name != account.name:
        raise Refused("account", 404)
    return account


def _signed(account: Account, request: Request) -> None:
    check(
        request.args.get("signature", ""),
        account.token,
        request.args.get("timestamp", ""),
        request.args.get("nonce", ""),
    )


def _open(account: Account, request: Request, now: datetime) -> Opened:
    """Signature, freshness, cipher, in this order; a downgrade to plain text is refused."""
    timestamp, nonce = request.args.get("timestamp", ""), request.args.get("nonce", "")
    if not nonce or len(nonce) > 64:
        raise Refused("nonce")
    body = xml.read_xml(request.body)
    if account.plain_mode and "Encrypt" not in body:
        _signed(account, request)
        _fresh(timestamp, now)
        return Opened(body, None, nonce)
    if request.args.get("encrypt_type") != "aes" or "Encrypt" not in body:
        raise Refused("downgrade")
    check(request.args.get("msg_signature", ""), account.token, timestamp, nonce, body["Encrypt"])
    _fresh(timestamp, now)
    for key in account.keys:
        try:
            return Opened(xml.read_xml(key.open(body["Encrypt"])), key, nonce)
        except Refused as refused:
            if refused.reason not in {"cipher", "app_id"}:
                raise
    raise Refused("cipher")


def _fresh(timestamp: str, now: datetime) -> None:
    if (
        not timestamp.isdecimal()
        or len(timestamp) > 12
        or abs(int(timestamp) - now.timestamp()) > FRESH.total_seconds()
    ):
        raise Refused("stale")


async def _note(database: Database, keyring: Keyring, opened: Opened, inbound: Inbound, now: datetime) -> None:
    """Refuse a nonce that came with another message; keep what she did for the quota. Before any work.

    Tencent does not say whether its second and third attempt carry new nonces, so the same nonce with the same
    message is such a repeat: `receive` gives it the first one's answer.
    """
    async with database.write() as session:
        store = WeChatStore(session, keyring)
        if not await store.is_fresh(opened.nonce, f"{inbound.account}\0{inbound.message_id}", now):
            raise Refused("replay")
        event = xml.event_of(opened.fields)
        if not event:
            await store.open_window(inbound.sender, AFTER_MESSAGE, inbound.sent_at)
        elif event in xml.HER_EVENTS:
            await store.open_window(inbound.sender, AFTER_EVENT, inbound.sent_at)
        elif event == "unsubscribe":
            await store.close_windows(inbound.sender)


def _say(account: Account, opened: Opened, words: str, now: datetime) -> HTTPResponse:
    """A passive text reply, sealed with the key that opened the question; `success` when there is nothing to say."""
    if not words:
        return text_reply(SUCCESS)
    inner = xml.write_text(opened.fields["FromUserName"], opened.fields["ToUserName"], words, now)
    if opened.key is None:
        return text(inner, content_type=XML)
    sealed, timestamp, nonce = opened.key.seal(inner), str(int(now.timestamp())), os.urandom(8).hex()
    sign = signature(account.token, timestamp, nonce, sealed)
    return text(xml.write_envelope(sealed, sign, timestamp, nonce), content_type=XML)


def _refuse(refused: Refused) -> HTTPResponse:
    """Not a word of explanation outside; the reason, without content, in the log."""
    log.info("WeChat request refused: %s", refused.reason)
    return text("", status=refused.status)
