"""Text as she wrote it: only for a reason and a fresh second factor, written down first, in one answer and nowhere else."""

import pytest

from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.storage.audit import AuditEntry
from tests.console.caseroom import CaseRoom, Desk, words

HER_WORDS = "我叫王秀兰，住柳林街道三号楼，电话13812345678"
REASON = "核对地址以便出警"


async def sealed(room: CaseRoom) -> tuple[Desk, str]:
    """A case with something to hide, and an officer who gave her code some time ago."""
    desk, path = await room.taken()
    await room.work.say(HER_WORDS)
    room.work.clock.pass_by(minutes=10)
    return desk, path


async def test_with_a_reason_and_her_code_she_sees_it_once(room: CaseRoom) -> None:
    desk, path = await sealed(room)
    code = room.staffed.code(desk.login)
    response = await desk.post(f"{path}/open", reason=REASON, code=code)
    assert response.status_code == 200
    assert HER_WORDS in response.text
    assert response.headers["cache-control"] == "no-store"
    assert REASON in words(response.text)
    [deed] = await room.acts(Act.SEALED_OPENED)
    assert (deed.actor, deed.object_kind, deed.object_id, deed.reason, deed.source) == (
        desk.officer.id, "case", path.rsplit("/", 1)[1], REASON, "127.0.0.1",
    )  # fmt: skip
    for again in (path, f"{path}/parts"):
        assert "13812345678" not in await desk.page(again)
    await desk.page(f"{path}/open", 405)  # there is no address that shows it


async def test_the_same_code_does_not_open_it_again_later(room: CaseRoom) -> None:
    desk, path = await sealed(room)
    code = room.staffed.code(desk.login)
    await desk.post(f"{path}/open", reason=REASON, code=code)
    response = await desk.post(f"{path}/open", reason=REASON, code=code)
    assert response.status_code == 401
    assert "13812345678" not in response.text
    assert len(await room.acts(Act.SEALED_OPENED)) == 1


async def test_within_five_minutes_no_code_is_asked_and_each_opening_is_written_down(room: CaseRoom) -> None:
    desk, path = await sealed(room)
    assert 'name="code"' in await desk.page(path)
    await desk.post(f"{path}/open", reason=REASON, code=room.staffed.code(desk.login))
    assert 'name="code"' not in await desk.page(path)
    assert HER_WORDS in (await desk.post(f"{path}/open", reason="再核对一次电话")).text
    assert [deed.reason for deed in await room.acts(Act.SEALED_OPENED)] == [REASON, "再核对一次电话"]
    room.work.clock.pass_by(minutes=6)
    assert (await desk.post(f"{path}/open", reason=REASON)).status_code == 403


@pytest.mark.parametrize(
    ("reason", "code", "status", "why"),
    [
        (REASON, "", 403, "请再输入一次手机上的验证码"),
        (REASON, "000000", 401, "验证码不对"),
        ("", "right", 400, "请写明为什么要看原文"),
        ("看", "right", 400, "请写明为什么要看原文"),  # too short to be a reason
    ],
)
async def test_without_reason_or_code_nothing_is_shown(
    room: CaseRoom, reason: str, code: str, status: int, why: str
) -> None:
    desk, path = await sealed(room)
    given = room.staffed.code(desk.login) if code == "right" else code
    response = await desk.post(f"{path}/open", reason=reason, code=given)
    assert response.status_code == status
    assert why in words(response.text)
    assert "13812345678" not in response.text
    assert f'value="{reason}"' in response.text  # what she had written is still there
    assert await room.acts(Act.SEALED_OPENED) == []


async def test_guessing_codes_is_slowed_down(room: CaseRoom) -> None:
    desk, path = await sealed(room)
    answers = [(await desk.post(f"{path}/open", reason=REASON, code="000000")).status_code for _ in range(7)]
    assert answers[0] == 401
    assert answers[-1] == 429
    response = await desk.post(f"{path}/open", reason=REASON, code=room.staffed.code(desk.login))
    assert "13812345678" not in response.text or response.status_code == 200


async def test_what_cannot_be_written_down_is_not_shown(room: CaseRoom) -> None:
    desk, path = await sealed(room)
    code = room.staffed.code(desk.login)
    async with room.work.database.engine.begin() as connection:
        await connection.run_sync(AuditEntry.__table__.drop)  # type: ignore[attr-defined]
    response = await desk.post(f"{path}/open", reason=REASON, code=code)
    assert response.status_code == 500
    assert "13812345678" not in response.text


async def test_a_case_out_of_her_area_is_not_opened(room: CaseRoom) -> None:
    _, path = await sealed(room)
    stranger = await room.desk("别处", area="120114")
    response = await stranger.post(f"{path}/open", reason=REASON, code=room.staffed.code(stranger.login))
    assert response.status_code == 404
    assert await room.acts(Act.SEALED_OPENED) == []


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.ADMIN])
async def test_roles_that_may_not_open_sealed_text_find_nothing(room: CaseRoom, role: Role) -> None:
    _, path = await sealed(room)
    desk = await room.desk("旁人", role, "", there=False)
    response = await desk.post(f"{path}/open", reason=REASON, code=room.staffed.code(desk.login))
    assert response.status_code == 404
    assert "13812345678" not in response.text


async def test_the_reason_is_masked_in_the_log(room: CaseRoom) -> None:
    desk, path = await sealed(room)
    await desk.post(f"{path}/open", reason="核对13812345678", code=room.staffed.code(desk.login))
    [deed] = await room.acts(Act.SEALED_OPENED)
    assert "13812345678" not in deed.reason
