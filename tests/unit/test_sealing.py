"""Sealed text opens only with its key, for its purpose, and unchanged."""

import pytest

from bot.storage.sealing import CannotOpen, Keyring

OLD, NEW = b"o" * 32, b"n" * 32


def test_what_was_sealed_opens_again() -> None:
    ring = Keyring(NEW)
    assert ring.open(ring.seal("他又动手了", "message"), "message") == "他又动手了"


def test_an_older_key_still_opens_after_a_rotation() -> None:
    sealed = Keyring(OLD).seal("旧的", "message")
    assert Keyring(NEW, OLD).open(sealed, "message") == "旧的"


def test_a_lost_key_a_moved_value_or_a_changed_byte_does_not_open() -> None:
    sealed = Keyring(OLD).seal("话", "message")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for ring, value, purpose in ((Keyring(NEW), sealed, "message"), (Keyring(OLD), sealed, "sender"),
                                 (Keyring(OLD), changed, "message"), (Keyring(OLD), b"", "message")):  # fmt: skip
        with pytest.raises(CannotOpen):
            ring.open(value, purpose)


def test_a_sender_is_found_again_after_a_rotation() -> None:
    before = Keyring(OLD).digest("openid", "sender")
    assert before in Keyring(NEW, OLD).digests("openid", "sender")
    assert before != Keyring(NEW).digest("openid", "sender")
