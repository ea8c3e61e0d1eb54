"""A question for an expert, on crops, animals or selling what the farm gives: it becomes a case that an officer brings to one.

The assistant never answers such a question itself: a wrong answer may cost a harvest.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.case_topics import Topic
from bot.domain.cases import CaseAct, OpenReason
from bot.domain.errors import NotFound
from bot.domain.messages import InboundKind
from bot.language.masking import mask
from bot.services.cases import LONGEST_NEED, Cases
from bot.storage.cases import WOMAN, CaseStore
from bot.storage.database import Database

SHORTEST = 6
BARE = re.compile(
    r"(您好|你好|请问|那个)*(我们?家?)?(想|要|能不能|可以|可不可以|有没有|帮我|给我)*(找|问|请教|请|联系|咨询)*(一下|一位|一个|个|下|点|您?们)*"
    r"(的|问题|问题想问|懂|会|搞|种地|种菜|种植|养殖|农业|农技|技术|女|科技|电商|方面|事|的事)*(专家|老师|技术员|农技员|人|行家)?"
    r"(问问|指导|看看|帮帮忙|吗|呢|呗|吧|不|没|有没有|的问题|一下)*"
)
"""An announcement without a question in it: 「我想找个农技专家问问」."""
PUNCTUATION = re.compile(r"[\s，。！？、,.!?~～…]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a question. `case`: "" when there was no question in her words yet; `told`: who comes and by when."""

    case: str = ""
    fresh: bool = False
    told: str = ""
    place_known: bool = True


def is_bare(text: str) -> bool:
    """Whether there is no question in it."""
    plain = PUNCTUATION.sub("", text)
    return len(plain) < SHORTEST or BARE.fullmatch(plain) is not None


class Experts:
    """Public ids of conversations in."""

    def __init__(self, database: Database, cases: Cases, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._cases = cases
        self._clock = clock

    async def ask(self, conversation: str, text: str, *, place: str = "") -> Asked:
        """Put it to an expert. `text`: "" when she pressed a choice; then what she wrote before is the question.

        `place`: a division's code. Raises NotFound for an unknown conversation.
        """
        now = self._clock()
        async with self._database.write() as session:
            store = CaseStore(session)
            number = await store.conversation_named(conversation)
            if number is None:
                raise NotFound
            question = mask(text) if text else await self._before(store, number)
            if is_bare(question):
                return Asked()
            held = await store.hold_conversation(number)
            opened = await self._cases.open_in_talk(session, held, OpenReason.EXPERT, Topic.EXPERT, now, place=place)
            case = opened.case
            if question not in case.need:
                case.need = f"{question}\n{case.need}"[:LONGEST_NEED]
            if not opened.fresh:
                await store.note(case, CaseAct.EDITED, WOMAN, now, "有问题要问专家")
            return Asked(case.public_id, opened.fresh, opened.told, bool(case.area))

    async def withdraw(self, conversation: str, case_id: str) -> bool:
        """She needs no expert any more → whether that was in time: a case that somebody has goes on. Raises NotFound."""
        async with self._database.write() as session:
            store = CaseStore(session)
            held = await store.hold(case_id)
            if held is None or held[1] is None or held[1].public_id != conversation:
                raise NotFound
            case = held[0]
            return case.reason is OpenReason.EXPERT and await self._cases.leave_in_talk(session, case, self._clock())

    async def _before(self, store: CaseStore, conversation_id: int) -> str:
        """What she wrote before the choice that she pressed, masked; "" when that was no text."""
        said = (await store.said(conversation_id, 2))[1:]
        return said[0].masked if said and said[0].kind is InboundKind.TEXT and said[0].payload is None else ""
