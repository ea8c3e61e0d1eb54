"""What each process builds once from the settings, and takes down when it stops."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.channels.wechat.delivery import WeChatDelivery
from bot.channels.wechat.reminders import WeChatReminders
from bot.dialogue.engine import EngineClient
from bot.domain.geography import Point
from bot.domain.workdays import is_workday
from bot.language.places import Gazetteer
from bot.services.accounts import Accounts
from bot.services.appointments import Appointments, Limits
from bot.services.availability import Availability
from bot.services.booking_form import BookingForm
from bot.services.calendars import Calendars
from bot.services.conversations import Conversations
from bot.services.directory import Directory
from bot.services.knowledge import Knowledge
from bot.services.late_answers import Delivery, LateAnswers
from bot.services.offers import Offers, Reach
from bot.services.place_search import PlaceSearch
from bot.services.reminders import ReminderChannel, Reminders
from bot.services.review import Review
from bot.services.safety import SafetyWords
from bot.services.shared_points import SharedPoints
from bot.services.turns import Turns
from bot.services.waiting_list import WaitingList
from bot.settings import ROOT, Settings
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
    reminders: Reminders
    waiting_list: WaitingList
    offers: Offers
    accounts: Accounts
    review: Review

    def jobs(self) -> tuple[Callable[[], Awaitable[int]], ...]:
        """What goes on beside the requests, again and again; each says how much it did."""
        return (
            self.late_answers.answer_open_turns,
            self.late_answers.deliver_due,
            self.reminders.send_due,
            self.offers.tend,
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
    turns = Turns(database, keyring, engine, SafetyWords.load(), clock=now)
    deliveries: dict[str, Delivery] = {}
    reaches: dict[str, Reach] = {}
    reminding: dict[str, ReminderChannel] = {}
    if settings.wechat_app_id and settings.wechat_secret.get_secret_value():
        wechat = WeChatDelivery(settings, database, keyring, clock=now)
        deliveries["wechat"] = reaches["wechat"] = wechat
        reminding["wechat"] = WeChatReminders(settings, wechat, clock=now)
    gazetteer = Gazetteer.load(ROOT / "data" / "places")
    directory = Directory(database, clock=now, is_workday=is_workday, zone=settings.timezone)
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
    shared_points = SharedPoints(database, keyring, clock=now)
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
        calendars=Calendars(database, keyring, directory, availability, clock=now, zone=settings.timezone),
        reminders=Reminders(database, keyring, directory, reminding, clock=now, zone=settings.timezone),
        waiting_list=WaitingList(database, keyring, appointments, availability, offers, clock=now),
        offers=offers,
        accounts=Accounts(database, keyring, clock=now),
        review=Review(database),
    )


def _centres(gazetteer: Gazetteer) -> Callable[[str], Point | None]:
    """The centre of a division, by its code; None for a code that is not (any more) in the area."""

    def centre(code: str) -> Point | None:
        try:
            return gazetteer.point_of(code)[0]
        except KeyError:
            return None

    return centre
