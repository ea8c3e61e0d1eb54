"""The web channel's JSON API: a message in, messages out, and a stream of later ones."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic import json as json_response
from sanic.response import raw

from bot.domain.addresses import place
from bot.domain.errors import BadInput, NotAllowed, NotFound, TooLong
from bot.domain.flood import ADDRESS_SHARE, Flood
from bot.domain.geography import Point, gcj02_to_wgs84
from bot.domain.messages import Inbound, InboundKind, Message, PlaceCard
from bot.services.calendar_file import calendar_file
from bot.services.conversations import Conversations
from bot.services.record_copy_files import as_html, as_json
from bot.settings import Settings

CHANNEL = ACCOUNT = "web"
LONGEST_TEXT = 20_000
CALENDAR_ENDING, CALENDAR_TYPE = ".ics", "text/calendar; charset=utf-8; method=PUBLISH"
COPIES = {
    "html": (as_html, "text/html; charset=utf-8"),
    "json": (as_json, "application/json; charset=utf-8"),
}
LOOK_EVERY = 0.7
"""Seconds between two looks for later messages, per open page."""
LISTENS_EVERY = 20.0
"""Seconds after which an open page is written down as open: an officer sees whether somebody reads."""
STILL_THERE = 15.0
"""Seconds after which a silent stream says that it is alive."""


def chat_api(settings: Settings) -> Blueprint:
    """Routes under /chat/api. The conversation's token is the only key to it."""
    blueprint = Blueprint("chat_api", url_prefix="/chat/api")
    flood = Flood(per_minute=settings.messages_per_minute)
    from_one_address = Flood(per_minute=settings.messages_per_minute * ADDRESS_SHARE)

    @blueprint.post("/messages")
    async def post_message(request: Request) -> HTTPResponse:
        conversations: Conversations = request.app.ctx.services.conversations
        body = _body(request)
        inbound, known = _inbound(body, conversations, request.app.ctx.now())
        if not conversations.is_heard_always(inbound):
            address, now = place(request.ctx.source), request.app.ctx.now()
            from_one_address.check(address, now)
            flood.check(inbound.sender if known else address, now)
        answer = await conversations.receive(inbound, known=known)
        return json_response(
            {
                "conversation": answer.conversation,
                "owner": answer.owner,
                "messages": [message_json(message) for message in answer.messages],
                "late": answer.late,
            },
            dumps=_dumps,
        )

    @blueprint.get("/messages")
    async def get_messages(request: Request) -> HTTPResponse:
        owner, lines = await request.app.ctx.services.conversations.history(CHANNEL, ACCOUNT, _token(request))
        shown = [
            message_json(line.message)
            if line.message is not None
            else {"id": None, "author": "woman", "text": line.text, "sent_at": line.sent_at.isoformat()}
            for line in lines
        ]
        return json_response({"owner": owner, "messages": shown}, dumps=_dumps)

    @blueprint.get("/events")
    async def get_events(request: Request) -> None:
        token, streams = _token(request), request.app.ctx.streams
        await request.app.ctx.services.conversations.name_of(CHANNEL, ACCOUNT, token)
        with streams.one(token, place(request.ctx.source)) as over:
            await _events(request, token, over)

    blueprint.add_route(get_calendar_file, "/appointments/<file:str>")
    blueprint.add_route(get_record_copy, "/copies/<file:str>")
    return blueprint


async def _events(request: Request, token: str, over: asyncio.Event) -> None:
    """Answer with a stream from the message after the one that she has last."""
    conversations: Conversations = request.app.ctx.services.conversations
    after = request.headers.get("last-event-id") or request.args.get("after")
    messages = await conversations.later(CHANNEL, ACCOUNT, token, after) if after else []
    if not after:
        latest = await conversations.later(CHANNEL, ACCOUNT, token, None)
        after = latest[-1].id if latest else None
    response = await request.respond(
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    await response.send(": open\n\n")
    try:
        await _stream(response, conversations, token, messages, after, over)
    except NotFound:  # she had her records deleted: the page forgets them too
        await response.send("event: gone\ndata: {}\n\n")
    await response.eof()


async def _stream(
    response: HTTPResponse,
    conversations: Conversations,
    token: str,
    messages: list[Message],
    after: str | None,
    over: asyncio.Event,
) -> None:
    """Send these and all later ones, until she leaves or it is `over`. Raises NotFound when the conversation is no more."""
    silent, unseen = 0.0, LISTENS_EVERY
    while not over.is_set():
        for message in messages:
            await response.send(f"id: {message.id}\nevent: message\ndata: {_dumps(message_json(message))}\n\n")
            after, silent, unseen = message.id, 0.0, LISTENS_EVERY
        if silent >= STILL_THERE:
            await response.send(": still here\n\n")
            silent = 0.0
        if unseen >= LISTENS_EVERY:
            await conversations.listens(CHANNEL, ACCOUNT, token)
            unseen = 0.0
        await asyncio.sleep(LOOK_EVERY)
        silent, unseen = silent + LOOK_EVERY, unseen + LOOK_EVERY
        messages = await conversations.later(CHANNEL, ACCOUNT, token, after)


async def get_calendar_file(request: Request, file: str) -> HTTPResponse:
    """`<appointment>.ics`; `?place=1` with the place. The token only from the header: addresses land in histories."""
    services = request.app.ctx.services
    conversation = await services.conversations.name_of(CHANNEL, ACCOUNT, _bearer(request))
    if not file.endswith(CALENDAR_ENDING):
        raise NotFound
    appointment = await services.appointments.one(file.removesuffix(CALENDAR_ENDING), conversation=conversation)
    body = calendar_file(appointment, request.app.ctx.now(), with_place=request.args.get("place") == "1")
    return raw(body, content_type=CALENDAR_TYPE, headers={"Content-Disposition": 'attachment; filename="event.ics"'})


async def get_record_copy(request: Request, file: str) -> HTTPResponse:
    """`<ticket>.html|.json`: her own records, once. Ticket and token belong together; the token only from the header."""
    services = request.app.ctx.services
    conversation = await services.conversations.name_of(CHANNEL, ACCOUNT, _bearer(request))
    ticket, _, ending = file.rpartition(".")
    if ending not in COPIES or not ticket:
        raise NotFound
    write, kind = COPIES[ending]
    body = write(await services.record_copies.take(ticket, conversation))
    return raw(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="notes.{ending}"'})


def message_json(message: Message) -> dict[str, Any]:
    """A message as the contract of the design has it; payloads stay here."""
    reply = message.reply
    return {
        "id": message.id,
        "author": message.author,
        "text": reply.text,
        "choices": [{"id": choice.id, "title": choice.title} for choice in reply.choices],
        "links": [{"title": link.title, "url": link.url} for link in reply.links],
        "places": [_place_json(place) for place in reply.places],
        "calendar": f"/chat/api/appointments/{reply.calendar}{CALENDAR_ENDING}" if reply.calendar else None,
        "sent_at": message.sent_at.isoformat(),
    }


def _place_json(place: PlaceCard) -> dict[str, Any]:
    return {
        "id": place.id,
        "name": place.name,
        "address": place.address,
        "distance_m": place.distance_m,
        "approximate": place.approximate,
        "phone": place.phone,
        "open_now": place.open_now,
        "hours_today": place.hours_today,
        "on_call": place.on_call,
        "facilities": list(place.facilities),
        "map_url": map_url(place),
        "synthetic": place.synthetic,
    }


def map_url(place: PlaceCard) -> str | None:
    """A `geo:` link, which opens the telephone's own map and asks no server of ours or theirs before she taps."""
    if place.point is None or place.synthetic:
        return None
    return f"geo:{place.point.latitude:.6f},{place.point.longitude:.6f}"


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _body(request: Request) -> Mapping[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as wrong:
        raise BadInput("请求不是有效的 JSON。") from wrong
    if not isinstance(body, dict):
        raise BadInput("请求应是一个 JSON 对象。")
    return body


def _inbound(body: Mapping[str, Any], conversations: Conversations, now: datetime) -> tuple[Inbound, bool]:
    """(the message, whether it names a conversation that must exist)."""
    message_id = _uuid(body.get("message_id"))
    token = body.get("conversation")
    if token is not None and not (isinstance(token, str) and token.isascii() and 0 < len(token) <= 128):
        raise BadInput("conversation 应是之前返回的令牌，或 null。")
    sender = token or conversations.new_sender(message_id)
    kind, text, point, choice = _content(body)
    return (
        Inbound(
            channel=CHANNEL,
            account=ACCOUNT,
            sender=sender,
            message_id=f"{sender} {message_id}",
            kind=kind,
            sent_at=now,
            text=text,
            point=point,
            choice=choice,
        ),
        token is not None,
    )


def _uuid(value: object) -> str:
    try:
        return str(uuid.UUID(str(value)))
    except ValueError as wrong:
        raise BadInput("message_id 应是一个 UUID。") from wrong


def _content(body: Mapping[str, Any]) -> tuple[InboundKind, str, Point | None, str]:
    given = [name for name in ("text", "location", "choice") if body.get(name) is not None]
    if len(given) != 1:
        raise BadInput("text、location、choice 请给且只给一个。")
    value = body[given[0]]
    if given[0] == "location":
        return InboundKind.LOCATION, "", _point(value), ""
    if not isinstance(value, str):
        raise BadInput(f"{given[0]} 应是文字。")
    if given[0] == "choice":
        return InboundKind.CHOICE, "", None, _whole(value[:64])
    if len(value) > LONGEST_TEXT:
        raise TooLong
    return InboundKind.TEXT, _whole(value), None, ""


def _whole(text: str) -> str:
    """Without halves of characters, and without the one that PostgreSQL cannot hold."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def _point(value: object) -> Point:
    """Degrees → WGS-84. GCJ-02 is converted here, at the edge."""
    fields = value if isinstance(value, dict) else {}
    latitude, longitude, crs = fields.get("latitude"), fields.get("longitude"), fields.get("crs", "wgs84")
    numbers = [n for n in (latitude, longitude) if isinstance(n, int | float) and not isinstance(n, bool)]
    if len(numbers) != 2:
        raise BadInput("location 需要数字 latitude 和 longitude。")
    if not (-90 <= numbers[0] <= 90 and -180 <= numbers[1] <= 180):
        raise BadInput("location 的经纬度超出范围。")
    if crs not in {"wgs84", "gcj02"}:
        raise BadInput("crs 只能是 wgs84 或 gcj02。")
    point = Point(float(numbers[0]), float(numbers[1]))
    return gcj02_to_wgs84(point) if crs == "gcj02" else point


def _token(request: Request) -> str:
    """From the Authorization header (kept out of every log), or from the query for plain EventSource clients."""
    if request.headers.get("authorization", "").startswith("Bearer "):
        return _bearer(request)
    return _checked(request.args.get("conversation", ""))


def _bearer(request: Request) -> str:
    """From the Authorization header and nowhere else."""
    header = request.headers.get("authorization", "")
    return _checked(header.removeprefix("Bearer ") if header.startswith("Bearer ") else "")


def _checked(token: str) -> str:
    if not token.isascii() or not 0 < len(token) <= 128:
        raise NotAllowed("缺少对话令牌。")
    return str(token)
