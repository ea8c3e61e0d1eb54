"""Whatever she writes: every reader of Chinese gives an answer, and what has to be true of each answer is."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.text import LIMIT, split
from bot.domain import federations, mobile, suggestions, volunteers
from bot.language import activity_wishes, contact_wishes, work_wishes
from bot.language.cleaning import clean
from bot.language.exclusions import read_exclusions
from bot.language.masking import mask
from bot.language.places import Gazetteer
from bot.language.risk import read_risk
from bot.language.speakers import read_speaker, was_struck
from bot.language.times import read_time
from bot.language.wishes import read_booking_kinds, read_wishes
from bot.services.conversations import choice_number
from bot.services.sample_directory import PLACES
from tests.fuzz.budget import WORDS, budget

NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
PIECES = (
    *"今明后大前周一二三四五六日月号点半刻分时早晚到至不别没我他她你打杀死想怕求救跟孩子上下中午家区街道村镇楼号室附近第个人都能行，。！？、 ",
    *(
        "星期",
        "上午",
        "下班后",
        "救命",
        "离婚",
        "抚养",
        "北辰",
        "和平区",
        "南开",
        "集贤里街道",
        "妇女之家",
        "志愿者",
        "律师",
        "不要",
        "除了",
    ),
    *(
        "13812345678",
        "120101199001011234",
        "王秀兰",
        "三号楼",
        "12",
        "8:30",
        "1",
        "２",
        "①",
        "\u200b",
        "\0",
        "😭",
        "𠮷",
    ),
)
SAID = st.one_of(st.lists(st.sampled_from(PIECES), max_size=24).map("".join), WORDS)
READERS: tuple[Callable[[str], object], ...] = (
    activity_wishes.which_of_several, activity_wishes.sign_in_code, activity_wishes.would_wait, activity_wishes.gives_up,
    activity_wishes.rating_in, activity_wishes.feedback_in, contact_wishes.may_call, contact_wishes.safe_to_write,
    contact_wishes.wants_to_leave, work_wishes.keeps_from_work, work_wishes.wants_work, work_wishes.asks_of_work,
    read_exclusions, read_risk, read_speaker, was_struck, read_booking_kinds, read_wishes, choice_number, federations.has_mobile,
    federations.is_office_phone, federations.kind_in, federations.work_choice, mobile.kind_in, mobile.wants_no_more,
    suggestions.substance, suggestions.says_something, volunteers.phone_in, volunteers.wants_to_leave, volunteers.is_wish,
    volunteers.kind_in,
)  # fmt: skip


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@budget(150)
@given(SAID)
def test_every_reader_answers_the_same_thing_twice(said: str) -> None:
    for read in READERS:
        assert read(said) == read(said), read


@budget(120)
@given(SAID)
def test_times_are_read_or_are_none(said: str) -> None:
    reading = read_time(said, NOW)
    assert all(one.start >= NOW for one in reading.candidates)
    activity_wishes.read_activity_wishes(said, NOW)


@budget(80)
@given(said=SAID)
def test_places_that_are_found_are_places_of_the_area(gazetteer: Gazetteer, said: str) -> None:
    found = gazetteer.read(said)
    for unit in (found.division, *found.candidates):
        assert unit is None or gazetteer.division(unit.code) == unit
    assert found.span is None or 0 <= found.span[0] <= found.span[1]


@budget(150)
@given(SAID)
def test_a_masked_text_is_masked_for_good_and_a_cleaned_one_clean(said: str) -> None:
    masked = mask(said)
    assert mask(masked) == masked
    assert "13812345678" not in masked
    assert "120101199001011234" not in masked
    assert clean(clean(said)) == clean(said)
    assert "\0" not in clean(said)


@budget(80)
@given(st.lists(SAID, max_size=40).map("".join))
def test_a_text_is_cut_for_wechat_without_loss(said: str) -> None:
    parts = split(said)
    assert all(0 < len(part.encode()) <= LIMIT and part.strip() for part in parts)
    assert "".join("".join(parts).split()) == "".join(said.split())
