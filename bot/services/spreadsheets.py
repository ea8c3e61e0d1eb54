"""Reading the spreadsheets that offices use: CSV in UTF-8 or GB18030, and XLSX; every bad row is told at once.

What a list needs is its columns; a list's own service checks each row and puts all of them in, or none.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from zipfile import ZipFile

from openpyxl import load_workbook

from bot.domain.errors import BadInput, BadRows

LARGEST_FILE = 30 * 1024 * 1024
MOST_ROWS = 100_000
MOST_PARTS, MOST_UNPACKED, MOST_TIMES, ALWAYS_ALLOWED = 2000, 400 * 1024 * 1024, 100, 4 * 1024 * 1024
"""An XLSX is a ZIP: how many files it may hold, how large they may be unpacked, and how many times larger than packed."""
MORE_COLUMNS = 20
"""Columns without a name, which files have beside the ones that count."""
Row = Mapping[str, str]
Checked = TypeVar("Checked")


def read_sheet(
    name: str, content: bytes, columns: Sequence[str], required: Sequence[str], help_words: str = ""
) -> Iterator[tuple[int, Row]]:
    """(line, cells by column) of each line that is not empty; every column is there, "" where the file has none.

    `name` tells by its ending what the file is. Raises BadInput for a file that cannot be read, that lacks a required
    column or has one that is not known; `help_words` are said with it.
    """
    if len(content) > LARGEST_FILE:
        raise BadInput("文件超过 30 MB，请分成几个文件。")
    lines = _xlsx(content, len(columns)) if name.lower().endswith(".xlsx") else _csv(content)
    header = [cell.strip() for cell in next(lines, [])]
    if len(header) > len(columns) + MORE_COLUMNS:
        raise BadInput(f"第一行有 {len(header)} 列，太多了。{help_words}")
    if missing := [column for column in required if column not in header]:
        raise BadInput(f"缺少列：{'、'.join(missing)}。{help_words}")
    if unknown := [column for column in header if column and column not in columns]:
        raise BadInput(f"不认识的列：{'、'.join(unknown)}。")
    for line, cells in enumerate(lines, start=2):
        if line > MOST_ROWS:
            raise BadInput(f"超过 {MOST_ROWS} 行，请分成几个文件。")
        if any(cell.strip() for cell in cells):
            values = [*cells[: len(header)], *[""] * len(header)]
            named = {column: as_written(values[at]) for at, column in enumerate(header) if column}
            yield line, dict.fromkeys(columns, "") | named


def check_rows(rows: Iterator[tuple[int, Row]], check: Callable[[Row], Checked]) -> list[Checked]:
    """Every row checked. Raises BadRows with (line, reason) of each bad one, BadInput when there is none at all.

    `check` raises ValueError or BadInput with a reason that says what to write instead.
    """
    checked: list[Checked] = []
    bad: list[tuple[int, str]] = []
    for line, row in rows:
        try:
            checked.append(check(row))
        except BadInput as wrong:
            bad.append((line, wrong.words))
        except OverflowError:
            bad.append((line, "这一行有个数太大了"))
        except ValueError as wrong:
            bad.append((line, str(wrong)))
    if bad:
        raise BadRows(bad)
    if not checked:
        raise BadInput("文件里没有数据行。")
    return checked


def as_written(cell: str) -> str:
    """A cell without the apostrophe that our own export puts before what could compute."""
    text = cell.strip()
    return text[1:] if text.startswith("'") else text


def _csv(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as wrong:
            raise BadInput("文件编码看不懂，请另存为 UTF-8 的 CSV，或 XLSX。") from wrong
    try:
        yield from csv.reader(io.StringIO(text.replace("\0", ""), newline=""), strict=True)
    except csv.Error as wrong:
        raise BadInput("CSV 格式不对，请检查引号。") from wrong


def _xlsx(content: bytes, columns: int) -> Iterator[list[str]]:
    try:
        _refuse_bomb(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for cells in book.worksheets[0].iter_rows(
            max_row=MOST_ROWS + 1, max_col=columns + MORE_COLUMNS, values_only=True
        ):
            yield _texts(cells)
        book.close()
    except BadInput:
        raise
    except Exception as wrong:
        # openpyxl raises a dozen unrelated errors on broken files, some of them only when it comes to the row that is broken;
        # all of them mean the same to the person.
        raise BadInput("打不开这个 XLSX 文件，请用表格软件重新保存。") from wrong


def _refuse_bomb(content: bytes) -> None:
    """Raise BadInput for what is small packed and huge unpacked; `zipfile` cuts off a part that lies about its size."""
    with ZipFile(io.BytesIO(content)) as parts:
        sizes = [part.file_size for part in parts.infolist()]
    most = min(MOST_UNPACKED, max(ALWAYS_ALLOWED, len(content) * MOST_TIMES))
    if len(sizes) > MOST_PARTS or sum(sizes) > most:
        raise BadInput("这个 XLSX 文件展开以后太大，请只留要导入的那一页，重新保存。")


def _texts(cells: Sequence[object]) -> list[str]:
    """Cells as a person sees them: whole numbers without a point, dates as dates, with the hour where there is one."""
    shown = []
    for cell in cells:
        if isinstance(cell, float) and cell.is_integer():
            shown.append(str(int(cell)))
        elif isinstance(cell, datetime):
            whole_day = (cell.hour, cell.minute) == (0, 0)
            shown.append(cell.date().isoformat() if whole_day else f"{cell:%Y-%m-%d %H:%M}")
        else:
            shown.append("" if cell is None else str(cell))
    return shown
