"""Which passwords may be used, and that hashing costs the same for everybody."""

import pytest
from argon2 import PasswordHasher, extract_parameters

from bot.domain.errors import BadInput, TooMany
from bot.domain.passwords import problem_with
from bot.services import passwords
from bot.services.passwords import Passwords

COMMON = frozenset(passwords.FILE.read_text(encoding="utf-8").split())
OWN = ("zhaoyun", "赵云")
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    "password",
    [
        "guo tie bu fang cu",  # words, blanks
        "门前老槐树今年又开满了花",  # twelve Chinese characters
        "k7#vQ2!mZp9x",  # what a password manager makes
        "长歌行路难难于上青天侧身西望",  # a character twice is no pattern
        "xqzwvkjyhpml" * 10,  # long, 120 characters
    ],
)
def test_a_password_of_any_kind_of_characters_is_taken(password: str) -> None:
    assert problem_with(password, OWN, COMMON) == ""


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("k7#vQ2!mZp9", "12 到 128"),  # eleven
        ("ab" + "cdefgh" * 22, "12 到 128"),  # too long to be typed
        ("1qaz2wsx3edc", "太常见"),  # on the list
        ("１ｑａｚ２ｗｓｘ３ｅｄｃ", "太常见"),  # the same in full width
        ("Woaini1314520", "太常见"),  # common in China, capital or not
        ("password2026!!", "太常见"),  # a common word made longer at the end
        ("!!2026sunshine", "太常见"),  # or in front
        ("aaaaaaaaaaaa", "太常见"),  # one character
        ("abc123abc123abc123", "太常见"),  # a short piece again and again
        ("112211221122112", "太常见"),  # four characters at most
        ("guotie-ZhaoYun-9", "自己的名字"),  # her login
        ("槐树下的赵云喝茶看戏不睡", "自己的名字"),  # her name
        ("banbiantian-guotie", "自己的名字"),  # ours
        ("guotie13800001111x", "手机号"),  # a mobile number
        ("x-11010519491231002x", "手机号"),  # an identity number (the national standard's example)
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_the_reason(password: str, told: str) -> None:
    assert told in problem_with(password, OWN, COMMON)


def test_a_short_latin_login_may_stand_inside_a_password() -> None:
    assert problem_with("guo tie bu fang cu", ("li",), COMMON) == ""


def test_the_settings_are_those_of_owasp() -> None:
    parameters = extract_parameters(passwords.argon2id().hash("x"))
    assert parameters.type.name == "ID"
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (47_104, 1, 1)


class CountingHasher:
    """Counts what is verified against which settings."""

    def __init__(self) -> None:
        self.verified: list[str] = []

    def hash(self, password: str | bytes) -> str:
        return CHEAP.hash(password)

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified.append(str(hash).rsplit("$", 2)[0])
        return CHEAP.verify(hash, password)

    def check_needs_rehash(self, hash: str | bytes) -> bool:
        return CHEAP.check_needs_rehash(hash)


async def test_with_nothing_to_compare_the_same_work_is_done() -> None:
    hasher = CountingHasher()
    checker = Passwords(hasher, COMMON)
    known = await checker.hash("guo tie bu fang cu")
    assert await checker.verify(known, "guo tie bu fang cu")
    assert not await checker.verify(known, "guo tie bu fang jiang")
    assert not await checker.verify(None, "guo tie bu fang cu")
    assert not await checker.verify(None, passwords.NOBODY)
    assert len(hasher.verified) == 4
    assert len(set(hasher.verified)) == 1  # the same settings each time


async def test_a_hash_that_cannot_be_read_lets_nobody_in() -> None:
    assert not await Passwords(CHEAP, COMMON).verify("not a hash", "guo tie bu fang cu")


async def test_the_same_password_in_full_width_is_the_same() -> None:
    checker = Passwords(CHEAP, COMMON)
    assert await checker.verify(await checker.hash("guo tie bu fang cu"), "ｇｕｏ　ｔｉｅ　ｂｕ　ｆａｎｇ　ｃｕ")


async def test_a_flood_of_sign_ins_is_turned_away_instead_of_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    checker = Passwords(CHEAP, COMMON)
    monkeypatch.setattr(passwords, "MOST_WAITING", 0)
    with pytest.raises(TooMany):
        await checker.hash("guo tie bu fang cu")


def test_a_refused_password_is_told_as_bad_input() -> None:
    with pytest.raises(BadInput, match="12 到 128"):
        Passwords(CHEAP, COMMON).check_new("short", OWN)
