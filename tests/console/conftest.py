"""An office with three places, an officer in it, and the whole console served over one database."""

import asyncio
import re
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace

import httpx
import pytest
from sanic import Sanic
from sqlalchemy import select

from bot.app import create_app
from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.accounts import Role
from bot.domain.appointments import BookedAppointment
from bot.domain.audit import Act, Deed
from bot.language.places import Gazetteer
from bot.services.accounts import Timeouts
from bot.services.activities import Activities
from bot.services.activity_import import ActivityImport
from bot.services.appointments import BookingRequest
from bot.services.calendars import Calendars
from bot.services.check_in import CheckIns
from bot.services.figures import FigureOffice
from bot.services.holds import Holds
from bot.services.reminders import Reminders
from bot.services.retention import Retention
from bot.services.review import Review
from bot.services.review_desk import ReviewDesk
from bot.services.sample_directory import PLACES
from bot.services.suggestion_categories import load_categories
from bot.services.suggestions import Suggestions
from bot.services.volunteer_skills import load_skills
from bot.services.volunteers import Volunteers
from bot.storage.audit import AuditEntry
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.console.caseroom import CaseRoom, case_room
from tests.integration.calendars import Booking, booking, local
from tests.integration.casework import Casework
from tests.integration.conftest import talk, talk_over
from tests.integration.forgetting import TIMES, tracking_engine
from tests.integration.schooling import School
from tests.integration.staffing import PASSWORD, Staffed
from tests.integration.test_chat_api import app_settings
from tests.integration.test_figures import HOURS
from tests.integration.travelling import mobile_services
from tests.serving import served

__all__ = ["talk"]

SITES = [
    ("甲站", [ServiceKind.LEGAL], 0.0),
    ("乙站", [ServiceKind.LEGAL], 0.01),
    ("丙站", [ServiceKind.PSYCHOLOGICAL], 0.0),
]


LONG = timedelta(days=30)
"""Sessions outlast a test that moves the clock; that they end is tested where they are made."""


@dataclass
class Office:
    """The console and what stands behind it. It is Tuesday 2026-11-24, 10:00; open Monday to Friday 9–17, Saturday 9–12."""

    app: Sanic
    client: httpx.AsyncClient
    made: Booking
    staffed: Staffed
    calendars: Calendars
    reminders: Reminders
    requests: int = 0
    officer: str = ""
    hired: int = 0

    @property
    def site(self) -> str:
        """The service that most tests are about."""
        return self.made.services["甲站 legal"]

    @property
    def calendar(self) -> str:
        return f"/console/calendar/{self.site}"

    async def enter(self, role: Role = Role.SUPERVISOR, area: str = "") -> str:
        """Hire somebody and sign her in through the page → where she lands. The clock stands where it stood before."""
        self.hired += 1
        self.made.clock.pass_by(seconds=-60)
        login = f"{role}{self.hired}"
        self.officer = await self.staffed.hire(login, role, area)
        response = await self.sign_in(login)
        assert response.status_code == 303, response.text
        return response.headers["location"]

    async def sign_in(self, login: str, password: str = PASSWORD, code: str = "") -> httpx.Response:
        """The form of the entrance, sent from a browser that knows nobody."""
        self.client.cookies.clear()
        fields = {"login": login, "password": password, "code": code or self.staffed.code(login)}
        return await self.client.post("/console/enter", data=fields)

    async def acts(self, act: Act) -> list[Deed]:
        """What the audit log says of one kind of act, oldest first."""
        async with self.made.database.read() as session:
            rows = await session.scalars(select(AuditEntry).where(AuditEntry.act == act).order_by(AuditEntry.sequence))
            return [row.deed() for row in rows]

    async def page(self, path: str, status: int = 200) -> str:
        """The words of a page, tags and all."""
        response = await self.client.get(path)
        assert response.status_code == status, (response.status_code, path)
        assert response.headers["content-type"].startswith("text/html")
        return response.text

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """A form of this session, sent."""
        token = form_token(self.client.cookies.get(COOKIE) or "")
        return await self.client.post(path, data={FIELD: token, **fields})

    async def follow(self, response: httpx.Response) -> str:
        """The page that an act leads to."""
        assert response.status_code == 303, response.text
        return await self.page(response.headers["location"])

    def at(self, text: str, site: str = "") -> str:
        """A slot as forms name it."""
        return f"{site or self.site}@{text.replace(' ', 'T')}"

    def one(self, appointment: BookedAppointment, act: str = "") -> str:
        path = f"/console/calendar/{appointment.visits[0].service}/appointments/{appointment.id}"
        return f"{path}/{act}" if act else path

    async def booked(self, text: str, *, site: str = "", **more: object) -> BookedAppointment:
        """An appointment that is there already."""
        self.requests += 1
        visits = ((site or self.site, local(text)),)
        return await self.made.appointments.book(
            BookingRequest(f"她 {self.requests}", visits, **({"called": "李女士"} | more))
        )


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@pytest.fixture
async def office(database: Database, keyring: Keyring, clock: Clock, gazetteer: Gazetteer) -> AsyncIterator[Office]:
    async with office_over(database, keyring, clock, gazetteer) as made:
        await made.enter()
        yield made


@pytest.fixture
async def room(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[CaseRoom]:
    async with case_room(database, keyring, clock) as made:
        yield made


@asynccontextmanager
async def office_over(
    database: Database, keyring: Keyring, clock: Clock, gazetteer: Gazetteer
) -> AsyncIterator[Office]:
    """The console, served."""
    folder = Path(await asyncio.to_thread(mkdtemp))
    made = await booking(database, keyring, clock, SITES)
    staffed = Staffed(database, keyring, clock, Timeouts(LONG, LONG))
    calendars = Calendars(
        database, keyring, made.directory, made.availability, staffed.audit, clock=clock, zone="Asia/Shanghai"
    )
    desk_of_cases = Casework(database, keyring, clock, audit=staffed.audit).office
    school = School(talk_over(database, keyring, clock), staffed, folder / "school")
    services = SimpleNamespace(
        retention=Retention(database, tracking_engine(), staffed.audit, clock=clock, times=TIMES),
        holds=Holds(database, staffed.audit, clock=clock),
        accounts=staffed.accounts, staff=staffed.staff, audit=staffed.audit,
        review=Review(database, clock=clock, zone="Asia/Shanghai"), calendars=calendars, appointments=made.appointments,
        availability=made.availability, directory=made.directory, gazetteer=gazetteer, conversations=None,
        reminders=Reminders(database, keyring, made.directory, {}, clock=clock, zone="Asia/Shanghai"),
        office=desk_of_cases, jobs=lambda: (), close=_nothing,
        review_desk=ReviewDesk.furnish(database, keyring, staffed.audit, desk_of_cases.cases, clock=clock),
        figures=FigureOffice(database, gazetteer, clock=clock, zone="Asia/Shanghai", hours=HOURS), lessons=school.lessons, school=school,
        **mobile_services(database, keyring, gazetteer, staffed.audit, clock),
        activities=Activities.furnish(
            database, keyring, gazetteer, staffed.audit, {}, clock=clock, zone="Asia/Shanghai"
        ),
        check_ins=CheckIns(database, keyring, clock=clock, zone="Asia/Shanghai"),
        suggestions=Suggestions.furnish(
            database, keyring, gazetteer, load_categories(), staffed.audit, clock=clock, zone="Asia/Shanghai"
        ),
        volunteers=Volunteers(
            database, keyring, gazetteer, load_skills(), staffed.audit, clock=clock, zone="Asia/Shanghai"
        ),
    )  # fmt: skip
    services.activity_import = ActivityImport(
        database, gazetteer, services.activities.desk, staffed.audit, now=services.activities.now
    )
    app = create_app(app_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    async with served(app) as client:
        yield Office(app, client, made, staffed, calendars, services.reminders)
    await asyncio.to_thread(shutil.rmtree, folder)


async def _nothing() -> None:
    """Nothing is open."""


def words(page: str) -> str:
    """What somebody reads on a page: without tags, blanks as one."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))
