"""A place is found when it is certain, asked for when it is not, and never made up."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language.places import Gazetteer, PlaceKind

ROOT = Path(__file__).resolve().parents[2]
GAZETTEER = Gazetteer.load(ROOT / "data" / "places")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("北辰区集贤里街道附近的妇女之家在哪", "北辰区集贤里街道"),  # full names
        ("集贤里街道 北辰", "北辰区集贤里街道"),  # the other way round
        ("天塔街的法律咨询", "河西区天塔街道"),  # a street as people say it
        ("我在咸水沽附近", "津南区咸水沽镇"),  # without its suffix
        ("瑞海名苑", "河北区光复道街道瑞海名苑社区居委会"),  # a community
        ("集闲里街道", "北辰区集贤里街道"),  # typed as it sounds
        ("老家河南，现在住北辰双街镇", "北辰区双街镇"),  # where she lives now
        ("我在和平區上班，住北辰瑞景", "北辰区瑞景街道"),  # where she lives, traditional characters
    ],
)
def test_an_exact_place(text: str, path: str) -> None:
    reading = GAZETTEER.read(text)
    assert (reading.kind, reading.district + reading.town + reading.village) == (PlaceKind.EXACT, path)


@pytest.mark.parametrize(
    ("text", "district"),
    [
        ("塘沽附近", "滨海新区"),  # the name of a former district
        ("蓟县有妇女之家吗", "蓟州区"),  # a former county
        ("杨村哪里有律师", "武清区"),  # a seat that stands for its district
        ("北成区有妇女之家吗", "北辰区"),  # typed as it sounds
        ("我住和平", "和平区"),  # short, beside 住
    ],
)
def test_a_district(text: str, district: str) -> None:
    reading = GAZETTEER.read(text)
    assert (reading.kind, reading.district) == (PlaceKind.DISTRICT, district)


@pytest.mark.parametrize("text", ["三街社区", "我在集贤里", "光明村在哪"])
def test_a_shared_name_is_asked_for(text: str) -> None:
    reading = GAZETTEER.read(text)
    assert reading.kind is PlaceKind.AMBIGUOUS
    assert 2 <= len(reading.candidates) <= 6


@pytest.mark.parametrize("text", ["我在北京朝阳区", "沈阳和平区", "廊坊有吗", "河北省石家庄"])
def test_another_town_is_outside(text: str) -> None:
    assert GAZETTEER.read(text).kind is PlaceKind.OUTSIDE


@pytest.mark.parametrize(
    "text", ["我和平时一样", "团结一致", "幸福的家庭", "红桥下面", "我要离婚", "他打我", "在吗", "我在天津", ""]
)
def test_ordinary_words_are_no_places(text: str) -> None:
    assert GAZETTEER.read(text).kind is PlaceKind.NONE


def test_a_correction_is_told() -> None:
    assert GAZETTEER.read("住杨柳清附近").corrected
    assert not GAZETTEER.read("住杨柳青附近").corrected


def test_a_place_without_a_point_has_its_districts() -> None:
    for division in GAZETTEER.divisions("village")[::50]:
        point, precision = GAZETTEER.point_of(division.code)
        assert 38 < point.latitude < 41
        assert precision in {"village", "town", "district"}


@given(st.text(alphabet=st.sampled_from("在住和平区北辰河东街道镇村的社附近三一我他12,。 \u200b"), max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_without_harm(text: str) -> None:
    reading = GAZETTEER.read(text)
    assert (reading.division is not None) == (reading.kind in {PlaceKind.EXACT, PlaceKind.DISTRICT})


def test_every_full_name_of_a_town_with_its_district_is_exact() -> None:
    wrong = [
        town.name
        for town in GAZETTEER.divisions("town")
        if GAZETTEER.read(f"{GAZETTEER.words(town)}附近").division != town
    ]
    assert len(wrong) <= 3, json.dumps(wrong, ensure_ascii=False)
