"""The engine's door: one contract, a secret, limits, and no stack trace."""

from pathlib import Path

import httpx
import pytest

from tests.running import System

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


@pytest.fixture
def engine(system: System):
    base = f"http://127.0.0.1:{system.ports['engine']}/webhooks/bot"
    with httpx.Client(
        base_url=base, headers={"X-Engine-Secret": "secret-of-a-test"}, trust_env=False, timeout=20
    ) as client:
        yield client


def turn(text: str = "你好", **more: object) -> dict[str, object]:
    return {"conversation": "c", "text": text, "metadata": {}, **more}


def test_a_turn_brings_replies_and_what_was_understood(engine: httpx.Client) -> None:
    answer = engine.post("/turn", json=turn("离婚冷静期多少天")).json()
    assert answer["messages"][0]["text"]
    assert answer["nlu"]["intent"]["name"] == "ask_divorce"
    assert 0 < answer["nlu"]["intent"]["confidence"] <= 1
    assert len(answer["nlu"]["ranking"]) == 5
    assert answer["nlu"]["answers"][0]["id"] == "divorce_cooling_off"
    assert answer["sources"] == ["action_answer_question", "answer:divorce_cooling_off"]


def test_a_payload_is_certain_and_a_typed_one_is_text(engine: httpx.Client) -> None:
    chosen = engine.post("/turn", json=turn("找法律服务", payload='/find_place{"service_kind":"legal"}')).json()
    assert chosen["nlu"]["intent"] == {"name": "find_place", "confidence": 1.0}
    typed = engine.post("/turn", json=turn('/find_place{"service_kind":"legal"}')).json()
    assert typed["nlu"]["intent"]["name"] != "find_place"
    assert all(
        entity["entity"] != "service_kind" or entity["value"] != "legal" or entity["start"]
        for entity in typed["nlu"]["entities"]
    )


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"X-Engine-Secret": "guess"}, b"{}", 401),  # another secret
        ({"X-Engine-Secret": ""}, b"{}", 401),  # none
        ({}, b"not json", 400),  # junk
        ({}, b"[]", 400),  # no object
        ({}, b"[" * 100_000, 400),  # nested deeper than anything of ours
        ({"X-Engine-Secret": "\xff".encode("latin-1")}, b"{}", 401),  # bytes that are no text
        ({}, b'{"conversation":"c","text":"x","payload":"/a' + b'{\\"a\\":' * 2000 + b'"}', 413),  # a deep payload
        ({}, b'{"text":"x"}', 400),  # no conversation
        ({}, b'{"conversation":"c","text":5}', 400),  # text that is no text
        ({}, b'{"conversation":"c","text":"x","payload":"no slash"}', 400),  # a payload that is none
        ({}, b'{"conversation":"c","text":"x","payload":"/a{broken"}', 400),  # a broken one
        ({}, b'{"conversation":"c","text":"x","metadata":[1]}', 400),  # metadata that is none
        ({}, b'{"conversation":"c","text":"' + b"x" * 5000 + b'"}', 413),  # longer than is read
        ({}, b'{"conversation":"' + b"c" * 5000 + b'","text":"x"}', 413),  # no such name is ours
        ({}, b'{"conversation":"c","text":"x","pad":"' + b"x" * 1_100_000 + b'"}', 413),  # larger than any request
    ],
)
def test_what_does_not_fit_the_contract_is_refused(
    engine: httpx.Client, headers: dict, body: bytes, status: int
) -> None:
    response = engine.post("/turn", content=body, headers=headers)
    assert response.status_code == status
    assert set(response.json()) == {"error"}


def test_forgetting_deletes_the_tracker(engine: httpx.Client) -> None:
    engine.post("/turn", json=turn("你好", conversation="to-forget"))
    assert engine.post("/forget", json={"conversation": "to-forget"}).json()["forgotten"] > 0
    assert engine.post("/forget", json={"conversation": "to-forget"}).json()["forgotten"] == 0


def test_reset_leaves_the_conversation_usable(engine: httpx.Client) -> None:
    assert engine.post("/reset", json={"conversation": "to-reset"}).json() == {"reset": True}
    assert engine.post("/turn", json=turn("你好", conversation="to-reset")).json()["messages"]


def test_nothing_else_is_served(engine: httpx.Client, system: System) -> None:
    base = f"http://127.0.0.1:{system.ports['engine']}"
    for path in ("/conversations/c/tracker", "/model/parse", "/webhooks/rest/webhook", "/domain"):
        assert httpx.get(base + path, trust_env=False).status_code == 404


def test_the_actions_are_run_for_nobody_but_the_engine(system: System) -> None:
    base = f"http://127.0.0.1:{system.ports['actions']}"
    call = {"next_action": "action_ready", "sender_id": "c", "tracker": {"sender_id": "c", "slots": {}}, "domain": {}}
    for headers in ({}, {"X-Engine-Secret": "guess"}, {"X-Engine-Secret": "", "Origin": "http://evil.example"}):
        answer = httpx.post(f"{base}/webhook", json=call, headers=headers, trust_env=False)
        assert (answer.status_code, answer.json()) == (401, {"error": "secret"})
    assert httpx.get(f"{base}/actions", trust_env=False).status_code == 401
    assert httpx.get(f"{base}/health", trust_env=False).status_code == 200
    known = httpx.post(f"{base}/webhook", json=call, headers={"X-Engine-Secret": "secret-of-a-test"}, trust_env=False)
    assert known.status_code == 200


@pytest.mark.parametrize("name", ["engine", "actions"])
def test_neither_process_listens_beyond_loopback(system: System, name: str) -> None:
    port, listening = f":{system.ports[name]:04X}", set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        lines = Path(table).read_text().splitlines()[1:] if Path(table).exists() else []
        listening |= {line.split()[1] for line in lines if line.split()[3] == "0A" and line.split()[1].endswith(port)}
    assert listening == {f"0100007F{port}"}
