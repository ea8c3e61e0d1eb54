"""What other systems read: only with a key, only what the key reaches, in the shapes that the description promises."""

import asyncio
import contextlib
import re
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import jsonschema_rs
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis.errors import Unsatisfiable
from sanic import Sanic

from bot.app import create_app
from bot.domain.accounts import Officer, Role
from bot.domain.activities import ActivityFilter, ActivityPlan, ActivityTopic
from bot.domain.sharing import Scope
from bot.storage.directory import (
    DirectoryStore,
    Location,
    ScheduleException,
    ScheduleRow,
    ServiceAtLocation,
    ServiceKind,
)
from bot.storage.turns import TurnStore
from bot.wiring import Services, build
from bot.wiring import now as wall_clock
from tests.integration.test_chat_api import app_settings
from tests.serving import served

ROUTES = (
    "/services", "/organizations", "/service_at_locations",
    "/availability?service_at_location_id=x", "/activities", "/figures?month=2026-10",
)  # fmt: skip


class Quiet:
    """The real services, without the work beside the requests."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def __getattr__(self, name: str) -> Any:
        return getattr(self._services, name)

    def jobs(self) -> tuple[()]:
        return ()


@dataclass
class Outside:
    """Another system, at the open API."""

    app: Sanic
    client: httpx.AsyncClient

    @property
    def services(self) -> Services:
        return self.app.ctx.services

    async def key(self, *scopes: Scope) -> dict[str, str]:
        made = await self.services.sharing.clients.add("某区政务平台（示例）", scopes or Scope)
        return {"Authorization": f"Bearer {made.key}"}

    async def get(self, path: str, *scopes: Scope) -> Any:
        response = await self.client.get(f"/api/v1{path}", headers=await self.key(*scopes))
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture
async def outside(migrated_url: str) -> AsyncIterator[Outside]:
    app = create_app(
        app_settings(database_url=migrated_url, public_url="https://bt.example"),
        name=f"test_{uuid.uuid4().hex}", make_services=lambda settings: Quiet(build(settings)),
    )  # fmt: skip
    async with served(app) as client:
        made = Outside(app, client)
        await furnish(made)
        await invite(made)
        yield made


async def furnish(outside: Outside) -> None:
    """Two places of one organization, a hidden one, and one of another."""
    async with outside.services.database.write() as session:
        store = DirectoryStore(session)
        district = await store.organization("和平区妇女联合会", synthetic=False)
        sample = await store.organization("示例机构", synthetic=True)
        places = [
            place("1", "甲站", ServiceKind.LEGAL, district.id, phone="022-12338", accessibility="有坡道"),
            place("2", "乙站", ServiceKind.LEGAL, district.id, alert="本周装修"),
            place("3", "庇护所", ServiceKind.LEGAL, district.id, confidential=True),
            place("4", "丙站（示例）", ServiceKind.PSYCHOLOGICAL, sample.id, synthetic=True),
        ]
        await store.replace(places)


async def invite(outside: Outside) -> None:
    """An activity of six seats with one woman, one of the whole area without a limit, and a draft."""
    activities, by = outside.services.activities, Officer("o1", "o1", "王", Role.SUPERVISOR, "", wall_clock())
    week = wall_clock() + timedelta(days=7)
    plan = ActivityPlan(
        ActivityTopic.TRAINING, "茶艺课", "120101001", "二楼教室", week, week + timedelta(hours=2), seats=6,
        audience="想学茶艺的姐妹", organizer="某街道妇联（示例）",
    )  # fmt: skip
    everywhere = replace(plan, title="公开讲座", area="", seats=None, starts_at=week + timedelta(hours=1))
    shown, _, _ = await activities.desk.create_all([plan, everywhere, replace(plan, title="草稿课")], by)
    for entry in await activities.desk.page(by, ActivityFilter()):
        if entry.card.title != "草稿课":
            await activities.desk.publish(entry.card.id, by)
    async with outside.services.database.write() as session:
        store = TurnStore(session, outside.services.keyring)
        woman = (await store.begin("web", "main", "她", wall_clock())).public_id
    await activities.sign_up(woman, shown, called="阿兰")


def place(source: str, name: str, kind: ServiceKind, organization: int, **more: Any) -> Location:
    service = ServiceAtLocation(
        kind=kind, organization_id=organization,
        schedules=[ScheduleRow(byday="01234", opens_at=time(9), closes_at=time(17, 30))],
        exceptions=[ScheduleException(day=date(2026, 12, 31), opens_at=None, closes_at=None)],
    )  # fmt: skip
    return Location(
        source_id=source, name=name, latitude_wgs84=39.12, longitude_wgs84=117.2, precision="door",
        division_code="120101001000", district="和平区", address="（示例地址）", services=[service], facilities=[], **more,
    )  # fmt: skip


@pytest.mark.parametrize("path", ROUTES)
async def test_nothing_is_read_without_a_key_that_reaches_it(outside: Outside, path: str) -> None:
    needed = {"/availability": Scope.AVAILABILITY, "/activities": Scope.ACTIVITIES, "/figures": Scope.FIGURES}
    scope = needed.get(path.partition("?")[0], Scope.DIRECTORY)
    others = [one for one in Scope if one is not scope]
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}, await outside.key(*others)):
        response = await outside.client.get(f"/api/v1{path}", headers=headers)
        assert (response.status_code, response.json()["error"]) == (401, "not_allowed")


async def test_a_key_that_was_taken_back_opens_nothing_and_is_kept_nowhere(outside: Outside) -> None:
    clients = outside.services.sharing.clients
    made = await clients.add("某系统", [Scope.DIRECTORY])
    headers = {"Authorization": f"Bearer {made.key}"}
    assert (await outside.client.get("/api/v1/services", headers=headers)).status_code == 200
    assert made.key not in repr(made)
    assert made.key not in str(await clients.all())
    await clients.revoke(made.id)
    assert (await outside.client.get("/api/v1/services", headers=headers)).status_code == 401


async def test_who_asks_too_often_waits_and_others_do_not(outside: Outside) -> None:
    busy, other = await outside.key(), await outside.key()
    answers = [(await outside.client.get("/api/v1/organizations", headers=busy)).status_code for _ in range(121)]
    assert answers == [200] * 120 + [429]
    assert (await outside.client.get("/api/v1/organizations", headers=other)).status_code == 200


async def test_the_directory_has_what_may_be_known_and_nothing_else(outside: Outside) -> None:
    services = (await outside.get("/services"))["contents"]
    assert [one["name"] for one in services] == ["和平区妇女联合会法律服务", "示例机构心理服务"]
    legal = await outside.get(f"/services/{services[0]['id']}")
    assert [one["location"]["name"] for one in legal["service_at_locations"]] == ["甲站", "乙站"]
    assert legal["organization"]["name"] == "和平区妇女联合会"
    assert legal["service_at_locations"][1]["description"] == "本周装修"
    [weekly, closed] = legal["service_at_locations"][0]["schedules"]
    assert (weekly["byday"], weekly["opens_at"], weekly["closes_at"]) == (
        "MO,TU,WE,TH,FR",
        "09:00+08:00",
        "17:30+08:00",
    )
    assert (closed["valid_from"], closed["description"]) == ("2026-12-31", "当天不开放。")
    assert "示例" in services[1]["description"]
    assert "庇护所" not in str([await outside.get(path) for path in ("/services", "/service_at_locations")])


async def test_names_stay_when_the_directory_is_imported_again(outside: Outside) -> None:
    before = await outside.get("/service_at_locations")
    await furnish(outside)
    assert await outside.get("/service_at_locations") == before


async def test_pages_hold_everything_once(outside: Outside) -> None:
    pages = [await outside.get(f"/service_at_locations?per_page=2&page={at}") for at in (1, 2, 3)]
    assert [page["size"] for page in pages] == [2, 1, 0]
    assert [(page["first_page"], page["last_page"], page["empty"]) for page in pages] == [
        (True, False, False), (False, True, False), (False, True, True),
    ]  # fmt: skip
    assert len({one["id"] for page in pages for one in page["contents"]}) == pages[0]["total_items"] == 3


@pytest.mark.parametrize(
    "path",
    [
        "/services?page=0", "/services?page=x", "/services?per_page=101", "/services?page=%31%30%30%30%30%30%30",
        "/services?divison=12",  # a slip of the pen must not give more than was asked
        "/services?page=1&page=2", "/figures", "/figures?month=2026-13", "/figures?month=2026-10&division=1",
        "/availability?service_at_location_id=x&days=32",
        "/services?per_page=", "/services?organization_id=", "/services?=", "/figures?month=2026-10&division=",
    ],
)  # fmt: skip
async def test_a_question_that_cannot_be_read_is_refused_with_words(outside: Outside, path: str) -> None:
    response = await outside.client.get(f"/api/v1{path}", headers=await outside.key())
    assert response.status_code == 400
    assert re.search(r"[\u4e00-\u9fff]", response.json()["detail"])


async def test_free_times_are_told_and_nobody_s_name(outside: Outside) -> None:
    [first, *_] = (await outside.get("/service_at_locations"))["contents"]
    found = await outside.get(f"/availability?service_at_location_id={first['id']}&days=14")
    assert found["name"] == "甲站"
    assert found["slots"]
    assert all(slot["starts_at"].endswith("+08:00") for slot in found["slots"])
    assert set(found) == {"service_at_location_id", "name", "synthetic", "slots"}


async def test_activities_are_told_with_seats_as_numbers_and_nobody_s_name(outside: Outside) -> None:
    everywhere, class_ = sorted((await outside.get("/activities"))["contents"], key=lambda one: one["title"])
    assert (class_["title"], class_["topic_name"], class_["division"]) == ("茶艺课", "素质培训", "120101001000")
    assert (class_["seats"], class_["seats_left"], class_["synthetic"]) == (6, 5, False)
    assert (everywhere["seats"], everywhere["seats_left"], everywhere["division"]) == (None, None, "")
    assert class_["starts_at"].endswith("+08:00")
    assert [one["title"] for one in (await outside.get("/activities?division=120101"))["contents"]] == ["茶艺课"]
    assert (await outside.get("/activities?division=120103"))["contents"] == []
    told = str(await outside.get("/activities"))
    assert not any(word in told for word in ("阿兰", "草稿课", "sign_in", "called", "code"))


async def test_figures_hide_what_is_small(outside: Outside) -> None:
    found = await outside.get("/figures?month=2026-10")
    assert found["women"] == {"count": 0, "hidden": None}
    assert {"topic", "level"} <= set(found["tables"])


async def test_the_description_is_open_and_names_every_route_and_no_other(outside: Outside) -> None:
    described = (await outside.client.get("/api/v1/openapi.json")).json()
    assert described["servers"] == [{"url": "https://bt.example/api/v1"}]
    routes = {
        route.path.removeprefix("api/v1").replace("<name:str>", "{id}").rstrip("/") or "/"
        for route in outside.app.router.routes
        if route.path.startswith("api/v1")
    }
    assert set(described["paths"]) == routes - {"/openapi.json"}


UUID, TEXT, NUMBER = {"type": "string", "format": "uuid"}, {"type": "string"}, {"type": "number"}
HSDS: dict[str, tuple[str, dict[str, Any]]] = {
    "service": ("id name status", {"id": UUID, "organization_id": UUID, "name": TEXT, "description": TEXT,
        "status": {"enum": ["active", "inactive", "defunct", "temporarily closed"]}, "organization": {}, "service_at_locations": {}}),
    "organization": ("id name description", {"id": UUID, "name": TEXT, "description": TEXT}),
    "service_at_location": ("id", {"id": UUID, "service_id": UUID, "location_id": UUID, "description": TEXT, "location": {},
        "schedules": {}}),
    "location": ("id location_type", {"id": UUID, "location_type": {"enum": ["physical", "postal", "virtual"]}, "name": TEXT,
        "description": TEXT, "latitude": NUMBER, "longitude": NUMBER, "external_identifier": TEXT,
        "external_identifier_type": TEXT, "addresses": {}, "accessibility": {}, "phones": {}}),
    "address": ("id address_1 city state_province postal_code country address_type", {"id": UUID, "location_id": UUID,
        "address_1": TEXT, "city": TEXT, "region": TEXT, "state_province": TEXT, "postal_code": TEXT, "country": TEXT,
        "address_type": {"enum": ["physical", "postal", "virtual"]}}),
    "schedule": ("id", {"id": UUID, "service_at_location_id": UUID, "freq": {"enum": ["WEEKLY", "MONTHLY"]}, "interval": NUMBER,
        "byday": TEXT, "timezone": NUMBER, "opens_at": TEXT, "closes_at": TEXT, "valid_from": TEXT, "valid_to": TEXT,
        "description": TEXT, "notes": TEXT}),
    "phone": ("id number", {"id": UUID, "location_id": UUID, "number": TEXT}),
    "accessibility": ("id", {"id": UUID, "location_id": UUID, "description": TEXT}),
}  # fmt: skip
"""Of HSDS 3's schema (github.com/openreferral/specification, schema/): required fields, and type of each field that we use.

A field that stands here is one of HSDS's; any other would be refused by its validators as unknown.
"""


def hsds(part: str) -> jsonschema_rs.Draft202012Validator:
    required, fields = HSDS[part]
    schema = {"type": "object", "required": required.split(), "properties": fields, "additionalProperties": False}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


async def test_everything_is_what_hsds_asks_for(outside: Outside) -> None:
    def check(part: str, thing: Any) -> None:
        hsds(part).validate(thing)

    for listed in (await outside.get("/services"))["contents"]:
        service = await outside.get(f"/services/{listed['id']}")
        check("service", service)
        check("organization", service["organization"])
        for at in service["service_at_locations"]:
            check("service_at_location", at)
            check("location", at["location"])
            for part, things in (
                ("address", at["location"]["addresses"]), ("phone", at["location"].get("phones", [])),
                ("accessibility", at["location"].get("accessibility", [])), ("schedule", at["schedules"]),
            ):  # fmt: skip
                for thing in things:
                    check(part, thing)


def described_query(described: dict[str, Any], case: schemathesis.Case, address: str) -> bool:
    """Whether the query is one the description allows, as it leaves: an empty list, say, is not sent at all."""
    sent = parse_qs(httpx.URL(case_address(case, address)).query.decode(), keep_blank_values=True)
    parameters = described["paths"][case.operation.path]["get"].get("parameters", [])
    named = [described["components"]["parameters"][one["$ref"].rsplit("/", 1)[1]] if "$ref" in one else one
             for one in parameters]  # fmt: skip
    known = {one["name"]: one for one in named if one["in"] == "query"}
    if not set(sent) <= set(known) or any(len(values) > 1 for values in sent.values()):
        return False
    if not {name for name, one in known.items() if one.get("required")} <= set(sent):
        return False
    return all(matches(known[name]["schema"], value) for name, [value] in sent.items())


def case_address(case: schemathesis.Case, address: str) -> str:
    sent = case.as_transport_kwargs(base_url=address)
    return str(requests.Request(sent["method"], sent["url"], params=sent.get("params")).prepare().url)


def matches(schema: dict[str, Any], text: str) -> bool:
    whole = schema["type"] == "integer"
    if whole and not (text.isascii() and text.isdecimal()):
        return False
    return bool(jsonschema_rs.is_valid(schema, int(text) if whole else text))


@pytest.mark.parametrize("generation", list(schemathesis.GenerationMode))
async def test_schemathesis_finds_no_answer_that_the_description_does_not_promise(
    outside: Outside, generation: schemathesis.GenerationMode
) -> None:
    described = (await outside.client.get("/api/v1/openapi.json")).json()
    headers = await outside.key()
    outside.app.ctx.api_flood.check = lambda *_: None
    schema = schemathesis.openapi.from_dict(described)
    asked = await asyncio.to_thread(try_all, schema, generation, f"{outside.client.base_url}/api/v1", headers)
    query = {f"GET {path}" for path, route in described["paths"].items() if route["get"].get("parameters")}
    assert set(asked) >= {label for label in query if "{" not in label}  # any text at all may be an id


def try_all(
    schema: schemathesis.BaseSchema, generation: schemathesis.GenerationMode, address: str, headers: dict[str, str]
) -> Counter[str]:
    """Every route with what the description allows, or does not allow; → how often each was asked."""
    asked: Counter[str] = Counter()
    described = schema.raw_schema
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=20, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy(generation))
        def ask(case: schemathesis.Case) -> None:
            if generation is schemathesis.GenerationMode.NEGATIVE:
                assume(not described_query(described, case, address))
            case.call_and_validate(base_url=address, headers=headers)
            asked[case.operation.label] += 1

        with contextlib.suppress(Unsatisfiable):  # nothing that its description does not allow
            ask()
    return asked
