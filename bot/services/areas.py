"""The branch of an account, as people write it and read it: 「北辰区」, a division code, or 「全部」."""

from collections.abc import Sequence

from bot.domain.accounts import CODE_DIGITS, branch
from bot.domain.errors import BadInput
from bot.domain.offices import OFFICE_WORDS, OfficeLevel, level_of
from bot.language.places import Division, Gazetteer

WHOLE_AREA = "全部"


def area_code(gazetteer: Gazetteer, area: str) -> str:
    """The branch of a named or coded area; "" for the whole. Raises BadInput, with the codes when a name is not enough."""
    if area == WHOLE_AREA:
        return ""
    every = [unit for level in ("district", "town", "village") for unit in gazetteer.divisions(level)]
    if area.isdecimal():
        return _known_branch(area, every)
    found = [unit for unit in every if area == unit.name]
    if len(found) == 1:
        return branch(found[0].code)
    if not found:
        raise BadInput(f"没有找到“{area}”。请写全称（如 北辰区、集贤里街道）、区划代码，或“{WHOLE_AREA}”。")
    raise BadInput(f"叫“{area}”的不止一个，请写代码：" + "、".join(unit.code for unit in found[:10]))


def area_named(gazetteer: Gazetteer, words: str) -> str:
    """The same, also as `area_words` writes it: 「北辰区 集贤里街道」. Raises BadInput."""
    units = [unit for level in ("district", "town", "village") for unit in gazetteer.divisions(level)]
    full = [unit for unit in units if words and area_words(gazetteer, unit.code) == words]
    return area_code(gazetteer, full[0].code if len(full) == 1 else words)


def _known_branch(code: str, every: Sequence[Division]) -> str:
    try:
        prefix = branch(code)
    except ValueError as wrong:
        raise BadInput(f"没有这样的区划代码：{code}") from wrong
    if not any(unit.code.startswith(prefix) for unit in every):
        raise BadInput(f"没有这样的区划代码：{code}")
    return prefix


def area_words(gazetteer: Gazetteer, scope: str) -> str:
    """「北辰区 集贤里街道」; the code itself when no unit of the area has it."""
    unit = gazetteer.division(scope.ljust(CODE_DIGITS, "0")) if scope else None
    if unit is None:
        return scope or WHOLE_AREA
    return " ".join(name for name in gazetteer.path(unit) if name)


def office_words(gazetteer: Gazetteer, office: str) -> str:
    """「北辰区 集贤里街道 街道（镇）妇联」; 「市妇联」 for the highest."""
    level = OFFICE_WORDS[level_of(office)]
    return level if level_of(office) is OfficeLevel.CITY else f"{area_words(gazetteer, office)} {level}"
