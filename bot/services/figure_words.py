"""The words of figures: names of rows, and plain sentences that say what the numbers mean."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.domain.accounts import CODE_DIGITS
from bot.domain.activities import SIGN_UP_WORDS
from bot.domain.aid import STATUS_WORDS as AID_WORDS
from bot.domain.case_topics import LEVEL_WORDS, TOPIC_WORDS
from bot.domain.cases import HELPED_WORDS
from bot.domain.facilities import KINDS
from bot.domain.figures import SMALLEST
from bot.domain.offices import DISTRICT_DIGITS, TOWN_DIGITS
from bot.domain.periods import BEFORE_WORDS
from bot.domain.schedules import WEEKDAYS
from bot.domain.suggestions import STATUS_WORDS as SUGGESTION_WORDS
from bot.domain.volunteers import STATUS_WORDS as VOLUNTEER_WORDS

if TYPE_CHECKING:
    from bot.services.figures import Figures, Row, Table

CHANNEL_WORDS = {"wechat": "微信", "web": "网页"}
NEAREST_UNKNOWN = {
    DISTRICT_DIGITS: "不知道在哪个区",
    TOWN_DIGITS: "不知道在哪个街镇",
    CODE_DIGITS: "不知道在哪个社区（村）",
}
KEYS: Mapping[str, Mapping[str, str]] = {
    "topic": {topic.value: words for topic, words in TOPIC_WORDS.items()},
    "answer": {
        "answered": "当时就答上了", "late": "等了一会儿才答上", "unclear": "有话没听懂", "open": "还没有答复",
    },
    "channel": {},
    "handed": {"yes": "转给了工作人员", "no": "助手自己答的"},
    "hour": {str(hour): f"{hour} 点" for hour in range(24)},
    "weekday": {str(day): f"周{name}" for day, name in enumerate(WEEKDAYS)},
    "after_hours": {
        "office": "只在上班时间写来", "evening": "下班以后到 22 点", "night": "22 点到早上 6 点",
        "morning": "6 点到上班", "free": "休息日的白天",
    },
    "after_topic": {topic.value: words for topic, words in TOPIC_WORDS.items()},
    "level": {level.value: words for level, words in LEVEL_WORDS.items()},
    "taken": {"taken": "有人接了", "waiting": "还没有人接", "left": "没等到人接就结束了"},
    "helped": {**{helped.value: words for helped, words in HELPED_WORDS.items()}, "unsaid": "没有评价"},
    "appointments": {
        "attended": "到了", "no_show": "没来", "cancelled": "取消了", "booked": "还没有登记来没来",
    },
    "misses": dict(KINDS),
    "waiting": {"served": "等到了", "waiting": "还在等", "gone": "没等到"},
    "activities": {status.value: words for status, words in SIGN_UP_WORDS.items()},
    "mobile": {"told": "订了停靠通知，收到过", "not_yet": "订了停靠通知，还没有收到"},
    "aid": {status.value: words for status, words in AID_WORDS.items()},
    "experts": {"taken": "有人接了", "waiting": "还没有人接", "left": "没等到人接就结束了"},
    "volunteers": {status.value: words for status, words in VOLUNTEER_WORDS.items()},
    "suggestions": {status.value: words for status, words in SUGGESTION_WORDS.items()},
    "check_in_steps": {
        "offered": "问过她，她没有做", "begun": "开始了，没做完", "done": "做完了", "person": "做完以后找了工作人员",
    },
    "check_in": {"high": "有一项到了 3 分", "low": "两项都不到 3 分"},
}  # fmt: skip
"""Table → key → name, in the order of the page. The channels of a table are those that were used."""
TABLE_WORDS: Mapping[str, str] = {
    "topic": "问的是什么事",
    "answer": "答上了没有",
    "handed": "谁来答的",
    "channel": "从哪里写来",
    "hour": "第一次写来的钟点",
    "weekday": "第一次写来是周几",
    "after_hours": "下班以后有没有写来",
    "after_topic": "下班以后写来的，问的是什么事",
    "level": "新开的个案",
    "taken": "个案有没有人接",
    "helped": "结案后的评价",
    "appointments": "预约来没来",
    "misses": "找不到的地方",
    "waiting": "候补等到没有",
    "activities": "活动报名",
    "mobile": "流动服务",
    "aid": "困难救助申请",
    "experts": "请教专家",
    "volunteers": "志愿者报名",
    "suggestions": "献策谏言",
    "check_in_steps": "情绪自测做到哪一步",
    "check_in": "她同意记下的情绪自测",
}
"""Table → its title, in the order of the page."""
SERVICE_UNITS: Mapping[str, str] = {
    "activities": "人次", "mobile": "人", "aid": "件", "experts": "件", "volunteers": "人", "suggestions": "条",
    "check_in_steps": "人", "check_in": "次",
}  # fmt: skip
"""What the tables of the Federation's own services count; they stand together."""
OF_SERVICES = tuple(SERVICE_UNITS)
MOST_NAMED = 3


def sentences(figures: "Figures") -> list[str]:
    """What the numbers mean, the most important first."""
    if figures.women.is_zero:
        return [f"{figures.period.short}没有妇女来问。"]
    tables = figures.tables
    told = [_women(figures), _topics(tables["topic"]), _when(tables), _after(tables), _answers(tables), _waits(figures)]
    told += [_helped(tables["helped"]), _kept(tables["appointments"]), _missed(tables)]
    return [one for one in told if one]


def minutes_words(minutes: float | None) -> str:
    """「40 分钟」「3 小时 20 分钟」「2 天」; 「—」 when it is not told."""
    if minutes is None:
        return "—"
    if minutes < 1:
        return "不到 1 分钟"
    whole = round(minutes)
    days, hours, rest = whole // 1440, whole % 1440 // 60, whole % 60
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    if hours:
        return f"{hours} 小时 {rest} 分钟" if rest else f"{hours} 小时"
    return f"{rest} 分钟"


def change_words(per_cent: int | None) -> str:
    """「多 12%」「少 5%」「一样多」; 「—」 when it cannot be said."""
    if per_cent is None:
        return "—"
    return f"{'多' if per_cent > 0 else '少'} {abs(per_cent)}%" if per_cent else "一样多"


def _women(figures: "Figures") -> str:
    before, short = BEFORE_WORDS[figures.period.span], figures.period.short
    if figures.women.count is None:
        return f"{short}来问的妇女不到 {SMALLEST} 位。" if str(figures.women) == "<5" else f"{short}来问的人数不公开。"
    about = "约" if figures.rounded else "共"
    so_far = "到现在为止，" if figures.is_running else ""
    told = f"{so_far}{short}{about}有 {figures.women} 位妇女来问"
    if figures.change is None or figures.is_running:
        return f"{told}。"
    same = f"和{before}一样多" if figures.change == 0 else f"比{before}{change_words(figures.change)}"
    return f"{told}，{same}（{before} {figures.before} 位）。"


def _topics(table: "Table") -> str:
    top = _largest([row for row in table.rows if row.key not in {"errand", "unknown"}])
    if not top:
        return ""
    named = "、".join(f"{row.name}（{row.cell} 位{_per_cent(row)}）" for row in top)
    return f"问得最多的是：{named}。"


def _when(tables: Mapping[str, "Table"]) -> str:
    hours, days = _largest(tables["hour"].rows, 1), _largest(tables["weekday"].rows, 1)
    if not hours or not days:
        return ""
    night = [tables["hour"].row(str(hour)) for hour in (*range(18, 24), *range(8))]
    total = tables["hour"].total.count
    told = f"第一次写来最多的是{days[0].name}，一天里最多的是 {hours[0].name}"
    if total and all(row.cell.mark is None for row in night):
        share = round(100 * sum(row.cell.count or 0 for row in night) / total)
        return f"{told}；晚上六点到早上八点写来的占 {share}%，这时多半没有人上班。"
    return f"{told}。"


def _after(tables: Mapping[str, "Table"]) -> str:
    """What women write about while offices are closed."""
    after, top = tables["after_topic"].total, _largest(tables["after_topic"].rows)
    named = [row for row in top if row.key not in {"errand", "unknown"}]
    if not after.count or not named:
        return ""
    return f"下班以后写来过的有 {after} 位，问得最多的是{'、'.join(row.name for row in named)}。"


def _answers(tables: Mapping[str, "Table"]) -> str:
    answered, unclear = tables["answer"].row("answered"), tables["answer"].row("unclear")
    told = []
    if answered.share is not None:
        told.append(f"每 100 位里有 {answered.share} 位的话助手当时就都答上了")
    if unclear.share is not None:
        told.append(f"{unclear.share} 位有话没听懂")
    handed = tables["handed"].row("yes")
    if handed.share is not None:
        told.append(f"{handed.share} 位转给了工作人员")
    return "，".join(told) + "。" if told else ""


def _waits(figures: "Figures") -> str:
    told = [
        f"{row.name}色个案一半在 {minutes_words(row.p50)}内有人接，九成在 {minutes_words(row.p90)}内"
        for row in figures.waits
        if row.p50 is not None
    ]
    waiting = figures.tables["taken"].row("waiting").cell
    left = f"现在还有 {waiting} 件没有人接" if waiting.count else ""
    return "；".join([*told, *([left] if left else [])]) + "。" if told or left else ""


def _helped(table: "Table") -> str:
    yes, partly, no = (table.row(key).cell.count for key in ("yes", "partly", "no"))
    if yes is None or partly is None or no is None or yes + partly + no < SMALLEST:
        return ""
    said = yes + partly + no
    return (
        f"结案后作了评价的有 {said} 位，其中 {round(100 * yes / said)}% 说有帮助，{round(100 * no / said)}% 说没帮上。"
    )


def _kept(table: "Table") -> str:
    came, missed = table.row("attended").cell.count, table.row("no_show").cell.count
    if came is None or missed is None or came + missed < SMALLEST:
        return ""
    return f"登记过的预约里，{round(100 * came / (came + missed))}% 的人来了（{came} 次到了，{missed} 次没来）。"


def _missed(tables: Mapping[str, "Table"]) -> str:
    sought = [row for row in tables["misses"].rows if row.cell.count]
    told = [f"{row.cell} 位找{row.name}没有找到合适的" for row in sought]
    gone = tables["waiting"].row("gone").cell
    told += [f"{gone} 位候补没有等到时间"] if gone.count else []
    return "没有满足的需要：" + "；".join(told) + "。" if told else ""


def _largest(rows: "list[Row] | tuple[Row, ...]", most: int = MOST_NAMED) -> "list[Row]":
    told = [row for row in rows if row.cell.count]
    return sorted(told, key=lambda row: -(row.cell.count or 0))[:most]


def _per_cent(row: "Row") -> str:
    return "" if row.share is None else f"，占 {row.share}%"
