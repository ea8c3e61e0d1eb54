"""WeChat's signatures and its AES envelope. One error for everything that does not fit.

Source: Tencent's documentation of message encryption; the check values stand in the tests.
"""

import base64
import binascii
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM = 16


class Refused(Exception):
    """A request that is not WeChat's, or not for us. `reason` is for the log and says nothing of the content."""

    def __init__(self, reason: str, status: int = 403) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


def signature(*parts: str) -> str:
    """SHA-1 in hex over the sorted and joined parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the protocol's choice


def check(given: str, *parts: str) -> None:
    """Raise Refused unless `given` is their signature, in constant time."""
    if not hmac.compare_digest(given.encode(), signature(*parts).encode()):
        raise Refused("signature")


@dataclass(frozen=True, slots=True)
class Key:
    """One EncodingAESKey (43 characters) and the account it seals for."""

    encoding_aes_key: str
    app_id: str

    @property
    def _raw(self) -> bytes:
        return base64.b64decode(self.encoding_aes_key + "=")

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._raw), modes.CBC(self._raw[:16]))

    def seal(self, message: str, random: bytes | None = None) -> str:
        """Encrypt a message for this account; `random` is 16 bytes, for tests."""
        body = message.encode()
        plain = (random or os.urandom(RANDOM)) + struct.pack(">I", len(body)) + body + self.app_id.encode()
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def open(self, sealed: str) -> bytes:
        """The message inside. Raises Refused for anything that is not exactly right, the account's id included."""
        try:
            data = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError) as wrong:
            raise Refused("cipher") from wrong
        if not data or len(data) % 16:
            raise Refused("cipher")
        decryptor = self._cipher().decryptor()
        plain = decryptor.update(data) + decryptor.finalize()
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
            raise Refused("cipher")
        plain = plain[RANDOM:-pad]
        if len(plain) < 4:
            raise Refused("cipher")
        (length,) = struct.unpack(">I", plain[:4])
        message, app_id = plain[4 : 4 + length], plain[4 + length :]
        if len(message) != length or not hmac.compare_digest(app_id, self.app_id.encode()):
            raise Refused("app_id")
        return message


def key_from(encoding_aes_key: str, app_id: str) -> Key:
    """A key, or ValueError when the text is no EncodingAESKey."""
    try:
        raw = base64.b64decode(encoding_aes_key + "=", validate=True)
    except ValueError as wrong:
        raise ValueError("an EncodingAESKey is 43 letters and digits") from wrong
    if len(raw) != BLOCK:
        raise ValueError("an EncodingAESKey is 43 letters and digits")
    return Key(encoding_aes_key, app_id)
