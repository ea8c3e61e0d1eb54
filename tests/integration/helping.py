"""Volunteers over a world in which women write: signed up, taken in, called."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.accounts import Officer
from bot.domain.volunteers import (
    Draft,
    FreeTime,
    VolunteerKind,
)
from bot.language.places import Gazetteer
from bot.services.volunteer_calls import CallForm
from bot.services.volunteer_skills import load_skills
from bot.services.volunteers import Volunteers
from bot.storage.conversations import OutboundMessage
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.volunteers import Volunteer, VolunteerMatch
from tests.conftest import Clock
from tests.integration.casework import DISTRICT, DIVISIONS, OTHER_TOWN, TOWN
from tests.integration.forgetting import Peopled, World

VOLUNTEER, EXPERT, _ = VolunteerKind
PHONE = "13800001234"
SATURDAY = datetime(2026, 11, 28, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
DRAFT = Draft(VOLUNTEER, ("company",), TOWN, (FreeTime.WEEKEND,))
FARMER = Draft(EXPERT, ("planting",), OTHER_TOWN, ())


@dataclass
class Helping(Peopled):
    """The services, and a world in which women write."""

    volunteers: Volunteers

    async def ready(self, sender: str = "她", draft: Draft = DRAFT, *, channel: str = "web") -> tuple[str, str]:
        """(conversation, volunteer) of one who was taken in."""
        conversation = await self.woman(sender, channel)
        await self.volunteers.apply(conversation, draft)
        row = (await self.world.work.rows(Volunteer))[-1]
        await self.volunteers.desk.accept(row.public_id, await self.officer())
        return conversation, row.public_id

    async def call(self, by: Officer, **more: object) -> str:
        values = {"area": TOWN, "need": "陪独居老人说说话", "skills": ("company",), "starts_at": SATURDAY} | more
        return await self.volunteers.calls.make(by, CallForm(**values))  # type: ignore[arg-type]

    async def farmer(self) -> tuple[Officer, str, str]:
        """(officer, case, conversation) of a woman whose cucumbers are ill."""
        officer, question = (
            await self.world.work.hire("张敏", DISTRICT),
            "我叫李小明，电话13912345678，大棚黄瓜叶子发黄怎么办",
        )
        conversation, office = await self.woman("农家"), self.world.work.office
        asked = await office.experts.ask(conversation, question, place="120113001000")
        await office.handover.take(asked.case, officer)
        return officer, asked.case, conversation

    async def match(self, at: int = -1) -> VolunteerMatch:
        return (await self.world.work.rows(VolunteerMatch))[at]

    async def told(self, words: str) -> list[str]:
        return [row.masked for row in await self.world.work.rows(OutboundMessage) if words in row.masked]


@asynccontextmanager
async def helping_over(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[Helping]:
    world = World(database, keyring, clock)
    gazetteer = Gazetteer(DIVISIONS, {}, (), (), ())
    volunteers = Volunteers(
        database, keyring, gazetteer, load_skills(), world.audit, clock=clock, zone="Asia/Shanghai"
    )  # fmt: skip
    yield Helping(world, volunteers)
    await world.close()
