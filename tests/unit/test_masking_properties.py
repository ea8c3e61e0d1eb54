"""Made-up phones, cards, ids, plates, accounts, names and addresses inside of text: none can be read after masking."""

import re
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language.masking import ALSO_WORDS, COMPOUND, NO_NAME, SURNAMES, mask

AROUND = st.text(alphabet="我的，。请打给她谢了 在说", max_size=8)
SPOKEN = "零一二三四五六七八九"
MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
GAPS = st.sampled_from(["", " ", "-", ".", "—", "（）", "_"])
SURE = "".join(letter for letter in SURNAMES if letter not in ALSO_WORDS)
GIVEN = "梅兰芳芝秀丽敏静娟艳红玉英霞慧雪婷莹建伟强军勇磊涛斌超杰浩宇轩涵桐彤怡欣"
NAME = st.builds(
    str.__add__, st.one_of(st.sampled_from(SURE), st.sampled_from(COMPOUND.split("|"))),
    st.text(alphabet=GIVEN, min_size=1, max_size=2),
)  # fmt: skip


def spell(digits: str, ways: list[int]) -> str:
    """Each digit as a digit, spoken, or full-width; 1 also as 幺 and 2 as 两."""
    forms = [
        (digit, SPOKEN[int(digit)], chr(ord("０") + int(digit)), {"1": "幺", "2": "两"}.get(digit, digit))
        for digit in digits
    ]
    return "".join(form[way % 4] for form, way in zip(forms, ways, strict=True))


def readable_digits(text: str) -> str:
    """The digits of a text in whatever script, run together."""
    said = {"幺": "1", "两": "2"} | {letter: str(value) for value, letter in enumerate(SPOKEN)}
    return "".join(
        said.get(letter, letter) for letter in unicodedata.normalize("NFKC", text) if letter in said or letter.isdigit()
    )


@given(AROUND, MOBILE, st.lists(st.integers(0, 3), min_size=11, max_size=11), GAPS, AROUND)
@settings(max_examples=400)
def test_a_mobile_in_mixed_scripts_and_with_gaps(
    before: str, number: str, ways: list[int], gap: str, after: str
) -> None:
    spelled = spell(number, ways)
    written = gap.join((spelled[:3], spelled[3:7], spelled[7:]))
    assert readable_digits(mask(before + written + after)) == ""


@given(AROUND, MOBILE, st.sampled_from("，,、 /"), AROUND)
def test_a_mobile_read_out_in_three_pieces(before: str, number: str, pause: str, after: str) -> None:
    spoken = "".join(SPOKEN[int(digit)] for digit in number)
    written = pause.join((spoken[:3], spoken[3:7], spoken[7:]))
    assert readable_digits(mask(before + written + after)) == ""


@given(
    st.lists(
        st.one_of(
            MOBILE, st.from_regex(r"62[0-9]{17}", fullmatch=True), st.from_regex(r"12010[0-9]{12}X", fullmatch=True)
        ),
        min_size=2,
        max_size=4,
    )
)
def test_several_numbers_side_by_side(numbers: list[str]) -> None:
    assert readable_digits(mask("、".join(numbers))) == ""


@given(
    st.sampled_from(["微信号", "微信是", "加我微信", "vx:", "WX", "QQ号", "扣扣：", "抖音号"]),
    st.from_regex(r"[a-z][a-z0-9_\-]{5,19}", fullmatch=True),
)
def test_an_account_behind_its_cue(cue: str, account: str) -> None:
    assert account not in mask(f"{cue}{account}，备注妇联")


@given(
    st.sampled_from("京津冀晋鲁豫苏浙粤川"), st.sampled_from("ABCDEFGH"), st.sampled_from(["", "·", " "]),
    st.from_regex(r"[A-HJ-NP-Z0-9]{5,6}", fullmatch=True),
)  # fmt: skip
def test_a_plate(province: str, letter: str, dot: str, rest: str) -> None:
    assert rest not in mask(f"他的车是{province}{letter}{dot}{rest}，停在楼下")


@given(
    st.sampled_from(["幸福里", "阳光花园", "学府家园", "建设新村"]), st.integers(1, 99), st.integers(1, 9), st.integers(101, 3204),
    st.sampled_from(["{0}{1}号楼{2}单元{3}", "{0}{1}栋{2}门{3}室", "{0}{1}-{2}-{3}", "{0}{1}号楼{3}"]),
)  # fmt: skip
def test_an_address_below_the_street(estate: str, house: int, door: int, flat: int, form: str) -> None:
    masked = mask("我住河西区" + form.format(estate, house, door, flat) + "，快来")
    assert str(flat) not in masked
    assert not re.search(r"号楼|单元|栋|室", masked)
    assert "河西区" in masked


@given(
    NAME,
    st.sampled_from(["我叫{}", "本人{}", "我老公叫{}", "姓名：{}", "我女儿名叫{}", "原告{}", "我是{}", "我丈夫{}", "前夫{}"]),
    st.sampled_from(["，想问离婚", "。", "", "，他不给钱"]),
)  # fmt: skip
@settings(max_examples=400)
def test_a_name_behind_its_cue(name: str, cue: str, after: str) -> None:
    masked = mask(cue.format(name) + after)
    assert name not in masked
    assert name[1:] not in masked
    assert masked.endswith(unicodedata.normalize("NFKC", after))


@given(NAME, st.sampled_from(["女士", "老师", "主任", "警官"]), st.sampled_from(["", "找", "社区的", "帮我约"]))
def test_a_name_before_its_title(name: str, title: str, before: str) -> None:
    assert name not in mask(f"{before}{name}{title}在吗")


MARKS = re.split(
    " ",
    "我叫 名叫 姓 本人 老公 微信 QQ号 津A 号楼 单元 路 小区 上班 主任 女士 ［姓名］ ［电话］ ［住址］ "
    "[电话] 3 一二 幺 组 号 - , 、 区 在 小 @a.cn",
)
FRAGMENTS = st.lists(
    st.one_of(
        NAME, MOBILE, AROUND,
        st.sampled_from(
            MARKS
        ),
        st.sampled_from(NO_NAME),
    ),
    max_size=12,
)  # fmt: skip


@given(FRAGMENTS)
@settings(max_examples=1500)
def test_masking_what_was_masked_changes_nothing(parts: list[str]) -> None:
    once = mask("".join(parts))
    assert mask(once) == once
