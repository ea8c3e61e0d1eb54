"""What she says about reaching her."""

import pytest

from bot.domain.cases import Consent
from bot.language.contact_wishes import may_call, safe_to_write, wants_to_leave


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("别给我打电话", Consent.NO),
        ("不要打我电话，他在家", Consent.NO),
        ("我现在不方便接电话", Consent.NO),
        ("甭打电话", Consent.NO),
        ("你们给我打个电话吧", Consent.YES),
        ("可以打电话，晚上八点以后", Consent.YES),
        ("别打电话，明天能给我打电话", Consent.NO),  # in doubt nobody calls
        ("他打电话骂我", Consent.UNKNOWN),
        ("妇联电话是多少", Consent.UNKNOWN),
    ],
)
def test_may_we_call(text: str, answer: Consent) -> None:
    assert may_call(text) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("他会看我手机", Consent.NO),
        ("我老公天天翻我的微信", Consent.NO),
        ("现在说话不方便", Consent.NO),
        ("他就在旁边", Consent.NO),
        ("就我一个人在家", Consent.YES),
        ("现在打字方便", Consent.YES),
        ("他出去了", Consent.UNKNOWN),
        ("你那里说话方便吗", Consent.UNKNOWN),
        ("我想买个手机", Consent.UNKNOWN),
    ],
)
def test_is_it_safe_to_write(text: str, answer: Consent) -> None:
    assert safe_to_write(text) is answer


@pytest.mark.parametrize(
    "text", ["不等了", "算了，不等了", "不用人工了", "退出排队", "我不排队了，谢谢", "继续问助手吧", "不找人了"]
)
def test_she_leaves_the_queue(text: str) -> None:
    assert wants_to_leave(text)


@pytest.mark.parametrize(
    "text",
    [
        "我不等了，我现在就去找他拼命",  # more than leaving: a person has to read it
        "他说不等了，要卖房",
        "不用人工授精",
        "等等",
        "还要等多久",
        "我不想活了",
    ],
)
def test_she_stays_in_the_queue(text: str) -> None:
    assert not wants_to_leave(text)
