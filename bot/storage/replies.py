"""How a reply is written down in one column, and read again."""

import json
from dataclasses import asdict

from bot.domain.geography import Point
from bot.domain.messages import Choice, Link, PlaceCard, Reply


def write_reply(reply: Reply) -> str:
    """JSON of every field."""
    return json.dumps(asdict(reply), ensure_ascii=False, separators=(",", ":"))


def read_reply(text: str) -> Reply:
    """The reply that `write_reply` wrote."""
    fields = json.loads(text)
    return Reply(
        text=fields["text"],
        choices=tuple(Choice(**choice) for choice in fields["choices"]),
        links=tuple(Link(**link) for link in fields["links"]),
        places=tuple(_place(place) for place in fields["places"]),
        calendar=fields.get("calendar", ""),  # older rows have none
    )


def _place(fields: dict[str, object]) -> PlaceCard:
    point = fields.pop("point", None)
    facilities = fields.pop("facilities", ())
    return PlaceCard(
        **fields,  # type: ignore[arg-type]
        point=Point(**point) if isinstance(point, dict) else None,
        facilities=tuple(facilities),  # type: ignore[arg-type]
    )
