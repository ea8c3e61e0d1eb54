"""A staffed console for tests: accounts that were invited, accepted and can sign in, with hashes that cost nothing."""

from dataclasses import dataclass, field

import pyotp
from argon2 import PasswordHasher

from bot.domain.accounts import Officer, Role
from bot.domain.audit import Act, Deed
from bot.services.accounts import Accounts, SignedIn, Timeouts
from bot.services.audit import Audit
from bot.services.passwords import Passwords
from bot.services.staff import Staff, fold
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from tests.conftest import Clock

PASSWORD = "guo tie bu fang cu"
HOME = "203.0.113.7"
AWAY = "198.51.100.9"


def deed(number: int) -> Deed:
    return Deed(Act.EXPORTED, f"officer{number % 3}", "case", f"case{number}", "月报", HOME)


async def fill(audit: Audit, rows: int) -> None:
    for number in range(1, rows + 1):
        await audit.note(deed(number))


class CountingHasher:
    """Argon2 with the cheapest settings; counts how often something is verified."""

    def __init__(self) -> None:
        self._argon2 = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def hash(self, password: str | bytes) -> str:
        return self._argon2.hash(password)

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified += 1
        return self._argon2.verify(hash, password)

    def check_needs_rehash(self, hash: str | bytes) -> bool:
        return self._argon2.check_needs_rehash(hash)


@dataclass
class Staffed:
    """The services over one database, and what the phones of the staff hold."""

    database: Database
    keyring: Keyring
    clock: Clock
    timeouts: Timeouts = field(default_factory=Timeouts)
    hasher: CountingHasher = field(default_factory=CountingHasher)
    phones: dict[str, str] = field(default_factory=dict)
    recovery: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        passwords = Passwords(self.hasher, frozenset({"password"}))
        self.audit = Audit(self.database, self.keyring, clock=self.clock)
        self.accounts = Accounts(
            self.database, self.keyring, passwords, self.audit, clock=self.clock, timeouts=self.timeouts
        )
        self.staff = Staff(self.database, self.keyring, passwords, self.audit, clock=self.clock)

    def code(self, login: str) -> str:
        """What the app on her phone shows; the clock moves on first, as no code is good twice."""
        self.clock.pass_by(seconds=30)
        return pyotp.TOTP(self.phones[fold(login)]).at(self.clock())

    async def accept(self, secret: str, password: str = PASSWORD) -> str:
        """Follow an invitation → the login."""
        invited = await self.staff.invitation(secret)
        self.phones[invited.login] = invited.enrolment.secret
        accepted = await self.staff.accept(secret, password, self.code(invited.login), source=HOME)
        self.recovery[invited.login] = accepted.recovery_codes
        return invited.login

    async def hire(self, login: str, role: Role = Role.OFFICER, scope: str = "120113") -> str:
        """An account that works → its public id."""
        await self.accept(await self.staff.invite(login, f"{login}女士", role, scope))
        return (await self.staff.find(login)).id

    async def sign_in(self, login: str, password: str = PASSWORD, *, source: str = HOME, device: str = "") -> SignedIn:
        return await self.accounts.sign_in(login, password, self.code(login), source=source, device=device)

    async def officer(self, login: str, role: Role, scope: str = "") -> Officer:
        """Somebody who works here and is signed in."""
        await self.hire(login, role, scope)
        return (await self.sign_in(login)).officer
