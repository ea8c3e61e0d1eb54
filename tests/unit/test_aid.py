"""Programmes: nothing in the file goes beyond what is checked, every one is found by her words, old ones are not told."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.domain.aid import ITEM_WORDS, MOVES, STATUS_WORDS, AidStatus, ItemState
from bot.services.aid import asks_state, starts
from bot.services.aid_programmes import load_programmes
from bot.services.experts import is_bare

ROOT = Path(__file__).resolve().parents[2]
PROGRAMMES = load_programmes()
ANSWERS = {
    answer["id"]: answer
    for file in sorted((ROOT / "data" / "knowledge").glob("*.yml"))
    for answer in yaml.safe_load(file.read_text(encoding="utf-8"))["answers"]
}
NAMES = [one.key for one in PROGRAMMES.all]


def articles(law: list[dict[str, str]] | list[tuple[str, str]]) -> set[tuple[str, str]]:
    pairs = [(one["name"], one["article"]) if isinstance(one, dict) else one for one in law]
    return {(name, article) for name, listed in pairs for article in listed.split("、")}


@pytest.mark.parametrize("key", NAMES)
def test_a_programme_cites_only_what_its_answer_cites(key: str) -> None:
    one = PROGRAMMES.named(key)
    assert one is not None
    answer = ANSWERS[one.answer]
    assert articles(list(one.law)) <= articles(answer["law"])
    assert one.checked_at <= answer["checked_at"]


@pytest.mark.parametrize("key", NAMES)
def test_a_programme_promises_no_amount_and_fits_a_message(key: str) -> None:
    one = PROGRAMMES.named(key)
    assert one is not None
    told = one.gives + one.who + one.where + one.refused
    assert not re.search(r"\d+ ?(元|万|块|%|％|个月)", told)
    assert set(re.findall(r"\d{3,}", told)) <= {"110", "12338", "12345", "12348"}
    assert 1 <= len(one.papers) <= 4  # a tap each, and two more
    assert len({paper.key for paper in one.papers}) == len(one.papers)
    assert all(re.fullmatch(r"[a-z]+", paper.key) for paper in one.papers)


def test_keys_are_unlike() -> None:
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("我想申请低保", "dibao"),
        ("家里着火了，急用钱", "temporary"),
        ("孩子白血病住院，报销完还差好多", "medical"),
        ("乳腺癌没钱治，要申请救助", "cancer"),
        ("我一个人带俩孩子，单亲，要申请", "mother"),
        ("闺女学费交不起", "school"),
        ("侄女爹妈都没了，跟着我", "children"),
        ("孤儿寡母的，给申请一个", "mother"),  # a widow with a child, no orphan
        ("想申请公租房", "housing"),
        ("给婆婆申请残疾人补贴", "disability"),
    ],
)
def test_her_words_name_the_programme(text: str, first: str) -> None:
    assert PROGRAMMES.guessed(text)[0].key == first


def test_words_that_name_nothing_guess_nothing() -> None:
    assert PROGRAMMES.guessed("帮我申请一个吧，实在过不下去了") == ()


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("我的申请办到哪了", True),
        ("低保批下来没", True),
        ("上回报的那个咋样了", True),
        ("帮我申请低保", False),
        ("我急用钱，申请临时救助", False),
    ],
)
def test_asking_how_it_stands(text: str, asks: bool) -> None:
    assert asks_state(text) is asks


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        ("都没有，先帮我申请", True),
        ("先帮我申请", True),
        ("没材料，直接报吧", True),
        ("我想申请低保", False),  # says which one, and may want to look first
    ],
)
def test_going_on_without_papers(text: str, goes_on: bool) -> None:
    assert starts(text) is goes_on


def test_what_was_checked_long_ago_is_stale() -> None:
    with_law, without = PROGRAMMES.named("dibao"), PROGRAMMES.named("cancer")
    assert with_law is not None
    assert without is not None
    assert not with_law.is_stale(with_law.checked_at)
    assert with_law.is_stale(date(2027, 11, 1))
    assert not without.is_stale(date(2027, 11, 1))  # advice may be older than law


def test_every_state_has_words_and_a_withdrawn_one_stays_so() -> None:
    assert set(STATUS_WORDS) == set(AidStatus) == set(MOVES)
    assert set(ITEM_WORDS) == set(ItemState)
    assert MOVES[AidStatus.WITHDRAWN] == frozenset()


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("我想请教专家", True),
        ("想找个农技专家问问", True),
        ("有没有懂养殖的老师", True),
        ("问专家", True),
        ("大棚黄瓜叶子发黄，想问问专家", False),
        ("猪不吃食拉稀咋治", False),
        ("有没有懂养羊的专家，我家母羊不认羔", False),
    ],
)
def test_an_announcement_is_no_question(text: str, bare: bool) -> None:
    assert is_bare(text) is bare
