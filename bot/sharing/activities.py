"""Activities that are announced and have not begun: what everybody may see, and nothing of who comes."""

from typing import Any

from sanic import Blueprint, HTTPResponse, Request, json

from bot.domain.accounts import CODE_DIGITS
from bot.domain.activities import TOPIC_WORDS, ActivityCard
from bot.domain.sharing import Scope
from bot.sharing.access import division, only, paged, reads


def add_activities(api: Blueprint) -> None:
    """Routes of activities."""
    api.add_route(activities, "/activities")


@reads(Scope.ACTIVITIES)
async def activities(request: Request) -> HTTPResponse:
    """A page of them, the soonest first; those in one division if that is asked."""
    only(request, "page", "per_page", "division")
    found = await request.app.ctx.services.activities.announced(division(request))
    return json(paged(request, [_shape(card) for card in found]))


def _shape(card: ActivityCard) -> dict[str, Any]:
    return {
        "id": card.id,
        "topic": card.topic.value,
        "topic_name": TOPIC_WORDS[card.topic],
        "title": card.title,
        "description": card.description,
        "audience": card.audience,
        "organizer": card.organizer,
        "division": card.area.ljust(CODE_DIGITS, "0") if card.area else "",
        "division_name": card.area_words,
        "place": card.place,
        "starts_at": card.starts_at.isoformat(),
        "ends_at": card.ends_at.isoformat(),
        "seats": card.seats,
        "seats_left": card.free,
        "synthetic": card.synthetic,
    }
