"""Sealing text with a key that is not in the database (AES-256-GCM), and names for looking things up (HMAC).

Sealed bytes: 1 version + 4 key name + 12 nonce + ciphertext with tag. The purpose is bound in, so that a sealed
value cannot be moved into another column and still open.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.errors import BotError

VERSION = b"\x01"
HEAD = 5
NONCE = 12


class CannotOpen(BotError):
    """The sealed bytes were changed, are for another purpose, or their key is gone."""

    code = "cannot_open"


class Keyring:
    """The current key, and older ones that still open what they sealed. Keys are 32 bytes."""

    def __init__(self, current: bytes, *previous: bytes) -> None:
        self._current = _key_name(current)
        self._keys = {_key_name(key): AESGCM(key) for key in (*previous, current)}
        self._digest_keys = [_digest_key(key) for key in (current, *previous)]

    @classmethod
    def from_base64(cls, current: str, previous: str = "") -> "Keyring":
        """Read the keys as the settings hold them."""
        return cls(*(base64.b64decode(key) for key in (current, previous) if key))

    def seal(self, text: str, purpose: str) -> bytes:
        """Encrypt `text` with the current key."""
        nonce = os.urandom(NONCE)
        sealed = self._keys[self._current].encrypt(nonce, text.encode(), purpose.encode())
        return VERSION + self._current + nonce + sealed

    def open(self, sealed: bytes, purpose: str) -> str:
        """Decrypt. Raises CannotOpen."""
        key = self._keys.get(sealed[1:HEAD])
        if sealed[:1] != VERSION or key is None:
            raise CannotOpen
        try:
            return key.decrypt(sealed[HEAD : HEAD + NONCE], sealed[HEAD + NONCE :], purpose.encode()).decode()
        except InvalidTag as changed:
            raise CannotOpen from changed

    def digests(self, text: str, purpose: str) -> list[str]:
        """Names under which `text` may be stored: the current key's first, then those of older keys."""
        message = f"{purpose}\0{text}".encode()
        return [hmac.new(key, message, hashlib.sha256).hexdigest() for key in self._digest_keys]

    def digest(self, text: str, purpose: str) -> str:
        """The name under which `text` is stored now (64 hex digits)."""
        return self.digests(text, purpose)[0]


def _key_name(key: bytes) -> bytes:
    return hashlib.sha256(b"banbiantian key name\0" + key).digest()[:4]


def _digest_key(key: bytes) -> bytes:
    return hashlib.sha256(b"banbiantian lookup key\0" + key).digest()
