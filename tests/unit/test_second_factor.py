"""Codes of the app and codes on paper: which are right, and how people may type them."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from bot.services.second_factor import (
    CODES,
    enrolment,
    is_totp,
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_digests,
)
from bot.storage.sealing import Keyring

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NOW = datetime(2026, 11, 24, 2, 0, 10, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],  # RFC 6238, appendix B
)
def test_codes_are_those_of_the_standard(second: int, code: str) -> None:
    assert matching_step(RFC_SECRET, code, datetime.fromtimestamp(second, UTC)) == second // 30


@pytest.mark.parametrize(
    ("seconds", "right"),
    [
        (-60, False),  # two steps old
        (-30, True),  # the step before: she types slowly
        (0, True),  # now
        (30, True),  # her phone is fast
        (60, False),  # two steps ahead
    ],
)
def test_a_code_is_right_for_one_step_around_its_own(seconds: int, right: bool) -> None:
    secret = new_secret()
    at = NOW + timedelta(seconds=seconds)
    expected = int(at.timestamp()) // 30 if right else None
    assert matching_step(secret, pyotp.TOTP(secret).at(at), NOW) == expected


@pytest.mark.parametrize("typed", ["287 082", "２８７０８２", " 287-082 "])  # in two groups, full width, blanks around
def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    assert is_totp(typed)
    assert matching_step(RFC_SECRET, typed, datetime.fromtimestamp(59, UTC)) == 1


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "二八七零八二", "abcde-fghjk", "٢٨٧٠٨٢"])  # no six digits
def test_what_is_no_code_matches_no_step(typed: str) -> None:
    assert not is_totp(typed)
    assert matching_step(RFC_SECRET, typed, datetime.fromtimestamp(59, UTC)) is None


def test_the_app_reads_name_issuer_and_secret() -> None:
    secret = new_secret()
    read = pyotp.parse_uri(enrolment(secret, "赵云").uri)
    assert (read.secret, read.name, read.issuer) == (secret, "赵云", "半边天")
    assert len(secret) == 32


def test_recovery_codes_differ_and_are_found_however_they_are_typed() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == CODES
    ring = Keyring(NEW)
    stored = recovery_digests(ring, "account", codes[0])[0]
    assert stored in recovery_digests(ring, "account", f" {codes[0].upper().replace('-', ' ')} ")
    assert stored not in recovery_digests(ring, "another account", codes[0])
    assert not any(is_totp(code) for code in codes)


def test_recovery_codes_outlive_a_change_of_the_data_key() -> None:
    assert recovery_digests(Keyring(OLD), "a", "x")[0] in recovery_digests(Keyring(NEW, OLD), "a", "x")
