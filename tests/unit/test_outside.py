"""Requests to other systems: the address that was looked at is the one that is reached."""

import httpx
import pytest

from bot.domain.addresses import read_network
from bot.services.outside import NotOutside, OutsideOnly

PUBLIC, SECRETS = "93.184.216.34", "169.254.169.254"


class Names:
    """A name server that answers with one list after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.answers.pop(0)


def client(names: Names, reached: list[httpx.Request], status: int = 200, **more: object) -> httpx.AsyncClient:
    def answer(request: httpx.Request) -> httpx.Response:
        reached.append(request)
        return httpx.Response(status, headers={"location": f"http://{SECRETS}/"})

    transport = OutsideOnly(httpx.MockTransport(answer), resolver=names, **more)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, follow_redirects=False)


async def test_the_connection_goes_to_the_address_that_was_checked_and_the_certificate_is_the_names() -> None:
    names, reached = Names([PUBLIC], [SECRETS]), []
    async with client(names, reached) as http:
        await http.post("https://aid.example:8443/hook?x=1", content=b"words")
    [request] = reached
    assert (request.url.host, request.url.port, request.url.path) == (PUBLIC, 8443, "/hook")
    assert request.headers["host"] == "aid.example:8443"
    assert request.extensions["sni_hostname"] == "aid.example"
    assert names.asked == [("aid.example", 8443)]  # once: a second answer could lead elsewhere


@pytest.mark.parametrize(
    "found",
    [[SECRETS], ["127.0.0.1"], ["::1"], ["10.0.0.5"], ["fe80::1%eth0"], [PUBLIC, "127.0.0.1"], [], ["100.100.100.200"]],
)
async def test_a_name_that_leads_inside_is_not_followed(found: list[str]) -> None:
    reached: list[httpx.Request] = []
    async with client(Names(found), reached) as http:
        with pytest.raises(NotOutside):
            await http.post("https://aid.example/hook")
    assert reached == []


@pytest.mark.parametrize(
    "url", [f"https://{SECRETS}/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "https://127.1/"]
)
async def test_an_address_in_figures_is_looked_at_like_a_name(url: str) -> None:
    reached: list[httpx.Request] = []
    transport = OutsideOnly(httpx.MockTransport(lambda request: reached.append(request) or httpx.Response(200)))
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(httpx.ConnectError):
            await http.post(url)
    assert reached == []


async def test_a_redirect_is_not_followed() -> None:
    reached: list[httpx.Request] = []
    async with client(Names([PUBLIC]), reached, 302) as http:
        assert (await http.post("https://aid.example/hook")).status_code == 302
    assert len(reached) == 1


async def test_what_an_operator_named_is_reached_and_no_more() -> None:
    reached: list[httpx.Request] = []
    inside, here = [read_network("10.20.0.0/16")], frozenset({"127.0.0.1"})
    async with client(Names(["10.20.0.9"], ["10.21.0.9"]), reached, inside=inside, here=here) as http:
        await http.post("https://aid.example/hook")
        await http.post("http://127.0.0.1:9000/gateway")
        with pytest.raises(NotOutside):
            await http.post("https://other.example/hook")
    assert [request.url.host for request in reached] == ["10.20.0.9", "127.0.0.1"]
