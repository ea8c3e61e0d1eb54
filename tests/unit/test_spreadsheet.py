"""Cells of exported lists: nothing in them computes when the file is opened."""

from datetime import datetime

import pytest

from bot.console.spreadsheet import cell, csv_file


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),  # a formula
        ("+86", "'+86"),  # so is this to a spreadsheet
        ("-1+2", "'-1+2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),  # a tab before it does not help
        ("  =1", "'  =1"),  # nor do blanks
        ("＝1", "'＝1"),
        ("他说=好", "他说=好"),  # in the middle it is text
        (-5, "-5"),  # a number is a number
        (None, ""),
        (True, "是"),
        (datetime(2026, 11, 25, 9, 5), "2026-11-25 09:05"),  # noqa: DTZ001 - already local when it is written
    ],
)
def test_a_cell_is_text_and_never_a_formula(value: object, written: str) -> None:
    assert cell(value) == written


def test_the_file_opens_in_excel_with_chinese_and_commas() -> None:
    file = csv_file("名单", ["姓名", "说的话"], [["王某", '打了，\n"又打"']])
    assert file.body is not None
    assert file.body.startswith(b"\xef\xbb\xbf")
    assert file.body.decode("utf-8-sig") == '姓名,说的话\r\n王某,"打了，\n""又打"""\r\n'
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''%E5%90%8D%E5%8D%95.csv"
