"""Hashing passwords with argon2id, at the same cost whether or not there is anything to compare with."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.domain.errors import BadInput, TooMany
from bot.domain.passwords import normal, problem_with

FILE = Path(__file__).resolve().parents[2] / "data" / "accounts" / "common_passwords.txt"
MEMORY_KIB = 47_104
ITERATIONS = 1
LANES = 1
"""The first of OWASP's argon2id settings (Password Storage Cheat Sheet: m=47104, t=1, p=1): 46 MiB, about 0.1 s here."""
AT_ONCE = 2
MOST_WAITING = 40
NOBODY = "nobody has this password"
Result = TypeVar("Result")


class Hasher(Protocol):
    """What is needed of argon2's PasswordHasher."""

    def hash(self, password: str | bytes) -> str:
        """The hash with its salt and settings."""

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        """True, or raises VerificationError or InvalidHashError."""

    def check_needs_rehash(self, hash: str | bytes) -> bool:
        """Whether it was made with other settings."""


def argon2id() -> PasswordHasher:
    """The hasher of production."""
    return PasswordHasher(time_cost=ITERATIONS, memory_cost=MEMORY_KIB, parallelism=LANES)


class Passwords:
    """Hashes beside the event loop, two at once; beyond forty waiting, the next is turned away (TooMany)."""

    def __init__(self, hasher: Hasher, common: frozenset[str]) -> None:
        self._hasher = hasher
        self._common = common
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobodys = ""

    @classmethod
    def load(cls, file: Path = FILE) -> "Passwords":
        """With the list of the commonest passwords."""
        return cls(argon2id(), frozenset(file.read_text(encoding="utf-8").split()))

    def check_new(self, password: str, own: Sequence[str]) -> None:
        """Raise BadInput with the reason when it may not become a password."""
        if words := problem_with(password, own, self._common):
            raise BadInput(words)

    async def hash(self, password: str) -> str:
        """Its hash."""
        return await self._run(self._hash, password)

    async def verify(self, known: str | None, password: str) -> bool:
        """Whether it is the one behind `known`. Without anything known the work is the same, and the answer no."""
        if not self._nobodys:
            self._nobodys = await self.hash(NOBODY)
        right = await self._run(self._verify, known or self._nobodys, password)
        return right and known is not None

    def is_old(self, known: str) -> bool:
        """Whether it was hashed with other settings than today's."""
        return self._hasher.check_needs_rehash(known)

    def _hash(self, password: str) -> str:
        return self._hasher.hash(normal(password))

    def _verify(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, normal(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., Result], *parts: str) -> Result:
        if self._waiting >= MOST_WAITING:
            raise TooMany("登录的人太多了，请稍等几秒再试。")
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work, *parts)
        finally:
            self._waiting -= 1
