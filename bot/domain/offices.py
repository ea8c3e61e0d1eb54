"""Offices of the Federation as branches of the area tree, and the way up from one to the next.

An office is named by the prefix that its branch shares (`bot.domain.accounts.branch`): 120113001001 is a community,
120113001 a town, 120113 a district, 1201 or 12 or "" the city.
"""

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.accounts import CODE_DIGITS, LEVELS, branch

CITY_DIGITS, DISTRICT_DIGITS, TOWN_DIGITS = 4, 6, 9


class OfficeLevel(StrEnum):
    """From nearest to highest."""

    COMMUNITY = "community"
    TOWN = "town"
    DISTRICT = "district"
    CITY = "city"


OFFICE_WORDS: Mapping[OfficeLevel, str] = {
    OfficeLevel.COMMUNITY: "社区（村）妇联",
    OfficeLevel.TOWN: "街道（镇）妇联",
    OfficeLevel.DISTRICT: "区妇联",
    OfficeLevel.CITY: "市妇联",
}
DIGITS: Mapping[OfficeLevel, int] = {
    OfficeLevel.COMMUNITY: CODE_DIGITS,
    OfficeLevel.TOWN: TOWN_DIGITS,
    OfficeLevel.DISTRICT: DISTRICT_DIGITS,
    OfficeLevel.CITY: CITY_DIGITS,
}


def level_of(office: str) -> OfficeLevel:
    """The level of an office; whatever is above a district is the city."""
    return next((level for level, digits in DIGITS.items() if len(office) >= digits), OfficeLevel.CITY)


def climb(area: str) -> tuple[str, ...]:
    """Every office whose branch holds the area, the nearest first. Of an unknown area ("") only the highest."""
    area = branch(area)
    lengths = sorted({len(area), 0, *(digits for digits in LEVELS if digits < len(area))}, reverse=True)
    return tuple(area[:digits] for digits in lengths)


def office_at(area: str, level: OfficeLevel) -> str | None:
    """The office of this level above (or at) an area; None when the area is not known so exactly."""
    area = branch(area)
    return area[: DIGITS[level]] if len(area) >= DIGITS[level] else None
