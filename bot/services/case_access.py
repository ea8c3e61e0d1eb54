"""Who may see a case: the branch it lies in, whoever was asked or has it; never somebody she ruled out.

What is not hers is NotFound, as if it were not there.
"""

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission
from bot.domain.audit import Deed
from bot.domain.cases import CaseStatus
from bot.domain.errors import AlreadyTaken, NotFound, NotPossibleNow
from bot.domain.offices import OfficeLevel, climb, level_of
from bot.domain.rota import is_excluded
from bot.storage.case_alerts import AlertStore
from bot.storage.case_lists import Viewer
from bot.storage.cases import Case, CaseStore
from bot.storage.conversations import Conversation
from bot.storage.rota import RotaStore

HIGH = {OfficeLevel.DISTRICT, OfficeLevel.CITY}
"""Levels that see cases of which no place is known: somebody has to."""


class AuditLog(Protocol):
    """Where acts of officers are written down, in the transaction of the act and as its last step."""

    async def append(self, session: AsyncSession, deed: Deed) -> None:
        """Add a row."""

    async def sealed_opened(self, by: Officer, kind: str, public_id: str, reason: str, source: str = "") -> None:
        """Write down, before it is shown, that sealed text is opened. Raises BadInput without a reason."""


def sees_branch(by: Officer, area: str) -> bool:
    """Whether cases of this area are hers to see; "" is an unknown place. None are to who works for a federation at work."""
    if by.federation:
        return False
    return by.covers(area) if area else level_of(by.area) in HIGH


def may_hand_to(by: Officer, case: Case, office: str, federation: str) -> bool:
    """Whether a case may be given to somebody of this office: on its way up, or in the giver's own branch.

    Of an unknown place ("") anybody may be asked; of a federation at work only who works for the one that she chose.
    """
    if federation:
        return federation == case.federation_id
    return not case.area or office in climb(case.area) or (not by.federation and by.covers(office))


def viewer_of(by: Officer) -> Viewer:
    """The same officer for lists. Raises NotFound when she may see no cases at all."""
    if not by.may(Permission.SEE_CASES):
        raise NotFound
    return Viewer(by.id, by.name, by.area, level_of(by.area), sees_branch(by, ""), by.federation)


async def may_see(session: AsyncSession, case: Case, by: Officer) -> bool:
    """Whether she may know of the case."""
    if not by.may(Permission.SEE_CASES):
        return False
    if is_excluded(await CaseStore(session).exclusions(case), by.id, by.name, by.area, by.federation):
        return False
    if by.federation and case.federation_id == by.federation:
        return True
    if sees_branch(by, case.area) or case.officer_id == by.id:
        return True
    running = await AlertStore(session).pending(case)
    return running is not None and running.officer_id == by.id


async def seen(session: AsyncSession, public_id: str, by: Officer) -> Case:
    """The case, for reading. Raises NotFound."""
    case = await CaseStore(session).named(public_id)
    if case is None or not await may_see(session, case, by):
        raise NotFound
    return case


async def held(session: AsyncSession, public_id: str, by: Officer) -> tuple[Case, Conversation | None]:
    """The case and its conversation, held for an act of hers. Raises NotFound."""
    found = await CaseStore(session).hold(public_id)
    if found is None or not by.may(Permission.TAKE_CASES) or not await may_see(session, found[0], by):
        raise NotFound
    return found


async def held_as_hers(session: AsyncSession, public_id: str, by: Officer) -> tuple[Case, Conversation | None]:
    """The same, when she has the case or may assign it. Raises NotFound, AlreadyTaken, NotPossibleNow."""
    case, conversation = await held(session, public_id, by)
    if case.status is not CaseStatus.TAKEN:
        raise NotPossibleNow
    if case.officer_id != by.id and not by.may(Permission.ASSIGN_CASES):
        raise await taken_by_other(session, case)
    return case, conversation


async def taken_by_other(session: AsyncSession, case: Case) -> AlreadyTaken:
    """The error that says who has it."""
    officer = case.officer_id or ""
    name = (await RotaStore(session).names([officer])).get(officer, "")
    return AlreadyTaken(f"{name}已经接了这个个案。", officer, name)
