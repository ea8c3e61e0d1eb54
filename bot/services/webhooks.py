"""Cases handed to other systems: a referral goes to the address of the body it names, signed, until it has arrived.

The signature is that of Standard Webhooks (github.com/standard-webhooks): HMAC-SHA-256 over 「id.timestamp.body」. Only what
she agreed to is sent, and only to addresses that the Federation registered by the command line.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.addresses import Network
from bot.domain.audit import Act, Deed
from bot.domain.case_topics import LEVEL_WORDS, TOPIC_WORDS
from bot.domain.cases import BODY_WORDS, OutsideBody
from bot.domain.errors import BadInput, NotFound
from bot.domain.sharing import next_try
from bot.services.case_access import AuditLog
from bot.services.outside import OutsideOnly
from bot.storage.case_papers import CaseReferral, PaperStore
from bot.storage.cases import Case
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.webhooks import NAME, Webhook, WebhookDelivery, WebhookStore

log = logging.getLogger(__name__)

PURPOSE, SECRET_BYTES, LONGEST_URL = "webhook secret", 32, 500
CLAIM, TIMEOUT = timedelta(minutes=2), 10.0
SAFE_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
"""Where plain HTTP is allowed: on this machine itself, behind a gateway of the office's."""


@dataclass(frozen=True, slots=True)
class Address:
    """One registered address; `secret` only in the moment when it is made."""

    id: str
    body: OutsideBody
    body_name: str
    url: str
    created_at: datetime
    revoked_at: datetime | None = None
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent in one attempt."""

    delivery: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    body: bytes = field(repr=False)


class Webhooks:
    """Registers addresses, and sends what is on its way to them."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        audit: AuditLog,
        *,
        clock: Callable[[], datetime],
        client: Callable[[], httpx.AsyncClient] | None = None,
        inside: Sequence[Network] = (),
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._audit = audit
        self._clock = clock
        self._client = client or (lambda: outside_client(inside))

    async def add(self, body: OutsideBody, body_name: str, url: str) -> Address:
        """Register an address; its secret is shown this once. Raises BadInput."""
        name = body_name.strip()
        if not name or len(name) > NAME:
            raise BadInput("请写明对方单位的名称，和转介时写的一样。")
        _check_url(url)
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        async with self._database.write() as session:
            sealed = self._keyring.seal(secret, PURPOSE)
            row = await WebhookStore(session).add(body, name, url, sealed, self._clock())
            await self._audit.append(session, Deed(Act.WEBHOOK_ADDED, "", "webhook", row.public_id, body.value))
        return Address(row.public_id, body, name, url, row.created_at, secret=secret)

    async def revoke(self, public_id: str) -> None:
        """Nothing is sent there any more. Raises NotFound."""
        async with self._database.write() as session:
            store = WebhookStore(session)
            row = await store.named(public_id)
            if row is None:
                raise NotFound("没有这个编号。")
            if row.revoked_at is None:
                row.revoked_at = self._clock()
                await store.give_up(row, "revoked")
                await self._audit.append(session, Deed(Act.WEBHOOK_REVOKED, "", "webhook", row.public_id))

    async def all(self) -> Sequence[Address]:
        """Every address, the oldest first."""
        async with self._database.read() as session:
            return [
                Address(row.public_id, row.body, row.body_name, row.url, row.created_at, row.revoked_at)
                for row in await WebhookStore(session).all()
            ]  # fmt: skip

    async def referred(self, session: AsyncSession, referral: CaseReferral, now: datetime) -> None:
        """A referral was written: put it on its way, in the same transaction, if she agreed to it."""
        if not referral.consented:
            return
        store = WebhookStore(session)
        for webhook in await store.of(referral.body, referral.body_name):
            await store.put(webhook, referral, now)

    async def send_due(self) -> int:
        """Send one that is due → how many went out. What was refused is tried again later, seven times at most."""
        now = self._clock()
        async with self._database.write() as session:
            store = WebhookStore(session)
            due = await store.claim(now, now + CLAIM)
            parcel = None if due is None else self._pack(session, due, *await store.parts(due))
        if parcel is None:
            return 0
        failure = await self._post(parcel, now)
        await self._note(parcel, failure)
        return 1 if not failure else 0

    async def states(self, session: AsyncSession, referrals: Sequence[CaseReferral]) -> dict[int, str]:
        """In words whether a referral has reached the other system, by its row; nothing for those that go on paper only."""
        rows = await WebhookStore(session).of_referrals([row.id for row in referrals])
        return {referral: _state(row) for referral, row in rows.items()}

    def _pack(
        self, session: AsyncSession, due: WebhookDelivery, webhook: Webhook, referral: CaseReferral, case: Case
    ) -> Parcel:
        facts, contact = PaperStore(session, self._keyring).referral_text(referral)
        data = {
            "referral": referral.public_id,
            "case": case.public_id,
            "body": BODY_WORDS[referral.body],
            "to": referral.body_name,
            "level": LEVEL_WORDS[case.level],
            "topic": TOPIC_WORDS[case.topic],
            "area": case.area,
            "facts": facts,
            "contact": contact,
        }
        event = {"type": "case.referred", "timestamp": referral.created_at.isoformat(), "data": data}
        body = json.dumps(event, ensure_ascii=False).encode()
        return Parcel(due.public_id, webhook.url, self._keyring.open(webhook.sealed_secret, PURPOSE), body)

    async def _post(self, parcel: Parcel, now: datetime) -> str:
        """Send it → why it failed, "" when it arrived."""
        headers = signed(parcel.secret, parcel.delivery, now, parcel.body) | {"content-type": "application/json"}
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                self._client() as client,
                client.stream("POST", parcel.url, content=parcel.body, headers=headers) as answer,
            ):  # what the other side says is not read: it may be without end
                return "" if answer.is_success else f"HTTP {answer.status_code}"
        except (httpx.HTTPError, TimeoutError) as wrong:
            return type(wrong).__name__

    async def _note(self, parcel: Parcel, failure: str) -> None:
        now = self._clock()
        async with self._database.write() as session:
            row = await WebhookStore(session).delivery(parcel.delivery)
            if row is None:
                return
            if not failure:
                row.delivered_at, row.next_attempt_at, row.failure = now, None, None
                await self._audit.append(session, Deed(Act.CASE_SENT, "", "webhook_delivery", row.public_id))
                return
            row.failures, row.failure = row.failures + 1, failure
            if row.next_attempt_at is not None:  # else the address was taken out meanwhile
                row.next_attempt_at = next_try(row.failures, now)
        log.warning("webhook delivery %s failed (%s)", parcel.delivery, failure)


def outside_client(inside: Sequence[Network] = ()) -> httpx.AsyncClient:
    """For one attempt: no proxy of the environment, no redirect, and nothing inside but what is named."""
    transport = OutsideOnly(httpx.AsyncHTTPTransport(trust_env=False), inside=inside, here=SAFE_HOSTS)
    return httpx.AsyncClient(transport=transport, timeout=TIMEOUT, trust_env=False, follow_redirects=False)


def signed(secret: str, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks for one attempt."""
    moment = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{message}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in SAFE_HOSTS)
    if not safe or not parts.hostname or parts.username or parts.password or len(url) > LONGEST_URL:
        raise BadInput("地址要以 https:// 开头，里面不能有用户名和密码；本机可以用 http://127.0.0.1。")


def _state(row: WebhookDelivery) -> str:
    if row.delivered_at is not None:
        return "对方系统已收到"
    return "正在发给对方系统" if row.next_attempt_at is not None else "没有送到对方系统，请打印转介单"
