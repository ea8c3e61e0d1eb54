"""Tencent's own check values, and everything that must be refused."""

import base64
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.wechat import xml
from bot.channels.wechat.envelope import Key, Refused, check, key_from, signature
from bot.domain.geography import Point, distance_m
from bot.domain.messages import InboundKind

KEY = Key("A" * 43, "wxba5fad812f8e6fb9")
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("AAAAA", "1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696"),  # Tencent: GET
        (("AAAAA", "1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78"),  # Tencent: plain POST
        (("c", "a", "b"), "a9993e364706816aba3e25717850c26c9cd0d89d"),  # sorted, then joined
        (("345", "123"), "9f537aeb751ec72605f57f94a2f6dc3e3958e1dd"),  # as strings, not as numbers
    ],
)
def test_signatures(parts: tuple[str, ...], expected: str) -> None:
    assert signature(*parts) == expected
    check(expected, *parts)


def test_tencents_encrypted_reply_comes_out_to_the_letter() -> None:
    sealed = KEY.seal('{"demo_resp":"good luck"}', random=b"707722b803182950")
    assert sealed == ("ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==")
    assert signature("AAAAA", "1713424427", "415670741", sealed) == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"
    assert KEY.open(sealed) == b'{"demo_resp":"good luck"}'


@given(st.text(max_size=300))
def test_what_was_sealed_opens_again(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assert KEY.open(KEY.seal(text)).decode() == text


def raw(plain: bytes) -> str:
    key = base64.b64decode(KEY.encoding_aes_key + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def padded(plain: bytes) -> bytes:
    pad = 32 - len(plain) % 32
    return plain + bytes([pad]) * pad


@pytest.mark.parametrize(
    "sealed",
    [
        "",  # nothing
        "不是 base64",  # no base64
        base64.b64encode(b"x" * 15).decode(),  # no whole block
        base64.b64encode(os.urandom(64)).decode(),  # junk
        raw(padded(b"r" * 16 + struct.pack(">I", 9999) + b"x" + KEY.app_id.encode())),  # a length beyond the end
        raw(padded(b"r" * 16 + struct.pack(">I", 1) + b"x" + b"wx_other")),  # another account's
        raw(b"r" * 16 + struct.pack(">I", 1) + b"x" + b"\x00" * 11),  # padding of no length
        raw(b"\x21" * 64),  # padding longer than a block
        Key("B" * 43, KEY.app_id).seal("x"),  # another key
    ],
)
def test_a_cipher_that_is_not_ours_is_refused(sealed: str) -> None:
    with pytest.raises(Refused):
        KEY.open(sealed)


def only_refused(work: Callable[[], object]) -> None:
    """Run it; any other error fails the test."""
    with suppress(Refused):
        work()


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_no_body_raises_anything_but_refused(body: bytes) -> None:
    only_refused(lambda: xml.read_message(xml.read_xml(body), "main"))
    only_refused(lambda: xml.read_message(xml.read_xml(b"<xml><a>" + body + b"</a></xml>"), "main"))


@given(st.binary(max_size=200), st.binary(max_size=4), st.integers(0, 255))
@settings(deadline=None)
def test_no_cipher_raises_anything_but_refused(plain: bytes, length: bytes, pad: int) -> None:
    whole = b"r" * 16 + length + plain
    filled = whole + bytes([pad]) * (32 - len(whole) % 32)
    for sealed in (raw(filled), raw(padded(whole)), base64.b64encode(plain).decode(), plain.decode("latin-1")):
        only_refused(lambda sealed=sealed: KEY.open(sealed))  # type: ignore[misc]


NAMES = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Content", "Event", "EventKey", "Recognition",
         "Location_X", "Location_Y", "Title", "Description")  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(["text", "event", "voice", "location", "link", "subscribe", "CLICK", "1e400", "-1", "²", "nan"]),
    st.integers().map(str),
    st.text(max_size=20),
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_no_fields_raise_anything_but_refused(fields: dict[str, str]) -> None:
    only_refused(lambda: xml.read_message(fields, "main"))
    only_refused(lambda: xml.read_message(message(MsgType="location", MsgId="1") | fields, "main"))


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "！" * 43])
def test_a_key_of_another_length_is_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        key_from(key, "wx")


def message(**fields: str) -> dict[str, str]:
    known = {"ToUserName": "gh", "FromUserName": "openid", "CreateTime": "1714036504", "MsgType": "text", "MsgId": "1"}
    return known | fields


def test_each_kind_of_message_is_read() -> None:
    read = xml.read_message
    assert read(message(Content="你好"), "main").text == "你好"
    assert read(message(MsgType="voice", Recognition="我想离婚"), "main").text == "我想离婚"
    assert read(message(MsgType="voice", Recognition=""), "main").kind is InboundKind.MEDIA
    for kind in ("image", "video", "shortvideo", "VOICE", "something new"):
        assert read(message(MsgType=kind, MediaId="1"), "main").kind is InboundKind.MEDIA
    assert read(message(MsgType="link", Title="标题", Description="说明", Url="u"), "main").text == "标题 说明"


def test_a_location_is_latitude_then_longitude_and_becomes_wgs84() -> None:
    inbound = xml.read_message(
        message(MsgType="location", Location_X="39.91334545536069", Location_Y="116.38404722455657"), "main"
    )
    assert inbound.kind is InboundKind.LOCATION
    assert inbound.point is not None
    assert distance_m(inbound.point, Point(39.911954, 116.377817)) < 0.01


def test_events_in_any_case_and_a_click_is_the_menus_text() -> None:
    event = message(MsgType="event", Event="SUBSCRIBE", EventKey="qrscene_1")
    assert xml.read_message(event, "main").text == "subscribe"
    assert xml.read_message(message(MsgType="event", Event="CLICK", EventKey="找妇女之家"), "main").text == "找妇女之家"
    assert xml.is_silent(message(MsgType="event", Event="LOCATION"))
    assert xml.is_silent(message(MsgType="EVENT", Event="TemplateSendJobFinish", MsgID="1"))
    assert not xml.is_silent(message(Event="LOCATION"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"MsgType": "text"}, True),  # a message
        ({"MsgType": "event", "Event": "SCAN"}, True),  # she scanned our code
        ({"MsgType": "event", "Event": "CLICK"}, True),  # she touched the menu
        ({"MsgType": "event", "Event": "unsubscribe"}, False),  # she is gone
        ({"MsgType": "event", "Event": "location_select"}, False),  # the place itself follows
    ],
)
def test_only_what_she_does_expects_an_answer(fields: dict[str, str], expected: bool) -> None:
    assert xml.expects_answer(fields) is expected


def test_events_are_told_apart_by_sender_time_event_and_key() -> None:
    first = xml.read_message(message(MsgType="event", Event="subscribe"), "main")
    again = xml.read_message(message(MsgType="event", Event="subscribe", MsgId="9"), "main")
    later = xml.read_message(message(MsgType="event", Event="subscribe", CreateTime="1714036505"), "main")
    assert first.message_id == again.message_id != later.message_id


@pytest.mark.parametrize(
    "body",
    [
        b"",  # nothing
        b"<xml><a>",  # cut off
        b"\xff\xfe",  # no UTF-8
        b"<xml><a>1</a><a>2</a></xml>",  # an element twice
        b'<!DOCTYPE x [<!ENTITY e "x">]><xml><a>&e;</a></xml>',  # an entity
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml></xml>',  # a DTD
        b"<xml>" + b"x" * 70_000 + b"</xml>",  # too large
    ],
)
def test_xml_that_is_not_wechats_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        xml.read_xml(body)


@pytest.mark.parametrize("missing", ["MsgType", "FromUserName", "CreateTime", "MsgId", "ToUserName", "Content"])
def test_a_message_without_a_part_is_refused(missing: str) -> None:
    fields = message(Content="x")
    del fields[missing]
    with pytest.raises(Refused):
        xml.read_message(fields, "main")


def test_the_end_of_a_cdata_section_in_her_words_is_harmless() -> None:
    written = xml.write_text("o", "g", "a]]><evil/>b\x00", NOW)
    assert xml.read_xml(written.encode())["Content"] == "a]]><evil/>b"
