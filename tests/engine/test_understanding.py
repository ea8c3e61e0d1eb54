"""What the trained model makes of several needs, long stories, cries for help before a question, and words it cannot place."""

import time

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


def understood(engine: httpx.Client, text: str) -> dict[str, object]:
    return engine.post("/understand", json={"texts": [text]}).json()[0]


def test_two_questions_are_two_needs(engine: httpx.Client) -> None:
    found = understood(engine, "起诉离婚要准备哪些材料？还有，男方给的彩礼要退多少？")
    assert sorted(found["needs"]) == ["ask_bride_price", "ask_divorce"]


def test_a_story_before_its_question_is_one_need(engine: httpx.Client) -> None:
    story = "我们结婚十一年了，房子是他爸妈的名。去年他下岗以后天天喝酒，喝多了就砸东西。我已经搬出来三个月了。"
    assert understood(engine, story + "我想起诉离婚，该去哪个法院？")["needs"] == ["ask_divorce"]


def test_a_cry_for_help_is_not_replaced_by_the_question_after_it(engine: httpx.Client) -> None:
    found = understood(engine, "我不想活了，遗书都写好了。对了你们几点下班？")
    assert found["intent"]["name"] == "report_suicide"


@pytest.mark.parametrize(
    "filling",
    [
        "他打我骂我，我真的不知道怎么办了。",  # many sentences
        "他打我骂我",  # not one mark: a single clause of four thousand characters
        "😭",  # no word at all
    ],
)
def test_four_thousand_characters_take_bounded_time(engine: httpx.Client, filling: str) -> None:
    text = (filling * 4000)[:3985] + "我要离婚，孩子抚养费怎么算？"
    began = time.monotonic()
    found = understood(engine, text[-4000:])
    assert time.monotonic() - began < 3
    assert found["intent"]["name"]


def test_words_that_it_cannot_place_are_asked_back(engine: httpx.Client) -> None:
    found = understood(engine, "那个绿的要是放在上头的话")
    assert found["intent"]["name"] == "nlu_fallback"
    assert len(found["ranking"]) == 5
