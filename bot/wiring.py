"""What each process builds once from the settings, and takes down when it stops."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.channels.wechat.delivery import WeChatDelivery
from bot.channels.wechat.reminders import WeChatReminders
from bot.dialogue.engine import EngineClient
from bot.domain.cases import CaseRules
from bot.domain.geography import Point
from bot.domain.retention import RetentionTimes
from bot.domain.workdays import is_workday
from bot.domain.working_hours import WorkingHours
from bot.language.places import Gazetteer
from bot.services.accounts import Accounts, Timeouts
from bot.services.activities import Activities
from bot.services.activity_import import ActivityImport
from bot.services.activity_search import ActivitySearch
from bot.services.after_hours import AfterHours
from bot.services.appointments import Appointments, Limits
from bot.services.audit import Audit
from bot.services.availability import Availability
from bot.services.booking_form import BookingForm
from bot.services.calendars import Calendars
from bot.services.case_bookings import CaseBookings
from bot.services.case_office import CaseOffice
from bot.services.check_in import CheckIns
from bot.services.conversations import Conversations
from bot.services.directory import Directory
from bot.services.federations import Federations
from bot.services.figures import FigureOffice
from bot.services.holds import Holds
from bot.services.knowledge import Knowledge
from bot.services.late_answers import Delivery, LateAnswers
from bot.services.lessons import Lessons
from bot.services.mobile import Mobile
from bot.services.mobile_routes import MobileRoutes
from bot.services.mobile_sheets import MobileSheets
from bot.services.noticing import Noticing
from bot.services.offers import Offers, Reach
from bot.services.passwords import Passwords
from bot.services.place_search import PlaceSearch
from bot.services.privacy import Privacy
from bot.services.record_copies import RecordCopies
from bot.services.reminders import ReminderChannel, Reminders
from bot.services.retention import Retention
from bot.services.review import Review
from bot.services.review_desk import ReviewDesk
from bot.services.safety import SafetyWords
from bot.services.shared_points import SharedPoints
from bot.services.sharing import Sharing
from bot.services.staff import Staff
from bot.services.suggestion_categories import load_categories
from bot.services.suggestions import Suggestions
from bot.services.turns import Turns
from bot.services.unmet import UnmetPlaces
from bot.services.volunteer_skills import load_skills
from bot.services.volunteers import Volunteers
from bot.services.waiting_list import WaitingList
from bot.settings import ROOT, Settings, networks
from bot.storage.database import Database
from bot.storage.sealing import Keyring


def now() -> datetime:
    """The clock of every process."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an edge may call."""

    settings: Settings
    database: Database
    keyring: Keyring
    engine: EngineClient
    gazetteer: Gazetteer
    directory: Directory
    knowledge: Knowledge
    shared_points: SharedPoints
    place_search: PlaceSearch
    conversations: Conversations
    late_answers: LateAnswers
    availability: Availability
    appointments: Appointments
    booking_form: BookingForm
    calendars: Calendars
    audit: Audit
    reminders: Reminders
    waiting_list: WaitingList
    offers: Offers
    accounts: Accounts
    staff: Staff
    office: CaseOffice
    case_bookings: CaseBookings
    privacy: Privacy
    record_copies: RecordCopies
    retention: Retention
    holds: Holds
    review: Review
    review_desk: ReviewDesk
    figures: FigureOffice
    unmet: UnmetPlaces
    lessons: Lessons
    sharing: Sharing
    suggestions: Suggestions
    volunteers: Volunteers
    activities: Activities
    activity_search: ActivitySearch
    activity_import: ActivityImport
    check_ins: CheckIns
    mobile: Mobile
    mobile_routes: MobileRoutes
    mobile_sheets: MobileSheets
    federations: Federations

    def jobs(self) -> tuple[Callable[[], Awaitable[int]], ...]:
        """What goes on beside the requests, again and again; each says how much it did."""
        return (
            self.late_answers.answer_open_turns,
            self.late_answers.deliver_due,
            self.reminders.send_due,
            self.offers.tend,
            self.activities.rounds.remind_due,
            self.activities.rounds.pass_on,
            self.activities.rounds.ask_feedback,
            self.office.routing.run_due,
            self.office.webhooks.send_due,
            self.mobile.tell_due,
            self.privacy.forget_due,
            self.retention.run_due,
            self.check_ins.forget_results,
            self.lessons.teaching.tidy,
            self.lessons.retraining.give_up_silent,
        )

    async def close(self) -> None:
        """Let running turns end, then close what is open."""
        await self.conversations.finish_running()
        await self.engine.close()
        await self.database.close()

    async def ready(self) -> dict[str, bool]:
        """Whether a woman's message would be answered now, part by part."""
        return {"database": await self.database.is_up(), **await self.engine.parts()}


def build(settings: Settings) -> Services:
    """Put the parts together. Opens nothing but files of data."""
    keyring = Keyring.from_base64(settings.data_key.get_secret_value(), settings.data_key_previous.get_secret_value())
    database = Database(settings.database_url)
    engine = EngineClient(settings.engine_url, settings.engine_secret.get_secret_value(), settings.engine_timeout)
    wechat = _wechat(settings, database, keyring)
    deliveries: dict[str, Delivery] = {name: one for name, (one, _) in wechat.items()}
    reaches: dict[str, Reach] = {name: one for name, (one, _) in wechat.items()}
    reminding: dict[str, ReminderChannel] = {name: one for name, (_, one) in wechat.items()}
    gazetteer = Gazetteer.load(ROOT / "data" / "places")
    audit, passwords = Audit(database, keyring, clock=now), Passwords.load()
    office = CaseOffice.furnish(
        database, keyring, gazetteer, audit, engine, clock=now, rules=case_rules(settings),
        inside=networks(settings.webhook_networks),
    )  # fmt: skip
    directory = Directory(database, clock=now, is_workday=is_workday, zone=settings.timezone)
    hours = case_rules(settings).hours
    turns = Turns(
        database, keyring, engine, SafetyWords.load(), clock=now, alarm=office.cases, desk=office.desk,
        noticing=Noticing(gazetteer), after_hours=AfterHours(database, directory, gazetteer, hours),
    )  # fmt: skip
    availability = Availability(database, directory, clock=now, is_workday=is_workday, zone=settings.timezone)
    limits = Limits(settings.appointments_at_once, timedelta(hours=settings.appointment_change_until_hours))
    appointments = Appointments(
        database, keyring, directory, availability, clock=now, limits=limits,
        remind_before=[timedelta(hours=hours) for hours in settings.reminder_hours],
    )  # fmt: skip
    offers = Offers(
        database, keyring, appointments, availability, reaches, point_of=_centres(gazetteer), clock=now,
        hold=timedelta(minutes=settings.appointment_offer_minutes), at_once=settings.appointments_at_once,
    )  # fmt: skip
    timeouts = Timeouts(
        timedelta(minutes=settings.console_idle_minutes), timedelta(hours=settings.console_session_hours)
    )
    shared_points = SharedPoints(database, keyring, clock=now)
    check_ins = CheckIns(database, keyring, clock=now, zone=settings.timezone)
    suggestions = Suggestions.furnish(
        database, keyring, gazetteer, load_categories(), audit, clock=now, zone=settings.timezone
    )
    activities = Activities.furnish(database, keyring, gazetteer, audit, reminding, clock=now, zone=settings.timezone)
    mobile_routes = MobileRoutes(database, gazetteer, audit, clock=now, zone=settings.timezone)
    mobile = Mobile(database, keyring, gazetteer, shared_points, clock=now, zone=settings.timezone)
    return Services(
        settings=settings,
        database=database,
        keyring=keyring,
        engine=engine,
        gazetteer=gazetteer,
        directory=directory,
        knowledge=Knowledge.load(ROOT / "data" / "knowledge"),
        shared_points=shared_points,
        place_search=PlaceSearch(gazetteer, directory, shared_points),
        conversations=Conversations(database, keyring, turns, clock=now, answer_within=settings.answer_within),
        late_answers=LateAnswers(database, keyring, turns, deliveries, clock=now),
        availability=availability,
        appointments=appointments,
        booking_form=BookingForm(gazetteer, directory, availability, shared_points),
        calendars=Calendars(database, keyring, directory, availability, audit, clock=now, zone=settings.timezone),
        reminders=Reminders(database, keyring, directory, reminding, clock=now, zone=settings.timezone),
        waiting_list=WaitingList(database, keyring, appointments, availability, offers, clock=now),
        offers=offers,
        audit=audit,
        accounts=Accounts(database, keyring, passwords, audit, clock=now, timeouts=timeouts),
        staff=Staff(database, keyring, passwords, audit, clock=now),
        office=office,
        case_bookings=CaseBookings(database, gazetteer, directory, availability, appointments),
        privacy=Privacy(database, keyring, engine, audit, clock=now),
        record_copies=RecordCopies(database, keyring, audit, clock=now, zone=settings.timezone),
        retention=Retention(database, engine, audit, clock=now, times=retention_times(settings)),
        holds=Holds(database, audit, clock=now),
        review_desk=ReviewDesk.furnish(database, keyring, audit, office.cases, clock=now),
        review=Review(database, clock=now, zone=settings.timezone),
        figures=FigureOffice(database, gazetteer, clock=now, zone=settings.timezone, check_ins=check_ins, hours=hours),
        unmet=UnmetPlaces(database, clock=now),
        suggestions=suggestions,
        volunteers=Volunteers(database, keyring, gazetteer, load_skills(), audit, clock=now, zone=settings.timezone),
        activities=activities,
        activity_search=ActivitySearch(activities, gazetteer, shared_points),
        activity_import=ActivityImport(database, gazetteer, activities.desk, audit, now=activities.now),
        check_ins=check_ins,
        mobile=mobile,
        federations=Federations(
            database,
            gazetteer,
            shared_points,
            town_of=mobile.town_of,
            clock=now,
            is_workday=is_workday,
            zone=settings.timezone,
        ),
        mobile_routes=mobile_routes,
        mobile_sheets=MobileSheets(database, mobile_routes, audit, clock=now),
        sharing=Sharing.furnish(database, keyring, gazetteer, audit, office.webhooks, clock=now),
        lessons=Lessons.furnish(
            database,
            audit,
            engine,
            root=ROOT,
            models=settings.models_folder,
            folder=settings.teaching_folder,
            clock=now,
        ),
    )


def _wechat(
    settings: Settings, database: Database, keyring: Keyring
) -> dict[str, tuple[WeChatDelivery, WeChatReminders]]:
    """How a follower is written to and reminded; nothing without the account's secret."""
    if not (settings.wechat_app_id and settings.wechat_secret.get_secret_value()):
        return {}
    delivery = WeChatDelivery(settings, database, keyring, clock=now)
    return {"wechat": (delivery, WeChatReminders(settings, delivery, clock=now))}


def _centres(gazetteer: Gazetteer) -> Callable[[str], Point | None]:
    """The centre of a division, by its code; None for a code that is not (any more) in the area."""

    def centre(code: str) -> Point | None:
        try:
            return gazetteer.point_of(code)[0]
        except KeyError:
            return None

    return centre


def retention_times(settings: Settings) -> RetentionTimes:
    """How long what is kept, as the settings have it."""
    return RetentionTimes(
        text=timedelta(days=settings.retention_text_days),
        masked=timedelta(days=settings.retention_masked_days),
        case=timedelta(days=settings.retention_case_days),
        contact=timedelta(days=settings.retention_contact_days),
        appointment=timedelta(days=settings.retention_appointment_days),
        waiting=timedelta(days=settings.retention_waiting_days),
        choice=timedelta(days=settings.retention_choice_days),
        tracker=timedelta(hours=settings.retention_tracker_hours),
        console_session=timedelta(hours=settings.console_session_hours),
    )


def case_rules(settings: Settings) -> CaseRules:
    """The numbers of cases as the settings have them."""
    return CaseRules(
        hours=WorkingHours.read(settings.office_hours, ZoneInfo(settings.timezone), is_workday),
        red=timedelta(minutes=settings.case_red_minutes),
        orange=timedelta(minutes=settings.case_orange_minutes),
        yellow=timedelta(hours=settings.case_yellow_working_hours),
        again=timedelta(minutes=settings.case_ask_again_minutes),
        acknowledge=timedelta(minutes=settings.case_acknowledge_minutes),
        presence=timedelta(seconds=settings.presence_seconds),
        away=timedelta(minutes=settings.case_away_minutes),
        reopen=timedelta(hours=settings.case_reopen_hours),
    )
