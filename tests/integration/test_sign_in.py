"""Signing in, staying in and being put out: both factors, both time limits, and pauses that lock nobody else out."""

import asyncio
from collections import Counter
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from bot.domain.audit import Act
from bot.domain.errors import BadInput, BotError, NotAllowed, SignInRefused, StepUpNeeded, TooMany
from bot.services.accounts import FREE_TRIES, LONGEST_PAUSE, pause_after
from bot.storage.audit import AuditEntry
from bot.storage.console_sessions import ConsoleSession
from tests.integration.staffing import AWAY, HOME, PASSWORD, Staffed

WRONG = "guo tie bu fang jiang"


async def acts(staffed: Staffed) -> list[str]:
    async with staffed.database.read() as session:
        return list(await session.scalars(select(AuditEntry.act).order_by(AuditEntry.sequence)))


async def test_with_password_and_code_she_is_in(staffed: Staffed) -> None:
    account = await staffed.hire("zhaoyun")
    signed_in = await staffed.sign_in(" ＺｈａｏＹｕｎ ")
    officer = await staffed.accounts.check(signed_in.token)
    assert (officer.id, officer.name, officer.area) == (account, "zhaoyun女士", "120113")
    assert officer.is_fresh(staffed.clock())
    assert (await acts(staffed))[-1] == Act.SIGNED_IN
    assert (await staffed.staff.find("zhaoyun")).signed_in_at == staffed.clock()


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [
        ("nobody", PASSWORD, None),  # no such name
        ("zhaoyun", WRONG, None),  # wrong password
        ("zhaoyun", PASSWORD, "000000"),  # wrong code
        ("zhaoyun", PASSWORD, ""),  # no code
        ("zhaoyun", PASSWORD, "abcde-fghjk"),  # no such recovery code
        ("invited", PASSWORD, None),  # has not accepted yet: there is no password to be right
        ("disabled", PASSWORD, None),  # not any more
        ("zhao\0yun", WRONG, None),  # a character that PostgreSQL does not take
        ("长" * 5000, PASSWORD, None),  # longer than any name
    ],
)
async def test_whatever_is_wrong_the_answer_and_the_work_are_the_same(
    staffed: Staffed, login: str, password: str, code: str | None
) -> None:
    await staffed.hire("zhaoyun")
    await staffed.staff.disable(await staffed.hire("disabled"))
    await staffed.staff.invite("invited", "待激活", "officer", "120113")
    staffed.phones |= {"nobody": "A" * 32, "invited": "A" * 32}
    code = staffed.code(login if login in staffed.phones else "zhaoyun") if code is None else code
    staffed.hasher.verified = 0
    with pytest.raises(SignInRefused) as refused:
        await staffed.accounts.sign_in(login, password, code, source=HOME)
    assert refused.value.words == SignInRefused.default_words
    assert staffed.hasher.verified == 1
    assert (await acts(staffed))[-1] == Act.SIGN_IN_FAILED


async def test_a_failed_sign_in_is_logged_without_what_was_typed(staffed: Staffed) -> None:
    account = await staffed.hire("zhaoyun")
    for login, password in [("my secret by mistake", WRONG), ("my secret by mistake", WRONG), ("zhaoyun", WRONG)]:
        with pytest.raises(SignInRefused):
            await staffed.accounts.sign_in(login, password, "123456", source=HOME)
    async with staffed.database.read() as session:
        rows = (await session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(3))).all()
    assert [(row.object_kind, row.source) for row in rows] == [("account", HOME), *[("unknown name", HOME)] * 2]
    assert rows[0].object_id == account
    assert rows[1].object_id == rows[2].object_id  # the same name again can be seen to be the same
    told = " ".join(f"{row.actor}{row.object_id}{row.reason}" for row in rows)
    assert "secret" not in told
    assert WRONG not in told


async def test_a_code_opens_once_even_for_twenty_at_once(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    code = staffed.code("zhaoyun")

    async def enter(number: int) -> str:
        try:
            await staffed.accounts.sign_in("zhaoyun", PASSWORD, code, source=f"203.0.113.{number}")
        except SignInRefused:
            return "refused"
        return "in"

    assert Counter(await asyncio.gather(*(enter(number) for number in range(20)))) == {"in": 1, "refused": 19}


async def test_an_older_code_is_refused_after_a_newer_one(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    older = pyotp.TOTP(staffed.phones["zhaoyun"]).at(staffed.clock() + timedelta(seconds=30))
    await staffed.sign_in("zhaoyun")
    staffed.clock.pass_by(seconds=-1)
    with pytest.raises(SignInRefused):
        await staffed.accounts.sign_in("zhaoyun", PASSWORD, older, source=HOME)


async def test_the_code_that_enrolled_the_phone_does_not_sign_in(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    with pytest.raises(SignInRefused):
        code = pyotp.TOTP(staffed.phones["zhaoyun"]).at(staffed.clock())
        await staffed.accounts.sign_in("zhaoyun", PASSWORD, code, source=HOME)


async def test_a_recovery_code_stands_in_for_the_phone_once(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    code = staffed.recovery["zhaoyun"][3]
    signed_in = await staffed.accounts.sign_in("zhaoyun", PASSWORD, code.upper(), source=HOME)
    assert signed_in.codes_left == 7
    assert (await acts(staffed))[-2:] == [Act.RECOVERY_CODE_USED, Act.SIGNED_IN]
    with pytest.raises(SignInRefused):
        await staffed.accounts.sign_in("zhaoyun", PASSWORD, code, source=HOME)


async def test_the_recovery_code_of_another_opens_nothing(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    await staffed.hire("sunli")
    with pytest.raises(SignInRefused):
        await staffed.accounts.sign_in("sunli", PASSWORD, staffed.recovery["zhaoyun"][0], source=HOME)


async def test_a_recovery_code_opens_once_even_for_twenty_at_once(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    code = staffed.recovery["zhaoyun"][0]

    async def enter(number: int) -> str:
        try:
            await staffed.accounts.sign_in("zhaoyun", PASSWORD, code, source=f"203.0.113.{number}")
        except SignInRefused:
            return "refused"
        return "in"

    assert Counter(await asyncio.gather(*(enter(number) for number in range(20)))) == {"in": 1, "refused": 19}


async def test_a_password_hashed_with_other_settings_is_hashed_anew(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    staffed.hasher._argon2 = type(staffed.hasher._argon2)(time_cost=2, memory_cost=16, parallelism=1)
    await staffed.sign_in("zhaoyun")
    staffed.hasher.check_needs_rehash = lambda hash: pytest.fail("old") if "m=16,t=2" not in hash else False
    await staffed.sign_in("zhaoyun")


# ── how long a session lasts ──


@pytest.mark.parametrize(
    ("steps", "still_in"),
    [
        ([29], True),  # not yet half an hour idle
        ([30], False),  # half an hour
        ([25] * 28, True),  # busy for 11 h 40
        ([25] * 29, False),  # busy, but past twelve hours
    ],
)
async def test_a_session_ends_when_idle_and_in_any_case_after_twelve_hours(
    staffed: Staffed, steps: list[int], still_in: bool
) -> None:
    await staffed.hire("zhaoyun")
    token = (await staffed.sign_in("zhaoyun")).token
    for minutes in steps[:-1]:
        staffed.clock.pass_by(minutes=minutes)
        await staffed.accounts.check(token)
    staffed.clock.pass_by(minutes=steps[-1])
    if still_in:
        await staffed.accounts.check(token)
    else:
        with pytest.raises(NotAllowed):
            await staffed.accounts.check(token)


async def test_a_page_that_asks_by_itself_does_not_keep_the_session_alive(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    token = (await staffed.sign_in("zhaoyun")).token
    for _ in range(2):
        staffed.clock.pass_by(minutes=14)
        await staffed.accounts.check(token, touch=False)
    staffed.clock.pass_by(minutes=14)
    with pytest.raises(NotAllowed):
        await staffed.accounts.check(token, touch=False)


@pytest.mark.parametrize("token", ["", "x", "长\0"])  # none, a guess, what no browser sends
async def test_without_a_session_nobody_is_in(staffed: Staffed, token: str) -> None:
    with pytest.raises(NotAllowed):
        await staffed.accounts.check(token)


async def test_leaving_ends_this_session_and_no_other(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    one, other = (await staffed.sign_in("zhaoyun")).token, (await staffed.sign_in("zhaoyun")).token
    await staffed.accounts.leave(one, source=HOME)
    await staffed.accounts.leave(one, source=HOME)
    with pytest.raises(NotAllowed):
        await staffed.accounts.check(one)
    await staffed.accounts.check(other)
    assert (await acts(staffed)).count(Act.SIGNED_OUT) == 1


async def test_the_database_holds_no_token(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    token = (await staffed.sign_in("zhaoyun")).token
    async with staffed.database.read() as session:
        assert await session.scalar(select(func.count()).where(ConsoleSession.digest == token)) == 0


# ── the second factor again ──


async def test_sealed_text_needs_a_code_of_the_last_five_minutes(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    token = (await staffed.sign_in("zhaoyun")).token
    staffed.accounts.require_fresh(await staffed.accounts.check(token))
    staffed.clock.pass_by(minutes=6)
    with pytest.raises(StepUpNeeded):
        staffed.accounts.require_fresh(await staffed.accounts.check(token))
    await staffed.accounts.step_up(token, staffed.code("zhaoyun"), source=HOME)
    staffed.accounts.require_fresh(await staffed.accounts.check(token))
    assert (await acts(staffed))[-1] == Act.STEPPED_UP


async def test_at_a_screen_left_open_codes_cannot_be_guessed_fast(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    token = (await staffed.sign_in("zhaoyun")).token
    for _ in range(FREE_TRIES):
        with pytest.raises(SignInRefused):
            await staffed.accounts.step_up(token, "000000", source=HOME)
    with pytest.raises(TooMany):
        await staffed.accounts.step_up(token, "000000", source=HOME)
    assert (await acts(staffed)).count(Act.STEP_UP_FAILED) == FREE_TRIES


async def test_changing_the_password_ends_every_other_session(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    one, other = (await staffed.sign_in("zhaoyun")).token, (await staffed.sign_in("zhaoyun")).token
    with pytest.raises(SignInRefused):
        await staffed.accounts.change_password(one, WRONG, WRONG, source=HOME)
    with pytest.raises(BadInput):
        await staffed.accounts.change_password(one, PASSWORD, "short", source=HOME)
    changed = await staffed.accounts.change_password(one, PASSWORD, WRONG, source=HOME)
    for ended in (one, other):
        with pytest.raises(NotAllowed):
            await staffed.accounts.check(ended)
    await staffed.accounts.check(changed.token)
    with pytest.raises(SignInRefused):
        await staffed.sign_in("zhaoyun")
    await staffed.sign_in("zhaoyun", WRONG)


# ── guessing ──


def test_pauses_grow_and_stay_below_a_quarter_of_an_hour() -> None:
    pauses = [pause_after(tries) for tries in range(1, 100)]
    assert pauses[: FREE_TRIES - 1] == [timedelta()] * (FREE_TRIES - 1)
    assert pauses[FREE_TRIES - 1 : FREE_TRIES + 2] == [timedelta(seconds=s) for s in (10, 20, 40)]
    assert max(pauses) == LONGEST_PAUSE


async def guess(staffed: Staffed, times: int, source: str, device: str = "") -> Counter[str]:
    async def once() -> str:
        try:
            await staffed.accounts.sign_in("zhaoyun", WRONG, "000000", source=source, device=device)
        except BotError as error:
            return error.code
        return "in"

    return Counter(await asyncio.gather(*(once() for _ in range(times))))


async def keep_guessing(staffed: Staffed, source: str) -> None:
    """Half an hour of it."""
    for _ in range(30):
        await guess(staffed, 5, source)
        staffed.clock.pass_by(minutes=1)


async def test_many_guesses_at_once_count_one_by_one(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    assert await guess(staffed, 40, AWAY) == {"sign_in_refused": FREE_TRIES, "too_many": 40 - FREE_TRIES}


async def test_guesses_from_one_address_do_not_hold_the_owner_up_elsewhere(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    await keep_guessing(staffed, AWAY)
    with pytest.raises(TooMany, match="秒"):
        await staffed.sign_in("zhaoyun", source=AWAY)
    await staffed.sign_in("zhaoyun", source=HOME)


async def test_a_browser_she_used_before_is_not_held_up_by_guesses_from_the_same_address(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    device = (await staffed.sign_in("zhaoyun")).device
    await keep_guessing(staffed, HOME)
    with pytest.raises(TooMany):
        await staffed.sign_in("zhaoyun")
    await staffed.sign_in("zhaoyun", device=device)


async def test_a_device_that_is_made_up_or_of_another_counts_for_nothing(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    await staffed.hire("sunli")
    others = (await staffed.sign_in("sunli")).device
    outcomes = sum([await guess(staffed, 4, AWAY, device) for device in ("x.y", "长.长", others)], Counter())
    assert outcomes == {"sign_in_refused": FREE_TRIES, "too_many": 12 - FREE_TRIES}


async def test_one_network_of_ipv6_is_one_place(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    outcomes = sum([await guess(staffed, 4, f"2001:db8:1:2::{part}") for part in "abc"], Counter())
    assert outcomes == {"sign_in_refused": FREE_TRIES, "too_many": 12 - FREE_TRIES}
    await staffed.sign_in("zhaoyun", source="2001:db8:1:3::a")


async def test_slips_are_forgotten_after_getting_in_and_after_hours(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    for _ in range(3):
        await guess(staffed, FREE_TRIES - 1, HOME)
        await staffed.sign_in("zhaoyun")
    await guess(staffed, 20, HOME)
    staffed.clock.pass_by(hours=7)
    assert await guess(staffed, FREE_TRIES, HOME) == {"sign_in_refused": FREE_TRIES}
