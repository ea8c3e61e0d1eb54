"""Flattens a message into WeChat's plain text, and splits text at 2048 bytes without tearing a number or a link."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.messages import Author, Choice, Link, Message, PlaceCard

LIMIT = 2048
"""Bytes of UTF-8 in one text; a longer one vanishes without an error."""
BETWEEN = "\n\n"
BY_A_PERSON = "【工作人员】"
"""WeChat shows every answer under the account's name: she must know when a person writes."""
ATOMS = re.compile(
    r"(?:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+"  # a link
    r"|[+(（]?[0-9０-９][0-9０-９ .,:：/()（）–—~～\-]*[0-9０-９]"  # a number, a telephone, hours
    r"|[A-Za-z0-9@._%+#=&/\-]+"  # a word in Latin letters
    r"|.(?:[\u0300-\u036f\ufe0f\U0001f3fb-\U0001f3ff]|\u200d.)*",  # a character with what hangs on it
    re.S,
)
SENTENCE_ENDS, PAUSES, CLOSING = frozenset("。！？；…!?;"), frozenset("，、：,: 　"), frozenset("”’」』）】》)")
LINE, SENTENCE, PAUSE, ANYWHERE = 3, 2, 1, 0


@dataclass(frozen=True, slots=True)
class Filled:
    """One text, and how many parts of each message of the queue went into it."""

    text: str
    taken: tuple[int, ...]


def flatten(message: Message) -> str:
    """Words, then places, links and numbered choices, a line each; "" when there is nothing to show."""
    reply = message.reply
    by = BY_A_PERSON if message.author is Author.OFFICER else ""
    lines = [f"{by}{reply.text}"] if reply.text else []
    lines += [_place(number, place) for number, place in enumerate(reply.places, start=1)]
    lines += [_link(link) for link in reply.links]
    lines += [_choice(number, choice) for number, choice in enumerate(reply.choices, start=1)]
    if reply.choices:
        lines.append("（回复数字即可）")
    return "\n".join(lines)


def fill(queue: Sequence[Sequence[str]]) -> Filled:
    """Put the parts of messages into one text, in order, until one does not fit."""
    text, taken = "", [0] * len(queue)
    for at, parts in enumerate(queue):
        for part in parts:
            longer = f"{text}{BETWEEN}{part}" if text else part
            if _size(longer) > LIMIT:
                return Filled(text, tuple(taken))
            text, taken[at] = longer, taken[at] + 1
    return Filled(text, tuple(taken))


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Parts of at most `limit` bytes (4 or more): cut at lines, else sentences, else pauses; only blank parts go.

    Numbers and links stay whole; only one that is longer than `limit` by itself is cut.
    """
    if _size(text) <= limit:
        return [text] if text.strip() else []
    parts: list[str] = []
    current: list[str] = []
    size = 0
    for atom in _atoms(text, limit):
        while current and size + _size(atom) > limit:
            cut = _best_cut(current, atom)
            parts.append("".join(current[:cut]))
            current, size = current[cut:], size - _size(parts[-1])
        current.append(atom)
        size += _size(atom)
    parts.append("".join(current))
    return [part for part in parts if part.strip()]


def _atoms(text: str, limit: int) -> Iterator[str]:
    for atom in ATOMS.findall(text):
        if _size(atom) <= limit:
            yield atom
        else:
            yield from atom


def _best_cut(current: Sequence[str], following: str) -> int:
    """After how many atoms to cut: the best kind of break, beyond the middle if there is one."""
    breaks = [_break_after(atom, after) for atom, after in zip(current, (*current[1:], following), strict=True)]
    middle = _middle(current)
    for kind, first in ((LINE, middle), (SENTENCE, middle), (LINE, 1), (SENTENCE, 1), (PAUSE, middle), (ANYWHERE, 1)):
        for cut in range(len(current), first - 1, -1):
            if breaks[cut - 1] == kind:
                return cut
    return len(current)


def _middle(current: Sequence[str]) -> int:
    """How many atoms fill the first half."""
    half = _size("".join(current)) / 2
    length = 0
    for number, atom in enumerate(current, start=1):
        length += _size(atom)
        if length >= half:
            return number
    return len(current)


def _break_after(atom: str, following: str) -> int:
    """The kind of break between two atoms; -1 where a cut would look wrong."""
    if atom == "\n":
        return LINE
    if following[0] in CLOSING or following[0] in SENTENCE_ENDS:
        return -1
    if atom[0] in SENTENCE_ENDS:
        return SENTENCE
    return PAUSE if atom[0] in PAUSES or atom[0] in CLOSING else ANYWHERE


def _place(number: int, place: PlaceCard) -> str:
    mark = "（示例）" if place.synthetic and "示例" not in place.name else ""
    first = " · ".join(filter(None, (f"【{number}】{place.name}{mark}", _distance(place))))
    phone = f"电话 {place.phone}" if place.phone else ""
    on_call = f"不开门时：{place.on_call}" if place.on_call else ""
    more = (place.address, _hours(place), phone, on_call, "、".join(place.facilities))
    return "\n".join([first, *(f"　{line}" for line in more if line)])


def _distance(place: PlaceCard) -> str:
    if place.distance_m is None:
        return ""
    metres = place.distance_m
    words = f"{round(metres / 10) * 10} 米" if metres < 995 else f"{metres / 1000:.1f} 公里"
    return f"{'约 ' if place.approximate else ''}{words}"


def _hours(place: PlaceCard) -> str:
    state = {True: "现在开放", False: "现在不开放", None: ""}[place.open_now]
    return " · ".join(filter(None, (state, place.hours_today)))


def _link(link: Link) -> str:
    """The address in full; of a telephone link the number, unless the title says it."""
    target = link.url.removeprefix("tel:")
    return link.title if target in link.title else f"{link.title} {target}".strip()


def _choice(number: int, choice: Choice) -> str:
    return f"{choice.position or number}. {choice.title}"


def _size(text: str) -> int:
    return len(text.encode())
