"""Who is on duty in which week at which office, and who is there now (在岗)."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    String,
    UniqueConstraint,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.accounts import PERMISSIONS, Permission
from bot.domain.errors import Conflict
from bot.domain.offices import climb
from bot.domain.rota import Candidate
from bot.storage.accounts import Account, names_of
from bot.storage.records import Record, public_id_column

NOT_IN_IT = -1
TAKERS = [role for role, permissions in PERMISSIONS.items() if Permission.TAKE_CASES in permissions]


class DutyWeek(Record):
    """One officer's week at one office. `week` is its Monday; `rank` 0 has the duty, 1, 2 … stand in, in this order.

    `instead_of`: whose week it was before somebody stood in or swapped.
    """

    __tablename__ = "duty_weeks"
    __table_args__ = (
        UniqueConstraint("office", "week", "rank"),
        UniqueConstraint("office", "week", "officer_id"),
        CheckConstraint("rank >= 0", name="rank_is_not_negative"),
    )

    public_id: Mapped[str] = public_id_column()
    office: Mapped[str] = mapped_column(String(12))
    week: Mapped[date] = mapped_column(Date)
    rank: Mapped[int]
    officer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"), index=True)
    instead_of: Mapped[str | None] = mapped_column(String(32))


class Presence(Record):
    """She is there (在岗) until `expires_at`, unless her page says again that she is. `on_since` begins this spell."""

    __tablename__ = "duty_presence"

    officer_id: Mapped[str] = mapped_column(ForeignKey("accounts.public_id"), unique=True)
    on_since: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RotaStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def there(
        self, offices: Sequence[str] | None, week: date, now: datetime, *, also: str = "", federation: str = ""
    ) -> list[Candidate]:
        """Who is there and has the duty or stands in, at these offices (None: at any), in no order.

        An office without a rota for the week has whoever is there. `also`: this officer counts wherever she is.
        `federation`: with the people of this one at work, who have no rota; never of another.
        """
        query = (
            select(
                Account.public_id,
                Account.name,
                Account.scope,
                Presence.on_since,
                func.coalesce(DutyWeek.rank, NOT_IN_IT),
                Account.federation_id,
            )
            .join(Presence, Presence.officer_id == Account.public_id)
            .outerjoin(
                DutyWeek,
                and_(DutyWeek.officer_id == Account.public_id, DutyWeek.week == week, DutyWeek.office == Account.scope),
            )
            .where(Presence.expires_at > now, Account.disabled_at.is_(None), Account.role.in_(TAKERS))
        )
        query = query.where(or_(Account.federation_id.is_(None), Account.federation_id == federation))
        if offices is not None:
            chosen = Account.federation_id == federation
            query = query.where(or_(Account.scope.in_(offices), Account.public_id == also, chosen))
        rows = (await self._session.execute(query)).all()
        planned = set(
            await self._session.scalars(
                select(DutyWeek.office).where(DutyWeek.week == week, DutyWeek.office.in_({row[2] for row in rows}))
            )
        )
        return [
            Candidate(officer, name, office, 0 if works_for else max(rank, 0), on_since, works_for or "")
            for officer, name, office, on_since, rank, works_for in rows
            if works_for or rank != NOT_IN_IT or office not in planned or officer == also
        ]

    async def officer(self, public_id: str) -> Account | None:
        """An account that may take cases now."""
        return await self._session.scalar(
            select(Account).where(
                Account.public_id == public_id, Account.disabled_at.is_(None), Account.role.in_(TAKERS)
            )
        )

    async def account(self, public_id: str) -> Account | None:
        """An account, whatever it may do."""
        return await self._session.scalar(select(Account).where(Account.public_id == public_id))

    async def names(self, public_ids: Sequence[str]) -> dict[str, str]:
        """Names of accounts, disabled ones too, by public id."""
        return await names_of(self._session, public_ids)

    async def come(self, officer: str, now: datetime, until: datetime) -> None:
        """She is there from now on; when she was already, only the end moves."""
        kind = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        if await self.stay(officer, now, until):
            return
        await self._session.execute(
            kind(Presence)
            .values(officer_id=officer, on_since=now, seen_at=now, expires_at=until)
            .on_conflict_do_update(
                index_elements=["officer_id"], set_={"on_since": now, "seen_at": now, "expires_at": until}
            )
        )

    async def stay(self, officer: str, now: datetime, until: datetime) -> bool:
        """She is still there. False when she was not: a forgotten page puts nobody on duty."""
        kept = await self._session.execute(
            update(Presence)
            .where(Presence.officer_id == officer, Presence.expires_at > now)
            .values(seen_at=now, expires_at=until)
        )
        return bool(kept.rowcount)  # type: ignore[attr-defined]

    async def go(self, officer: str, now: datetime) -> None:
        """She is not there any more."""
        await self._session.execute(
            update(Presence).where(Presence.officer_id == officer, Presence.expires_at > now).values(expires_at=now)
        )

    async def presence(self, officer: str, now: datetime) -> Presence | None:
        """Her spell of duty, if she is there."""
        return await self._session.scalar(
            select(Presence).where(Presence.officer_id == officer, Presence.expires_at > now)
        )

    async def around(self, area: str, now: datetime, limit: int) -> list[tuple[str, str, str]]:
        """(public id, name, office) of who is there at an office in this branch or above it, nearest the top first."""
        rows = await self._session.execute(
            select(Account.public_id, Account.name, Account.scope)
            .join(Presence, Presence.officer_id == Account.public_id)
            .where(
                Presence.expires_at > now,
                Account.disabled_at.is_(None),
                Account.role.in_(TAKERS),
                or_(Account.scope.startswith(area, autoescape=True), Account.scope.in_(climb(area))),
            )
            .order_by(Account.scope, Account.name, Account.public_id)
            .limit(limit)
        )
        return [(officer, name, office) for officer, name, office in rows]

    async def weeks(self, office: str, first: date, last: date) -> list[DutyWeek]:
        """The rota of an office for the weeks that begin in [first, last), in order."""
        rows = await self._session.scalars(
            select(DutyWeek)
            .where(DutyWeek.office == office, DutyWeek.week >= first, DutyWeek.week < last)
            .order_by(DutyWeek.week, DutyWeek.rank)
        )
        return list(rows)

    async def set_week(self, office: str, week: date, officers: Sequence[str]) -> None:
        """These have the week: the first has the duty, the others stand in. None: the office has no rota for it.

        Raises Conflict when somebody set the same week at the same moment.
        """
        try:
            async with self._session.begin_nested():
                await self._session.execute(delete(DutyWeek).where(DutyWeek.office == office, DutyWeek.week == week))
                self._session.add_all(
                    DutyWeek(office=office, week=week, rank=rank, officer_id=officer)
                    for rank, officer in enumerate(officers)
                )
        except IntegrityError as other:
            raise Conflict from other

    async def week(self, public_id: str) -> DutyWeek | None:
        """One row, held."""
        return await self._session.scalar(
            select(DutyWeek)
            .where(DutyWeek.public_id == public_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def give(self, row: DutyWeek, officer: str) -> bool:
        """Somebody else has this week now; False when she has a part in it already."""
        try:
            async with self._session.begin_nested():
                row.instead_of = row.instead_of or row.officer_id
                row.officer_id = officer
        except IntegrityError:
            await self._session.refresh(row)
            return False
        return True

    async def swap(self, one: DutyWeek, other: DutyWeek) -> bool:
        """The two change weeks; False when one of them has a part in the other's week already."""
        first, second = one.officer_id, other.officer_id
        return await self.give(one, second) and await self.give(other, first)
