"""Inviting, accepting, changing and disabling accounts: once, by the right person, and with effect at once."""

import asyncio
from collections import Counter

import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.domain.case_topics import CaseLevel
from bot.domain.cases import CaseStatus, OpenReason
from bot.domain.errors import BadInput, Conflict, NotAllowed, NotFound, SignInRefused
from bot.domain.federations import FederationKind
from bot.services.audit import AuditQuery
from bot.services.staff import State
from bot.storage.accounts import AccountStore
from bot.storage.cases import Case
from bot.storage.federations import Federation, FederationStore
from tests.integration.staffing import HOME, PASSWORD, Staffed


async def test_an_invitation_tells_whose_it_is_and_sets_both_factors(staffed: Staffed) -> None:
    secret = await staffed.staff.invite("ZhaoYun", "赵云", Role.OFFICER, "120113001000")
    invited = await staffed.staff.invitation(secret)
    assert (invited.login, invited.name, invited.role, invited.scope) == ("zhaoyun", "赵云", "officer", "120113001")
    assert (await staffed.staff.find("zhaoyun")).state is State.INVITED
    await staffed.accept(secret)
    assert (await staffed.staff.find("zhaoyun")).state is State.ACTIVE
    await staffed.sign_in("zhaoyun")


async def test_an_invitation_is_used_once_by_twenty_at_once(staffed: Staffed) -> None:
    secret = await staffed.staff.invite("zhaoyun", "赵云", Role.OFFICER, "120113")
    staffed.phones["zhaoyun"] = (await staffed.staff.invitation(secret)).enrolment.secret
    code = staffed.code("zhaoyun")

    async def accept(number: int) -> str:
        try:
            await staffed.staff.accept(secret, f"{PASSWORD} {number}", code, source=HOME)
        except NotAllowed:
            return "refused"
        return str(number)

    outcomes = Counter(await asyncio.gather(*(accept(number) for number in range(20))))
    assert outcomes.pop("refused") == 19
    (winner,) = outcomes
    await staffed.sign_in("zhaoyun", f"{PASSWORD} {winner}")


async def test_an_invitation_ends_after_three_days(staffed: Staffed) -> None:
    secret = await staffed.staff.invite("zhaoyun", "赵云", Role.OFFICER, "120113")
    staffed.clock.pass_by(days=3, seconds=-40)
    await staffed.staff.invitation(secret)
    staffed.clock.pass_by(seconds=40)
    with pytest.raises(NotAllowed):
        await staffed.staff.invitation(secret)
    with pytest.raises(NotAllowed):
        await staffed.staff.accept(secret, PASSWORD, "000000")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", None),
        ("zhaoyun zhaoyun z", None),
        (PASSWORD, "000000"),
    ],  # too short; her login; not what the app shows
)
async def test_a_poor_password_or_a_wrong_code_leaves_the_invitation_usable(
    staffed: Staffed, password: str, code: str | None
) -> None:
    secret = await staffed.staff.invite("zhaoyun", "赵云", Role.OFFICER, "120113")
    staffed.phones["zhaoyun"] = (await staffed.staff.invitation(secret)).enrolment.secret
    with pytest.raises(BadInput):
        await staffed.staff.accept(secret, password, code or staffed.code("zhaoyun"))
    await staffed.accept(secret)


async def test_two_want_one_login_and_one_gets_it(staffed: Staffed) -> None:
    async def invite(login: str) -> str:
        try:
            await staffed.staff.invite(login, "赵云", Role.OFFICER, "120113")
        except Conflict:
            return "taken"
        return "made"

    outcomes = await asyncio.gather(*(invite(login) for login in ["zhaoyun", "ZHAOYUN", "ｚｈａｏｙｕｎ"] * 4))
    assert Counter(outcomes) == {"made": 1, "taken": 11}


@pytest.mark.parametrize(
    ("login", "name", "scope"),
    [
        ("z", "赵云", "120113"),  # too short a login
        ("zhao yun", "赵云", "120113"),  # a blank inside
        ("z" * 41, "赵云", "120113"),  # too long
        ("zhaoyun", " ", "120113"),  # no name
        ("zhaoyun", "赵\n云", "120113"),  # a line break in a name
        ("zhaoyun", "赵云", "北辰区"),  # a name instead of a code
        ("zhaoyun", "赵云", "12011"),  # no level ends there
    ],
)
async def test_an_account_needs_a_login_a_name_and_a_branch(
    staffed: Staffed, login: str, name: str, scope: str
) -> None:
    with pytest.raises(BadInput):
        await staffed.staff.invite(login, name, Role.OFFICER, scope)


async def test_a_disabled_account_is_out_at_once_and_its_links_are_dead(staffed: Staffed) -> None:
    account = await staffed.hire("zhaoyun")
    token = (await staffed.sign_in("zhaoyun")).token
    await staffed.staff.disable(account)
    with pytest.raises(NotAllowed):
        await staffed.accounts.check(token)
    with pytest.raises(SignInRefused):
        await staffed.sign_in("zhaoyun")
    await staffed.staff.enable(account)
    with pytest.raises(NotAllowed):
        await staffed.accounts.check(token)  # the old session does not come back
    await staffed.sign_in("zhaoyun")


async def test_disabling_withdraws_an_invitation_for_good(staffed: Staffed) -> None:
    secret = await staffed.staff.invite("zhaoyun", "赵云", Role.OFFICER, "120113")
    account = (await staffed.staff.find("zhaoyun")).id
    await staffed.staff.disable(account)
    with pytest.raises(Conflict):
        await staffed.staff.reset(account)
    await staffed.staff.enable(account)
    with pytest.raises(NotAllowed):
        await staffed.staff.invitation(secret)


async def test_signing_in_while_being_disabled_leaves_no_session(staffed: Staffed) -> None:
    account = await staffed.hire("zhaoyun")

    async def sign_in(code: str) -> str:
        try:
            return (await staffed.accounts.sign_in("zhaoyun", PASSWORD, code, source=HOME)).token
        except SignInRefused:
            return ""

    token, _ = await asyncio.gather(sign_in(staffed.code("zhaoyun")), staffed.staff.disable(account))
    with pytest.raises(NotAllowed):
        await staffed.accounts.check(token)
    await staffed.staff.enable(account)
    with pytest.raises(NotAllowed):
        await staffed.accounts.check(token)


async def test_a_session_that_was_left_over_opens_nothing_for_a_disabled_account(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    token = (await staffed.sign_in("zhaoyun")).token
    async with staffed.database.write() as session:
        row = await AccountStore(session).by_login("zhaoyun")
        row.disabled_at = staffed.clock()
    with pytest.raises(NotAllowed):
        await staffed.accounts.check(token)


async def test_a_password_that_was_changed_while_it_was_verified_opens_nothing(staffed: Staffed) -> None:
    await staffed.hire("zhaoyun")
    token = (await staffed.sign_in("zhaoyun")).token
    async with staffed.database.read() as session:
        before = await AccountStore(session).by_login("zhaoyun")
    await staffed.accounts.change_password(token, PASSWORD, f"{PASSWORD} 2", source=HOME)
    async with staffed.database.write() as session:
        assert not await AccountStore(session).use_step(before, before.totp_step + 9)
        after = await AccountStore(session).by_login("zhaoyun")
        assert await AccountStore(session).use_step(after, after.totp_step + 9)


async def test_a_reset_ends_password_phone_codes_and_sessions(staffed: Staffed) -> None:
    account = await staffed.hire("zhaoyun")
    token, codes = (await staffed.sign_in("zhaoyun")).token, staffed.recovery["zhaoyun"]
    secret = await staffed.staff.reset(account)
    with pytest.raises(NotAllowed):
        await staffed.accounts.check(token)
    with pytest.raises(SignInRefused):
        await staffed.sign_in("zhaoyun")
    await staffed.accept(secret)
    with pytest.raises(SignInRefused):
        await staffed.accounts.sign_in("zhaoyun", PASSWORD, codes[0], source=HOME)
    await staffed.sign_in("zhaoyun")


async def test_only_the_newest_invitation_works(staffed: Staffed) -> None:
    first = await staffed.staff.invite("zhaoyun", "赵云", Role.OFFICER, "120113")
    second = await staffed.staff.reset((await staffed.staff.find("zhaoyun")).id)
    with pytest.raises(NotAllowed):
        await staffed.staff.invitation(first)
    await staffed.accept(second)


@pytest.mark.parametrize(
    ("role", "scope"),
    [(Role.SUPERVISOR, "120113"), (Role.OFFICER, "120113001")],  # another role; a smaller branch
)
async def test_another_role_or_branch_ends_her_sessions(staffed: Staffed, role: Role, scope: str) -> None:
    account = await staffed.hire("zhaoyun")
    token = (await staffed.sign_in("zhaoyun")).token
    await staffed.staff.change(account, role=role, scope=scope, name="赵云")
    with pytest.raises(NotAllowed):
        await staffed.accounts.check(token)
    officer = (await staffed.sign_in("zhaoyun")).officer
    assert (officer.role, officer.area, officer.name) == (role, scope, "赵云")


async def test_an_administrator_of_a_branch_reaches_only_its_accounts(staffed: Staffed) -> None:
    admin = await staffed.officer("admin-beichen", Role.ADMIN, "120113")
    inside, outside = await staffed.hire("inside", scope="120113001"), await staffed.hire("outside", scope="120114")
    whole = await staffed.hire("whole", Role.AUDITOR, "")
    assert [line.login for line in await staffed.staff.accounts(by=admin)] == ["admin-beichen", "inside"]
    for account in (outside, whole, "unknown"):
        for act in (staffed.staff.disable, staffed.staff.enable, staffed.staff.reset):
            with pytest.raises(NotFound):
                await act(account, by=admin)
    with pytest.raises(NotFound):
        await staffed.staff.invite("new", "新人", Role.OFFICER, "", by=admin)
    with pytest.raises(NotFound):
        await staffed.staff.change(inside, role=Role.OFFICER, scope="1201", name="新人", by=admin)
    await staffed.staff.disable(inside, by=admin)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
async def test_no_other_role_manages_accounts(staffed: Staffed, role: Role) -> None:
    somebody, other = await staffed.officer("somebody", role), await staffed.hire("other")
    with pytest.raises(NotFound):
        await staffed.staff.accounts(by=somebody)
    with pytest.raises(NotFound):
        await staffed.staff.disable(other, by=somebody)
    with pytest.raises(NotFound):
        await staffed.staff.invite("new", "新人", Role.OFFICER, "120113", by=somebody)


async def test_nobody_changes_her_own_account(staffed: Staffed) -> None:
    admin = await staffed.officer("admin", Role.ADMIN)
    with pytest.raises(Conflict):
        await staffed.staff.disable(admin.id, by=admin)
    with pytest.raises(Conflict):
        await staffed.staff.change(admin.id, role=Role.SUPERVISOR, scope="", name="我", by=admin)


async def test_accounts_are_listed_by_page_role_and_words(staffed: Staffed) -> None:
    for login in ("a%b", "axb", "b1", "b2"):
        await staffed.staff.invite(login, f"{login}女士", Role.OFFICER, "120113")
    await staffed.hire("zz", Role.AUDITOR, "")
    first = await staffed.staff.accounts(limit=2)
    second = await staffed.staff.accounts(limit=2, after=first[-1].login)
    third = await staffed.staff.accounts(limit=2, after=second[-1].login)
    assert sorted(line.login for line in (*first, *second, *third)) == ["a%b", "axb", "b1", "b2", "zz"]
    assert [line.login for line in await staffed.staff.accounts(words="%")] == ["a%b"]
    assert [(line.login, line.codes_left) for line in await staffed.staff.accounts(role=Role.AUDITOR)] == [("zz", 8)]


async def test_every_act_on_an_account_is_in_the_log_with_who_did_it(staffed: Staffed) -> None:
    admin, auditor = await staffed.officer("admin", Role.ADMIN), await staffed.officer("auditor", Role.AUDITOR)
    await staffed.staff.invite("zhaoyun", "赵云", Role.OFFICER, "120113", by=admin, source=HOME)
    account = (await staffed.staff.find("zhaoyun")).id
    await staffed.staff.change(account, role=Role.SUPERVISOR, scope="1201", name="赵云", by=admin, source=HOME)
    await staffed.staff.disable(account, by=admin, source=HOME)
    await staffed.staff.enable(account, by=admin, source=HOME)
    await staffed.staff.reset(account, by=admin, source=HOME)
    found = await staffed.audit.search(auditor, AuditQuery(object_id=account))
    assert [row.deed.act for row in reversed(found)] == [
        Act.ACCOUNT_INVITED, Act.ACCOUNT_CHANGED, Act.ACCOUNT_DISABLED, Act.ACCOUNT_ENABLED, Act.ACCOUNT_RESET
    ]  # fmt: skip
    assert {(row.actor_name, row.deed.source) for row in found} == {("admin女士", HOME)}
    assert found[-2].deed.reason == "officer 120113 → supervisor 1201"


async def test_the_first_administrator_is_invited_until_one_is_active(staffed: Staffed) -> None:
    first = await staffed.staff.invite_first_admin()
    second = await staffed.staff.invite_first_admin()
    assert first
    assert second
    with pytest.raises(NotAllowed):
        await staffed.staff.invitation(first)
    login = await staffed.accept(second)
    assert await staffed.staff.invite_first_admin() is None
    await staffed.staff.disable((await staffed.staff.find(login)).id)
    again = await staffed.staff.invite_first_admin()
    assert again
    assert (await staffed.staff.invitation(again)).login != login


async def test_who_works_for_a_federation_is_put_there_with_her_hands_empty_and_signs_in_anew(staffed: Staffed) -> None:
    row = Federation(name="农业系统妇联", kind=FederationKind.SYSTEM, division_code="120113000000")
    area = Federation(name="北辰区妇联", kind=FederationKind.AREA, division_code="120113000000")
    async with staffed.database.write() as session:
        for one in (row, area):
            await FederationStore(session).add(one)
    account = await staffed.hire("zhaoyun", Role.OFFICER, "120113")
    reviewer = await staffed.hire("reviewer", Role.REVIEWER, "120113")
    entered = await staffed.sign_in("zhaoyun")
    for who, where in ((account, area.public_id), (account, "nothing"), (reviewer, row.public_id)):
        with pytest.raises(BadInput):
            await staffed.staff.place(who, where)
    await staffed.staff.place(account, row.public_id)
    with pytest.raises(NotAllowed):
        await staffed.accounts.check(entered.token)
    assert (await staffed.staff.find("zhaoyun")).federation == row.public_id
    async with staffed.database.write() as session:
        case = Case(
            officer_id=account, status=CaseStatus.TAKEN, level=CaseLevel.YELLOW, reason=OpenReason.OFFICER,
            due_at=staffed.clock(), opened_at=staffed.clock(), routing_since=staffed.clock(),
        )  # fmt: skip
        session.add(case)
    with pytest.raises(Conflict):  # it would stay hers
        await staffed.staff.place(account, "")
