"""The categories of suggestions: what is sorted where, and that a wrong file stops the start with a sentence."""

from pathlib import Path

import pytest

from bot.domain.suggestions import says_something
from bot.services.suggestion_categories import CategoriesProblem, load_categories
from bot.services.suggestion_desk import common_area

OURS = load_categories()


def test_there_are_ten_and_the_last_resort_is_one_of_them() -> None:
    assert len(OURS.all) == 10
    assert OURS.has(OURS.other)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("商场的母婴室老上锁，希望管管", "facilities"),
        ("上班的人白天来不了，晚上也开门多好", "hours"),
        ("幼儿园四点放学，盼着有延时托管", "childcare"),
        ("那条胡同没有路灯，下夜班走夜路害怕", "safety"),
        ("你们这个助手能发语音就好了", "assistant"),
        ("心意领了", "other"),  # nothing tells of a category
        ("妇女之家晚上也开门", "hours"),  # 晚上也 and 开门 outweigh 妇女之家
    ],
)
def test_a_text_goes_where_its_cues_weigh_most(text: str, key: str) -> None:
    assert OURS.sort(text) == key


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("我有个建议", False),
        ("我要投诉！", False),
        ("献策", False),
        ("提个建議", False),
        ("路灯坏了", True),
        ("建议晚上开门", True),
        ("", False),
    ],
)
def test_a_frame_without_a_wish_is_no_suggestion_yet(text: str, says: bool) -> None:
    assert says_something(text) is says


GOOD = "other: a\nurgent: []\ncategories:\n  - {key: a, name: 甲, cues: []}\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("categories: [", "读不了"),
        ("other: a", "要有 categories"),
        ("other: a\ncategories: []\n", "1 到 20 类"),
        (GOOD.replace("other: a", "other: b"), "other"),
        (GOOD.replace("key: a,", "key: 甲,"), "key"),
        (GOOD.replace("name: 甲", "name: ''"), "name"),
        (GOOD.replace(", cues: []", ""), "key、name、cues"),
        (GOOD.replace("cues: []", "cues: 灯"), "cues"),
        (GOOD + "  - {key: a, name: 乙, cues: []}\n", "重复"),
        (GOOD + "  - {key: b, name: 甲, cues: []}\n", "重复"),
        (GOOD.replace("urgent: []", "urgent: [1]"), "urgent"),
    ],
)
def test_a_wrong_file_ends_the_start_with_a_sentence(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "suggestions.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CategoriesProblem, match=told):
        load_categories(file)


def test_a_right_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "suggestions.yml"
    file.write_text(GOOD, encoding="utf-8")
    assert load_categories(file).sort("随便") == "a"


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("120113001", "120113001", "120113001"),
        ("120113001", "120113002", "120113"),  # two towns: the district's
        ("120113001", "120114001", "1201"),  # two districts: the city's
        ("", "120113001", "120113001"),
        ("120113", "120113001", "120113"),
    ],
)
def test_merging_across_towns_goes_up(one: str, other: str, both: str) -> None:
    assert common_area(one, other) == both
