"""What goes in and out of a conversation, whatever the channel."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.geography import Point


class InboundKind(StrEnum):
    """What she sent. `MEDIA` is a picture, film or voice without words; `EVENT` is told by the channel, not by her."""

    TEXT = "text"
    LOCATION = "location"
    CHOICE = "choice"
    MEDIA = "media"
    EVENT = "event"


class Owner(StrEnum):
    """Who answers a conversation now."""

    BOT = "bot"
    QUEUE = "queue"
    OFFICER = "officer"


class Author(StrEnum):
    """Who wrote a message."""

    WOMAN = "woman"
    BOT = "bot"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a channel, verified and parsed.

    `message_id` is unique for (channel, account); an event has none of its own and gets sender + time + event.
    `sender` is the channel's name for her: an openid, or the web token ("" when a web conversation begins).
    `text` is her words, or the channel's name of the event ("subscribe"); `choice` the public id of a choice.
    """

    channel: str
    account: str
    sender: str
    message_id: str
    kind: InboundKind
    sent_at: datetime
    text: str = ""
    point: Point | None = None
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something she can press, or answer with its number. `payload` never leaves the server.

    `position` is that number: it counts from 1 through all messages of one answer; 0 before it was stored.
    """

    title: str
    payload: str
    id: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A page or a telephone link (`tel:110`) under a message."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class PlaceCard:
    """A place as she sees it. `distance_m` is None when not known; `approximate` when measured from a town's centre.

    `on_call`: who can be reached by telephone today while the door is shut, in words; "" nobody. `on_call_now`: at this moment.
    """

    id: str
    name: str
    address: str
    distance_m: int | None = None
    approximate: bool = False
    phone: str | None = None
    open_now: bool | None = None
    hours_today: str = ""
    on_call: str = ""
    on_call_now: bool = False
    facilities: tuple[str, ...] = ()
    point: Point | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """One bubble: words, and what hangs under them.

    `calendar`: public id of an appointment that she may put into her own calendar (where the channel has files).
    """

    text: str
    choices: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()
    places: tuple[PlaceCard, ...] = ()
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message on its way to her. `id` is public and random; `sent_at` is UTC."""

    id: str
    author: Author
    reply: Reply
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a channel gives back for one inbound message.

    `conversation` is the web token, or "" on channels that have their own names. `late` tells that the answer
    proper comes afterwards, as a later message.
    """

    conversation: str
    owner: Owner
    messages: tuple[Message, ...]
    late: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """A span that was understood. `start` and `end` count characters of the cleaned text."""

    name: str
    value: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the engine made of a text. `ranking` is the best five, (intent, confidence), best first.

    `needs` are the intents of a message that asks for several things, main one first.
    """

    intent: str = ""
    confidence: float = 0.0
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Entity, ...] = field(default=())
    needs: tuple[str, ...] = ()
