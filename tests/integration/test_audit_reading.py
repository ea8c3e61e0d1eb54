"""Reading the audit log: auditors find rows, see no more than their branch, and no row tells who a woman is."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from bot.domain.accounts import Role
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, NotFound, SignInRefused
from bot.services.audit import AuditQuery
from bot.storage.audit import AuditEntry
from tests.integration.staffing import HOME, Staffed, fill


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
async def test_only_auditors_read_the_log(staffed: Staffed, role: Role) -> None:
    somebody = await staffed.officer("somebody", role)
    with pytest.raises(NotFound):
        await staffed.audit.search(somebody, AuditQuery())


async def test_an_auditor_finds_by_who_what_which_and_when_and_turns_pages(staffed: Staffed) -> None:
    auditor = await staffed.officer("auditor", Role.AUDITOR)
    start = staffed.clock() + timedelta(seconds=1)
    staffed.clock.pass_by(hours=1)
    await fill(staffed.audit, 6)
    middle = staffed.clock() + timedelta(minutes=1)
    staffed.clock.pass_by(hours=1)
    await staffed.audit.note(Deed(Act.CASE_TAKEN, "officer1", "case", "case2"))

    async def found(**wanted: object) -> list[str]:
        rows = await staffed.audit.search(auditor, AuditQuery(since=start, **wanted))
        return [f"{row.deed.act} {row.deed.object_id}" for row in rows]

    assert await found(actor="officer1") == ["case_taken case2", "exported case4", "exported case1"]
    assert await found(act=Act.CASE_TAKEN) == ["case_taken case2"]
    assert await found(object_id="case2") == ["case_taken case2", "exported case2"]
    assert len(await found(until=middle)) == 6
    pages = [await staffed.audit.search(auditor, AuditQuery(since=start, limit=3))]
    while pages[-1]:
        pages.append(
            await staffed.audit.search(auditor, AuditQuery(since=start, limit=3, before=pages[-1][-1].sequence))
        )
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert len({row.sequence for page in pages for row in page}) == 7


async def test_an_auditor_of_a_branch_sees_the_acts_of_its_accounts(staffed: Staffed) -> None:
    auditor = await staffed.officer("auditor", Role.AUDITOR, "120113")
    inside, outside = (
        await staffed.officer("in", Role.OFFICER, "120113001"),
        await staffed.officer("out", Role.OFFICER, "120114"),
    )
    for officer in (inside, outside):
        await staffed.audit.sealed_opened(officer, "conversation", f"of {officer.login}", "核对地址")
        with pytest.raises(SignInRefused):
            await staffed.accounts.sign_in(officer.login, "wrong wrong wrong", "000000", source=HOME)
    rows = await staffed.audit.search(auditor, AuditQuery(limit=200))
    seen = {(row.deed.act, row.deed.object_id) for row in rows}
    assert (Act.SEALED_OPENED, "of in") in seen
    assert (Act.SIGN_IN_FAILED, inside.id) in seen
    assert not any(outside.id in (row.deed.actor, row.deed.object_id) for row in rows)


async def test_sealed_text_is_opened_with_a_reason_that_tells_nothing_of_her(staffed: Staffed) -> None:
    officer, auditor = await staffed.officer("in", Role.OFFICER), await staffed.officer("auditor", Role.AUDITOR)
    for nothing in ("", "   看 ", "\n\n\n\n\n"):
        with pytest.raises(BadInput):
            await staffed.audit.sealed_opened(officer, "conversation", "c", nothing)
    await staffed.audit.sealed_opened(
        officer, "conversation", "c", "她电话13800000000打不通，核对地址" + "长" * 300, HOME
    )
    (row,) = await staffed.audit.search(auditor, AuditQuery(act=Act.SEALED_OPENED))
    assert (row.actor_name, row.deed.object_kind, row.deed.object_id) == ("in女士", "conversation", "c")
    assert "13800000000" not in row.deed.reason
    assert "核对地址" in row.deed.reason
    assert len(row.deed.reason) == 200


async def test_a_refusal_is_logged_whatever_was_asked_for(staffed: Staffed) -> None:
    auditor = await staffed.officer("auditor", Role.AUDITOR)
    await staffed.audit.denied(auditor, "route", "/console/cases/\0" + "x" * 500, HOME)
    await staffed.audit.denied(None, "route", "/console/cases", HOME)
    rows = await staffed.audit.search(auditor, AuditQuery(act=Act.ACCESS_DENIED))
    assert [row.actor_name for row in rows] == ["", "auditor女士"]
    assert len(rows[1].deed.object_id) == 64
    assert (await staffed.audit.verify()).broken_at is None


async def test_the_log_outlives_what_it_tells_of(staffed: Staffed) -> None:
    account = await staffed.hire("zhaoyun")
    async with staffed.database.write() as session:
        await session.execute(text("DELETE FROM accounts WHERE public_id = :id").bindparams(id=account))
    async with staffed.database.read() as session:
        told = await session.scalar(select(func.count()).where(AuditEntry.object_id == account))
    assert told == 1
    assert (await staffed.audit.verify()).broken_at is None
