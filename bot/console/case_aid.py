"""The checklist under a case: what she applied for, which papers are there, and what became of it."""

from typing import Any

from sanic import Request

from bot.domain.accounts import Permission
from bot.domain.aid import ITEM_WORDS, OPEN, STATUS_WORDS, AidStatus
from bot.services.case_reading import Shown

MOVE_WORDS = {
    AidStatus.COLLECTING: "退回来补材料",
    AidStatus.SUBMITTED: "已递交窗口",
    AidStatus.GRANTED: "批了",
    AidStatus.REFUSED: "没批",
}


async def aid_of(request: Request, case: Shown) -> dict[str, Any]:
    """All that `case_aid.html` shows, to be given to the page under the name `aid`."""
    desk, officer = request.app.ctx.services.office.aid_desk, request.ctx.officer
    entries = await desk.of_case(case.id, officer)
    under_way = {one.programme for one in entries if one.status in OPEN}
    return {
        "entries": entries, "may_write": officer.may(Permission.TAKE_CASES), "open": OPEN, "states": STATUS_WORDS,
        "item_words": ITEM_WORDS, "move_words": MOVE_WORDS,
        "programmes": [one for one in desk.programmes.all if one.key not in under_way],
    }  # fmt: skip
