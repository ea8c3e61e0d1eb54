"""Whatever is written into addresses and forms of the console: a page, a redirect or a refusal, never a broken one."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from bot.console.guard import COOKIE, FIELD, form_token
from bot.domain.accounts import Role
from tests.console.caseroom import CaseRoom
from tests.console.conftest import Office
from tests.console.test_roles import LAST, MAY
from tests.fuzz.budget import LONG, TIMES_AS_MANY, TRICKS

CONSOLE = Path(__file__).resolve().parents[2] / "bot" / "console"
TIMES = 3 * (TIMES_AS_MANY if LONG else 1)
SOURCES = "".join(file.read_text(encoding="utf-8") for file in sorted(CONSOLE.glob("*.py")))
ASKED = sorted(
    {
        *re.findall(r'args\.get\("(\w+)"', SOURCES),
        "came",
        "known",
        "planned",
        "done",
        "left",
        "asked",
        "told",
        "repeated",
    }
)
FILLED = sorted({*re.findall(r'(?:form|secret)\(request, "(\w+)"', SOURCES), "drop", "entity", "skills", "visits"})
LEFT_OUT = {LAST, "POST console/account/step-up", "POST console/account/password"}
"""What would end her own session."""


def addresses(role: Role, method: str) -> Iterator[str]:
    """The routes that a role may open; streams have no end and are left out."""
    for route in sorted(MAY):
        if (
            route.startswith(f"{method} ")
            and role in MAY[route]
            and route not in LEFT_OUT
            and not route.endswith("events")
        ):
            yield "/" + route.split()[1]


def filled(path: str, rng: random.Random, known: dict[str, str]) -> str:
    """The path with what is there, or with anything, in its places."""

    def word(found: re.Match[str]) -> str:
        real = known.get(found[1], "")
        return real if real and rng.random() < 0.8 else quote(rng.choice(TRICKS)[:200], safe="") or "x"

    return re.sub(r"<(\w+):str>", word, path)


def some(names: list[str], rng: random.Random) -> dict[str, str]:
    return {name: rng.choice(TRICKS)[:600] for name in names if rng.random() < 0.3}


def leads_away(response: httpx.Response) -> bool:
    """Whether a redirect goes to another host."""
    there = response.headers.get("location", "/")
    return not there.startswith("/") or there.startswith(("//", "/\\"))


async def ids(office: Office) -> dict[str, str]:
    """What really is there, by the name that routes give it."""
    await office.enter(Role.SUPERVISOR)
    booked = await office.booked("2026-11-25 09:00")
    return {"service": office.site, "appointment": booked.id, "account": office.officer}


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.REVIEWER, Role.ADMIN, Role.AUDITOR])
async def test_no_address_breaks_a_page(office: Office, role: Role) -> None:
    known, rng = await ids(office), random.Random(8)
    await office.enter(role)
    broken, seen = [], Counter[int]()
    for path in addresses(role, "GET"):
        for _ in range(TIMES):
            address, asked = filled(path, rng, known), some(ASKED, rng)
            response = await office.client.get(address, params=asked)
            seen[response.status_code] += 1
            if response.status_code >= 500 or leads_away(response):
                broken.append((address, asked))
    assert not broken, seen
    assert seen[200]


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.REVIEWER, Role.ADMIN])
async def test_no_form_breaks_a_page(office: Office, role: Role) -> None:
    known, rng = await ids(office), random.Random(9)
    await office.enter(role)
    broken, seen = [], Counter[int]()
    for path in addresses(role, "POST"):
        for _ in range(TIMES):
            address, fields = filled(path, rng, known), some(FILLED, rng)
            response = await office.post(address, **fields)
            seen[response.status_code] += 1
            if response.status_code >= 500 or leads_away(response):
                broken.append((address, fields))
    assert not broken, seen
    assert seen[400]


async def test_no_form_of_a_case_breaks_its_page(room: CaseRoom) -> None:
    desk, path = await room.taken()
    rng, broken, seen = random.Random(10), [], Counter[int]()
    for route in addresses(Role.OFFICER, "POST"):
        for _ in range(TIMES if "<case" in route else 0):
            address = filled(route.replace("/console/cases/<case:str>", path), rng, {})
            fields = some(FILLED, rng)
            response = await desk.post(address, **fields)
            seen[response.status_code] += 1
            if response.status_code >= 500 or leads_away(response):
                broken.append((address, fields))
    assert not broken, seen
    assert seen[400]
    assert seen[303]


BODIES = (b"", b"\xff\xfe\x00", b"=&=&==", b"a=%ff%fe%00", b"x" * 5000, b"--x\r\n\r\n--x--")
KINDS = (
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "application/json", "x",
)  # fmt: skip


async def test_a_body_that_is_no_form_is_refused(office: Office) -> None:
    for path, body, kind in product(
        ("/console/enter", "/console/suggestions/import", "/console/invitation/accept"), BODIES, KINDS
    ):
        response = await office.client.post(path, content=body, headers={"Content-Type": kind})
        assert response.status_code in {400, 401, 403, 413, 429}, (path, body, kind)


async def test_a_file_of_a_form_is_read_or_refused(office: Office) -> None:
    await office.enter(Role.SUPERVISOR)
    token = form_token(office.client.cookies.get(COOKIE) or "")
    rng = random.Random(11)
    for route in addresses(Role.SUPERVISOR, "POST"):
        for name in (
            ("x.csv", "../../x.xlsx", "x.csv\0", "x\r\nX-Evil: 1.csv", "名单.CSV") if route.endswith("import") else ()
        ):
            rows = "\n".join(",".join(rng.choice(TRICKS)[:40] for _ in range(4)) for _ in range(5))
            response = await office.client.post(
                route, data={FIELD: token}, files={"file": (name, rows.encode("utf-8", "replace"))}
            )
            assert response.status_code in {303, 400}, (route, name)
