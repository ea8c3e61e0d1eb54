"""Legal holds: a supervisor says that what a case holds must stay, and later that it need not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.accounts import Officer, Permission
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.language.masking import mask
from bot.services.case_access import AuditLog, held, seen
from bot.storage.database import Database
from bot.storage.holds import LONGEST_REASON, HoldStore
from bot.storage.rota import RotaStore

SHORTEST_REASON = 4


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold in words; `lifted_at` None while it runs."""

    set_by: str
    set_at: datetime
    reason: str
    lifted_by: str
    lifted_at: datetime | None
    lift_reason: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """All holds of a case, newest first, and whether one runs. `may_set`: whether who looks may set and lift."""

    case: str
    holds: tuple[Hold, ...]
    may_set: bool

    @property
    def running(self) -> bool:
        """Whether nothing of this case may go now."""
        return any(hold.lifted_at is None for hold in self.holds)


class Holds:
    """Every method raises NotFound for a case that is not hers to see."""

    def __init__(self, database: Database, audit: AuditLog, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def of(self, case: str, by: Officer) -> Holdings:
        """What the page shows."""
        async with self._database.read() as session:
            row = await seen(session, case, by)
            holds = await HoldStore(session).of_case(row)
            people = {one.set_by for one in holds} | {one.lifted_by for one in holds if one.lifted_by}
            names = await RotaStore(session).names(sorted(people))
        told = tuple(
            Hold(
                names.get(one.set_by, ""), one.set_at, one.reason, names.get(one.lifted_by or "", ""), one.lifted_at,
                one.lift_reason,
            )
            for one in holds
        )  # fmt: skip
        return Holdings(case, told, by.may(Permission.ASSIGN_CASES))

    async def set(self, case: str, by: Officer, reason: str, source: str = "") -> None:
        """From now on nothing of the case and its conversation goes. Raises BadInput, Conflict, NotFound."""
        reason = _reason(by, reason)
        async with self._database.write() as session:
            row, _ = await held(session, case, by)
            if not await HoldStore(session).set(row, by.id, reason, self._clock()):
                raise Conflict("这个个案已经在保全中。")
            await self._audit.append(session, Deed(Act.HOLD_SET, by.id, "case", case, reason, source))

    async def lift(self, case: str, by: Officer, reason: str, source: str = "") -> None:
        """It goes like any other again. Raises BadInput, Conflict, NotFound."""
        reason = _reason(by, reason)
        async with self._database.write() as session:
            row, _ = await held(session, case, by)
            if not await HoldStore(session).lift(row, by.id, reason, self._clock()):
                raise Conflict("这个个案没有在保全中。")
            await self._audit.append(session, Deed(Act.HOLD_LIFTED, by.id, "case", case, reason, source))


def _reason(by: Officer, reason: str) -> str:
    if not by.may(Permission.ASSIGN_CASES):
        raise NotFound
    plain = mask(" ".join(reason.split()))[:LONGEST_REASON]
    if len(plain) < SHORTEST_REASON:
        raise BadInput("请写明理由（例如：法院要求保全，案号写在纸质材料里）。")
    return plain
