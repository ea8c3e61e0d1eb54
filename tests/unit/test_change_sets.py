"""From a correction to a line that may be taught: masked, whole, new, in no examination; and what forbids a model."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.retrain import table
from bot.domain.teaching import Example, Figure, Proposed, Span
from bot.language.examples import MASKS, Unteachable, line_of
from bot.language.likeness import ENTITY
from bot.language.masking import mask
from bot.services.evaluation.comparison import ALARMS, DANGER, compare, objections
from bot.services.evaluation.comparison_picture import comparison_picture
from bot.services.measuring import exam_set
from bot.services.teaching_checks import examine
from bot.services.training_data import TrainingData, as_nlu, examples_of

ROOT = Path(__file__).resolve().parents[2]
DATA = TrainingData(
    examples=(("ask_divorce", "[老公](role)在外面有人了我想离"), ("greet", "你好")),
    examined=(("services", "北辰区集贤里哪里有妇女之家可以去"), ("services", "谢谢")),
    intents=frozenset({"ask_divorce", "ask_custody", "find_place", "greet", "thank"}),
    entities=frozenset({"role", "place"}),
)


def one(text: str, intent: str | None = "ask_custody", entities: tuple[Span, ...] | None = ()) -> Proposed:
    return Proposed(f"c {text}", 1, text, intent, entities)


def checked(*proposed: Proposed, taught: tuple[tuple[str, str], ...] = ()) -> list[Example]:
    return examine(proposed, DATA, taught)


@pytest.mark.parametrize(
    ("text", "entities", "line"),
    [
        ("孩子判给谁", (Span(0, 2, "role"),), "[孩子](role)判给谁"),
        ("我妈和我爸都不管", (Span(1, 2, "role"), Span(4, 5, "role")), "我[妈](role)和我[爸](role)都不管"),
        ("  孩子判给谁\n他不给看 ", (Span(2, 4, "role"),), "[孩子](role)判给谁 他不给看"),  # one line, no blanks around
        ("/离婚找谁", (), "／离婚找谁"),  # a slash first would be a payload of Rasa's
        ("撫養費不給怎麼辦", (), "抚养费不给怎么办"),  # as the engine reads it
    ],
)
def test_a_line_is_annotated_as_the_training_data_is(text: str, entities: tuple[Span, ...], line: str) -> None:
    assert line_of(text, entities) == (line, False)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("我叫［姓名］,孩子判给谁", "孩子判给谁"),  # a name's clause is left out
        ("孩子判给谁,我电话［电话］,快回", "孩子判给谁,快回"),  # a number's
        ("孩子判给谁［流泪］", "孩子判给谁"),  # a face of the chat program is no word
    ],
)
def test_what_was_masked_is_left_out_with_its_clause(text: str, line: str) -> None:
    assert line_of(text, ()) == (line, True)


@pytest.mark.parametrize(
    ("text", "entities", "why"),
    [
        ("［姓名］打我", (), "剩不下"),  # nothing else stands there
        ("我叫［姓名］找我老公,判给谁好呢", (Span(8, 10, "role"),), "同一小句"),  # an entity would go with it
        ("住［住址］孩子判给谁", (Span(1, 5, "place"),), "被遮住"),  # the entity is the masked part
        ("我的手机13812345678,孩子判给谁", (), "没遮住"),  # somebody made it without the mask
        ("孩子判给谁", (Span(0, 9, "role"),), "文字之外"),
        ("孩子判给谁", (Span(0, 2, "role"), Span(1, 3, "role")), "重叠"),
        ("孩" * 130, (), "120"),  # a whole story teaches everything and nothing
        ("离", (), "1 个字"),
    ],
)
def test_what_cannot_be_whole_without_the_masked_part_is_refused(
    text: str, entities: tuple[Span, ...], why: str
) -> None:
    with pytest.raises(Unteachable, match=why):
        line_of(text, entities)


CLAUSES = st.lists(
    st.sampled_from(
        [
            "我叫王小红",
            "电话13812345678",
            "家住集贤里12号楼3单元",
            "孩子判给谁",
            "他不给抚养费",
            "微信号abc_12345",
            "[流泪]",
            "法院在哪",
        ]
    ),
    min_size=1,
    max_size=6,
)


@given(CLAUSES, st.sampled_from(["，", "。", " ", "；"]))
def test_no_placeholder_ever_becomes_a_word_of_the_training_data(clauses: list[str], between: str) -> None:
    try:
        line, _ = line_of(mask(between.join(clauses)), ())
    except Unteachable:
        return
    assert not any(masked in line for masked in MASKS)
    assert not set("［］[]") & set(ENTITY.sub("", line))
    assert mask(line) == line


@pytest.mark.parametrize(
    ("proposed", "why"),
    [
        (one("老公在外面有人了我想离", "ask_divorce"), "训练数据里已有"),  # the same words, annotations apart
        (one("老公在外面有人了我想离", "ask_custody"), "意图却是 ask_divorce"),  # and another intent: for a developer
        (one("老公在外面有人了我想离呢", "ask_divorce"), "训练数据里已有"),  # a near copy
        (one("你好", "greet"), "训练数据里已有"),  # a short one stands once as well
        (one("北辰区集贤里哪里有妇女之家可以去", "find_place"), "评测集 services"),  # an examination's own words
        (one("北辰区集贤里哪里有妇女之家能去", "find_place"), "评测集 services"),  # or nearly
        (one("孩子以后跟谁过呀", None), "新的意图"),
        (one("孩子以后跟谁过呀", "no_such_intent"), "没有「no_such_intent」"),
        (one("孩子以后跟谁过呀", entities=(Span(0, 2, "colour"),)), "没有「colour」"),
        (one("孩子以后跟谁过呀", entities=None), "没有人标过实体"),  # and the engine does not answer
    ],
)
def test_each_refused_line_says_why(proposed: Proposed, why: str) -> None:
    [found] = checked(proposed)
    assert why in found.refusal


def test_a_measured_sentence_is_not_repeated_in_the_reason() -> None:
    [found] = checked(one("北辰区集贤里哪里有妇女之家能去", "find_place"))
    assert "集贤里" not in found.refusal


def test_short_courtesies_may_stand_in_an_examination_too() -> None:
    assert [found.refusal for found in checked(one("谢谢", "thank"))] == [""]


def test_of_lines_that_are_alike_the_first_one_stays() -> None:
    found = checked(
        one("孩子上学户口的事找谁办呢"), one("孩子上学户口的事找谁办啊"), one("老公不让我见闺女怎么弄"),
        one("孩子上学户口的事找谁办呢"),
    )  # fmt: skip
    assert [("这一批里" in line.refusal) for line in found] == [False, True, False, True]


def test_what_an_earlier_change_set_taught_is_not_taught_again() -> None:
    [found] = checked(one("孩子上学户口的事找谁办呢"), taught=(("ask_custody", "[孩子](role)上学户口的事找谁办呢"),))
    assert "以前批准的改动里" in found.refusal


def test_entities_that_nobody_judged_are_the_models_and_it_is_said() -> None:
    [found] = examine([one("孩子判给谁好呢", entities=None)], DATA, (), [(Span(0, 2, "role"),)])
    assert (found.line, found.guessed, found.refusal) == ("[孩子](role)判给谁好呢", True, "")


def test_a_change_set_is_a_file_of_training_data(tmp_path: Path) -> None:
    pairs = [("ask_custody", "[孩子](role)判给谁"), ("greet", "在吗: 有人# 没"), ("ask_custody", "“她”说: - 不给看")]
    (tmp_path / "nlu.yml").write_text(as_nlu(pairs, "一个改动"), encoding="utf-8")
    assert sorted(examples_of(tmp_path)) == sorted(pairs)
    (tmp_path / "nlu.yml").write_text(as_nlu([], "空的"), encoding="utf-8")
    assert yaml.safe_load((tmp_path / "nlu.yml").read_text(encoding="utf-8"))["nlu"] == []


def test_the_projects_own_data_is_read_whole() -> None:
    data = TrainingData.load(ROOT)
    assert {intent for intent, _ in data.examples} == data.intents
    assert {name for name, _ in data.examined} == {file.stem for file in (ROOT / "evaluation").glob("*.jsonl")}


def test_every_set_that_a_model_can_be_measured_by_is() -> None:
    measured = {file.stem for file in (ROOT / "evaluation").glob("*.jsonl") if exam_set(file) is not None}
    assert {file.stem for file in (ROOT / "evaluation").glob("*.jsonl")} - measured == {
        "masking", "times", "times_held_back",
    }  # fmt: skip


def recall(hits: int, of: int = 200) -> Figure:
    return Figure("crisis", "识别 all", hits / of, hits, of, guards=DANGER)


def alarms(hits: int, of: int = 1000) -> Figure:
    return Figure("hard_negatives", "误报", hits / of, hits, of, at_least=False, guards=ALARMS)


@pytest.mark.parametrize(
    ("before", "after", "forbidden"),
    [
        ([recall(190), alarms(10)], [recall(190), alarms(10)], ""),  # the same
        ([recall(190), alarms(10)], [recall(195), alarms(15)], ""),  # alarms may rise by half a point
        ([recall(190), alarms(10)], [recall(189), alarms(10)], "从 190/200 降到 189/200"),  # one cry missed is enough
        ([recall(190), alarms(10)], [recall(199), alarms(16)], "升到 1.6%"),  # past the bound, whatever else is better
        ([recall(190), alarms(10)], [alarms(10)], "没有两边都量过"),  # unknown is not safe
        ([recall(190)], [recall(190, 201)], "不是同样多"),  # another examination
        ([], [], "没有任何一项"),
    ],
)
def test_a_model_that_misses_more_danger_may_not_go_live(
    before: list[Figure], after: list[Figure], forbidden: str
) -> None:
    found = objections(before, after)
    assert bool(found) == bool(forbidden)
    assert forbidden in "".join(found)


def test_better_is_told_from_worse_and_from_chance() -> None:
    old = [recall(100), alarms(10), Figure("services", "宏平均 F1", 0.8)]
    new = [recall(150), alarms(12), Figure("services", "宏平均 F1", 0.8001), Figure("entities", "F1 place", 0.9)]
    changes = compare(old, new)
    assert [round(change.better, 3) for change in changes] == [0.25, -0.002, 0, 0]
    assert [change.meant for change in changes] == [True, False, False, False]
    assert changes[-1].before is None


def test_the_picture_shows_every_guarded_figure_and_what_changed() -> None:
    old = [recall(150), alarms(10), Figure("<a>", "F1 & x", 0.8), Figure("services", "F1 same", 0.7)]
    new = [recall(140), alarms(10), Figure("<a>", "F1 & x", 0.9), Figure("services", "F1 same", 0.7)]
    picture = comparison_picture(compare(old, new))
    texts = ["".join(text.itertext()) for text in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]
    assert "● crisis 识别 all" in texts
    assert "<a> F1 & x" in texts
    assert any(text.startswith("150 → 140 / 200") for text in texts)
    assert not any("F1 same" in text for text in texts)
    assert comparison_picture(()) != ""


def test_the_terminal_shows_what_is_guarded_and_what_changed() -> None:
    old = [recall(150), alarms(10), Figure("services", "F1 same", 0.7), Figure("services", "F1 other", 0.7)]
    new = [recall(140), alarms(10), Figure("services", "F1 same", 0.7), Figure("services", "F1 other", 0.8)]
    lines = [" ".join(line.split()) for line in table(compare(old, new))]
    assert lines == [
        "↓? ● crisis 识别 all 0.750 → 0.700 150 → 140 / 200",
        "= ● hard_negatives 误报 0.010 → 0.010 10 → 10 / 1000",
        "↑? services F1 other 0.700 → 0.800",
        "其余 1 项没有变化。",
    ]
