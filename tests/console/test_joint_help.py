"""An officer books both services at once from a case, and sees the check-in that her woman agreed to show."""

import re
from urllib.parse import unquote_plus

from bot.domain.accounts import Role
from bot.domain.check_in import Scores
from bot.storage.appointments import Appointment, Visit
from tests.console.caseroom import CaseRoom, Desk, words
from tests.integration.casework import DISTRICT

BOTH = "psychological%2Blegal"


async def both(desk: Desk, path: str) -> str:
    """The first joint visit that is offered on Wednesday, as a form sends it."""
    page = await desk.page(f"{path}/book?kind={BOTH}&day=2026-11-25")
    return unquote_plus(re.findall(r"[?&;]to=([^\"&]+)", page)[0])


async def test_both_are_found_read_back_and_booked_as_one_appointment(room: CaseRoom) -> None:
    desk, path = await room.taken()
    page = await desk.page(f"{path}/book?kind={BOTH}&day=2026-11-25")
    assert "排在同一天，前后脚" in page
    assert re.search(r"11月25日（周三）\d\d:\d\d [甲丙]站（示例），然后 \d\d:\d\d [甲丙]站（示例）", words(page))
    to = await both(desk, path)
    read_back = words(await desk.page(f"{path}/book?to={to}"))
    assert "心理服务 丙站" in read_back
    assert "法律服务 甲站" in read_back
    sent = {"to": to, "called": "李女士", "phone": "", "key": "一张表", "kind": "psychological+legal"}
    assert (await desk.post(f"{path}/book", **sent)).headers["location"] == f"{path}?said=booked#papers"
    assert len(await room.work.rows(Appointment)) == 1
    assert len(await room.work.rows(Visit)) == 2
    assert "11月25日（周三）" in (await room.work.told_texts())[-1]
    first, second = await room.work.rows(Visit)
    assert first.ends_at <= second.starts_at, "one after the other"


async def test_when_one_of_both_went_meanwhile_nothing_is_booked_and_others_are_offered(room: CaseRoom) -> None:
    desk, path = await room.taken()
    to = await both(desk, path)
    lawyer = next(one for one in to.split(",") if one.startswith(room.made.services["甲站 legal"]))
    await desk.post(f"{path}/book", to=lawyer, called="王女士", key="先来的")
    sent = {"to": to, "called": "李女士", "key": "后来的", "kind": "psychological+legal", "day": "2026-11-25"}
    response = await desk.post(f"{path}/book", **sent)
    assert response.status_code == 409
    assert "然后" in response.text, "other joint visits of the day"
    assert len(await room.work.rows(Appointment)) == 1


async def test_a_day_without_both_offers_the_next_ones(room: CaseRoom) -> None:
    desk, path = await room.taken()
    page = words(await desk.page(f"{path}/book?kind={BOTH}&day=2026-11-29"))  # a Sunday
    assert "这天两样凑不到一起" in page
    assert "11月30日（周一）" in page


async def test_a_result_is_shown_only_when_she_agreed_and_only_with_the_case(room: CaseRoom) -> None:
    desk, path = await room.taken()
    assert "情绪自测" not in await desk.page(path)
    case = await room.work.office.reading.case(path.rsplit("/", 1)[1], desk.officer)
    await room.app.ctx.services.check_ins.keep(case.conversation, Scores(5, 1))
    shown = words(await desk.page(path))
    assert "情绪自测（她同意给看） 11月24日 周二：低落 5 分、担心 1 分" in shown
    assert "不是诊断" in shown
    reviewer = await room.desk("质检", Role.REVIEWER, DISTRICT, there=False)
    assert (await reviewer.client.get(path)).status_code == 404
