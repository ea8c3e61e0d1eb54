"""Staff accounts: inviting, accepting an invitation, changing, disabling. Nobody ever knows another's password.

`by` is the administrator who acts; None is the command line, where whoever sits at the machine may do everything. An account
outside her branch is not there for her (NotFound). Whatever changes what an account may do ends its sessions.
"""

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission, Role, branch, in_scope
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, Conflict, NotAllowed, NotFound
from bot.domain.federations import WORK_KINDS, FederationFilter, FederationKind
from bot.services.audit import Audit
from bot.services.passwords import Passwords
from bot.services.second_factor import (
    TOTP,
    Enrolment,
    enrolment,
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_digests,
)
from bot.storage.accounts import Account, AccountStore, Invitation, ListedAccount
from bot.storage.console_sessions import ConsoleSessionStore
from bot.storage.database import Database
from bot.storage.federations import FederationStore
from bot.storage.rota import TAKERS, RotaStore
from bot.storage.sealing import Keyring

INVITATION = "invitation"
INVITATION_LIFETIME = timedelta(days=3)
LONGEST_NAME = 40
MOST_ACCOUNTS = 200
MOST_FEDERATIONS = 2000
FIRST_ADMIN = "管理员"
COMMAND_LINE = "命令行"


class State(StrEnum):
    """Where an account stands."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


STATE_WORDS = {State.INVITED: "待激活", State.ACTIVE: "在用", State.DISABLED: "已停用"}


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account in a list."""

    id: str
    login: str
    name: str
    role: Role
    scope: str
    state: State
    created_at: datetime
    signed_in_at: datetime | None
    codes_left: int
    federation: str = ""


@dataclass(frozen=True, slots=True)
class Invited:
    """Whose invitation it is, and what her phone needs."""

    login: str
    name: str
    role: Role
    scope: str
    enrolment: Enrolment


@dataclass(frozen=True, slots=True)
class Accepted:
    """The account works now. The recovery codes are shown once; she signs in with a code of the app next."""

    login: str
    recovery_codes: tuple[str, ...]


def fold(login: str) -> str:
    """A login as it is stored: full width, capitals and blanks at the ends do not matter; what does not print is dropped."""
    kept = "".join(letter for letter in unicodedata.normalize("NFKC", login) if letter.isprintable())
    return kept.casefold().strip()[: LONGEST_NAME + 1]


class Staff:
    """Each act is one transaction with its row in the audit log."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        passwords: Passwords,
        audit: Audit,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._passwords = passwords
        self._audit = audit
        self._clock = clock

    async def invite(
        self, login: str, name: str, role: Role, scope: str, *, by: Officer | None = None, source: str = ""
    ) -> str:
        """Make an account → its invitation's secret. `scope`: a division code or "". Raises BadInput, Conflict, NotFound."""
        account = Account(
            login=_login(login), name=_name(name), role=role, scope=_scope(scope), created_at=self._clock(), totp_step=0
        )
        _require(by, account.scope)
        async with self._database.write() as session:
            if not await AccountStore(session).add(account):
                raise Conflict(f"登录名“{account.login}”已经有人用了，请换一个（例如加上社区名）。")
            secret = await self._invite(session, account)
            await self._audit.append(session, self._deed(Act.ACCOUNT_INVITED, account, by, source))
        return secret

    async def reset(self, account: str, *, by: Officer | None = None, source: str = "") -> str:
        """A lost phone or password: password, second factor and sessions end now → the secret of a new invitation."""
        async with self._database.write() as session:
            row = await self._theirs(session, account, by)
            if row.disabled_at is not None:
                raise Conflict("这个账号已停用，请先启用。")
            row.password_hash, row.sealed_totp = None, None
            await AccountStore(session).set_codes(row, [])
            await ConsoleSessionStore(session).close_all(row)
            secret = await self._invite(session, row)
            await self._audit.append(session, self._deed(Act.ACCOUNT_RESET, row, by, source))
        return secret

    async def invitation(self, secret: str) -> Invited:
        """What the page of an invitation shows. Raises NotAllowed when it is unknown, used, too old or withdrawn."""
        async with self._database.read() as session:
            account, invitation = await self._invited(session, secret)
        return Invited(account.login, account.name, account.role, account.scope, self._enrolment(account, invitation))

    async def accept(self, secret: str, password: str, code: str, *, source: str = "") -> Accepted:
        """Set password and second factor; `code` shows that the app has the secret. Raises NotAllowed, BadInput."""
        async with self._database.read() as session:
            account, invitation = await self._invited(session, secret)
        step = matching_step(self._enrolment(account, invitation).secret, code, self._clock())
        if step is None:
            raise BadInput("验证码不对。请用手机验证器扫码后，输入它现在显示的 6 位数字。")
        self._passwords.check_new(password, (account.login, account.name))
        password_hash, codes = await self._passwords.hash(password), new_recovery_codes()
        async with self._database.write() as session:
            store = AccountStore(session)
            row = await store.by_public_id(account.public_id, lock=True)
            # The lock first: disabling waits for it, or has withdrawn the invitation already.
            if row is None or not await store.use_invitation(invitation.digest, self._clock()):
                raise NotAllowed("这个邀请链接刚刚已经用过。")
            row.password_hash, row.sealed_totp, row.totp_step = password_hash, invitation.sealed_totp, step
            await store.set_codes(row, [recovery_digests(self._keyring, row.public_id, made)[0] for made in codes])
            await ConsoleSessionStore(session).close_all(row)
            await self._audit.append(session, Deed(Act.ACCOUNT_ACTIVATED, row.public_id, source=source))
        return Accepted(account.login, tuple(codes))

    async def disable(self, account: str, *, by: Officer | None = None, source: str = "") -> None:
        """End it: sessions and invitations stop working at once. Raises NotFound, Conflict for one's own account."""
        async with self._database.write() as session:
            row = await self._theirs(session, account, by)
            row.disabled_at = row.disabled_at or self._clock()
            await AccountStore(session).withdraw_invitation(row)
            await ConsoleSessionStore(session).close_all(row)
            await self._audit.append(session, self._deed(Act.ACCOUNT_DISABLED, row, by, source))

    async def enable(self, account: str, *, by: Officer | None = None, source: str = "") -> None:
        """Let it in again, with the password and phone it had; without those it needs `reset`."""
        async with self._database.write() as session:
            row = await self._theirs(session, account, by)
            row.disabled_at = None
            await self._audit.append(session, self._deed(Act.ACCOUNT_ENABLED, row, by, source))

    async def change(
        self, account: str, *, role: Role, scope: str, name: str, by: Officer | None = None, source: str = ""
    ) -> None:
        """Another role, branch or name; her sessions end. Raises NotFound, BadInput, Conflict for one's own account."""
        async with self._database.write() as session:
            row = await self._theirs(session, account, by)
            _require(by, _scope(scope))
            was = _rights(row)
            row.role, row.scope, row.name = role, _scope(scope), _name(name)
            await ConsoleSessionStore(session).close_all(row)
            await self._audit.append(
                session, self._deed(Act.ACCOUNT_CHANGED, row, by, source, f"{was} → {_rights(row)}")
            )

    async def place(self, account: str, federation: str, *, by: Officer | None = None, source: str = "") -> None:
        """She takes cases for a federation at work, and sees no others; "" for her area's office. Her sessions end.

        Raises NotFound, BadInput for a federation of the area tree or a role that takes no cases, Conflict while she has cases
        (they would stay hers) and for one's own account.
        """
        async with self._database.write() as session:
            row = await self._theirs(session, account, by)
            store = FederationStore(session)
            wanted = await store.named(federation, lock=True) if federation else None
            if federation and (wanted is None or wanted.kind not in WORK_KINDS):
                raise BadInput("请选系统、商会、园区、创业空间或两新组织的妇联。")
            if federation and row.role not in TAKERS:
                raise BadInput("只有工作人员和负责人能接个案，请先改角色。")
            if await store.has_open_cases(row):
                raise Conflict("她手上还有没结案的个案，请先转给别人再改。")
            was = _rights(row)
            row.federation_id = federation or None
            await ConsoleSessionStore(session).close_all(row)
            await RotaStore(session).go(row.public_id, self._clock())
            await self._audit.append(
                session, self._deed(Act.ACCOUNT_CHANGED, row, by, source, f"{was} → {_rights(row)}")
            )

    async def federations(self) -> list[tuple[str, str, FederationKind]]:
        """(public id, name, kind) of every federation at work, by place and name."""
        async with self._database.read() as session:
            rows = await FederationStore(session).page("", FederationFilter(), limit=MOST_FEDERATIONS, kinds=WORK_KINDS)
        return [(row.public_id, row.name, row.kind) for row in rows]

    async def accounts(
        self, *, by: Officer | None = None, words: str = "", role: Role | None = None, after: str = "", limit: int = 50
    ) -> list[AccountLine]:
        """Accounts of her branch by login. `after`: the last login of the page before."""
        _require(by, by.area if by else "")
        async with self._database.read() as session:
            rows = await AccountStore(session).page(
                by.area if by else "", words=words, role=role, after=after, limit=max(1, min(limit, MOST_ACCOUNTS))
            )
        return [_line(row) for row in rows]

    async def one(self, account: str, *, by: Officer) -> AccountLine:
        """An account of her branch. Raises NotFound."""
        async with self._database.read() as session:
            store = AccountStore(session)
            row = await store.by_public_id(account)
            if row is None:
                raise NotFound
            _require(by, row.scope)
            return _line(ListedAccount(row, await store.codes_left(row)))

    async def find(self, login: str) -> AccountLine:
        """The account with this login, for the command line. Raises NotFound."""
        async with self._database.read() as session:
            row = await AccountStore(session).by_login(fold(login))
        if row is None:
            raise NotFound(f"没有登录名为“{login}”的账号。")
        return _line(ListedAccount(row, 0))

    async def invite_first_admin(self) -> str | None:
        """A secret for the first administrator; None once one is active. A run before that withdraws the link before it."""
        async with self._database.read() as session:
            admins = await AccountStore(session).admins()
        if any(admin.password_hash for admin in admins):
            return None
        if admins:
            return await self.reset(admins[0].public_id, source=COMMAND_LINE)
        login = f"{FIRST_ADMIN}{secrets.token_hex(2)}" if await self._is_taken(FIRST_ADMIN) else FIRST_ADMIN
        return await self.invite(login, FIRST_ADMIN, Role.ADMIN, "", source=COMMAND_LINE)

    async def _is_taken(self, login: str) -> bool:
        async with self._database.read() as session:
            return await AccountStore(session).by_login(login) is not None

    async def _theirs(self, session: AsyncSession, account: str, by: Officer | None) -> Account:
        row = await AccountStore(session).by_public_id(account, lock=True)
        if row is None:
            raise NotFound
        _require(by, row.scope)
        if by is not None and by.id == row.public_id:
            raise Conflict("不能修改自己的账号，请让另一位管理员来做。")
        return row

    async def _invite(self, session: AsyncSession, account: Account) -> str:
        secret = secrets.token_urlsafe(24)
        await AccountStore(session).invite(
            account,
            self._keyring.digest(secret, INVITATION),
            self._keyring.seal(new_secret(), TOTP),
            self._clock() + INVITATION_LIFETIME,
        )
        return secret

    async def _invited(self, session: AsyncSession, secret: str) -> tuple[Account, Invitation]:
        found = await AccountStore(session).invited(self._keyring.digests(secret, INVITATION), self._clock())
        if found is None:
            raise NotAllowed("这个邀请链接已经用过、过期或作废。请让管理员重新发一个。")
        return found

    def _enrolment(self, account: Account, invitation: Invitation) -> Enrolment:
        return enrolment(self._keyring.open(invitation.sealed_totp, TOTP), account.login)

    def _deed(self, act: Act, account: Account, by: Officer | None, source: str, what: str = "") -> Deed:
        source = source or ("" if by else COMMAND_LINE)
        return Deed(act, by.id if by else "", "account", account.public_id, what or _rights(account), source)


def _require(by: Officer | None, scope: str) -> None:
    if by is not None and not (by.may(Permission.MANAGE_ACCOUNTS) and in_scope(by.area, scope)):
        raise NotFound


def _rights(account: Account) -> str:
    works_for = f" 妇联 {account.federation_id}" if account.federation_id else ""
    return f"{account.role} {account.scope or '全部'}{works_for}"


def _line(listed: ListedAccount) -> AccountLine:
    row = listed.account
    active = State.ACTIVE if row.password_hash else State.INVITED
    return AccountLine(
        id=row.public_id,
        login=row.login,
        name=row.name,
        role=row.role,
        scope=row.scope,
        state=State.DISABLED if row.disabled_at else active,
        created_at=row.created_at,
        signed_in_at=row.signed_in_at,
        codes_left=listed.codes_left,
        federation=row.federation_id or "",
    )


def _login(login: str) -> str:
    folded = fold(login)
    if not 2 <= len(folded) <= LONGEST_NAME or any(letter.isspace() for letter in folded):
        raise BadInput(f"登录名要 2 到 {LONGEST_NAME} 个字，中间不能有空格。")
    return folded


def _name(name: str) -> str:
    kept = name.strip()
    if not 1 <= len(kept) <= LONGEST_NAME or not kept.isprintable():
        raise BadInput(f"姓名要 1 到 {LONGEST_NAME} 个字。")
    return kept


def _scope(scope: str) -> str:
    try:
        return branch(scope)
    except ValueError as wrong:
        raise BadInput("辖区要写行政区划代码。") from wrong
