"""Who plainly wants to help, who fits a call, what a sign-up carries, and a file of skills that is wrong."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.volunteers import (
    Able,
    Draft,
    FreeTime,
    Needed,
    VolunteerKind,
    fit,
    free_time_of,
    hour_words,
    is_wish,
    kind_in,
    nearness,
    phone_in,
    wants_to_leave,
)
from bot.services.volunteer_skills import SkillsProblem, known_skills, load_skills

VOLUNTEER, EXPERT, MENTOR = VolunteerKind
DISTRICT, TOWN, OTHER_TOWN, OTHER_DISTRICT = "120113", "120113001", "120113002", "120111"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("我想当志愿者", True),
        ("报名做义工", True),
        ("我要报名当女科技专家", True),
        ("愿意做创业导师", True),
        ("怎么加入巾帼志愿者", False),  # asks how
        ("想参加志愿服务，需要什么条件", False),  # asks what is needed
        ("大学生可以当志愿者吗", False),  # asks whether
        ("我想捐款给志愿者", False),  # gives money, not time
        ("志愿者把我孩子摔了", False),  # a complaint
        ("去年报的志愿者没下文，还能再报吗", False),
    ],
)
def test_a_plain_wish_begins_the_sign_up_and_a_question_does_not(text: str, wish: bool) -> None:
    assert is_wish(text) is wish


@pytest.mark.parametrize(
    ("text", "kind"),
    [("我想当创业导师", MENTOR), ("报名农技专家", EXPERT), ("我想当志愿者", None)],
)
def test_as_what_she_signs_up_is_read_from_her_words(text: str, kind: VolunteerKind | None) -> None:
    assert kind_in(text) is kind


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("我不想当志愿者了", True),
        ("志愿者我要退出", True),
        ("取消我的导师登记", True),
        ("志愿服务先停一停", False),  # a pause is no leaving
        ("我服务了多少小时", False),
    ],
)
def test_leaving_is_told_from_pausing(text: str, leaves: bool) -> None:
    assert wants_to_leave(text) is leaves


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("我的电话是13800000000", "13800000000"),
        ("打022-27350000找我", "022-27350000"),
        ("身份证120101199001011234", ""),  # longer digits are something else
        ("打12338", ""),  # a hotline is not hers
    ],
)
def test_a_telephone_is_read_and_nothing_else(text: str, phone: str) -> None:
    assert phone_in(text) == phone


@given(
    st.builds(
        Draft,
        kind=st.sampled_from([None, *VolunteerKind]),
        skills=st.lists(st.sampled_from([one.key for one in known_skills().all]), unique=True).map(tuple),
        area=st.sampled_from(["", DISTRICT, TOWN]),
        free=st.lists(st.sampled_from(list(FreeTime)), unique=True).map(tuple),
    )
)
def test_a_sign_up_is_read_back_as_it_was_written(draft: Draft) -> None:
    assert Draft.read(draft.write()) == draft


@pytest.mark.parametrize("text", ["", "contact", "boss.law.120113.", "a.b.c.d.e", "expert.law"])
def test_what_is_no_sign_up_begins_one_anew(text: str) -> None:
    assert Draft.read(text) == Draft()


def test_a_second_tap_takes_a_skill_out_again() -> None:
    draft = Draft(EXPERT).with_skill("law").with_skill("mind")
    assert draft.skills == ("law", "mind")
    assert draft.with_skill("law").skills == ("mind",)


@pytest.mark.parametrize(
    ("moment", "free"),
    [
        (datetime(2026, 11, 25, 10, tzinfo=SHANGHAI), FreeTime.WORKDAY),
        (datetime(2026, 11, 25, 18, tzinfo=SHANGHAI), FreeTime.WORKDAY_EVENING),
        (datetime(2026, 11, 28, 9, tzinfo=SHANGHAI), FreeTime.WEEKEND),
        (datetime(2026, 11, 28, 20, tzinfo=SHANGHAI), FreeTime.WEEKEND_EVENING),
        (datetime(2026, 10, 1, 9, tzinfo=SHANGHAI), FreeTime.WEEKEND),  # a holiday on a Thursday
    ],
)
def test_the_hour_of_a_call_is_one_of_four_times(moment: datetime, free: FreeTime) -> None:
    assert free_time_of(moment) is free


@pytest.mark.parametrize(
    ("call", "home", "near"),
    [
        (TOWN, TOWN, 2),
        (TOWN, DISTRICT, 2),  # she serves the whole district
        (TOWN, OTHER_TOWN, 1),
        (TOWN, OTHER_DISTRICT, 0),
        ("12", OTHER_DISTRICT, 1),  # a call of the city is for everybody in it
        ("", TOWN, 1),
    ],
)
def test_how_near_she_is(call: str, home: str, near: int) -> None:
    assert nearness(call, home) == near


def test_the_best_come_first_and_those_who_do_not_fit_not_at_all() -> None:
    needed = Needed(VOLUNTEER, ("law", "mind"), TOWN, FreeTime.WEEKEND)
    ranked = [
        Able(VOLUNTEER, ("law", "mind"), OTHER_TOWN, ()),  # both skills before a nearer place
        Able(VOLUNTEER, ("law",), TOWN, (FreeTime.WEEKEND,), 60),
        Able(VOLUNTEER, ("law",), TOWN, (FreeTime.WEEKEND,), 600),  # who did less is asked first
        Able(VOLUNTEER, ("mind",), TOWN, (FreeTime.WORKDAY,)),  # other hours last
    ]
    scores = [fit(needed, one) for one in ranked]
    assert None not in scores
    assert scores == sorted(scores, key=lambda score: score or (), reverse=True)
    assert fit(needed, Able(EXPERT, ("law",), TOWN, ())) is None
    assert fit(needed, Able(VOLUNTEER, ("craft",), TOWN, ())) is None
    assert fit(Needed(None, (), TOWN, None), Able(VOLUNTEER, (), OTHER_DISTRICT, ())) is None


@pytest.mark.parametrize(("minutes", "words"), [(0, "0 小时"), (90, "1.5 小时"), (600, "10 小时"), (50, "0.83 小时")])
def test_hours_are_told_without_needless_digits(minutes: int, words: str) -> None:
    assert hour_words(minutes) == words


def test_skills_are_read_from_words() -> None:
    skills = known_skills()
    assert skills.read("我家大棚黄瓜叶子发黄") == ("planting",)
    assert skills.read("我是律师，周末能开车") == ("law", "driving")
    assert skills.names(("law", "gone")) == "法律、gone"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("- 1", "要有 skills"),
        ("skills: []", "1 到 40 项"),
        ("skills: [{key: law, name: 法律}]", "key、name、kinds、cues"),
        ("skills: [{key: 法律, name: 法律, kinds: [expert], cues: []}]", "英文字母"),
        ("skills: [{key: law, name: 法、律, kinds: [expert], cues: []}]", "顿号"),
        ("skills: [{key: law, name: 法律, kinds: [boss], cues: []}]", "kinds 要从"),
        ("skills: [{key: law, name: 法律, kinds: [expert], cues: 律师}]", "一串词"),
        (
            "skills: [{key: a, name: 一, kinds: [expert], cues: []}, {key: a, name: 二, kinds: [expert], cues: []}]",
            "重复",
        ),
    ],
)
def test_a_wrong_file_ends_the_start_with_what_to_write(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "volunteers.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SkillsProblem, match=told):
        load_skills(file)
