"""WeChat's XML: what comes in as a flat dictionary, what goes out as text. DTDs and entities are refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from bot.channels.wechat.envelope import Refused
from bot.domain.geography import Point, gcj02_to_wgs84
from bot.domain.messages import Inbound, InboundKind

LARGEST: Final = 64 * 1024
SILENT_EVENTS: Final = frozenset({"location", "view", "view_miniprogram", "templatesendjobfinish", "masssendjobfinish"})
HER_EVENTS: Final = frozenset({"subscribe", "scan", "click"})
"""What she does herself and expects an answer to; every other event is written down and answered with `success`."""
MEDIA_WORDS: Final = {"image": "［图片］", "voice": "［语音］", "video": "［视频］", "shortvideo": "［视频］"}
LONGEST_NAME: Final = 64
LONGEST_NUMBER: Final = 32


def read_xml(body: bytes) -> dict[str, str]:
    """The elements under the root by name. Raises Refused: malformed, DTD, not UTF-8, too large, a name twice."""
    if len(body) > LARGEST:
        raise Refused("too large", 413)
    try:
        root = ElementTree.fromstring(body.decode(), forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, UnicodeDecodeError, ValueError) as wrong:
        raise Refused("xml", 400) from wrong
    fields: dict[str, str] = {}
    for element in root:
        if element.tag in fields:
            raise Refused("xml", 400)
        fields[element.tag] = element.text or ""
    return fields


def read_message(fields: Mapping[str, str], account: str) -> Inbound:
    """A message or an event. Raises Refused when a part is missing or no number."""
    try:
        sender, kind = fields["FromUserName"], fields["MsgType"].lower()
        sent_at = datetime.fromtimestamp(int(fields["CreateTime"]), UTC)
        if not 0 < len(sender) <= LONGEST_NAME or not fields["ToUserName"]:
            raise Refused("xml", 400)
        if kind == "event":
            return _event(fields, account, sender, sent_at)
        message_id = fields["MsgId"]
        if not (message_id.isascii() and message_id.isdecimal() and len(message_id) <= LONGEST_NUMBER):
            raise Refused("xml", 400)
        what, text, point = _content(kind, fields)
    except (KeyError, ValueError, OverflowError, OSError) as wrong:
        raise Refused("xml", 400) from wrong
    return Inbound("wechat", account, sender, message_id, what, sent_at, text, point)


def _content(kind: str, fields: Mapping[str, str]) -> tuple[InboundKind, str, Point | None]:
    if kind == "text":
        return InboundKind.TEXT, fields["Content"], None
    if kind == "voice" and fields.get("Recognition", "").strip():
        return InboundKind.TEXT, fields["Recognition"], None
    if kind == "link":
        return InboundKind.TEXT, f"{fields.get('Title', '')} {fields.get('Description', '')}".strip(), None
    if kind == "location":
        latitude, longitude = float(fields["Location_X"]), float(fields["Location_Y"])
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise Refused("xml", 400)
        return InboundKind.LOCATION, "", gcj02_to_wgs84(Point(latitude, longitude))
    return InboundKind.MEDIA, MEDIA_WORDS.get(kind, "［其他类型的消息］"), None


def _event(fields: Mapping[str, str], account: str, sender: str, sent_at: datetime) -> Inbound:
    """Event names come in mixed case. A menu click is its key's text; other events carry their name."""
    event, key = fields["Event"].lower()[:LONGEST_NAME], fields.get("EventKey", "")
    message_id = f"{sender}:{fields['CreateTime']}:{event}:{key}"
    if event == "click" and key:
        return Inbound("wechat", account, sender, message_id, InboundKind.TEXT, sent_at, key)
    name = "subscribe" if event in {"subscribe", "scan"} else event
    return Inbound("wechat", account, sender, message_id, InboundKind.EVENT, sent_at, name)


def event_of(fields: Mapping[str, str]) -> str:
    """The event's name in lower case, or "" for a message."""
    return fields.get("Event", "").lower() if fields.get("MsgType", "").lower() == "event" else ""


def is_silent(fields: Mapping[str, str]) -> bool:
    """Events that are answered with `success` and nothing else, and leave no row."""
    return event_of(fields) in SILENT_EVENTS


def failed_template(fields: Mapping[str, str]) -> tuple[str, str] | None:
    """(our message's number at WeChat, why) when a template message did not reach her; None for everything else."""
    number, status = fields.get("MsgID", ""), fields.get("Status", "").lower()
    if event_of(fields) != "templatesendjobfinish" or not number or status == "success":
        return None
    return number[:LONGEST_NAME], status[:LONGEST_NAME]


def expects_answer(fields: Mapping[str, str]) -> bool:
    """A message, or an event that she made herself."""
    return event_of(fields) in HER_EVENTS | {""}


def write_text(to_user: str, from_user: str, text: str, now: datetime) -> str:
    """A passive text reply."""
    return (
        f"<xml><ToUserName>{cdata(to_user)}</ToUserName><FromUserName>{cdata(from_user)}</FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime><MsgType>{cdata('text')}</MsgType>"
        f"<Content>{cdata(text)}</Content></xml>"
    )


def write_envelope(encrypt: str, sign: str, timestamp: str, nonce: str) -> str:
    """The encrypted reply around it."""
    return (
        f"<xml><Encrypt>{cdata(encrypt)}</Encrypt><MsgSignature>{cdata(sign)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
    )


def is_writable(character: str) -> bool:
    """Whether XML 1.0 can hold the character."""
    return (
        character in "\t\n\r"
        or " " <= character <= "\ud7ff"
        or "\ue000" <= character <= "\ufffd"
        or character > "\uffff"
    )


def cdata(text: str) -> str:
    """A CDATA section; `]]>` inside is split over two, and characters that XML forbids are dropped."""
    allowed = "".join(character for character in text if is_writable(character))
    return "<![CDATA[" + allowed.replace("]]>", "]]]]><![CDATA[>") + "]]>"
