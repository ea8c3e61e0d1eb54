"""Federations of a small area and who works for them, for tests."""

from sqlalchemy import update

from bot.domain.accounts import Officer, Role
from bot.domain.federations import FederationKind, Person, work_payload
from bot.domain.messages import Answer, Choice
from bot.domain.schedules import read_days
from bot.storage.accounts import Account
from bot.storage.federations import Federation, FederationStore
from tests.integration.casework import DISTRICT, Casework

FARM = "农业系统妇联"


async def found(work: Casework, name: str = FARM, kind: FederationKind = FederationKind.SYSTEM, **more) -> str:
    """A federation → its public id."""
    people = more.pop("people", ())
    row = Federation(name=name, kind=kind, division_code=more.pop("code", "120113000000"), **more)
    async with work.database.write() as session:
        store = FederationStore(session)
        await store.add(row)
        await store.add_people(row.id, people)
    return row.public_id


async def hire_at(
    work: Casework, federation: str, name: str = "吴单位", area: str = DISTRICT, role: Role = Role.OFFICER, *,
    there: bool = True,
) -> Officer:  # fmt: skip
    """Somebody who takes cases for a federation at work, and is 在岗."""
    hired = await work.hire(name, area, role, there=False)
    async with work.database.write() as session:
        await session.execute(
            update(Account).where(Account.public_id == hired.id).values(federation_id=federation)
        )  # fmt: skip
    officer = Officer(hired.id, hired.login, name, role, area, work.clock(), federation)
    if there:
        await work.office.rota.come_on_duty(officer)
    return officer


async def tap(work: Casework, act: str, federation: str, *, sender: str = "她") -> Answer:
    """She presses a choice about the federation at her work."""
    return await work.press(await offered(work, act, federation, sender=sender), "点这个", sender=sender)


async def offered(work: Casework, act: str, federation: str, *, sender: str = "她") -> Answer:
    """The assistant offers such a choice."""
    work.engine.choices = (Choice("点这个", work_payload(act, federation)),)
    answer = await work.say("我们单位有妇联吗", sender=sender)
    work.engine.choices = ()
    return answer


def person(title: str, name: str = "", duty: str = "", on_duty: str = "") -> Person:
    return Person(title, name, duty, on_duty, read_days(on_duty))
