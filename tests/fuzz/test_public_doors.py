"""Whatever bytes come to the doors that are open to everybody: an answer in our words, below 500, and the process lives on."""

import asyncio
import contextlib
import json
import random
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sanic import Sanic

from bot.app import create_app
from bot.wiring import build
from tests.fuzz.budget import ANYTHING, LONG, TIMES_AS_MANY, TRICKS, WORDS, budget
from tests.fuzz.test_wechat_bytes import FIELDS, LIKELY, document
from tests.integration.conftest import migrated_postgres, migrated_sqlite, migrated_url
from tests.integration.test_sharing_api import Quiet
from tests.integration.test_wechat import post, wechat_settings
from tests.serving import served

__all__ = ["migrated_postgres", "migrated_sqlite", "migrated_url"]

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=8,
)
BODIES = st.fixed_dictionaries(
    {"message_id": st.one_of(st.uuids().map(str), JSON)},
    optional={
        "conversation": st.one_of(st.none(), WORDS, JSON),
        "text": st.one_of(WORDS, ANYTHING, JSON),
        "choice": JSON,
        "location": st.one_of(
            JSON,
            st.fixed_dictionaries(
                {"latitude": st.one_of(st.floats(), st.integers()), "longitude": st.one_of(st.floats(), st.integers())},
                optional={"crs": st.one_of(st.sampled_from(("wgs84", "gcj02")), JSON)},
            ),
        ),
        "x": JSON,
    },
)
HALVES = '{"message_id": "%s", "text": "\\\\ud800\\\\u0000\\\\udc00", "conversation": null}'
DOORS = (
    "/chat", "/chat/static/%s", "/suggestions", "/readyz", "/healthz", "/api/v1/services/%s", "/api/v1/service_at_locations",
    "/api/v1/availability", "/api/v1/figures", "/chat/api/messages", "/chat/api/events", "/chat/api/appointments/%s",
    "/chat/api/copies/%s", "/wechat/%s", "/wechat/main", "/console/enter", "/console/static/%s", "/console/cases/%s", "/%s",
)  # fmt: skip
NAMES = (
    "area",
    "category",
    "after",
    "conversation",
    "place",
    "division",
    "month",
    "days",
    "page",
    "echostr",
    "nonce",
    "signature",
)
HEADERS = (
    "Authorization", "Cookie", "Last-Event-ID", "X-Forwarded-For", "X-Forwarded-Host", "Origin", "Host", "Referer", "Accept",
    "Content-Type", "User-Agent", "Sec-Fetch-Site", "Forwarded", "Content-Length", "Transfer-Encoding", "Expect", "Range",
)  # fmt: skip
RAW = (
    b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"POST /chat/api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /chat/api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x",
    b"POST /chat/api/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n", b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /chat/static/..%2f..%2fapp.py HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /chat/static/../../app.py HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /console/cases HTTP/1.1\r\nHost: x\r\nCookie: console=\xff\xfe\r\nConnection: close\r\n\r\n",
    b"GET /chat/api/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\x00b\r\nConnection: close\r\n\r\n",
    b"GET /api/v1/services HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xed\xa0\x80\r\nConnection: close\r\n\r\n",
    b"GET /console/cases HTTP/1.1\r\nHost: x\r\nCookie: console=a\x00b\r\nConnection: close\r\n\r\n",
)  # fmt: skip


@pytest.fixture
async def app(migrated_url: str) -> Sanic:
    settings = wechat_settings(database_url=migrated_url, messages_per_minute=1_000_000, answer_within=0.5)
    return create_app(settings, name=f"test_{uuid.uuid4().hex}", make_services=lambda settings: Quiet(build(settings)))


@pytest.fixture
async def client(app: Sanic) -> AsyncIterator[httpx.AsyncClient]:
    async with served(app) as client:
        yield client


def drawn(strategy: Any, count: int) -> list[Any]:
    """Examples of a strategy, always the same ones in CI: an event loop runs already, so that hypothesis cannot run the test."""
    found: list[Any] = []

    @budget(count, shrinks=False)
    @given(strategy)
    def collect(one: Any) -> None:
        found.append(one)

    collect()
    return found


async def test_a_message_of_the_web_is_taken_or_refused_in_words(client: httpx.AsyncClient) -> None:
    bodies = [json.dumps(body).encode() for body in drawn(BODIES, 60)]
    bodies += [(HALVES % uuid.uuid4()).encode(), b"[" * 100_000, b'{"a":' * 50_000, b"\xff", b"1" * 5000]
    statuses = set()
    for body in bodies:
        response = await client.post("/chat/api/messages", content=body)
        statuses.add(response.status_code)
        assert response.status_code in {200, 400, 401, 404, 413}, body
        assert response.status_code == 200 or set(response.json()) == {"error", "detail"}
    assert {200, 400} <= statuses


async def test_a_well_sealed_message_of_wechat_is_answered_or_refused(client: httpx.AsyncClient) -> None:
    for fields in drawn(st.one_of(LIKELY, FIELDS), 40):
        response = await post(client, document(fields))
        assert response.status_code in {200, 400, 403, 413}, fields
    for body in drawn(st.one_of(st.binary(max_size=100), FIELDS.map(document)), 20):
        response = await post(client, "x", body=body)
        assert response.status_code in {400, 403, 413}, body


async def test_no_address_and_no_header_breaks_a_door(client: httpx.AsyncClient) -> None:
    rng = random.Random(12)
    for _ in range(250 * (TIMES_AS_MANY if LONG else 1)):
        door = rng.choice(DOORS)
        path = door % quote(rng.choice(TRICKS)[:200], safe="./") if "%s" in door else door
        query = {name: rng.choice(TRICKS)[:300] for name in NAMES if rng.random() < 0.2}
        headers = [
            (name.encode(), rng.choice(TRICKS)[:200].encode("utf-8", "replace").translate(None, bytes(range(32))))
            for name in HEADERS[:13] if rng.random() < 0.2
        ]  # fmt: skip
        headers.append((b"X-Odd", bytes(rng.randrange(0x80, 0x100) for _ in range(5)))) if rng.random() < 0.1 else None
        method = rng.choice(("GET", "GET", "GET", "POST", "HEAD", "OPTIONS", "DELETE", "TRACE"))
        response = await client.request(method, path, params=query, headers=headers)
        # 503 is what readiness says here: no engine runs.
        assert response.status_code < 500 or (path, response.status_code) == ("/readyz", 503), (
            method,
            path,
            query,
            headers,
        )
        assert "x-evil" not in response.headers


async def test_bytes_that_are_no_request_are_refused_and_the_next_one_is_answered(client: httpx.AsyncClient) -> None:
    for raw in RAW:
        reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        writer.write(raw)
        if b"Connection: close" not in raw:  # a whole request is waited for: hanging up would cut its query off
            writer.write_eof()
        answered = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        with contextlib.suppress(OSError):  # it may have hung up before
            await writer.wait_closed()
        assert b" 500 " not in answered.partition(b"\r\n")[0], raw
        assert b"Traceback" not in answered
        assert b"SLOWEST_REQUEST" not in answered  # a word of the file beyond the static folder
        assert (await client.get("/healthz")).status_code == 200
