"""The places of an officer's area as a list: by words, kind and district, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.appointments import KIND_WORDS
from bot.language.places import Gazetteer
from bot.services.directory import Directory, Door

PLACES_A_PAGE = 30


@dataclass(frozen=True, slots=True)
class PlaceWish:
    """What the officer looks for. `area`: a prefix of division codes that bounds it; "" means any, everywhere below."""

    area: str = ""
    words: str = ""
    kind: str = ""
    district: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A door, and the district and town it lies in ("" where the area's data do not know its code)."""

    door: Door
    district: str
    town: str

    def has(self, words: Iterable[str]) -> bool:
        """Whether every word stands somewhere in its name, address, kind or units."""
        card = self.door.card
        text = f"{card.name} {card.address} {self.district} {self.town} {KIND_WORDS[self.door.kind]}"
        return all(word in text for word in words)


@dataclass(frozen=True, slots=True)
class PlacePage:
    """One page of what was found, how many there are, and the districts that may be chosen."""

    places: tuple[Place, ...]
    total: int
    page: int
    pages: int
    districts: tuple[str, ...]


async def list_places(directory: Directory, gazetteer: Gazetteer, wish: PlaceWish) -> PlacePage:
    """By district, then name. A page past the end is the last one."""
    within = [_place(gazetteer, door) for door in await directory.doors_in(wish.area)]
    words = wish.words.split()
    found = sorted(
        (place for place in within if _fits(place, wish) and place.has(words)),
        key=lambda place: (place.district, place.door.card.name),
    )
    pages = max(1, -(-len(found) // PLACES_A_PAGE))
    page = min(max(1, wish.page), pages)
    shown = tuple(found[(page - 1) * PLACES_A_PAGE : page * PLACES_A_PAGE])
    return PlacePage(shown, len(found), page, pages, tuple(sorted({place.district for place in within} - {""})))


def _place(gazetteer: Gazetteer, door: Door) -> Place:
    division = gazetteer.division(door.division)
    district, town, _ = gazetteer.path(division) if division else ("", "", "")
    return Place(door, district, town)


def _fits(place: Place, wish: PlaceWish) -> bool:
    return wish.kind in {"", place.door.kind} and wish.district in {"", place.district}
