"""The second factor: six digits from an app on the phone (TOTP, RFC 6238), and recovery codes for when the phone is lost."""

import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import pyotp

from bot.storage.sealing import Keyring

TOTP = "totp"
RECOVERY = "recovery code"
ISSUER = "半边天"
STEP_SECONDS = 30
DRIFT_STEPS = 1
"""One step early or late is accepted, for clocks that are not quite right (RFC 6238, 5.2 and 6)."""
CODES = 8
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
HALF = 5


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the app on the phone needs: the address for a QR code, and the same secret for typing."""

    uri: str
    secret: str


def new_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32()


def enrolment(secret: str, login: str) -> Enrolment:
    """How the secret gets into the app."""
    return Enrolment(pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER), secret)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step whose code this is, None when it is none of those accepted now."""
    totp, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    given, found = plain(code), None
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), given.encode()):
            found = step
    return found


def plain(code: str) -> str:
    """A code without what people put between: spaces, dashes, full-width digits."""
    return re.sub(r"[\s\-—]", "", unicodedata.normalize("NFKC", code)).casefold()


def is_totp(code: str) -> bool:
    """Six digits are from the app; everything else is looked for among the recovery codes."""
    return bool(re.fullmatch(r"[0-9]{6}", plain(code)))


def new_recovery_codes() -> list[str]:
    """Eight codes of ten letters (about 49 bits each), without letters that look alike."""
    return ["-".join(_letters() for _ in range(2)) for _ in range(CODES)]


def recovery_digests(keyring: Keyring, account_id: str, code: str) -> list[str]:
    """Names under which a code of this account may be stored; the first one is today's."""
    return keyring.digests(f"{account_id}\0{plain(code)}", RECOVERY)


def _letters() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(HALF))
