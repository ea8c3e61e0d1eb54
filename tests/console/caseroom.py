"""The console over the services of cases: officers each at a desk with a browser of her own, and a woman who writes."""

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import httpx
from sanic import Sanic
from sqlalchemy import select

from bot.app import create_app
from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.accounts import Officer, Role
from bot.domain.audit import Act, Deed
from bot.language.places import Gazetteer
from bot.services.accounts import Timeouts
from bot.services.calendars import Calendars
from bot.services.case_bookings import CaseBookings
from bot.services.check_in import CheckIns
from bot.services.holds import Holds
from bot.services.suggestion_categories import load_categories
from bot.services.suggestions import Suggestions
from bot.services.volunteer_skills import load_skills
from bot.services.volunteers import Volunteers
from bot.storage.audit import AuditEntry
from bot.storage.database import Database
from bot.storage.directory import ServiceKind
from bot.storage.sealing import Keyring
from tests.conftest import Clock
from tests.integration.calendars import CENTRE, Booking, booking
from tests.integration.casework import DISTRICT, DIVISIONS, HERE, Casework
from tests.integration.staffing import PASSWORD, Staffed
from tests.integration.test_chat_api import app_settings
from tests.serving import served

LONG = timedelta(days=30)
SITES = [
    ("甲站", [ServiceKind.LEGAL], 0.0),
    ("乙站", [ServiceKind.LEGAL], 0.01),
    ("丙站", [ServiceKind.PSYCHOLOGICAL], 0.0),
]
"""In another district than the officers' own; the woman lives at the centre."""


@dataclass
class Desk:
    """One officer and her browser."""

    officer: Officer
    login: str
    client: httpx.AsyncClient

    async def page(self, path: str, status: int = 200) -> str:
        """The words of a page, tags and all."""
        response = await self.client.get(path)
        assert response.status_code == status, (response.status_code, path, response.text[:500])
        return response.text

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """A form of this session, sent."""
        token = form_token(self.client.cookies.get(COOKIE) or "")
        return await self.client.post(path, data={FIELD: token, **fields})

    async def follow(self, response: httpx.Response) -> str:
        """The page that an act leads to."""
        assert response.status_code == 303, response.text
        return await self.page(response.headers["location"])


@dataclass
class CaseRoom:
    """It is Tuesday 2026-11-24, 10:00."""

    app: Sanic
    url: str
    work: Casework
    staffed: Staffed
    made: Booking
    open: AsyncExitStack
    desks: list[Desk] = field(default_factory=list)

    async def desk(self, name: str, role: Role = Role.OFFICER, area: str = DISTRICT, *, there: bool = True) -> Desk:
        """Hire somebody, sign her in through the page, and put her on duty. The clock stands where it stood before."""
        self.staffed.clock.pass_by(seconds=-60)
        login = f"desk{len(self.desks) + 1}"
        await self.staffed.accept(await self.staffed.staff.invite(login, name, role, area))
        client = await self.open.enter_async_context(httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=20))
        fields = {"login": login, "password": PASSWORD, "code": self.staffed.code(login)}
        response = await client.post("/console/enter", data=fields)
        assert response.status_code == 303, response.text
        officer = await self.staffed.accounts.check(client.cookies.get(COOKIE) or "")
        if there:
            await self.work.office.rota.come_on_duty(officer)
        self.desks.append(Desk(officer, login, client))
        return self.desks[-1]

    async def asked(self, text: str = HERE, **more: str) -> tuple[Desk, str]:
        """An officer who is there, and the address of the case of a woman who asked for a person."""
        desk = await self.desk("张敏")
        await self.work.say(text, **more)
        return desk, f"/console/cases/{(await self.work.case()).public_id}"

    async def taken(self, text: str = HERE, **more: str) -> tuple[Desk, str]:
        """The same, taken."""
        desk, path = await self.asked(text, **more)
        assert (await desk.post(f"{path}/take")).status_code == 303
        return desk, path

    async def acts(self, act: Act) -> list[Deed]:
        """What the audit log says of one kind of act, oldest first."""
        async with self.work.database.read() as session:
            rows = await session.scalars(select(AuditEntry).where(AuditEntry.act == act).order_by(AuditEntry.sequence))
            return [row.deed() for row in rows]


@asynccontextmanager
async def case_room(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[CaseRoom]:
    """The app, served."""
    staffed = Staffed(database, keyring, clock, Timeouts(LONG, LONG))
    work = Casework(database, keyring, clock, audit=staffed.audit)
    gazetteer = Gazetteer(DIVISIONS, {"120113000000": (CENTRE, "district")}, (), (), ())
    made = await booking(database, keyring, clock, SITES)
    services = SimpleNamespace(
        directory=made.directory, availability=made.availability, appointments=made.appointments,
        calendars=Calendars(
            database, keyring, made.directory, made.availability, staffed.audit, clock=clock, zone="Asia/Shanghai"
        ),
        case_bookings=CaseBookings(database, gazetteer, made.directory, made.availability, made.appointments),
        accounts=staffed.accounts, staff=staffed.staff, audit=staffed.audit, office=work.office,
        gazetteer=gazetteer, conversations=work.talk, jobs=lambda: (), close=work.close,
        check_ins=CheckIns(database, keyring, clock=clock, zone="Asia/Shanghai"),
        holds=Holds(database, staffed.audit, clock=clock),
        suggestions=Suggestions.furnish(
            database, keyring, gazetteer, load_categories(), staffed.audit, clock=clock, zone="Asia/Shanghai"
        ),
        volunteers=Volunteers(
            database, keyring, gazetteer, load_skills(), staffed.audit, clock=clock, zone="Asia/Shanghai"
        ),
    )  # fmt: skip
    app = create_app(app_settings(), name=f"test_{uuid.uuid4().hex}", make_services=lambda _: services)
    async with served(app) as client, AsyncExitStack() as opened:
        yield CaseRoom(app, str(client.base_url), work, staffed, made, opened)


def words(page: str) -> str:
    """What somebody reads on a page: without tags, blanks as one."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def part(page: str, name: str) -> str:
    """The section of a page with this id or data-part, up to the next one that begins."""
    found = re.search(
        rf'<(?:section|div|details)[^>]*(?:id|data-part)="{name}".*?(?=<section|<details id="open"|$)', page, re.S
    )
    assert found, name
    return found[0]
