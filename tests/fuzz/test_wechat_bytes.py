"""Whatever bytes come to the webhook: a message of ours, or Refused, and nothing else."""

import base64
import contextlib
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.wechat import xml
from bot.channels.wechat.envelope import Refused, check, key_from, signature
from bot.domain.messages import Inbound
from tests.fuzz.budget import WORDS, budget

KEY = key_from("a" * 43, "wx123")
KINDS = ("text", "voice", "image", "event", "location", "link", "shortvideo", "TEXT", "")
NAMES = (
    "ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId", "Event", "EventKey", "Location_X", "Location_Y",
    "Recognition", "Title", "Description", "MsgID", "Status", "Ticket", "Encrypt",
)  # fmt: skip
VALUES = st.one_of(WORDS, st.sampled_from(KINDS), st.integers(-(10**12), 10**12).map(str), st.floats().map(str))
FIELDS = st.dictionaries(st.sampled_from(NAMES), VALUES)
LIKELY = st.fixed_dictionaries(
    {"ToUserName": WORDS, "FromUserName": WORDS, "CreateTime": st.one_of(st.just("1764000000"), VALUES),
     "MsgType": st.sampled_from(KINDS), "MsgId": st.one_of(st.integers(0, 2**64).map(str), VALUES)},
    optional={name: VALUES for name in NAMES[4:] if name != "MsgId"},
)  # fmt: skip
BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><xml><A>&b;</A></xml>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><A>&a;</A></xml>"""


def document(fields: dict[str, str]) -> bytes:
    """The fields as WeChat writes them, half of them in CDATA."""
    parts = [
        f"<{name}>{escape(value) if len(value) % 2 else xml.cdata(value)}</{name}>" for name, value in fields.items()
    ]
    return f"<xml>{''.join(parts)}</xml>".encode()


@budget(200)
@given(st.one_of(st.binary(max_size=200), WORDS.map(str.encode), FIELDS.map(document)))
@example(BOMB)
@example(OUTSIDE)
@example(b"<a>" * 20_000)
@example(b"<xml>" + b"<A/>" * 10_000 + b"</xml>")
@example(b'<?xml version="1.0" encoding="utf-7"?><xml>+ADw-A/+AD4-</xml>')
@example("<xml><A>x</A></xml>".encode("utf-16"))
def test_xml_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(Refused):
        fields = xml.read_xml(body)
        assert all(isinstance(value, str) for value in fields.values())


@pytest.mark.parametrize("body", [BOMB, OUTSIDE])
def test_entities_are_never_followed(body: bytes) -> None:
    with pytest.raises(Refused):
        xml.read_xml(body)


@budget(300)
@given(st.one_of(LIKELY, FIELDS))
def test_fields_are_a_message_or_refused(fields: dict[str, str]) -> None:
    with contextlib.suppress(Refused):
        inbound = xml.read_message(fields, "main")
        assert isinstance(inbound, Inbound)
        assert 0 < len(inbound.sender) <= xml.LONGEST_NAME
        assert inbound.message_id
    for read in (xml.event_of, xml.is_silent, xml.failed_template, xml.expects_answer):
        read(fields)


@budget(150)
@given(WORDS, WORDS)
def test_what_we_write_is_read_back(words: str, name: str) -> None:
    read = xml.read_xml(xml.write_text(name, "gh_1", words, datetime(2026, 11, 24, tzinfo=UTC)).encode())
    # XML itself makes one line end of the two that Windows writes, and cannot hold some characters.
    assert read["Content"] == "".join(c for c in words.replace("\r\n", "\n").replace("\r", "\n") if xml.is_writable(c))


@budget(300)
@given(st.one_of(st.text(max_size=120), st.binary(max_size=160).map(lambda raw: base64.b64encode(raw).decode())))
def test_an_envelope_opens_only_when_it_was_sealed_for_us(sealed: str) -> None:
    with pytest.raises(Refused):
        KEY.open(sealed)


@budget(100)
@given(
    st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200),
    st.integers(0, 10_000),
    st.integers(1, 255),
)
def test_one_changed_byte_opens_nothing_of_another_account(words: str, at: int, change: int) -> None:
    sealed = KEY.seal(words)
    assert KEY.open(sealed).decode() == words
    raw = bytearray(base64.b64decode(sealed))
    raw[at % len(raw)] ^= change
    with contextlib.suppress(Refused):  # the signature over the envelope, checked before, is what keeps changes out
        KEY.open(base64.b64encode(bytes(raw)).decode())
    with pytest.raises(Refused):
        key_from("a" * 43, "wx124").open(sealed)


@budget(150)
@given(WORDS, st.lists(WORDS, min_size=1, max_size=4))
def test_a_signature_is_right_or_refused(given_signature: str, parts: list[str]) -> None:
    check(signature(*parts), *parts)
    if given_signature != signature(*parts):
        with pytest.raises(Refused):
            check(given_signature, *parts)
