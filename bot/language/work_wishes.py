"""What she says of the Federation at her work: that it should have her matter, or that it must not know of it."""

import re

from bot.domain.federations import kind_in
from bot.language.cleaning import clean
from bot.language.exclusions import DEAL, NOT, hers

WORK = (
    r"(?:单位|公司|厂里?|厂子|企业|商会|园区|系统|学校|医院|机关|店里|平台|老板|领导|同事|人事|工会|用人单位|工作单位)"
)
WORK_PEOPLE = (
    r"(?:的|里的?|上的?|那边的?)?(?:人|妇联|妇委会|女工委|领导|同事|老板|工会|干部|主席|知道|晓得|参与|插手|掺和|管|听说|来"
    r"|(?=[，,。.！!；;\s]|$))"
)
KEEP_AWAY = re.compile(
    f"{NOT}{DEAL}{WORK}{WORK_PEOPLE}|(?:瞒着|避开|绕开|躲着)(?:我们?|咱们?)?的?{WORK}"
    f"|(?:不希望|不想|不愿意?|就怕|怕|害怕|担心)(?:让)?(?:我们?|咱们?)?的?{WORK}(?:的人|里的人|里|上)?(?:会)?(?:知道|晓得|听说)"
)
ASKS = re.compile(r"妇联|妇委|妇工委|女工委|女工主任|妇女组织|妇女主席|妇女委员|妇女干部|主席")
CHOOSE = re.compile(
    r"(?:找|要|请|让|转给?|交给|联系|换)(?:到)?(?:我们?|咱们?|俺们?|本)?(?:的|自己)?"
    r"(?:单位|公司|厂里?|厂子|企业|商会|园区|系统|学校|医院|机关|农业系统|创业空间)(?:的|里的?|上的?)?"
    r"(?:妇联|妇委会|女工委|妇女组织|妇联主席|主席)"
)


def keeps_from_work(text: str) -> bool:
    """「别让我单位知道」: no federation at her work may have her matter."""
    text = clean(text)
    return any(hers(text, found) for found in KEEP_AWAY.finditer(text))


def wants_work(text: str) -> bool:
    """「找我单位的妇联」: she wants the federation at her work; never guessed from less."""
    text = clean(text)
    return not keeps_from_work(text) and any(
        hers(text, found) and not re.search(r"(?:不|别|甭|没)(?:想|用|要|去|能)?$", text[: found.start()])
        for found in CHOOSE.finditer(text)
    )


def asks_of_work(text: str) -> bool:
    """Whether she asks about a federation at work: which there is, who leads it, or to have it."""
    text = clean(text)
    return wants_work(text) or (kind_in(text) is not None and ASKS.search(text) is not None)
