"""Filters as addresses carry them, the words of the index, and why a conversation is worth a look."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.case_topics import Topic
from bot.domain.messages import Entity, Understanding
from bot.domain.review_filter import READERS, Band, ReviewFilter, Whose, read_filter, without, write_filter
from bot.domain.risk import Risk, RiskKind, RiskLevel, Scene
from bot.domain.worth_a_look import NO_REASON, Reason, disagree, is_near, reasons_in
from bot.language.new_words import KnownWords, known_words
from bot.language.places import Gazetteer
from bot.services.noticing import Noticing, what_was_understood
from bot.services.review import read_key, write_key
from bot.services.sample_directory import PLACES
from bot.storage.message_search import wanted_words
from bot.storage.review_lists import Key
from tests.conftest import Clock

FULL = ReviewFilter(
    text="家 暴", whose=Whose.HERS, since=date(2026, 11, 1), until=date(2026, 11, 30), area="120113", channel="web",
    topic=Topic.LAND, intent="ask_divorce", band=Band.LOW, risk=RiskLevel.URGENT, fallback=True, handed_over=False,
    unanswered=True, unhelped=False, reviewed=False, shortest=0, longest=9,
)  # fmt: skip


def test_a_filter_survives_its_address() -> None:
    assert read_filter(write_filter(FULL)) == FULL
    assert write_filter(ReviewFilter()) == {}
    assert read_filter(without(write_filter(FULL), "topic")).topic is None


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("since", "2026-13-01"),
        ("since", "1066-10-14"),  # nobody wrote then
        ("topic", "nothing"),
        ("band", "LOW"),
        ("fallback", "yes"),
        ("area", "北辰区"),  # a name is for the page to read
        ("area", "1201130000000"),
        ("shortest", "-1"),
        ("shortest", "１"),
        ("shortest", "99999999"),
    ],
)
def test_what_cannot_be_read_is_left_out(name: str, written: str) -> None:
    assert read_filter({name: written}) == ReviewFilter()


@given(st.dictionaries(st.sampled_from(sorted(READERS)), st.text()))
def test_no_address_breaks_a_filter(written: dict[str, str]) -> None:
    once = read_filter(written)
    assert read_filter(write_filter(once)) == once


@given(st.text(max_size=80), st.booleans())
def test_a_query_holds_nothing_that_was_typed(typed: str, sqlite: bool) -> None:
    wanted = wanted_words(typed, None, sqlite=sqlite)
    if wanted is not None:
        plain = wanted.query.replace(" AND ", "").replace(" <-> ", "").replace(" & ", "")
        assert set(plain) <= set("0123456789ABCDEF\"'*:() ")


@pytest.mark.parametrize(
    ("typed", "sqlite", "query"),
    [
        ("家暴", True, '"E5AEB6E69AB4"'),
        ("家", True, '"E5AEB6" *'),  # the beginning of a word of the index
        ("家暴 a", True, '"E5AEB6E69AB4" AND "61" *'),
        ("AbC", True, '"6162 6263"'),
        ("家暴", False, "('E5AEB6E69AB4')"),
        ("家", False, "'E5AEB6':*"),
        ("abc 家", False, "('6162' <-> '6263') & 'E5AEB6':*"),
    ],
)
def test_words_of_the_index(typed: str, sqlite: bool, query: str) -> None:
    wanted = wanted_words(typed, None, sqlite=sqlite)
    assert wanted is not None
    assert wanted.query == query


@pytest.mark.parametrize("typed", ["", " ", "\u3000\n", "\0"])
def test_nothing_to_look_for(typed: str) -> None:
    assert wanted_words(typed, None, sqlite=True) is None


@pytest.mark.parametrize(
    ("level", "rules", "model_sees", "differ"),
    [
        (RiskLevel.EMERGENCY, ("hit",), False, True),  # rules alone
        (RiskLevel.EMERGENCY, ("hit", "model"), False, False),
        (RiskLevel.URGENT, ("hit",), True, False),
        (RiskLevel.URGENT, ("model",), True, True),  # the model alone
        (RiskLevel.WATCH, (), True, False),
        (RiskLevel.NONE, (), True, True),  # the model was not believed
        (RiskLevel.NONE, (), False, False),
    ],
)
def test_rules_and_model_disagree(level: RiskLevel, rules: tuple[str, ...], model_sees: bool, differ: bool) -> None:
    assert disagree(level, rules, model_sees) is differ


@pytest.mark.parametrize(
    ("ranking", "near"),
    [
        ([("a", 0.5), ("b", 0.4)], True),
        ([("a", 0.5), ("b", 0.35)], False),  # exactly as far as is far enough
        ([("a", 0.5)], False),
        ([], False),
    ],
)
def test_a_toss_up(ranking: list[tuple[str, float]], near: bool) -> None:
    assert is_near(ranking) is near


def test_one_grave_reason_outweighs_all_lesser_ones() -> None:
    for reason in Reason:
        assert reason > sum(lesser for lesser in Reason if lesser < reason)
    assert reasons_in(Reason.DISAGREE | Reason.NEAR) == [Reason.DISAGREE, Reason.NEAR]


def test_new_sayings_are_stretches_without_a_known_pair() -> None:
    known = KnownWords(["我想离婚", "他打我"])
    assert known.new_in("我想离婚他打我") == ()
    assert known.new_in("我想离婚因为冷暴力他打我") == ("婚因为冷暴力他",)
    assert known.new_in("［电话］冷暴［姓名］") == ()  # short ones, and never across what was masked
    assert known.new_in("hello 12338") == ()


def test_what_was_learned_is_known() -> None:
    assert known_words().new_in("我想离婚怎么办") == ()
    assert known_words().new_in("魑魅魍魉") == ("魑魅魍魉",)


def test_a_turn_is_noticed() -> None:
    noticing = Noticing(Gazetteer.load(PLACES))
    place = Entity("place", "北辰区", "北辰区", 0, 3)
    toss_up = Understanding("ask_divorce", 0.4, (("ask_divorce", 0.4), ("ask_custody", 0.3)), (place,))
    seen = noticing.look("我在北辰区想离婚怎么办", None, Risk(), toss_up, ("action_answer_question",))
    assert (seen.reasons, seen.topic, seen.area) == (Reason.NEAR, Topic.MARRIAGE, "120113")
    chosen = noticing.look("北辰区", '/inform{"place":"120113000000"}', Risk(), Understanding("inform", 1.0), ())
    assert (chosen.reasons, chosen.area) == (NO_REASON, "120113")
    unclear = noticing.look("嗯", None, Risk(), Understanding("nlu_fallback", 0.3), ())
    assert unclear.reasons == Reason.FALLBACK
    asked_back = noticing.look("离婚", None, Risk(), Understanding("ask_divorce", 0.9), ("utter_ask_back",))
    assert asked_back.reasons == Reason.FALLBACK


def test_what_was_understood_is_written_down_masked() -> None:
    risk = Risk(RiskLevel.URGENT, RiskKind.VIOLENCE, ("hit",), scene=Scene.SILENT, doubts=("denied",))
    told = Understanding("greet", 0.9, (("greet", 0.91234),), (Entity("time", "13800000000", "…", 0, 1),))
    written = what_was_understood(told, risk, Noticing().look("嗯", None, risk, told, ()), ("safety_words",))
    assert written == (
        '{"ranking": [["greet", 0.9123]], "entities": [["time", "［电话］"]], "rules": ["hit"], "doubts": ["denied"],'
        ' "scene": "silent", "new_words": [], "sources": ["safety_words"]}'
    )


def test_a_key_survives_its_address_and_nothing_else_is_one(clock: Clock) -> None:
    key = Key(clock(), 17, 36)
    assert read_key(write_key(key)) == key
    for odd in ("", "~", "2026-11-24~1~2", "2026-11-24T02:00:00+00:00~x~1", f"{clock().isoformat()}~{'9' * 30}~1"):
        assert read_key(odd) is None
