"""What could tell who she is never reaches a list, a log or a search."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language.masking import mask

DIGITS = "零一二三四五六七八九"
AROUND = st.text(alphabet="我的电话是请打给他，。谢 ", max_size=8)
MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@given(AROUND, MOBILE, AROUND, st.sampled_from(["", " ", "-", "－"]))
@settings(max_examples=300)
def test_mobiles_are_hidden_however_they_are_spaced(before: str, number: str, after: str, gap: str) -> None:
    written = gap.join((number[:3], number[3:7], number[7:]))
    masked = mask(before + written + after)
    assert number[3:7] not in masked
    assert "［电话］" in masked


@given(AROUND, MOBILE, AROUND)
def test_spoken_mobiles_are_hidden(before: str, number: str, after: str) -> None:
    spoken = "".join(DIGITS[int(digit)] for digit in number)
    assert spoken[4:] not in mask(before + spoken + after)


@given(
    AROUND,
    st.from_regex(r"12010[1-9](19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}", fullmatch=True),
    AROUND,
)
def test_ids_are_hidden_with_their_check_digit(before: str, number: str, after: str) -> None:
    check = "10X98765432"[sum(int(d) * w for d, w in zip(number, WEIGHTS, strict=True)) % 11]
    assert mask(before + number + check + after) == mask(before) + "［证件］" + mask(after) or "［证件］" in mask(
        number + check
    )


@given(AROUND, st.from_regex(r"62[0-9]{14}([0-9]{3})?", fullmatch=True), AROUND)
def test_bank_cards_are_hidden(before: str, number: str, after: str) -> None:
    assert number[6:] not in mask(before + number + after)


@given(st.text(max_size=200))
@settings(max_examples=300)
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("我叫王小花", "王小花"),
        ("我老公叫李强", "李强"),
        ("张大姐您好", "张"),
        ("住和平区幸福里小区3号楼2单元501", "3号楼2单元501"),
        ("家在南京路123号", "南京路123号"),
        ("他在天津第一机床厂上班", "天津第一机床厂"),
        ("微信号abc_12345", "abc_12345"),
        ("邮箱a.b@example.com", "a.b@example.com"),
        ("车牌津A12345", "津A12345"),
        ("电话022-12345678", "12345678"),
    ],
)
def test_what_identifies_is_hidden(text: str, hidden: str) -> None:
    assert hidden not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "打110,12338,12348,12356",  # hotlines
        "2026年11月24日下午3点",  # times
        "离婚冷静期30天,民法典1077条",  # law
        "赔了20000元,工资5000",  # amounts
        "孩子8岁,结婚12年",  # ages
        "北辰区集贤里街道",  # down to the street
    ],
)
def test_what_does_not_identify_stays(text: str) -> None:
    assert mask(text) == text
