"""Times that can be booked at one service; nothing of who has booked the others."""

from datetime import timedelta

from sanic import Blueprint, HTTPResponse, Request, json

from bot.domain.errors import NotFound
from bot.domain.sharing import Scope
from bot.services.availability import SlotWish
from bot.sharing.access import number, only, reads

MOST_DAYS, MOST_SLOTS = 31, 200


def add_availability(api: Blueprint) -> None:
    """Routes of free times."""
    api.add_route(availability, "/availability")


@reads(Scope.AVAILABILITY)
async def availability(request: Request) -> HTTPResponse:
    """Free times of a service at its location within the next `days`."""
    only(request, "service_at_location_id", "days")
    services, asked = request.app.ctx.services, request.args.get("service_at_location_id", "")
    days = number(request, "days", 7, MOST_DAYS)
    name = (await services.sharing.hsds.directory()).doors.get(asked, "")
    door = await services.directory.door(name)
    if door is None:
        raise NotFound("没有这个编号。")
    now = services.availability.now()
    wish = SlotWish((door.kind,), now, now + timedelta(days=days), service=name, limit=MOST_SLOTS)
    slots = [
        {"starts_at": visit.starts_at.isoformat(), "ends_at": visit.ends_at.isoformat()}
        for slot in await services.availability.free(wish)
        for visit in slot.visits
    ]
    found = {"service_at_location_id": asked, "name": door.card.name, "synthetic": door.card.synthetic, "slots": slots}
    return json(found)
