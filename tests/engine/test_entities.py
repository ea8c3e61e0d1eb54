"""What the trained model finds in a sentence: whole spans, the program's own names for them, and nothing in false friends."""

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


def entities(engine: httpx.Client, text: str) -> list[dict[str, object]]:
    return engine.post("/understand", json={"texts": [text]}).json()[0]["entities"]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("北辰区集贤里街道哪里有妇女之家", ["北辰区集贤里街道", "妇女之家"]),  # names side by side are one place
        ("我住咸水沽，周六上午能去吗", ["咸水沽", "周六上午"]),  # a town without its suffix
        ("后天下午三点我带女儿去", ["后天下午三点", "女儿"]),  # a time in one piece
        ("老公今年三十六岁", ["老公", "三十六岁"]),  # 今年 belongs to the age
        ("想找有母婴室的地方", ["母婴室"]),  # what a place has
    ],
)
def test_spans_are_whole(engine: httpx.Client, text: str, spans: list[str]) -> None:
    assert [text[int(found["start"]) : int(found["end"])] for found in entities(engine, text)] == spans


@pytest.mark.parametrize(
    "text",
    [
        "我和平时一样过日子",  # 和平 is a district
        "住在二号楼三单元",  # no date
        "三十天冷静期能不能不等",  # how long, not when
        "您好，我想问点事",  # nothing at all
    ],
)
def test_nothing_is_found_where_nothing_is(engine: httpx.Client, text: str) -> None:
    assert entities(engine, text) == []


def test_a_service_and_a_room_carry_the_names_that_the_program_knows(engine: httpx.Client) -> None:
    values = {found["entity"]: found["value"] for found in entities(engine, "哪里的心理咨询有停车位")}
    assert values == {"service_kind": "psychological", "facility": "parking"}
