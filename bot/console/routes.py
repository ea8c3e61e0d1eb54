"""Everything under /console: the routes of each topic, and files."""

from sanic import Blueprint

from bot.console.account import add_account
from bot.console.accounts import add_accounts
from bot.console.activities import add_activities
from bot.console.activity import add_activity
from bot.console.activity_people import add_activity_people
from bot.console.agreement import add_agreement
from bot.console.aid import add_aid
from bot.console.appointments import add_appointments
from bot.console.audit import add_audit
from bot.console.bookings import add_bookings
from bot.console.calendar import add_calendar
from bot.console.care_list import add_care_list
from bot.console.case import add_case
from bot.console.case_acts import add_case_acts
from bot.console.case_aid_acts import add_case_aid
from bot.console.case_booking import add_case_booking
from bot.console.case_events import add_case_events
from bot.console.case_news import add_case_news
from bot.console.case_opened import add_case_opened
from bot.console.case_paper_acts import add_case_paper_acts
from bot.console.cases import add_cases
from bot.console.coming import add_coming
from bot.console.duty import add_duty
from bot.console.entrance import add_entrance
from bot.console.federations import add_federations
from bot.console.figures import add_figures
from bot.console.holds import add_holds
from bot.console.invitations import add_invitations
from bot.console.mobile import add_mobile
from bot.console.moves import add_moves
from bot.console.new_case import add_new_case
from bot.console.pages import FOLDER
from bot.console.reading import add_reading
from bot.console.referrals import add_referrals
from bot.console.retention import add_retention
from bot.console.review import add_review
from bot.console.rota import add_rota
from bot.console.suggestion import add_suggestion
from bot.console.suggestions import add_suggestions
from bot.console.tasks import add_tasks
from bot.console.teaching import add_teaching
from bot.console.volunteer import add_volunteer
from bot.console.volunteer_call import add_volunteer_call
from bot.console.volunteer_calls import add_volunteer_calls
from bot.console.volunteers import add_volunteers
from bot.static_files import add_static_files

TOPICS = (
    add_entrance, add_invitations, add_account, add_accounts, add_audit, add_review, add_reading, add_agreement, add_calendar,
    add_appointments, add_bookings, add_moves, add_coming, add_case, add_case_acts, add_case_news, add_case_opened,
    add_retention, add_holds, add_cases, add_new_case, add_case_events, add_duty,
    add_aid, add_case_aid,
    add_case_paper_acts, add_case_booking, add_referrals, add_tasks, add_care_list, add_rota,
    add_teaching, add_figures, add_suggestions, add_suggestion,
    add_volunteers, add_volunteer, add_volunteer_calls, add_volunteer_call, add_mobile,
    add_activities, add_activity, add_activity_people, add_federations,
)  # fmt: skip


def console() -> Blueprint:
    """Routes under /console."""
    blueprint = Blueprint("console", url_prefix="/console")
    add_static_files(blueprint, "/static", FOLDER / "static")
    for add in TOPICS:
        add(blueprint)
    return blueprint
