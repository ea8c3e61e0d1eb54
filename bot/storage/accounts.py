"""Staff accounts, the invitations that give them a password, and their recovery codes. Only digests of secrets are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.accounts import Officer, Role
from bot.storage.records import Record, by_value, public_id_column


class Account(Record):
    """A person of the staff. She can sign in once an invitation gave her both a password and a second factor.

    `login` is folded (see the service), `scope` a prefix of division codes, `totp_step` the last 30-second step whose code
    was used: none is good twice. `federation_id`: she works for a federation in a system or at work, not for an area; the
    row it names stays as long as she does, as without it she would see the cases of a whole branch.
    """

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("(password_hash IS NULL) = (sealed_totp IS NULL)", name="both_factors_or_none"),)

    public_id: Mapped[str] = public_id_column()
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    role: Mapped[Role] = mapped_column(by_value(Role, "role"))
    scope: Mapped[str] = mapped_column(String(12), default="")
    federation_id: Mapped[str | None] = mapped_column(ForeignKey("federations.public_id"), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    sealed_totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    signed_in_at: Mapped[datetime | None]

    def officer(self, stepped_up_at: datetime) -> Officer:
        """The person as the rest of the code knows her."""
        return Officer(
            self.public_id, self.login, self.name, self.role, self.scope, stepped_up_at, self.federation_id or ""
        )


class Invitation(Record):
    """A link that lets the account's owner set her password once. The newest one is the only one."""

    __tablename__ = "invitations"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_totp: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]


class RecoveryCode(Record):
    """Stands in for the second factor once, for when the phone is lost."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account in a list, with how many recovery codes are left."""

    account: Account
    codes_left: int


class AccountStore:
    """Flushes; the caller commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, account: Account) -> bool:
        """Put a new account in; False when its login is taken."""
        try:
            async with self._session.begin_nested():
                self._session.add(account)
        except IntegrityError:
            return False
        return True

    async def by_login(self, login: str) -> Account | None:
        """The account that signs in with this name."""
        return (await self._session.scalars(select(Account).where(Account.login == login))).one_or_none()

    async def by_public_id(self, public_id: str, *, lock: bool = False) -> Account | None:
        """The account; with `lock`, nobody else changes it before this transaction ends (SQLite has one writer anyway)."""
        query = select(Account).where(Account.public_id == public_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()

    async def page(
        self, scope: str, *, words: str = "", role: Role | None = None, after: str = "", limit: int
    ) -> list[ListedAccount]:
        """Accounts of a branch by login, those after a login; `words` stand in the login or the name."""
        left = (
            select(func.count())
            .where(RecoveryCode.account_id == Account.id, RecoveryCode.used_at.is_(None))
            .scalar_subquery()
        )
        query = select(Account, left).where(Account.scope.startswith(scope, autoescape=True), Account.login > after)
        if words:
            query = query.where(
                Account.login.contains(words, autoescape=True) | Account.name.contains(words, autoescape=True)
            )
        if role is not None:
            query = query.where(Account.role == role)
        rows = await self._session.execute(query.order_by(Account.login).limit(limit))
        return [ListedAccount(account, count) for account, count in rows]

    async def admins(self) -> list[Account]:
        """Administrators that are not disabled, oldest first."""
        rows = await self._session.scalars(
            select(Account).where(Account.role == Role.ADMIN, Account.disabled_at.is_(None)).order_by(Account.id)
        )
        return list(rows)

    async def invite(self, account: Account, digest: str, sealed_totp: bytes, expires_at: datetime) -> None:
        """Make an invitation; one made before stops working."""
        await self.withdraw_invitation(account)
        self._session.add(
            Invitation(account_id=account.id, digest=digest, sealed_totp=sealed_totp, expires_at=expires_at)
        )
        await self._session.flush()

    async def withdraw_invitation(self, account: Account) -> None:
        """Whatever invitation there is opens nothing any more."""
        await self._session.execute(delete(Invitation).where(Invitation.account_id == account.id))

    async def invited(self, digests: Sequence[str], now: datetime) -> tuple[Account, Invitation] | None:
        """The account and its invitation, while it may be used."""
        row = (
            await self._session.execute(
                select(Account, Invitation)
                .join(Invitation, Invitation.account_id == Account.id)
                .where(Invitation.digest.in_(digests), Invitation.expires_at > now, Account.disabled_at.is_(None))
            )
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    async def use_invitation(self, digest: str, now: datetime) -> bool:
        """Use it up: of many at once exactly one gets True."""
        used = await self._session.execute(
            delete(Invitation).where(Invitation.digest == digest, Invitation.expires_at > now)
        )
        return bool(used.rowcount)  # type: ignore[attr-defined]

    async def use_step(self, account: Account, step: int) -> bool:
        """Use up the code of this step: False when it or a later one was used, or the account changed since it was read."""
        return await self._still(account, Account.totp_step < step, totp_step=step)

    async def use_code(self, account: Account, digests: Sequence[str], now: datetime) -> bool:
        """Use up a recovery code: False when there is none like it, or the account changed since it was read."""
        if not await self._still(account):
            return False
        used = await self._session.execute(
            update(RecoveryCode)
            .where(
                RecoveryCode.account_id == account.id,
                RecoveryCode.digest.in_(digests),
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=now)
        )
        return bool(used.rowcount)  # type: ignore[attr-defined]

    async def set_codes(self, account: Account, digests: Sequence[str]) -> None:
        """These recovery codes, and no older ones."""
        await self._session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
        self._session.add_all(RecoveryCode(account_id=account.id, digest=digest) for digest in digests)
        await self._session.flush()

    async def signed_in(self, account: Account, now: datetime, new_hash: str | None) -> None:
        """Note when; keep the password under today's settings if it was hashed with others."""
        values: dict[str, object] = {"signed_in_at": now} | ({"password_hash": new_hash} if new_hash else {})
        await self._session.execute(
            update(Account).where(Account.id == account.id).values(values).execution_options(synchronize_session=False)
        )

    async def change_password(self, account: Account, new_hash: str) -> bool:
        """False when the account changed since it was read."""
        return await self._still(account, password_hash=new_hash)

    async def codes_left(self, account: Account) -> int:
        """How many recovery codes were not used."""
        return int(
            await self._session.scalar(
                select(func.count()).where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
            )
            or 0
        )

    async def _still(self, account: Account, *more: object, **values: int | str) -> bool:
        # The password was verified outside this transaction: it must still be hers, and she still allowed in.
        held = await self._session.execute(
            update(Account)
            .where(
                Account.id == account.id,
                Account.password_hash == account.password_hash,
                Account.disabled_at.is_(None),
                *more,  # type: ignore[arg-type]
            )
            .values(values or {"totp_step": Account.totp_step})
            .execution_options(synchronize_session=False)
        )
        return bool(held.rowcount)  # type: ignore[attr-defined]


async def names_of(session: AsyncSession, public_ids: Sequence[str]) -> dict[str, str]:
    """Names of accounts, disabled ones too, by public id; an id that is none has no name."""
    rows = await session.execute(select(Account.public_id, Account.name).where(Account.public_id.in_(set(public_ids))))
    return {public_id: name for public_id, name in rows}
