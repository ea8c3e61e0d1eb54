"""Sample suggestions of the pilot area: invented, marked `synthetic`, as many days old as the numbers say."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.accounts import branch
from bot.domain.suggestions import OPEN, Categories, Source, SuggestionAct, SuggestionStatus
from bot.language.places import Gazetteer
from bot.storage.database import Database
from bot.storage.suggestions import Suggestion, SuggestionStore

RECEIVED, PROMISED = SuggestionStatus.RECEIVED, SuggestionStatus.PROMISED
DONE, DECLINED = SuggestionStatus.DONE, SuggestionStatus.DECLINED
ROWS = (
    ("希望妇女之家晚上也开门，下了班去", "妇女之家晚上也开门", "妇女之家周二、周四开到晚上八点", PROMISED, 40, 20, 12),
    ("商场的哺乳室老锁着门", "商场的母婴室平时也开着", "和商场商量，写清楚谁拿钥匙", PROMISED, 60, -5, 7),
    ("下夜班那条路没有灯，走着害怕", "夜班路上装路灯", "报给城管部门，装八盏灯", DONE, 90, -10, 23),
    ("想学用手机挂号，老人不会", "教老人用手机看病挂号", "每月办一次手机课", DONE, 75, -30, 9),
    ("盼着寒假有人看孩子", "寒假办看护班", "", RECEIVED, 6, 0, 3),
    ("给外来的姐妹办普通话班", "办普通话班", "", RECEIVED, 3, 0, 1),
    ("建议公园里建一座大舞台", "公园里建舞台", "", DECLINED, 50, 0, 2),
)
"""(words, public wording, promise, state, days since it came, days until it is due, voices)."""
ANSWERS = {DONE: "（示例）照答应的办好了", DECLINED: "（示例）那块地要留作绿地，可以先用社区礼堂"}
WHO = "示例街道妇联"


async def load_sample_suggestions(
    database: Database, gazetteer: Gazetteer, categories: Categories, *, clock: Callable[[], datetime], zone: str
) -> int:
    """Replace the sample rows → how many there are; none where the office has suggestions of its own."""
    districts = gazetteer.districts()
    async with database.write() as session:
        store = SuggestionStore(session)
        await store.remove_synthetic()
        if not await store.is_empty():
            return 0
        for at, row in enumerate(ROWS):
            area = branch(districts[at % len(districts)].code)
            await _add(store, row, area, categories, clock().astimezone(ZoneInfo(zone)))
    return len(ROWS)


async def _add(
    store: SuggestionStore, row: tuple[str, str, str, SuggestionStatus, int, int, int], area: str, categories: Categories,
    now: datetime,
) -> None:  # fmt: skip
    words, wording, promise, status, age, due, voices = row
    came = now - timedelta(days=age)
    made, _ = await store.add(
        Suggestion(
            source=Source.PAPER, category=categories.sort(words), area=area, status=status, voices=voices,
            wording=f"（示例）{wording}", shown=True, answer=ANSWERS.get(status, ""), received_at=came,
            settled_at=None if status in OPEN else now - timedelta(days=1), synthetic=True,
        ),
        f"（示例）{words}",
    )  # fmt: skip
    await store.note(made, SuggestionAct.RECEIVED, came)
    if promise:
        await store.promise(made, f"（示例）{promise}", WHO, (now + timedelta(days=due)).date(), came)
    if status is DONE:
        await store.keep_promise(made, ANSWERS[DONE], now - timedelta(days=1))
