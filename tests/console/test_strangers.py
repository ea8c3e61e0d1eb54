"""Whoever works for another branch: every address of ours, with the real names in it, is “not found”, and nothing is changed."""

import hashlib
import re

from sqlalchemy import select

from bot.domain.accounts import Role
from bot.storage import tables
from bot.storage.database import Database
from tests.console.caseroom import CaseRoom
from tests.console.conftest import Office
from tests.console.test_activities_pages import comes, made
from tests.console.test_federations_page import added
from tests.console.test_mobile_page import planned
from tests.console.test_roles import MAY
from tests.console.test_suggestions_page import ask
from tests.console.test_volunteers_page import called, three
from tests.integration.casework import OTHER_TOWN

OPEN_TO_OTHERS = {"GET console/federations/<federation:str>"}
"""Every officer may look up another branch's federation: it is a public office."""
WRITTEN_ANYWAY = {"audit_entries", "console_sessions", "sign_in_tries", "duty_presence", "audit_head"}
FIELDS = {
    "words": "办好了", "who": "我", "due": "2026-12-01", "reason": "试试看看", "note": "试试", "called": "甲", "phone": "13812345678",
    "area": "全部", "name": "甲", "title": "主席", "office": "一楼", "hours": "2", "kind": "area", "to": "nowhere@2026-11-25T09:45", "status": "attended",
    "day": "2026-11-26", "day0": "2026-11-26", "from0": "09:00", "to0": "11:00", "place0": "甲", "programme": "school",
    "level": "1", "text": "试试", "body": "court", "consent": "1", "answer": "yes", "with": "x", "key": "k", "category": "service",
}  # fmt: skip


async def contents(database: Database) -> dict[str, str]:
    """A digest of each table, but of those that every request writes to."""
    found = {}
    async with database.read() as session:
        for table in tables.metadata.sorted_tables:
            if table.name not in WRITTEN_ANYWAY:
                rows = sorted(repr(tuple(row)) for row in await session.execute(select(table)))
                found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def routes(known: dict[str, str]) -> list[tuple[str, str, str]]:
    """(route, method, address) of every route of a supervisor's that names something, when all its names are known."""
    found = []
    for route in sorted(MAY):
        method, path = route.split()
        names = re.findall(r"<(\w+):str>", path)
        if names and set(names) <= set(known) and Role.SUPERVISOR in MAY[route] and route not in OPEN_TO_OTHERS:
            found.append((route, method, "/" + re.sub(r"<(\w+):str>", lambda name: known[name[1]], path)))
    return found


async def test_what_lies_in_an_office_is_not_there_for_another(office: Office) -> None:
    booked = await office.booked("2026-11-25 09:00")
    activity = await made(office, title="里面的课", area="120113")
    [(_, sign_up)] = await comes(office, activity, "李女士")
    stop, _ = await planned(office)
    federation = (await added(office)).rsplit("/", 1)[1]
    known = {
        "service": office.site, "appointment": booked.id, "activity": activity, "sign_up": sign_up, "stop": stop,
        "federation": federation, "person": "x",
    }  # fmt: skip
    await office.enter(Role.SUPERVISOR, "120115")
    before = await contents(office.made.database)
    tried = routes(known)
    for route, method, address in tried:
        response = await (office.client.get(address) if method == "GET" else office.post(address, **FIELDS))
        assert response.status_code == 404, route
    assert await contents(office.made.database) == before
    assert len(tried) >= 35


async def test_what_lies_in_a_case_room_is_not_there_for_another(room: CaseRoom) -> None:
    desk, volunteers = await three(room)
    call = (await called(desk)).rsplit("/", 1)[1]
    suggestion = await ask(room, "柳林街道装路灯", "甲")
    await room.work.say("转人工，我住柳林第一社区", sender="丁")
    case = (await room.work.case()).public_id
    path = f"/console/cases/{case}"
    assert (await desk.post(f"{path}/take")).status_code == 303
    known = {
        "volunteer": volunteers[0], "call": call, "suggestion": suggestion, "case": case, "task": "x", "referral": "x",
        "application": "x",
    }  # fmt: skip
    stranger = await room.desk("李红", Role.SUPERVISOR, OTHER_TOWN)
    before = await contents(room.work.database)
    tried = routes(known)
    for route, method, address in tried:
        response = await (stranger.client.get(address) if method == "GET" else stranger.post(address, **FIELDS))
        assert response.status_code == 404, route
    assert await contents(room.work.database) == before
    assert len(tried) >= 40
