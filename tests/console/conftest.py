"""An office with three places, an officer in it, and the whole console served over one database."""

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from types import SimpleNamespace

import httpx
import pytest
from sanic import Sanic

from bot.app import create_app
from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.appointments import BookedAppointment
from bot.domain.officers import Officer
from bot.language.places import Gazetteer
from bot.services.accounts import ADMINISTRATOR, Accounts
from bot.services.appointments import BookingRequest
from bot.services.calendars import Calendars
from bot.services.reminders import Reminders
from bot.services.review import Review
from bot.services.sample_directory import PLACES
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.calendars import Booking, booking, local
from tests.integration.conftest import talk
from tests.integration.test_chat_api import app_settings
from tests.serving import served

__all__ = ["talk"]

SITES = [
    ("甲站", [ServiceKind.LEGAL], 0.0),
    ("乙站", [ServiceKind.LEGAL], 0.01),
    ("丙站", [ServiceKind.PSYCHOLOGICAL], 0.0),
]


class AccountsOf(Accounts):
    """Whoever enters is the officer that a test names."""

    officer: Officer = ADMINISTRATOR

    async def check(self, token: str) -> Officer:
        await super().check(token)
        return self.officer


@dataclass
class Office:
    """The console and what stands behind it. It is Tuesday 2026-11-24, 10:00; open Monday to Friday 9–17, Saturday 9–12."""

    app: Sanic
    client: httpx.AsyncClient
    made: Booking
    accounts: AccountsOf
    calendars: Calendars
    reminders: Reminders
    requests: int = 0

    @property
    def site(self) -> str:
        """The service that most tests are about."""
        return self.made.services["甲站 legal"]

    @property
    def calendar(self) -> str:
        return f"/console/calendar/{self.site}"

    async def enter(self) -> None:
        response = await self.client.post("/console/enter", data={"secret": await self.accounts.make_link()})
        self.client.cookies.update(response.cookies)

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


@asynccontextmanager
async def office_over(
    database: Database, keyring: Keyring, clock: Clock, gazetteer: Gazetteer
) -> AsyncIterator[Office]:
    """The console, served."""
    made = await booking(database, keyring, clock, SITES)
    accounts = AccountsOf(database, keyring, clock=clock)
    calendars = Calendars(database, keyring, made.directory, made.availability, clock=clock, zone="Asia/Shanghai")
    services = SimpleNamespace(
        accounts=accounts, review=Review(database), calendars=calendars, appointments=made.appointments,
        availability=made.availability, directory=made.directory, gazetteer=gazetteer, conversations=None,
        reminders=Reminders(database, keyring, made.directory, {}, clock=clock, zone="Asia/Shanghai"),
        jobs=lambda: (), close=_nothing,
    )  # fmt: skip
    app = create_app(app_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    async with served(app) as client:
        yield Office(app, client, made, accounts, calendars, services.reminders)


async def _nothing() -> None:
    """Nothing is open."""


def words(page: str) -> str:
    """What somebody reads on a page: without tags, blanks as one."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))
