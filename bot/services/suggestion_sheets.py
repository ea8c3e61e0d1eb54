"""Suggestions that came on paper or at a meeting, from the spreadsheets of offices: all rows or none.

What the console exports can be read again: rows whose number (编号) is known already are left as they are.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from bot.domain.accounts import Officer, Permission, branch
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, NotFound
from bot.domain.suggestions import OPEN, STATUS_WORDS, Categories, Source, SuggestionAct, SuggestionStatus
from bot.language.masking import mask
from bot.language.places import Gazetteer
from bot.services.areas import area_code
from bot.services.case_access import AuditLog, sees_branch
from bot.services.spreadsheets import Row, check_rows, read_sheet
from bot.storage.database import Database
from bot.storage.records import new_public_id
from bot.storage.suggestions import Suggestion, SuggestionStore

COLUMNS = (
    "编号", "内容", "类别", "地区", "收到日期", "几人提", "投诉", "状态", "答应做什么", "负责单位", "哪天以前", "答复",
    "公开的说法", "公开",
)  # fmt: skip
"""Of the exported file too, in this order."""
REQUIRED = ("内容",)
NUMBER = re.compile(r"[A-Za-z0-9_-]{20}")
LONGEST = 2000
MOST_VOICES = 100_000
UNKNOWN_AREA = "不清楚"
BY_WORDS = {words: status for status, words in STATUS_WORDS.items()}


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One row that can be used; words are masked."""

    number: str
    words: str
    category: str
    area: str
    received: date
    voices: int
    complaint: bool
    status: SuggestionStatus
    promise: tuple[str, str, date] | None
    answer: str
    wording: str
    shown: bool


class SuggestionSheets:
    """Reads files in."""

    def __init__(
        self, database: Database, gazetteer: Gazetteer, categories: Categories, audit: AuditLog, *,
        clock: Callable[[], datetime], zone: tzinfo,
    ) -> None:  # fmt: skip
        self._database = database
        self._gazetteer = gazetteer
        self._categories = categories
        self._audit = audit
        self._clock = clock
        self._zone = zone

    async def put_in(self, by: Officer, name: str, content: bytes) -> tuple[int, int]:
        """(rows that came in, rows that were there already). Sample rows go. Raises BadInput, BadRows, NotFound."""
        if not by.may(Permission.RUN_SERVICES):
            raise NotFound
        rows = check_rows(read_sheet(name, content, COLUMNS, REQUIRED), lambda row: self._check(by, row))
        now = self._clock()
        async with self._database.write() as session:
            store = SuggestionStore(session)
            await store.remove_synthetic()
            known = await store.known([row.number for row in rows if row.number])
            fresh = {row.number or new_public_id(): row for row in rows if row.number not in known}
            for number, row in fresh.items():
                await self._add(store, number, row, by, now)
            deed = Deed(Act.IMPORTED, by.id, "list", "suggestions", f"{len(fresh)} 行")
            await self._audit.append(session, deed)
        return len(fresh), len(rows) - len(fresh)

    async def _add(self, store: SuggestionStore, number: str, row: PaperRow, by: Officer, now: datetime) -> None:
        settled = None if row.status in OPEN else now
        made, _ = await store.add(
            Suggestion(
                public_id=number, source=Source.PAPER, complaint=row.complaint, category=row.category, area=row.area,
                status=row.status, voices=row.voices, wording=row.wording, shown=row.shown, answer=row.answer,
                received_at=datetime.combine(row.received, time(12), self._zone), settled_at=settled,
            ),
            row.words,
        )  # fmt: skip
        if row.promise is not None:
            words, who, due = row.promise
            await store.promise(made, words, who, due, now)
            if row.status is SuggestionStatus.DONE:
                await store.keep_promise(made, row.answer, now)
            elif row.status is SuggestionStatus.DECLINED:
                await store.withdraw_promise(made, now)
        await store.note(made, SuggestionAct.RECEIVED, now, by.id, "从表格导入")

    def _check(self, by: Officer, row: Row) -> PaperRow:
        status = _status(row["状态"])
        complaint, shown, wording = _yes(row, "投诉"), _yes(row, "公开"), row["公开的说法"][:200]
        if shown and (complaint or not wording):
            raise BadInput("要公开的一行，“公开的说法”不能空，也不能是投诉。")
        answer = _officers(row, "答复")
        if status not in OPEN and not answer:
            raise BadInput("“答复”不能空：办好了写办成了什么，办不了写为什么。")
        if row["编号"] and not NUMBER.fullmatch(row["编号"]):
            raise BadInput("“编号”只能是从这里导出的，自己加的行请空着。")
        _officers(row, "公开的说法")
        return PaperRow(
            row["编号"], mask(_words(row)), self._category(row), self._area(by, row["地区"]), self._received(row["收到日期"]),
            _voices(row["几人提"]), complaint, status, self._promise(row, status), answer, wording, shown,
        )  # fmt: skip

    def _category(self, row: Row) -> str:
        if not row["类别"]:
            return self._categories.sort(row["内容"])
        found = [one.key for one in self._categories.all if row["类别"] in (one.name, one.key)]
        if not found:
            names = "、".join(one.name for one in self._categories.all)
            raise BadInput(f"没有“{row['类别']}”这个类别，请写：{names}；也可以空着，由系统归类。")
        return found[0]

    def _area(self, by: Officer, words: str) -> str:
        area = area_code(self._gazetteer, words.rsplit(maxsplit=1)[-1]) if words and words != UNKNOWN_AREA else ""
        if not words:
            area = by.area
        if not sees_branch(by, area):
            raise BadInput(f"“{words or UNKNOWN_AREA}”不在您的管辖范围里。")
        return area[:9]

    def _named_area(self, words: str) -> str:
        """「北辰区 集贤里街道」 as the export writes it, or what `area_code` takes."""
        units = [unit for level in ("district", "town") for unit in self._gazetteer.divisions(level)]
        full = [unit for unit in units if " ".join(filter(None, self._gazetteer.path(unit))) == words]
        return branch(full[0].code) if full else area_code(self._gazetteer, words)

    def _received(self, words: str) -> date:
        today = self._clock().astimezone(self._zone).date()
        day = _day(words, "收到日期") if words else today
        if day > today:
            raise BadInput("“收到日期”不能在今天以后。")
        return day

    def _promise(self, row: Row, status: SuggestionStatus) -> tuple[str, str, date] | None:
        words, who, due = _officers(row, "答应做什么"), _officers(row, "负责单位", 60), row["哪天以前"]
        if status is SuggestionStatus.PROMISED and not (words and who and due):
            raise BadInput("“已答应”的一行要写：答应做什么、负责单位、哪天以前。")
        return (words, who, _day(due, "哪天以前")) if words and who and due else None


def _words(row: Row) -> str:
    if len(row["内容"]) > LONGEST:
        raise BadInput(f"“内容”最多 {LONGEST} 个字。")
    if not row["内容"]:
        raise BadInput("“内容”不能空。")
    return row["内容"]


def _officers(row: Row, column: str, longest: int = 300) -> str:
    if len(row[column]) > longest:
        raise BadInput(f"“{column}”最多 {longest} 个字。")
    if "［" in mask(row[column]):
        raise BadInput(f"“{column}”里像有姓名、电话或住址，会让别人看见，请去掉。")
    return row[column]


def _status(words: str) -> SuggestionStatus:
    if words and words not in BY_WORDS:
        raise BadInput(f"“状态”请写：{'、'.join(BY_WORDS)}；空着就是还没答复。")
    return BY_WORDS.get(words, SuggestionStatus.RECEIVED)


def _yes(row: Row, column: str) -> bool:
    if row[column] not in ("", "是", "否"):
        raise BadInput(f"“{column}”请写“是”或“否”，空着就是否。")
    return row[column] == "是"


def _voices(words: str) -> int:
    if not words:
        return 1
    if not (words.isascii() and words.isdecimal() and len(words) < 8 and 1 <= int(words) <= MOST_VOICES):
        raise BadInput("“几人提”请写 1 以上的整数。")
    return int(words)


def _day(words: str, column: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError as wrong:
        raise BadInput(f"“{column}”请写成 2026-11-28 这样。") from wrong
