"""Everything under /console: the routes of each topic, and files."""

from sanic import Blueprint

from bot.console.accounts import add_accounts
from bot.console.appointments import add_appointments
from bot.console.bookings import add_bookings
from bot.console.calendar import add_calendar
from bot.console.coming import add_coming
from bot.console.conversations import add_conversations
from bot.console.moves import add_moves
from bot.console.pages import FOLDER


def console() -> Blueprint:
    """Routes under /console."""
    blueprint = Blueprint("console", url_prefix="/console")
    blueprint.static("/static", FOLDER / "static", name="console_static")
    for add in (add_accounts, add_conversations, add_calendar, add_appointments, add_bookings, add_moves, add_coming):
        add(blueprint)
    return blueprint
