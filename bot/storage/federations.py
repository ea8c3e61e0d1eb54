"""The directory of people: federations and who works in them. Codes are those of data/places; no private number is kept."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    delete,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from bot.domain.cases import CaseStatus
from bot.domain.federations import FederationFilter, FederationKind, Person
from bot.domain.schedules import read_days
from bot.storage.accounts import Account
from bot.storage.cases import Case
from bot.storage.records import Record, by_value, public_id_column
from bot.storage.rota import TAKERS

DEEPEST = 10
"""Levels of federations below one another that are followed."""


class Federation(Record):
    """A women's federation. `office` says where it sits, `hours` when it is there, as `schedules.read_hours` reads it."""

    __tablename__ = "federations"
    __table_args__ = (
        UniqueConstraint("name", "division_code"),
        Index("ix_federations_place", "division_code", "kind"),
    )

    public_id: Mapped[str] = public_id_column()
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[FederationKind] = mapped_column(by_value(FederationKind, "federation_kind"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("federations.id", ondelete="SET NULL"), index=True)
    division_code: Mapped[str] = mapped_column(String(12))
    office: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    hours: Mapped[str] = mapped_column(String(200), default="")
    synthetic: Mapped[bool] = mapped_column(default=False, server_default=false())
    people: Mapped[list["FederationPerson"]] = relationship(
        lazy="raise", order_by="FederationPerson.position, FederationPerson.id", passive_deletes=True
    )
    parent: Mapped["Federation | None"] = relationship(lazy="raise", remote_side="Federation.id")


class FederationPerson(Record):
    """Who holds an office in it, as the office publishes it; `name` "" where it publishes none. `on_duty`: weekdays."""

    __tablename__ = "federation_people"

    public_id: Mapped[str] = public_id_column()
    federation_id: Mapped[int] = mapped_column(ForeignKey("federations.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(20), default="")
    duty: Mapped[str] = mapped_column(String(200), default="")
    on_duty: Mapped[str] = mapped_column(String(60), default="")
    position: Mapped[int] = mapped_column(default=0)

    def person(self) -> Person:
        """The same as the rest of the code knows her."""
        return Person(self.title, self.name, self.duty, self.on_duty, read_days(self.on_duty))


@dataclass(frozen=True, slots=True)
class FederationCounts:
    """Of a branch: how many of each kind, how many people, how many federations without anybody, how many take cases."""

    kinds: dict[FederationKind, int]
    people: int
    empty: int
    taking: int


class FederationStore:
    """Flushes; the caller commits. `area` is always a prefix of division codes."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def offices(self, codes: Sequence[str]) -> Sequence[Federation]:
        """Offices of the area tree at these divisions that have people, with them; in no order."""
        rows = await self._session.scalars(
            select(Federation)
            .where(Federation.kind == FederationKind.AREA, Federation.division_code.in_(codes), _has_people())
            .options(selectinload(Federation.people))
            .order_by(Federation.synthetic, Federation.id)
        )
        return rows.all()

    async def page(
        self,
        area: str,
        wanted: FederationFilter,
        *,
        offset: int = 0,
        limit: int,
        kinds: Collection[FederationKind] = (),
    ) -> Sequence[Federation]:
        """A page of a branch by place, kind and name, with people and parents. `kinds`: only these."""
        rows = await self._session.scalars(
            select(Federation)
            .where(_in(area), *_wanted(wanted), *([Federation.kind.in_(kinds)] if kinds else ()))
            .options(selectinload(Federation.people), selectinload(Federation.parent))
            .order_by(Federation.division_code, Federation.kind, Federation.name, Federation.id)
            .offset(offset)
            .limit(limit)
        )
        return rows.all()

    async def named(self, public_id: str, *, lock: bool = False) -> Federation | None:
        """One federation with its people and its parent."""
        query = (
            select(Federation)
            .where(Federation.public_id == public_id)
            .options(selectinload(Federation.people), selectinload(Federation.parent))
        )
        if lock:
            query = query.with_for_update(of=Federation).execution_options(populate_existing=True)
        return await self._session.scalar(query)

    async def called(self, name: str, division_code: str = "") -> Sequence[Federation]:
        """Federations of this name (in this division)."""
        rows = await self._session.scalars(
            select(Federation).where(
                Federation.name == name, *([Federation.division_code == division_code] if division_code else ())
            )
        )
        return rows.all()

    async def family(self, public_id: str) -> frozenset[str]:
        """The public ids of a federation and all below it; empty for one that is not there."""
        known = set((await self._session.scalars(select(Federation.id).where(Federation.public_id == public_id))).all())
        below = known
        for _ in range(DEEPEST):
            found = await self._session.scalars(select(Federation.id).where(Federation.parent_id.in_(below)))
            below = set(found) - known
            if not below:
                break
            known |= below
        names = await self._session.scalars(select(Federation.public_id).where(Federation.id.in_(known)))
        return frozenset(names)

    async def above(self, row: Federation) -> frozenset[int]:
        """The ids of all above a federation, itself among them."""
        found, at = {row.id}, row.parent_id
        while at is not None and at not in found:
            found.add(at)
            at = await self._session.scalar(select(Federation.parent_id).where(Federation.id == at))
        return frozenset(found)

    async def taking(self, public_ids: Iterable[str]) -> frozenset[str]:
        """Which of these federations have an account that takes cases."""
        rows = await self._session.scalars(
            select(Account.federation_id)
            .where(Account.federation_id.in_(list(public_ids)), Account.disabled_at.is_(None), Account.role.in_(TAKERS))
            .distinct()
        )
        return frozenset(row for row in rows if row)

    async def names(self, public_ids: Iterable[str]) -> dict[str, str]:
        """Names by public id."""
        rows = await self._session.execute(
            select(Federation.public_id, Federation.name).where(Federation.public_id.in_(list(public_ids)))
        )
        return {public_id: name for public_id, name in rows}

    async def add(self, row: Federation) -> None:
        """Put one in. Raises IntegrityError when its place has one of this name."""
        self._session.add(row)
        await self._session.flush()

    async def add_people(self, federation: int, people: Sequence[Person]) -> None:
        """These, after those that are there."""
        last = select(func.coalesce(func.max(FederationPerson.position), 0)).where(
            FederationPerson.federation_id == federation
        )
        first = int(await self._session.scalar(last) or 0) + 1
        self._session.add_all(
            FederationPerson(
                federation_id=federation, title=one.title, name=one.name, duty=one.duty, on_duty=one.on_duty,
                position=first + at,
            )
            for at, one in enumerate(people)
        )  # fmt: skip
        await self._session.flush()

    async def person(self, public_id: str) -> FederationPerson | None:
        """One person's row."""
        return await self._session.scalar(select(FederationPerson).where(FederationPerson.public_id == public_id))

    async def remove_person(self, row: FederationPerson) -> None:
        """She does not hold the office any more."""
        await self._session.execute(delete(FederationPerson).where(FederationPerson.id == row.id))

    async def remove_people(self, federations: Collection[int]) -> None:
        """All of theirs, before a file puts others in."""
        await self._session.execute(delete(FederationPerson).where(FederationPerson.federation_id.in_(federations)))

    async def has_open_cases(self, account: Account) -> bool:
        """Whether somebody of the staff has a case that is not closed."""
        hers = select(Case.id).where(Case.officer_id == account.public_id, Case.status != CaseStatus.CLOSED)
        return await self._session.scalar(hers.limit(1)) is not None

    async def is_used(self, row: Federation) -> bool:
        """Whether an account or a case belongs to it."""
        used = select(or_(_has_accounts(), _has_cases())).where(Federation.id == row.id)
        return bool(await self._session.scalar(used))

    async def remove(self, row: Federation) -> None:
        """Take it out, its people with it; what was below it stands by itself."""
        await self._session.execute(delete(Federation).where(Federation.id == row.id))

    async def is_empty(self) -> bool:
        """Whether there is no federation at all."""
        return await self._session.scalar(select(Federation.id).limit(1)) is None

    async def remove_synthetic(self) -> None:
        """Take the sample rows out, but those at which somebody works or a case lies."""
        await self._session.execute(
            delete(Federation).where(Federation.synthetic, ~_has_accounts(), ~_has_cases())
        )  # fmt: skip

    async def counts(self, area: str) -> FederationCounts:
        """Of a branch."""
        by_kind = await self._session.execute(
            select(Federation.kind, func.count()).where(_in(area)).group_by(Federation.kind)
        )
        people = select(func.count(FederationPerson.id)).join(Federation).where(_in(area))
        empty = select(func.count()).select_from(Federation).where(_in(area), ~_has_people())
        taking = select(func.count()).select_from(Federation).where(_in(area), _has_takers())
        return FederationCounts(
            {kind: count for kind, count in by_kind},
            int(await self._session.scalar(people) or 0),
            int(await self._session.scalar(empty) or 0),
            int(await self._session.scalar(taking) or 0),
        )


def _has_people() -> ColumnElement[bool]:
    return exists().where(FederationPerson.federation_id == Federation.id)


def _has_accounts() -> ColumnElement[bool]:
    return exists().where(Account.federation_id == Federation.public_id)


def _has_takers() -> ColumnElement[bool]:
    return exists().where(
        Account.federation_id == Federation.public_id, Account.disabled_at.is_(None), Account.role.in_(TAKERS)
    )


def _has_cases() -> ColumnElement[bool]:
    return exists().where(Case.federation_id == Federation.public_id)


def _in(area: str) -> ColumnElement[bool]:
    return Federation.division_code.startswith(area, autoescape=True)


def _wanted(wanted: FederationFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.area:
        found.append(_in(wanted.area))
    if wanted.kind is not None:
        found.append(Federation.kind == wanted.kind)
    if wanted.empty:
        found.append(~_has_people())
    if wanted.words:
        person = (FederationPerson.duty, FederationPerson.name, FederationPerson.title)
        theirs = exists().where(
            FederationPerson.federation_id == Federation.id,
            or_(*(column.contains(wanted.words, autoescape=True) for column in person)),
        )
        found.append(or_(Federation.name.contains(wanted.words, autoescape=True), theirs))
    return found
