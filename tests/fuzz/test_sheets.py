"""Whatever file an office sends: rows, or words about what is wrong with it; never a crash, a hang or a flood of memory."""

import contextlib
import io
import zipfile
from datetime import date, datetime, time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.console.spreadsheet import FORMULA_STARTS, cell
from bot.domain.errors import BadInput
from bot.services import spreadsheets
from bot.services.sheet_cells import count_of, day_of, hour_of, point_of
from bot.services.spreadsheets import as_written, read_sheet
from tests.fuzz.budget import ANYTHING, WORDS, budget

COLUMNS = ("名称", "日期", "开始", "名额", "纬度", "经度", "坐标系")
VALUES = st.one_of(WORDS, st.integers(), st.floats(), st.dates(), st.datetimes(), st.times(), st.booleans(), st.none())
ROWS = st.lists(st.lists(st.one_of(WORDS, st.sampled_from(COLUMNS)), max_size=9), max_size=8)
BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


def rows_of(name: str, content: bytes) -> list[object]:
    return list(read_sheet(name, content, COLUMNS, COLUMNS[:1]))


def csv_of(rows: list[list[str]]) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")


def xlsx_of(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        for at, value in enumerate(row, start=1):
            with contextlib.suppress(Exception):  # what no XLSX can hold stays out
                book.active.cell(book.active.max_row + (at == 1), at, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(content: bytes, part: str, old: str, new: str) -> bytes:
    """The same file with words of one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            data = read.read(name)
            written.writestr(name, data.decode().replace(old, new).encode() if name == part else data)
    return out.getvalue()


GOOD = xlsx_of([["名称", "名额"], ["甲站", 5], ["乙站", datetime(2026, 11, 28, 9, 30)]])  # noqa: DTZ001 - as cells are


@budget(200)
@given(st.one_of(st.binary(max_size=300), ROWS.map(csv_of)))
@example(b"\xff\xfe" + "名称\n甲".encode("utf-16-le"))
@example("名称\n甲\0站\n".encode())
@example('名称\n"甲'.encode())
@example("名称".encode() + b"," * 100_000 + b"\n" + b"x\n" * 60_000)
@example("名称\n".encode() + b"x" * 140_000)
def test_a_csv_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(BadInput):
        assert all("\0" not in value for _, row in rows_of("x.csv", content) for value in row.values())


@budget(40, shrinks=False)
@given(st.lists(st.lists(VALUES, max_size=8), max_size=6))
def test_an_xlsx_is_read_or_refused(rows: list[list[object]]) -> None:
    with contextlib.suppress(BadInput):
        rows_of("x.xlsx", xlsx_of([[*COLUMNS], *rows]))


@budget(120, shrinks=False)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_a_broken_xlsx_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    broken = bytearray(GOOD)
    for at, value in changes:
        broken[at] = value
    with contextlib.suppress(BadInput):
        rows_of("x.xlsx", bytes(broken))


@pytest.mark.parametrize("start", [BOMB, OUTSIDE])
@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]
)
def test_entities_in_a_spreadsheet_are_never_followed(start: str, part: str) -> None:
    for old, new in (
        ("<worksheet", "<worksheet"),
        ("<sst", "<sst"),
        ("<workbook ", "<workbook "),
        ("<styleSheet", "<styleSheet"),
    ):
        evil = changed(GOOD, part, old, f"{start}{new}").replace(b"<?xml version='1.0' encoding='UTF-8'?>", b"")
        evil = changed(evil, part, "甲站", "&b;")
        with contextlib.suppress(BadInput):
            assert "root:" not in str(rows_of("x.xlsx", evil))
            assert "aaaaaaaa" not in str(rows_of("x.xlsx", evil))


@pytest.mark.parametrize("row", ["1048576", "999999999999", "-5", "x"])
def test_a_sheet_that_claims_endless_rows_is_read_or_refused(row: str) -> None:
    with contextlib.suppress(BadInput):
        assert len(rows_of("x.xlsx", changed(GOOD, "xl/worksheets/sheet1.xml", 'r="3"', f'r="{row}"'))) <= 2


def test_what_unpacks_to_very_much_is_refused_before_it_is_unpacked() -> None:
    huge = changed(GOOD, "xl/worksheets/sheet1.xml", "</worksheet>", "<!--" + " " * 30_000_000 + "--></worksheet>")
    assert len(huge) < 256 * 1024  # what a form may carry
    with pytest.raises(BadInput, match="展开以后太大"):
        rows_of("x.xlsx", huge)


def test_many_parts_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as written:
        for number in range(spreadsheets.MOST_PARTS + 1):
            written.writestr(f"{number}.xml", "")
    with pytest.raises(BadInput, match="展开以后太大"):
        rows_of("x.xlsx", out.getvalue())


@budget(200)
@given(WORDS)
def test_cells_are_read_or_told_in_words(words: str) -> None:
    row = dict.fromkeys(COLUMNS, words)
    for read, column, kind in ((day_of, "日期", date), (hour_of, "开始", time), (count_of, "名额", int)):
        with contextlib.suppress(BadInput):
            assert isinstance(read(row, column), kind | None)
    for system in ("", "GCJ02", "WGS84", "BD09", words):
        with contextlib.suppress(BadInput):
            point_of(row | {"坐标系": system})
            point_of(row | {"坐标系": system, "纬度": "39.1"})


@budget(300)
@given(st.one_of(ANYTHING, st.sampled_from(FORMULA_STARTS).flatmap(lambda start: WORDS.map(lambda rest: start + rest))))
def test_no_cell_of_ours_is_a_formula_and_it_comes_back_as_it_was(words: str) -> None:
    shown = cell(words)
    assert not shown.lstrip(" \u3000").startswith(FORMULA_STARTS)
    if shown != words:
        assert as_written(shown) == words.strip() or words.strip() != words
