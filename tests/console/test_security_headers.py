"""Each header that protects a page, on every kind of answer: a page, a refusal, an API, a file, and nothing at all."""

import pytest

from tests.console.conftest import Office

ANSWERS = [
    "/console/enter",
    "/console/cases",
    "/console/nowhere",
    "/chat",
    "/chat/api/messages",
    "/console/static/console.css",
]
HEADERS = [
    ("Content-Security-Policy", "default-src 'none'"),  # what is not named is not loaded
    ("Content-Security-Policy", "script-src 'self'"),  # no inline script, whatever she or he types
    ("Content-Security-Policy", "style-src 'self'"),
    ("Content-Security-Policy", "form-action 'self'"),  # no form sends her words elsewhere
    ("Content-Security-Policy", "base-uri 'none'"),
    ("Content-Security-Policy", "frame-ancestors 'none'"),  # nobody lays a page over ours
    ("X-Frame-Options", "DENY"),  # the same for old browsers
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),  # a link does not tell where she came from
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=()"),
    ("Cache-Control", "no-store"),  # nothing is left in a shared computer
]


@pytest.mark.parametrize(("header", "value"), HEADERS)
async def test_every_answer_carries_it(office: Office, header: str, value: str) -> None:
    for path in ANSWERS:
        response = await office.client.get(path)
        assert value in response.headers.get(header, ""), path


async def test_no_policy_allows_what_is_inline(office: Office) -> None:
    policy = (await office.client.get("/console/enter")).headers["Content-Security-Policy"]
    assert "unsafe" not in policy
