"""Every answer can be trusted, the right one is chosen, and an old one is not passed off as fresh."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.cli.knowledge import problems
from bot.language.speakers import Voice, read_speaker, was_struck
from bot.services.knowledge import (
    LIMITS,
    MOST_OFFERED,
    NEXT_STEPS,
    POSSIBLE,
    SURE,
    Answer,
    Knowledge,
    asked_as,
    confidence,
)

ROOT = Path(__file__).resolve().parents[2]
KNOWLEDGE = Knowledge.load(ROOT / "data" / "knowledge")
ANSWERS = list(KNOWLEDGE.answers.values())
CHECKED = date(2026, 11, 24)
WORDS = "她的话"
NUMBER = re.compile(r"110|120|12338|12348|12355|12356|12333|12345")
KNOWN_NUMBERS = {"110", "119", "120", "12110", "12333", "12338", "12345", "12348", "12355", "12356"}
REFERENCE = (
    # one row of the reference on law after another: what an answer must rest on for it to be reachable
    ("反家庭暴力法", "第二条"), ("法释〔2022〕17号", "第三条"), ("反家庭暴力法", "第十三条"), ("反家庭暴力法", "第十四条"),
    ("未成年人保护法", "第十一条"), ("反家庭暴力法", "第十五条"), ("反家庭暴力法", "第十六条"), ("反家庭暴力法", "第十七条"),
    ("反家庭暴力法", "第十八条"), ("反家庭暴力法", "第十九条"), ("反家庭暴力法", "第二十条"), ("法释〔2022〕17号", "第六条"),
    ("反家庭暴力法", "第二十三条"), ("反家庭暴力法", "第二十五条"), ("反家庭暴力法", "第二十八条"), ("反家庭暴力法", "第三十条"),
    ("法释〔2022〕17号", "第一条"), ("法释〔2022〕17号", "第二条"), ("反家庭暴力法", "第三十四条"),
    ("妇女权益保障法", "第二十九条"), ("妇女权益保障法", "第二十三条"), ("妇女权益保障法", "第二十五条"),
    ("妇女权益保障法", "第八十条"), ("女职工劳动保护特别规定", "第十一条"), ("妇女权益保障法", "第四十三条"),
    ("妇女权益保障法", "第四十八条"), ("女职工劳动保护特别规定", "第五条"), ("女职工劳动保护特别规定", "第七条"),
    ("女职工劳动保护特别规定", "第九条"), ("妇女权益保障法", "第五十五条"), ("妇女权益保障法", "第五十六条"),
    ("妇女权益保障法", "第七十五条"), ("妇女权益保障法", "第六十七条"), ("妇女权益保障法", "第六十八条"),
    ("民法典", "第一千零八十八条"), ("民法典", "第一千零七十六条"), ("民法典", "第一千零七十七条"),
    ("民法典", "第一千零七十九条"), ("民法典", "第一千零八十二条"), ("民法典", "第一千零八十四条"),
    ("民法典", "第一千零八十五条"), ("民法典", "第一千零八十七条"), ("民法典", "第一千零九十条"),
    ("民法典", "第一千零九十一条"), ("法律援助法", "第三十二条"), ("法律援助法", "第四十三条"), ("法律援助法", "第四十四条"),
    ("妇女权益保障法", "第七十二条"), ("妇女权益保障法", "第七十三条"), ("妇女权益保障法", "第七十六条"),
)  # fmt: skip
NEVER_INVENTED = ("other_traffic", "other_criminal", "other_debt", "other_fraud", "other_medical", "other_contract")


def an_answer(name: str = "order_time", intent: str = "ask_protection_order", **more) -> Answer:
    fields = {
        "questions": ("保护令多久",), "text": "法院七十二小时内决定。\n先做：说清有危险。\n找谁：法院；12348。",
        "law": (("反家庭暴力法", "第二十八条"),), "sources": (), "checked_at": CHECKED,
        "valid_until": CHECKED + timedelta(days=180), "next": ("find_legal",), "otherwise": False,
    }  # fmt: skip
    return Answer(name, intent, **(fields | more))


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.id)
def test_an_answer_can_be_trusted(answer: Answer) -> None:
    assert 5 <= len(answer.questions) <= 10
    assert answer.law or answer.sources, "an answer needs the law or says what it rests on"
    assert all(re.fullmatch(r"第.+条(第.+[项款])?(、第.+条(第.+[项款])?)*", article) for _, article in answer.law)
    assert not any("治安管理处罚法" in name for name, _ in answer.law), "its articles were numbered anew in 2026"
    assert set(answer.next) <= set(NEXT_STEPS) | set(KNOWLEDGE.answers)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.id)
def test_an_answer_is_three_moves_in_few_words(answer: Answer) -> None:
    meaning, first, whom = answer.text.splitlines()
    assert not meaning.startswith(("先做", "找谁"))
    assert first.startswith("先做：")
    assert whom.startswith("找谁：")
    assert NUMBER.search(whom) or "派出所" in whom, "an answer ends with whom to call"
    assert len(answer.text) <= 190
    assert len(answer.words(CHECKED)) <= 420


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.id)
def test_an_answer_names_no_number_that_is_not_known(answer: Answer) -> None:
    assert set(re.findall(r"(?<![\d.])(?:1[12]0|119|12\d{3}|96\d{3,4}|\d{7,})(?!\d)", answer.text)) <= KNOWN_NUMBERS


@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if answer.supposes], ids=lambda answer: answer.id)
def test_the_questions_of_an_answer_say_what_it_takes_for_granted(answer: Answer) -> None:
    assert [question for question in answer.questions if not answer.fits(question)] == []


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("他出轨了我该怎么办", "relationship_own_fault"),  # whose fault it is, is not in the likeness of words
        ("老公出轨我很后悔嫁给他", "harassment_accused"),
        ("产后三个月天天哭", "bereaved_baby"),
        ("孩子不爱写作业", "parenting_suicide_words"),
        ("她老公打她", "violence_accused"),
    ],
)
def test_an_answer_that_takes_too_much_for_granted_is_not_given(text: str, never: str) -> None:
    answer = KNOWLEDGE.answers[never]
    choice = KNOWLEDGE.choose(answer.intent, text, [(never, 0.9)])
    assert answer not in (choice.answer, *choice.offered)


def test_no_two_answers_share_a_question() -> None:
    questions = [question for answer in ANSWERS for question in answer.questions]
    assert len(questions) == len(set(questions))


@pytest.mark.parametrize(("law", "article"), REFERENCE)
def test_each_point_of_law_that_was_checked_is_answered_somewhere(law: str, article: str) -> None:
    assert any(law == name and article in articles for answer in ANSWERS for name, articles in answer.law)


@pytest.mark.parametrize("name", NEVER_INVENTED)
def test_what_was_not_checked_is_referred_and_not_invented(name: str) -> None:
    assert KNOWLEDGE.answers[name].law == ()
    assert "12348" in KNOWLEDGE.answers[name].text


@pytest.mark.parametrize("name", ["maternity_leave", "maternity_father"])
def test_leave_that_was_not_found_for_the_city_is_said_to_be_unknown(name: str) -> None:
    text = KNOWLEDGE.answers[name].text
    assert "没有核实到" in text
    assert "12333" in text


def test_the_surest_answer_is_given() -> None:
    assert (
        KNOWLEDGE.choose("ask_protection_order", WORDS, [("order_time", 0.7), ("order_cost", 0.3)]).answer.id
        == "order_time"
    )


def test_two_that_are_alike_are_offered_and_none_is_given() -> None:
    choice = KNOWLEDGE.choose("ask_protection_order", WORDS, [("order_time", 0.5), ("order_cost", 0.5)])
    assert choice.answer is None
    assert [answer.id for answer in choice.offered] == ["order_time", "order_cost"]


def test_an_answer_that_is_not_certain_comes_with_the_next_question_as_a_choice() -> None:
    choice = KNOWLEDGE.choose("ask_protection_order", WORDS, [("order_time", 0.50), ("order_cost", 0.46)])
    assert choice.answer.id == "order_time"
    assert [answer.id for answer in choice.offered] == ["order_cost"]


def test_nothing_like_it_means_that_there_is_no_answer() -> None:
    choice = KNOWLEDGE.choose("ask_divorce", WORDS, [("divorce_cost", POSSIBLE - 0.05), ("divorce_sue", 0.1)])
    assert choice.answer is None
    assert not choice.offered


def test_where_feelings_are_told_somebody_always_answers() -> None:
    choice = KNOWLEDGE.choose("feel_distressed", WORDS, [])
    assert choice.answer.id == "distress_listen"


def test_an_answer_of_another_topic_that_is_clearly_more_alike_is_given() -> None:
    ranked = [("custody_amount", 0.6), ("divorce_cost", 0.40), ("divorce_sue", 0.39)]
    assert KNOWLEDGE.choose("ask_divorce", WORDS, ranked).answer.id == "custody_amount"
    beside = KNOWLEDGE.choose("ask_divorce", WORDS, ranked, among_others=True)
    assert beside.answer.intent == "ask_divorce", "a need among others has an answer of its own"


def test_who_tells_of_feelings_is_not_answered_with_law() -> None:
    ranked = [("divorce_sue", 0.9), ("distress_breakup", 0.5)]
    assert KNOWLEDGE.choose("feel_distressed", WORDS, ranked).answer.id == "distress_breakup"
    assert KNOWLEDGE.choose("feel_distressed", WORDS, [("divorce_sue", 0.9)]).answer.id == "distress_listen"


def test_nobody_who_was_struck_is_offered_what_is_for_those_who_strike() -> None:
    ranked = [("admit_control", 0.9), ("violence_penalty", 0.40), ("violence_promise", 0.40)]
    choice = KNOWLEDGE.choose("ask_domestic_violence", WORDS, ranked)
    assert not any(answer.intent == "admit_violence" for answer in (choice.answer, *choice.offered))


def test_one_who_struck_is_told_of_stopping_and_not_of_hiding() -> None:
    assert asked_as("ask_domestic_violence", Voice.PERPETRATOR) == "admit_violence"
    assert asked_as("ask_divorce", Voice.PERPETRATOR) == "ask_divorce"
    assert asked_as("ask_domestic_violence", Voice.OTHER) == "ask_domestic_violence"
    assert asked_as("admit_violence", Voice.OTHER) == "ask_domestic_violence"


@pytest.mark.parametrize(
    ("words", "need"),
    [
        ("我老公昨天打了我", "ask_domestic_violence"),  # the model mistook it for the next one
        ("我打了我老公", "admit_violence"),
        ("我对象昨晚动手打了我", "ask_domestic_violence"),
        ("我把我老婆给打了", "admit_violence"),
        ("我婆婆打了我一巴掌", "ask_domestic_violence"),
        ("我动手了，她要离婚", "admit_violence"),  # nobody is said to have struck him
        ("他打我，我也打了他", "admit_violence"),  # both
    ],
)
def test_who_struck_whom_is_decided_by_the_order_of_words(words: str, need: str) -> None:
    assert asked_as("admit_violence", read_speaker(words).voice, was_struck=was_struck(words)) == need


def test_never_more_choices_than_can_be_read() -> None:
    ranked = [(answer.id, 0.4) for answer in ANSWERS if answer.intent == "ask_wages"]
    assert len(KNOWLEDGE.choose("ask_wages", WORDS, ranked).offered) == MOST_OFFERED


def test_confidence_falls_as_others_come_near() -> None:
    assert confidence([]) == 0
    assert confidence([0.4]) == 1
    assert confidence([0.4, 0.4]) == 0.5
    assert confidence([0.6, 0.4, 0.4]) > SURE > confidence([0.6, 0.59, 0.58])


@pytest.mark.parametrize(
    ("needs", "order"),
    [
        (["ask_divorce", "ask_custody"], ["ask_divorce", "ask_custody"]),  # as she said them
        (["ask_divorce", "ask_domestic_violence"], ["ask_domestic_violence", "ask_divorce"]),  # the pressing one first
        (["ask_wages", "feel_distressed"], ["feel_distressed", "ask_wages"]),
        (["ask_divorce", "ask_custody", "ask_property"], ["ask_divorce", "ask_custody"]),  # two at most
        (["find_place", "ask_divorce", "ask_divorce"], ["ask_divorce"]),  # a place has no answer to read
    ],
)
def test_the_more_pressing_need_is_answered_first(needs: list[str], order: list[str]) -> None:
    assert KNOWLEDGE.in_order(needs) == order


def test_an_answer_shows_its_law_and_the_day_it_was_checked() -> None:
    words = an_answer(law=(("反家庭暴力法", "第二十八条"), ("法释〔2022〕17号", "第一条"))).words(CHECKED)
    assert words.endswith("依据：《反家庭暴力法》第二十八条；法释〔2022〕17号第一条（2026年11月24日核对）")


def test_on_its_last_day_an_answer_is_still_given_and_the_day_after_it_is_not() -> None:
    answer = an_answer()
    assert "七十二小时" in answer.words(CHECKED + timedelta(days=180))
    late = answer.words(CHECKED + timedelta(days=181))
    assert "七十二小时" not in late
    assert "《反家庭暴力法》" not in late
    assert "过了期限" in late
    assert "12348" in late
    assert "先做：说清有危险" in late, "what she can do now is never kept back"


def test_law_ages_faster_than_advice() -> None:
    law, advice = KNOWLEDGE.answers["order_time"], KNOWLEDGE.answers["distress_listen"]
    later = CHECKED + timedelta(days=200)
    assert law.is_stale(later)
    assert not advice.is_stale(later)
    assert "12338" in advice.words(CHECKED + timedelta(days=400))


def test_the_check_names_what_is_too_old_and_what_has_no_source() -> None:
    known = Knowledge([an_answer(), an_answer("bare", law=(), sources=())])
    assert problems(known, CHECKED) == ["bare 没有写依据（law 或 sources）"]
    late = problems(known, CHECKED + timedelta(days=181))
    assert any(line.startswith("order_time 上次核对是 2026-11-24") for line in late)


@pytest.mark.parametrize(("day", "code"), [("2026-11-24", 0), ("2027-05-23", 0), ("2027-05-24", 1)])
def test_the_command_fails_from_the_day_on_which_an_answer_is_too_old(day: str, code: int) -> None:
    assert CliRunner().invoke(main, ["knowledge", "check", "--today", day]).exit_code == code


def test_a_limit_for_each_kind_is_set() -> None:
    assert "law: 180" in LIMITS.read_text(encoding="utf-8")
    assert "advice: 365" in LIMITS.read_text(encoding="utf-8")
