"""Signing in to the console, staying signed in, and giving the second factor again before sealed text is opened.

Name, password and code are one question with one answer: which of them was wrong is never told, so a guessed password
cannot be confirmed without the phone. There is no lock on an account, only growing pauses for one name from one place.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer
from bot.domain.addresses import place
from bot.domain.audit import Act, Deed
from bot.domain.errors import NotAllowed, SignInRefused, StepUpNeeded, TooMany
from bot.services.audit import Audit
from bot.services.passwords import Passwords
from bot.services.second_factor import TOTP, is_totp, matching_step, recovery_digests
from bot.services.staff import fold
from bot.storage.accounts import Account, AccountStore
from bot.storage.console_sessions import ConsoleSession, ConsoleSessionStore, SignInTryStore
from bot.storage.database import Database
from bot.storage.sealing import Keyring

SESSION = "console"
TRIES = "sign-in tries"
DEVICE = "device"
TOUCH_EVERY = timedelta(minutes=1)
FREE_TRIES = 5
SHORTEST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=15)
TRIES_FORGOTTEN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """A session ends after `idle` without an act, and in any case after `longest`."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. `device` is kept in a long-lived cookie and sent with the next sign-in; it opens nothing by itself.

    `codes_left`: how many recovery codes remain, when one was used; otherwise None.
    """

    token: str
    device: str
    officer: Officer
    codes_left: int | None = None


def pause_after(tries: int) -> timedelta:
    """How long to wait after the n-th try: nothing at first, then doubling up to a quarter of an hour."""
    if tries < FREE_TRIES:
        return timedelta()
    doublings: int = min(tries - FREE_TRIES, 20)
    return min(LONGEST_PAUSE, SHORTEST_PAUSE * (1 << doublings))


class Accounts:
    """One per process."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        passwords: Passwords,
        audit: Audit,
        *,
        clock: Callable[[], datetime],
        timeouts: Timeouts = Timeouts(),
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._passwords = passwords
        self._audit = audit
        self._clock = clock
        self._timeouts = timeouts

    async def sign_in(self, login: str, password: str, code: str, *, source: str, device: str = "") -> SignedIn:
        """Open a session. `code`: from the app, or a recovery code; `source`: her address. Raises SignInRefused, TooMany."""
        name = fold(login)
        tries = self._tries(name, source, device)
        await self._count(tries)
        async with self._database.read() as session:
            account = await AccountStore(session).by_login(name)
        known = account.password_hash if account else None
        right = await self._passwords.verify(known, password)
        new_hash = await self._passwords.hash(password) if right and known and self._passwords.is_old(known) else None
        async with self._database.write() as session:
            signed_in = None
            if account and right and await self._use_factor(session, account, code):
                await AccountStore(session).signed_in(account, self._clock(), new_hash)
                await SignInTryStore(session).forget(tries)
                signed_in = await self._open(session, account, code, source)
            if signed_in is None:
                await self._audit.append(session, self._failed(name, account, source))
        if signed_in is None:
            raise SignInRefused
        return signed_in

    async def check(self, token: str, *, touch: bool = True) -> Officer:
        """Who is signed in with this token. A page that asks by itself (SSE, polling) sets `touch` False. Raises NotAllowed."""
        account, opened = await self._session_of(token)
        if touch and self._clock() - opened.seen_at > TOUCH_EVERY:
            async with self._database.write() as session:
                await ConsoleSessionStore(session).touch(opened.digest, self._clock())
        return account.officer(opened.stepped_up_at)

    async def step_up(self, token: str, code: str, *, source: str) -> Officer:
        """Give the second factor again; good for five minutes. Raises NotAllowed, SignInRefused, TooMany."""
        account, opened = await self._session_of(token)
        await self._count(self._keyring.digest(f"step up\0{opened.digest}", TRIES))
        async with self._database.write() as session:
            done = await self._use_factor(session, account, code)
            done = done and await ConsoleSessionStore(session).step_up(opened.digest, self._clock())
            if done:
                await SignInTryStore(session).forget(self._keyring.digest(f"step up\0{opened.digest}", TRIES))
            act = Act.STEPPED_UP if done else Act.STEP_UP_FAILED
            await self._audit.append(session, Deed(act, account.public_id, source=source))
        if not done:
            raise SignInRefused("验证码不对，或者已经用过。请等下一个验证码。")
        return account.officer(self._clock())

    def require_fresh(self, officer: Officer) -> None:
        """Raise StepUpNeeded unless she gave her second factor within the last five minutes."""
        if not officer.is_fresh(self._clock()):
            raise StepUpNeeded

    async def change_password(self, token: str, current: str, new: str, *, source: str) -> SignedIn:
        """End all her sessions and open a new one. Raises NotAllowed, StepUpNeeded, SignInRefused, BadInput, TooMany."""
        account, opened = await self._session_of(token)
        self.require_fresh(account.officer(opened.stepped_up_at))
        await self._count(self._keyring.digest(f"change password\0{opened.digest}", TRIES))
        if not await self._passwords.verify(account.password_hash, current):
            raise SignInRefused("现在的密码不对。")
        self._passwords.check_new(new, (account.login, account.name))
        new_hash = await self._passwords.hash(new)
        async with self._database.write() as session:
            if not await AccountStore(session).change_password(account, new_hash):
                raise NotAllowed
            await ConsoleSessionStore(session).close_all(account)
            token = await self._new_session(session, account)
            await self._audit.append(session, Deed(Act.PASSWORD_CHANGED, account.public_id, source=source))
        return SignedIn(token, self._new_device(account.login), account.officer(self._clock()))

    async def leave(self, token: str, *, source: str = "") -> None:
        """End the session; nothing happens when it has ended already."""
        try:
            account, opened = await self._session_of(token)
        except NotAllowed:
            return
        async with self._database.write() as session:
            await ConsoleSessionStore(session).close(opened.digest)
            await self._audit.append(session, Deed(Act.SIGNED_OUT, account.public_id, source=source))

    async def _session_of(self, token: str) -> tuple[Account, ConsoleSession]:
        limits = {"idle": self._timeouts.idle, "longest": self._timeouts.longest}
        async with self._database.read() as session:
            names = self._keyring.digests(token, SESSION)
            found = await ConsoleSessionStore(session).find(names, self._clock(), **limits) if token else None
        if found is None:
            raise NotAllowed
        return found

    async def _use_factor(self, session: AsyncSession, account: Account, code: str) -> bool:
        """Use up the code, whichever kind it is: False when it is wrong or was used."""
        store = AccountStore(session)
        if account.sealed_totp is None:
            return False
        if not is_totp(code):
            names = recovery_digests(self._keyring, account.public_id, code)
            return await store.use_code(account, names, self._clock())
        step = matching_step(self._keyring.open(account.sealed_totp, TOTP), code, self._clock())
        return step is not None and await store.use_step(account, step)

    async def _open(self, session: AsyncSession, account: Account, code: str, source: str) -> SignedIn:
        token = await self._new_session(session, account)
        left = None if is_totp(code) else await AccountStore(session).codes_left(account)
        if left is not None:
            await self._audit.append(session, Deed(Act.RECOVERY_CODE_USED, account.public_id, source=source))
        await self._audit.append(session, Deed(Act.SIGNED_IN, account.public_id, source=source))
        return SignedIn(token, self._new_device(account.login), account.officer(self._clock()), left)

    async def _new_session(self, session: AsyncSession, account: Account) -> str:
        token = secrets.token_urlsafe(32)
        digest = self._keyring.digest(token, SESSION)
        await ConsoleSessionStore(session).open(account, digest, self._clock(), self._timeouts.longest)
        return token

    async def _count(self, tries: str) -> None:
        now = self._clock()
        async with self._database.write() as session:
            wait_for = await SignInTryStore(session).take(tries, now, pause=pause_after, forget=TRIES_FORGOTTEN)
        if wait_for is not None:
            raise TooMany(f"试的次数太多了，请过 {ceil((wait_for - now).total_seconds())} 秒再试。")

    def _failed(self, name: str, account: Account | None, source: str) -> Deed:
        # A name that is not ours is kept as a digest: people type their password into the wrong box.
        if account is not None:
            return Deed(Act.SIGN_IN_FAILED, object_kind="account", object_id=account.public_id, source=source)
        return Deed(
            Act.SIGN_IN_FAILED,
            object_kind="unknown name",
            object_id=self._keyring.digest(name, "unknown name")[:16],
            source=source,
        )

    def _tries(self, name: str, source: str, device: str) -> str:
        # Who got in from this browser before is counted apart (OWASP: device cookies), so that somebody at the same address
        # who keeps guessing does not hold her up.
        where = f"device\0{device}" if self._is_device(name, device) else f"address\0{place(source)}"
        return self._keyring.digest(f"{name}\0{where}", TRIES)

    def _new_device(self, name: str) -> str:
        nonce = secrets.token_urlsafe(16)
        return ".".join((nonce, self._keyring.digest(f"{name}\0{nonce}", DEVICE)))

    def _is_device(self, name: str, device: str) -> bool:
        nonce, _, given = device.partition(".")
        known = self._keyring.digests(f"{name}\0{nonce}", DEVICE)
        return any([hmac.compare_digest(digest.encode(), given.encode()) for digest in known])
