"""What each process builds once from the settings, and takes down when it stops."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.channels.wechat.delivery import WeChatDelivery
from bot.dialogue.engine import EngineClient
from bot.domain.workdays import is_workday
from bot.language.places import Gazetteer
from bot.services.accounts import Accounts, Timeouts
from bot.services.appointments import Appointments, Limits
from bot.services.audit import Audit
from bot.services.availability import Availability
from bot.services.calendars import Calendars
from bot.services.conversations import Conversations
from bot.services.directory import Directory
from bot.services.knowledge import Knowledge
from bot.services.late_answers import Delivery, LateAnswers
from bot.services.passwords import Passwords
from bot.services.place_search import PlaceSearch
from bot.services.review import Review
from bot.services.safety import SafetyWords
from bot.services.shared_points import SharedPoints
from bot.services.staff import Staff
from bot.services.turns import Turns
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
    calendars: Calendars
    audit: Audit
    accounts: Accounts
    staff: Staff
    review: Review

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
    if settings.wechat_app_id and settings.wechat_secret.get_secret_value():
        deliveries["wechat"] = WeChatDelivery(settings, database, keyring, clock=now)
    gazetteer = Gazetteer.load(ROOT / "data" / "places")
    directory = Directory(database, clock=now, is_workday=is_workday, zone=settings.timezone)
    availability = Availability(database, directory, clock=now, is_workday=is_workday, zone=settings.timezone)
    limits = Limits(settings.appointments_at_once, timedelta(hours=settings.appointment_change_until_hours))
    audit, passwords = Audit(database, keyring, clock=now), Passwords.load()
    timeouts = Timeouts(
        timedelta(minutes=settings.console_idle_minutes), timedelta(hours=settings.console_session_hours)
    )
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
        appointments=Appointments(database, keyring, directory, availability, clock=now, limits=limits),
        calendars=Calendars(database, keyring, directory, availability, clock=now, zone=settings.timezone),
        audit=audit,
        accounts=Accounts(database, keyring, passwords, audit, clock=now, timeouts=timeouts),
        staff=Staff(database, keyring, passwords, audit, clock=now),
        review=Review(database),
    )
