"""Referrals that go to other systems: signed, only with her yes, and sent again until they have arrived."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from bot.domain.accounts import Officer
from bot.domain.audit import Act
from bot.domain.cases import OutsideBody
from bot.domain.errors import BadInput
from bot.domain.sharing import PAUSES
from bot.services.case_papers import Referral
from bot.services.outside import NotOutside, OutsideOnly
from bot.services.webhooks import Address, Webhooks, outside_client
from bot.storage.webhooks import Webhook, WebhookDelivery
from tests.integration.casework import NOW, Casework

NAME, CONTACT = "某区法律援助中心（示例）", "13812345678"
AGREED = Referral(OutsideBody.LEGAL_AID, NAME, "要离婚，需要律师", CONTACT, consented=True)


@dataclass
class Receiver:
    """The other system: answers with the next of its codes (200 when there is none left), or is not there at all."""

    codes: list[int] = field(default_factory=list)
    away: bool = False
    got: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        if self.away:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(self.codes.pop(0) if self.codes else 200)


@dataclass
class Handing:
    """An officer with a case, and a system that takes referrals."""

    work: Casework
    webhooks: Webhooks
    receiver: Receiver
    address: Address
    officer: Officer
    case: str

    async def refer(self, referral: Referral = AGREED) -> str:
        return await self.work.office.papers.refer(self.case, self.officer, referral)

    async def words(self) -> str:
        [(_, words, _)] = await self.work.office.papers.referrals(self.case, self.officer)
        return words


@pytest.fixture
async def handing(work: Casework) -> Handing:
    receiver = Receiver()
    webhooks = Webhooks(
        work.database, work.keyring, work.audit, clock=work.clock,
        client=lambda: httpx.AsyncClient(transport=httpx.MockTransport(receiver)),
    )  # fmt: skip
    address = await webhooks.add(OutsideBody.LEGAL_AID, NAME, "https://aid.example/hook")
    officer, case = await work.taken()
    return Handing(work, webhooks, receiver, address, officer, case)


async def test_a_referral_she_agreed_to_arrives_once_and_the_officer_sees_it(handing: Handing) -> None:
    referral = await handing.refer()
    assert await handing.words() == f"法律援助：{NAME}（正在发给对方系统）"
    assert [await handing.webhooks.send_due() for _ in range(3)] == [1, 0, 0]
    [request] = handing.receiver.got
    event = json.loads(request.content)
    assert event["type"] == "case.referred"
    assert event["data"]["referral"] == referral
    assert (event["data"]["facts"], event["data"]["contact"]) == ("要离婚，需要律师", CONTACT)
    assert await handing.words() == f"法律援助：{NAME}（对方系统已收到）"
    assert Act.CASE_SENT in [deed.act for deed in handing.work.audit.deeds]
    assert CONTACT not in str(handing.work.audit.deeds)


async def test_the_signature_is_that_of_standard_webhooks(handing: Handing) -> None:
    await handing.refer()
    await handing.webhooks.send_due()
    [request] = handing.receiver.got
    head = request.headers
    key = base64.b64decode(handing.address.secret.removeprefix("whsec_"))
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + request.content
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert head["webhook-signature"] == f"v1,{mac}"
    assert head["webhook-timestamp"] == str(int(handing.work.clock().timestamp()))


@pytest.mark.parametrize(
    "referral",
    [
        Referral(OutsideBody.LEGAL_AID, "别的中心", "要律师", consented=True),  # nobody registered that one
        Referral(OutsideBody.COURT, NAME, "要律师", consented=True),  # the same words, another kind of body
    ],
)
async def test_nothing_goes_to_whom_it_is_not_for(handing: Handing, referral: Referral) -> None:
    await handing.refer(referral)
    assert await handing.webhooks.send_due() == 0
    assert not handing.receiver.got


async def test_without_her_yes_nothing_is_sent_even_when_a_life_is_in_danger(handing: Handing) -> None:
    await handing.work.say(NOW)
    await handing.refer(Referral(OutsideBody.LEGAL_AID, NAME, "要律师"))
    assert await handing.webhooks.send_due() == 0
    assert not handing.receiver.got


def down(receiver: Receiver) -> None:
    receiver.away = True


def refuses(receiver: Receiver) -> None:
    receiver.codes = [500, 503, 302, 404]


@pytest.mark.parametrize("fails", [down, refuses])
async def test_what_does_not_arrive_is_sent_again_later_under_the_same_name(
    handing: Handing, fails: Callable[[Receiver], None]
) -> None:
    fails(handing.receiver)
    await handing.refer()
    for pause in PAUSES[:4]:
        assert await handing.webhooks.send_due() == 0
        assert await handing.webhooks.send_due() == 0  # not before its time
        handing.work.clock.pass_by(seconds=pause.total_seconds() + 1)
    handing.receiver.away = False
    assert await handing.webhooks.send_due() == 1
    assert len({request.headers["webhook-id"] for request in handing.receiver.got}) == 1
    assert len(handing.receiver.got) == 5


async def test_after_two_days_it_is_given_up_and_the_officer_is_told_to_print(handing: Handing) -> None:
    handing.receiver.away = True
    await handing.refer()
    for pause in (*PAUSES, timedelta(days=3)):
        await handing.webhooks.send_due()
        handing.work.clock.pass_by(seconds=pause.total_seconds() + 1)
    assert await handing.webhooks.send_due() == 0
    assert len(handing.receiver.got) == len(PAUSES) + 1
    assert "请打印转介单" in await handing.words()


class Killed(BaseException):
    """The process ends here."""


async def test_what_dies_in_the_middle_is_sent_again(handing: Handing) -> None:
    def dies() -> httpx.AsyncClient:
        raise Killed

    await handing.refer()
    broken = Webhooks(
        handing.work.database, handing.work.keyring, handing.work.audit, clock=handing.work.clock, client=dies
    )
    with pytest.raises(Killed):
        await broken.send_due()
    assert await handing.webhooks.send_due() == 0  # the dead one may still be on it
    handing.work.clock.pass_by(minutes=3)
    assert await handing.webhooks.send_due() == 1


async def test_nothing_goes_to_an_address_that_was_taken_out(handing: Handing) -> None:
    await handing.refer()
    await handing.webhooks.revoke(handing.address.id)
    assert await handing.webhooks.send_due() == 0
    await handing.refer(Referral(OutsideBody.LEGAL_AID, NAME, "再一次", consented=True))
    assert await handing.webhooks.send_due() == 0
    async with handing.work.database.read() as session:
        rows = (await session.scalars(select(WebhookDelivery))).all()
    assert [row.next_attempt_at for row in rows] == [None]


@pytest.mark.parametrize(
    "url",
    [
        "http://aid.example/hook",  # anybody on the way could read it
        "ftp://aid.example/", "aid.example", "", "https://", "https://me:secret@aid.example/", "file:///etc/passwd",
    ],
)  # fmt: skip
async def test_an_address_that_is_not_safe_is_refused(handing: Handing, url: str) -> None:
    with pytest.raises(BadInput, match="https"):
        await handing.webhooks.add(OutsideBody.COURT, "某法院（示例）", url)


async def test_the_secret_is_shown_once_and_kept_sealed(handing: Handing) -> None:
    assert handing.address.secret not in repr(handing.address)
    assert [one.secret for one in await handing.webhooks.all()] == [""]
    async with handing.work.database.read() as session:
        [row] = (await session.scalars(select(Webhook))).all()
    assert handing.address.secret.encode() not in row.sealed_secret


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 65536


async def test_what_the_other_side_says_is_not_read_however_much_it_is(handing: Handing) -> None:
    talkative = Webhooks(
        handing.work.database, handing.work.keyring, handing.work.audit, clock=handing.work.clock,
        client=lambda: httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=endless()))),
    )  # fmt: skip
    await handing.refer()
    assert await talkative.send_due() == 1
    assert "已收到" in await handing.words()


async def test_an_address_that_turned_inside_gets_nothing_and_is_tried_again(handing: Handing) -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["10.0.0.5"]

    transport = OutsideOnly(httpx.MockTransport(handing.receiver), resolver=inside)
    ours = Webhooks(
        handing.work.database, handing.work.keyring, handing.work.audit, clock=handing.work.clock,
        client=lambda: httpx.AsyncClient(transport=transport),
    )  # fmt: skip
    await handing.refer()
    assert await ours.send_due() == 0
    assert handing.receiver.got == []
    async with handing.work.database.read() as session:
        [row] = (await session.scalars(select(WebhookDelivery))).all()
    assert (row.failure, row.failures, row.delivered_at) == ("NotOutside", 1, None)


async def test_the_client_that_sends_reaches_nothing_inside() -> None:
    for url in ("https://169.254.169.254/", "https://10.0.0.5/", "https://127.0.0.2/", "https://[fe80::1]/"):
        async with outside_client() as client:
            with pytest.raises(NotOutside):
                await client.post(url)
