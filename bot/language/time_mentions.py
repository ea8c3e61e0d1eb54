"""Puts the times of a text together: 「周三…下午三点」 is one, 「周三或周五」 two, and
「不是周三，是周四」 takes the first back.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.language.time_calendar import Day, following, narrowed
from bot.language.time_tokens import TO, Clock, Moment, Sign, Token
from bot.language.time_words import Part

RANGE = re.compile(rf"(?:的|钟|左右|吧)?{TO}(?:了)?")
OR = re.compile(r"或|还是|要么|要不|、|/|和|跟|与|及")
AND = re.compile("[和跟与、或及]?")
SOFT = re.compile(r"[，,、。.（(）)\s的那就是也吧嘛呢啊嗯呃额个天大概约差不多可能最好，…]{0,8}")
TAKEN_BACK = re.compile(
    r"不对|说错|错了|搞错|记错|改|换[成到为]?|算了|推[到迟]|挪|延[到期]|提前到|哦不|啊不|不不|不是|还是算|不如|不，|不,"
)
RATHER = re.compile(r".[，,。…了吧 ]+.{0,3}还是")
REFUSED_BEFORE = re.compile(
    r"(?:(?<!是)不是|(?<!要)不要|(?<!特)别|不想|不约|不用|避开|排除|(?P<but>除了?(?!非)))(?:在|约|去|来|订|定|选|说)?(?:我)?$"
)
REFUSED_AFTER = re.compile(
    r"(?P<but>以外|之外|除外)|(?:的话|我|他|那天|都|是|又|也|恐怕|可能|应该|实在|就|真的?|这天|的|那个|这个|时间|要|得|还|有点){0,4}"
    r"(?:不行|不可以|没空|没有?时间|不方便|去不了|来不了|过不[去来]|来不及|去不成|不成|不合适|赶不[上及]|没法|不能|不在|不去|不来|不好|约满|满了|没号|"
    r"太[早晚]|忙|上班|加班|出差|值班|有课|上课|有别的事|有事(?=$|[，,。！!儿]|来不|去不)|别|算了|取消)(?!不|[吗么嘛没否]|还是|的时候|时间|[？?])"
)
"""Behind a time: it will not do. A question (周六上班吗) is none."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One time as it was said. What was not said is None. `to`: where a range ends.

    `refused`: it will not do; `but`: all will do except it; `dropped`: another took its place.
    """

    start: int
    end: int
    day: Day | None = None
    part: Part | None = None
    clock: Clock | None = None
    moment: Moment | None = None
    bound: str = ""
    to: "Mention | None" = None
    unclear: bool = False
    refused: bool = False
    but: bool = False
    dropped: bool = False
    day_said: bool = True
    """False: its day comes from the time before it."""

    def fine(self) -> bool:
        """Whether it says more than the day."""
        return bool(self.part or self.clock or self.moment)


def mentions(text: str, found: Sequence[Token]) -> list[Mention]:
    """The times that a folded text names, joined, in order."""
    flat: list[Mention] = []
    links: list[str] = []
    for token in found:
        if token.what is Sign.VAGUE:
            continue
        gap = text[flat[-1].end : token.start] if flat else ""
        joined = _joined(flat[-1], token, gap) if flat and not _ruled_out(text, flat[-1], gap) else None
        if joined is not None:
            flat[-1] = joined
        else:
            flat.append(_begun(token))
            links.append(gap)
    return _related(text, _ranges(flat, links))


def _ruled_out(text: str, mention: Mention, gap: str) -> bool:
    """「除了周三，…」: what comes behind the comma is something else."""
    before = text[max(0, mention.start - 8) : mention.start]
    return bool(re.search("[，,]", gap) and REFUSED_BEFORE.search(before))


def _begun(token: Token) -> Mention:
    empty = Mention(token.start, token.end, bound=token.bound)
    return _with(empty, token)


def _with(mention: Mention, token: Token) -> Mention:
    mention = replace(mention, end=token.end, bound=token.bound or mention.bound)
    what = token.what
    if isinstance(what, Day):
        return replace(mention, day=what)
    if isinstance(what, Part):
        return replace(mention, part=what)
    if isinstance(what, Clock):
        return replace(mention, clock=what)
    if isinstance(what, Moment):
        return replace(mention, moment=what)
    return replace(mention, unclear=True)


def _joined(mention: Mention, token: Token, gap: str) -> Mention | None:
    """The mention with the token in it, or None when the token begins another."""
    what = token.what
    if mention.moment or _parted(gap) or (OR.search(gap) and not isinstance(what, Clock)):
        return None
    if isinstance(what, Day):
        return _joined_day(mention, token, what, gap)
    if isinstance(what, Part):
        return _joined_part(mention, token, what, gap)
    if isinstance(what, Clock):
        free = mention.clock is None and not mention.bound
    else:
        free = not mention.fine() and SOFT.fullmatch(gap) is not None
    return _with(mention, token) if free else None


def _parted(gap: str) -> bool:
    """Whether the words between two times keep them apart."""
    return bool(
        RANGE.fullmatch(gap) or TAKEN_BACK.search(gap) or REFUSED_AFTER.match(gap) or REFUSED_BEFORE.search(gap)
    )


def _joined_part(mention: Mention, token: Token, part: Part, gap: str) -> Mention | None:
    soft = SOFT.fullmatch(gap) is not None
    if mention.part is None and (mention.clock is None or soft):
        return _with(mention, token)
    if mention.part is not None and mention.clock is None and soft and _near(mention.part, part):
        return replace(mention, end=token.end)
    return None


def _near(part: Part, other: Part) -> bool:
    """「晚上下班后」 is one part of the day; 「上午下午」 two."""
    return part.opens < other.closes and other.opens < part.closes


def _joined_day(mention: Mention, token: Token, day: Day, gap: str) -> Mention | None:
    if mention.day is None:
        return _with(mention, token)
    if not mention.day.spans or not day.spans:
        return None
    if mention.day.one() and not SOFT.fullmatch(gap):
        return None
    both = narrowed(mention.day, day)
    return _with(mention, replace(token, what=both)) if both else None


def _ranges(flat: Sequence[Mention], links: Sequence[str]) -> list[Mention]:
    """Join what 到 stands between."""
    out: list[Mention] = []
    for mention, link in zip(flat, links, strict=True):
        if out and out[-1].to is None and RANGE.fullmatch(link):
            out[-1] = replace(out[-1], to=_ended(out[-1], mention), end=mention.end)
        elif out and RANGE.fullmatch(link):  # 「周一到周五9点到11点」: hours of each day, more than one range can say
            out[-1] = replace(out[-1], unclear=True, end=mention.end)
        else:
            out.append(mention)
    return out


def _ended(start: Mention, end: Mention) -> Mention:
    """The end of a range with the day (and the half of the day) of its beginning where it names none."""
    if end.day is None:
        end = replace(end, day=start.day, day_said=False)
    return replace(end, part=start.part) if end.part is None and end.clock and start.part else end


def _related(text: str, found: list[Mention]) -> list[Mention]:
    """Mark what was refused or taken back; give each the day of the one before where it names none."""
    for index, mention in enumerate(found):
        before = REFUSED_BEFORE.search(text[max(0, mention.start - 8) : mention.start])
        after = REFUSED_AFTER.match(text, mention.end)
        and_so = index > 0 and found[index - 1].but and AND.fullmatch(text[found[index - 1].end : mention.start])
        but = bool((before and before["but"]) or (after and after["but"]) or and_so)
        asked = text.startswith(("吗", "么"), mention.end)
        refused = bool(but or after or (before and not asked))
        found[index] = replace(mention, refused=refused, but=but)
    for index in range(len(found) - 1, 0, -1):
        between = text[found[index - 1].end : found[index].start]
        if found[index].refused and not found[index].but and AND.fullmatch(between):
            found[index - 1] = replace(found[index - 1], refused=True)
    for index in range(1, len(found)):
        found[index - 1], found[index] = _pair(text, found[index - 1], found[index])
    return found


def _pair(text: str, first: Mention, second: Mention) -> tuple[Mention, Mention]:
    gap = text[first.end : second.start]
    if TAKEN_BACK.search(gap) or (
        RATHER.search(text[first.end - 1 : second.start]) and "吧" in text[second.end : second.end + 4]
    ):
        first = replace(first, dropped=not second.refused)
    if second.day is None and second.moment is None:
        if first.to and first.to.day_said and not first.refused:
            return replace(first, unclear=True), replace(second, dropped=True)
        second = _inherited(first, second)
    elif second.day and not second.day.exact and first.day and first.day.exact and first.day.spans:
        second = replace(second, day=following(second.day, first.day.spans[0][0]))
    if OR.fullmatch(gap) and first.day and not first.fine() and second.fine() and second.day_said:
        first = replace(first, part=second.part, clock=second.clock)
    return first, second


def _inherited(first: Mention, second: Mention) -> Mention:
    """「周三上午不行，下午吧」 is still Wednesday; 「周三不行，下午吧」 is not."""
    if first.refused and not first.fine():
        return second
    day = first.to.day if first.to and first.to.day else first.day
    part = second.part or (first.part if second.clock else None)
    return replace(second, day=day, part=part, day_said=False)
