"""Flattens a message into WeChat's plain text, and splits text at 2048 bytes without breaking a sentence or a number."""

import re
from collections.abc import Sequence

from bot.domain.messages import Message, PlaceCard

LIMIT = 2048
"""Bytes of UTF-8 in one text; a longer one vanishes without an error."""
PIECES = re.compile(r"[^\n]*\n|[^\n]+")
SENTENCES = re.compile(r"[^。！？；!?;]*[。！？；!?;]+|[^。！？；!?;]+")
ATOMS = re.compile(r"https?://\S+|[A-Za-z0-9@._:/?&=%+#\-–]+|.", re.S)


def flatten(message: Message) -> str:
    """Words, then places, links and numbered choices, a line each."""
    reply = message.reply
    lines = [reply.text] if reply.text else []
    lines += [_place(number, place) for number, place in enumerate(reply.places, start=1)]
    lines += [f"{link.title}" if link.url.startswith("tel:") else f"{link.title} {link.url}" for link in reply.links]
    if reply.choices:
        lines += [f"{choice.position}. {choice.title}" for choice in reply.choices]
        lines.append("（回复数字即可）")
    return "\n".join(lines)


def _place(number: int, place: PlaceCard) -> str:
    parts = [f"【{number}】{place.name}", _distance(place)]
    first = " · ".join(filter(None, parts))
    more = [place.address, place.hours_today, f"电话 {place.phone}" if place.phone else "", "、".join(place.facilities)]
    return "\n".join([first, *(f"　{line}" for line in more if line)])


def _distance(place: PlaceCard) -> str:
    if place.distance_m is None:
        return ""
    metres = place.distance_m
    words = f"{round(metres / 10) * 10} 米" if metres < 1000 else f"{metres / 1000:.1f} 公里"
    return f"{'约 ' if place.approximate else ''}{words}"


def join(texts: Sequence[str]) -> list[str]:
    """Texts in order, put together as long as they fit, split where they do not: each at most LIMIT bytes."""
    parts: list[str] = []
    for text in texts:
        for piece in split(text):
            joined = f"{parts[-1]}\n\n{piece}" if parts else piece
            if parts and _size(joined) <= LIMIT:
                parts[-1] = joined
            else:
                parts.append(piece)
    return parts


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Parts of at most `limit` bytes: at lines, else at sentences, else between characters, never inside a number."""
    if _size(text) <= limit:
        return [text] if text else []
    for cut in (PIECES, SENTENCES, ATOMS):
        pieces = cut.findall(text)
        if len(pieces) > 1:
            return _packed([part for piece in pieces for part in split(piece, limit)], limit)
    return _packed(list(text), limit)


def _packed(pieces: Sequence[str], limit: int) -> list[str]:
    parts = [""]
    for piece in pieces:
        if _size(parts[-1]) + _size(piece) <= limit:
            parts[-1] += piece
        else:
            parts.append(piece)
    return [part for part in parts if part]


def _size(text: str) -> int:
    return len(text.encode())
