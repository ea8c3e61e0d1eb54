"""Whom she does not want to have her case: 「别找我们社区的人」「别让王主任知道」「找区里的」.

Only people of the Federation and of neighbourhood offices are meant: 「别让我老公知道」 rules out no officer.
"""

import re
from dataclasses import dataclass

from bot.domain.offices import OfficeLevel
from bot.language.cleaning import clean
from bot.language.masking import SURNAMES

NOT = (
    r"(?:(?<![能要想可用许愿])(?:不要|不想|不愿意?|不能|不可以|不用|不希望|不许)"
    r"|(?<![区特分个级性差告])别(?!人|的)|甭|请勿)(?:再)?"
)
DEAL = (
    r"(?:去|来)?(?:找|叫|让|喊|联系|通知|惊动|告诉|转给|转到|交给|派|请|由|跟|和|给|用)(?:到)?"
    r"(?:我们?|咱们?|俺们?|这边|当地|本地|那个)?(?:这儿|这边|这里|那边|自己)?的?"
)
COMMUNITY = r"(?:社区|居委会?|村里|村委会?|村上|村|小区|网格员?|楼门长|片儿?区|本社区)"
TOWN = r"(?:街道办?(?:事处)?|街里|镇里|镇上|镇政府|乡里|乡镇)"
DISTRICT = r"(?:区里|区妇联|区上|本区|县里|县妇联)"
NEAR = r"(?:本地|当地|附近|我们这儿|我们这边|我们这里|咱这儿|咱们这儿|家门口|周围|熟|认识我?|跟我认识|和我认识)"
PEOPLE = r"(?:的|里的?|上的?)?(?:人|干部|妇联|工作人员|同志|大姐|主任|书记|领导|干事|委员|办公室|那帮人|那些人)"
WISH = r"(?:知道|参与|插手|管|过问|接|介入|掺和|看见|看到|经手|办|来)"
LEVELS: tuple[tuple[re.Pattern[str], tuple[OfficeLevel, ...]], ...] = tuple(
    (re.compile(f"{NOT}{DEAL}{where}(?:{PEOPLE}|{WISH}|的?(?=[，,。.！!；;\\s]|$))"), levels)
    for where, levels in (
        (COMMUNITY, (OfficeLevel.COMMUNITY,)),
        (TOWN, (OfficeLevel.TOWN,)),
        (DISTRICT, (OfficeLevel.DISTRICT,)),
        (NEAR, (OfficeLevel.COMMUNITY, OfficeLevel.TOWN)),
    )
)
AND_ALSO = re.compile(f"{NOT}{DEAL}{COMMUNITY}(?:的)?(?:和|跟|、|还有|或者?)(?:我们?|咱们?)?{TOWN}")
ONLY: tuple[tuple[re.Pattern[str], tuple[OfficeLevel, ...]], ...] = (
    (
        re.compile(
            r"(?:只|直接|就)?(?:找|要|转给?|换)(?:你们|个|咱们?)?(?:区里|区妇联|区上)(?:的|来)?(?:人|同志|干部|[，,。.！!\s]|$)"
        ),
        (OfficeLevel.COMMUNITY, OfficeLevel.TOWN),
    ),
    (
        re.compile(
            r"(?:只|直接|就)?(?:找|要|转给?|换)(?:你们|个|咱们?)?(?:市里|市妇联|市上)(?:的|来)?(?:人|同志|干部|[，,。.！!\s]|$)"
        ),
        (OfficeLevel.COMMUNITY, OfficeLevel.TOWN, OfficeLevel.DISTRICT),
    ),
)
ONLY_NOT = re.compile(r"(?:不|别|甭|没|怎么|怎样|哪里|哪儿|能不能|是不是|要不要)(?:想|用|要|去|能)?$")
TITLE = r"(?:主席|主任|书记|干事|委员|大姐|姐|阿姨|网格员|同志|科长|主管|工作人员)"
PERSON = re.compile(
    f"{NOT}{DEAL}(?:社区|居委会?|村里|街道|妇联)?的?(?:姓)?([{SURNAMES}])(?:(?:某|[\\u4e00-\\u9fff])?{TITLE}|的)"
)
SAID = re.compile(
    r"(?:人家|的人|他|她|他们|主任|邻居|妈|婆婆|丈夫|老公)(?:都|也|就|总|还)?(?:说|叫我|让我|跟我说|劝我)[，,:：“\"]?$"
)


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Levels of offices, and surnames of people, that she does not want."""

    levels: frozenset[OfficeLevel] = frozenset()
    surnames: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.levels or self.surnames)


def read_exclusions(text: str) -> Exclusions:
    """Whom a text rules out; nothing when it rules nobody out."""
    text = clean(text)
    levels: set[OfficeLevel] = set()
    for pattern, ruled_out in LEVELS:
        if any(hers(text, found) for found in pattern.finditer(text)):
            levels.update(ruled_out)
    if any(hers(text, found) for found in AND_ALSO.finditer(text)):
        levels.update({OfficeLevel.COMMUNITY, OfficeLevel.TOWN})
    for pattern, ruled_out in ONLY:
        if any(not ONLY_NOT.search(text[: found.start()]) and hers(text, found) for found in pattern.finditer(text)):
            levels.update(ruled_out)
    surnames = {found[1] for found in PERSON.finditer(text) if hers(text, found)}
    return Exclusions(frozenset(levels), frozenset(surnames))


def hers(text: str, found: re.Match[str]) -> bool:
    """Whether it is her own wish, not what somebody told her to do."""
    return SAID.search(text[: found.start()]) is None
