"""How long what is kept, and why: one list that the job, the console's page and the documents read alike.

Ages count from the moment that `since` names. What a legal hold covers is never due, and neither is a talk under way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kept(StrEnum):
    """What is kept for a while; each has one rule. Runs of the job are written down under these words: never rename one."""

    SHARED_POINTS = "shared_points"
    WECHAT_NONCES = "wechat_nonces"
    WECHAT_REPLIES = "wechat_replies"
    WECHAT_PROGRESS = "wechat_progress"
    WECHAT_WINDOWS = "wechat_windows"
    CONSOLE_SESSIONS = "console_sessions"
    SIGN_IN_TRIES = "sign_in_tries"
    INVITATIONS = "invitations"
    RECORD_COPIES = "record_copies"
    TRACKERS = "trackers"
    CHOICES = "choices"
    CONTACTS = "contacts"
    WAITING = "waiting"
    TEXT = "text"
    CONVERSATIONS = "conversations"
    CASES = "cases"
    APPOINTMENTS = "appointments"
    SIGN_UPS = "sign_ups"
    RUNS = "runs"
    SUGGESTIONS = "suggestions"
    VOLUNTEERS = "volunteers"
    VOLUNTEER_CALLS = "volunteer_calls"
    MOBILE_SUBSCRIPTIONS = "mobile_subscriptions"
    CHECK_INS = "check_ins"


class Block(StrEnum):
    """Why her records stay although she asked for them to go."""

    OPEN_CASE = "open_case"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class RetentionTimes:
    """The numbers of the settings."""

    text: timedelta = timedelta(days=180)
    masked: timedelta = timedelta(days=730)
    case: timedelta = timedelta(days=1095)
    contact: timedelta = timedelta(days=30)
    appointment: timedelta = timedelta(days=1095)
    waiting: timedelta = timedelta(days=90)
    choice: timedelta = timedelta(days=30)
    tracker: timedelta = timedelta(hours=24)
    console_session: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing and how long it is kept.

    `ends_itself`: the row names its own end, and `span` is only how long that mostly is. `passing`: a thing of minutes or
    days that holds up a service and tells of nobody; its going is not worth a row of the audit log.
    """

    kept: Kept
    tables: tuple[str, ...]
    what: str
    since: str
    span: timedelta
    then: str
    why: str
    ends_itself: bool = False
    passing: bool = False

    def cutoff(self, now: datetime) -> datetime:
        """What is older than this is due."""
        return now if self.ends_itself else now - self.span


MINUTES, DAY, QUARTER_YEAR = timedelta(minutes=15), timedelta(days=1), timedelta(days=90)
GONE = "整行删除"
STAYING: Mapping[str, str] = {
    "organizations": "机构名录，不是个人信息",
    "activities": "活动安排，不是个人信息",
    "locations": "地点名录，不是个人信息",
    "facilities": "地点名录，不是个人信息",
    "service_at_locations": "地点名录，不是个人信息",
    "schedules": "开放时间，不是个人信息",
    "schedule_exceptions": "开放时间，不是个人信息",
    "directory_version": "名录的版本号",
    "booking_calendars": "预约规则，不是个人信息",
    "mobile_units": "流动服务的车和点，不是个人信息",
    "federations": "妇联组织名录：办公地点和办公电话",
    "federation_people": "单位公布的职务和姓名，没有个人号码；换届时由名录的管理员改",
    "mobile_stops": "流动服务的站点安排，不是个人信息",
    "calendar_changes": "加开和关闭的时间，不是个人信息",
    "waiting_list_watch": "候补名单由哪个进程照看，只有一行",
    "wechat_tokens": "公众号接口的凭证，加密，一个公众号一行",
    "accounts": "工作人员账号：停用后仍要能说明当时是谁办的",
    "recovery_codes": "工作人员账号的备用码，只存摘要",
    "duty_weeks": "值班表：说明哪天该谁值班",
    "duty_presence": "谁在岗，一人一行",
    "audit_entries": "操作记录：只追加、不能改，不含聊天内容",
    "audit_head": "操作记录的链头，只有一行",
    "api_clients": "外部系统的密钥摘要，不是当事人的信息",
    "webhooks": "接收转介单的外部系统的地址",
    "saved_filters": "质检员存下的筛选条件",
    "change_sets": "教助手的一批修改由谁提出、谁批准；句子在另一张表，跟着消息走",
    "model_trainings": "哪次训练、各项指标，没有句子",
    "model_moves": "哪天换上哪个模型",
    "forget_requests": "删除要求：只有对话编号和时间，办完即删",
}
"""Tables whose rows stay, and why."""


def rules(times: RetentionTimes) -> tuple[Rule, ...]:
    """Every rule, what is gone soonest first. Cases go before the talks that they keep."""
    return (*_passing(times), *_of_services(times), *_of_people(times))


def _soon(
    kept: Kept, tables: tuple[str, ...], what: str, since: str, span: timedelta, why: str, *, ends_itself: bool = False
) -> Rule:
    return Rule(kept, tables, what, since, span, GONE, why, ends_itself, passing=True)


def _passing(times: RetentionTimes) -> tuple[Rule, ...]:
    return (
        _soon(Kept.SHARED_POINTS, ("shared_points",), "她发来的位置（加密）", "收到", timedelta(minutes=10),
             "只用来查一次地方，查完就删", ends_itself=True),
        _soon(Kept.WECHAT_NONCES, ("wechat_nonces",), "微信请求的随机数", "收到", MINUTES,
             "防止同一请求被重放"),
        _soon(Kept.WECHAT_REPLIES, ("wechat_replies",), "刚刚回复微信的话（加密）", "回复", MINUTES,
             "微信会重复询问，要答得一样"),
        _soon(Kept.WECHAT_PROGRESS, ("wechat_progress",), "长消息发到第几段", "更新", timedelta(days=7),
             "断了能接着发"),
        _soon(Kept.WECHAT_WINDOWS, ("wechat_windows",), "还能给她发几条客服消息", "她写来", timedelta(hours=48),
             "微信的规定", ends_itself=True),
        _soon(Kept.CONSOLE_SESSIONS, ("console_sessions",), "工作台的登录", "登录", times.console_session,
             "到时要重新登录"),
        _soon(Kept.SIGN_IN_TRIES, ("sign_in_tries",), "登录失败的次数（摘要）", "上次尝试", DAY,
             "挡住猜密码的"),
        _soon(Kept.INVITATIONS, ("invitations",), "账号邀请链接（摘要）", "发出", timedelta(days=3),
             "一次性链接", ends_itself=True),
        _soon(Kept.RECORD_COPIES, ("record_copies",), "她取走自己记录的一次性链接（摘要）", "给出", MINUTES,
             "一次性链接", ends_itself=True),
        _soon(Kept.TRACKERS, (), "对话引擎里的工作副本（Rasa tracker）", "最后一句", times.tracker,
             "正在说的话才用得着；原文另有加密保存"),
        _soon(Kept.CHOICES, ("offered_choices",), "消息下面的选项", "发出", times.choice,
             "过期的选项点了也没用"),
        _soon(Kept.MOBILE_SUBSCRIPTIONS, ("mobile_subscriptions", "mobile_notices"),
             "她要留意哪一带的流动服务、告诉过哪几站", "她说要留意", QUARTER_YEAR, "过了就不再告诉；她随时可以不要",
             ends_itself=True),
        _soon(Kept.RUNS, ("retention_runs",), "清理记录本身", "开始", QUARTER_YEAR,
             "说明清理一直在做"),
    )  # fmt: skip


def _of_services(times: RetentionTimes) -> tuple[Rule, ...]:
    return (
        Rule(Kept.WAITING, ("waiting_entries", "waiting_offers"), "候补排队", "离开队伍", times.waiting, then=GONE,
             why="称呼和电话在离开队伍时已经删掉，其余用来看候补够不够"),
        Rule(Kept.CONTACTS, (), "预约里的称呼和电话（加密）", "服务结束", times.contact, then="称呼和电话删除，其余留下",
             why="办完还可能要联系一两次"),
        Rule(Kept.SIGN_UPS, ("activity_sign_ups",), "活动报名：到没到、评了几分", "活动结束", times.appointment, then=GONE,
             why="活动办过的凭据和统计"),
        Rule(Kept.APPOINTMENTS, ("appointments", "visits", "appointment_events", "seats", "reminders"),
             "预约（时间、地点、到没到，不含称呼和电话）", "服务结束", times.appointment, then=GONE,
             why="服务做过的凭据和统计"),
    )  # fmt: skip


def _of_people(times: RetentionTimes) -> tuple[Rule, ...]:
    case = (
        "cases", "case_events", "case_exclusions", "case_alerts", "case_notes", "case_tasks", "case_referrals",
        "case_replies", "case_holds", "webhook_deliveries", "aid_applications", "aid_items",
    )  # fmt: skip
    return (
        Rule(Kept.CASES, case, "个案：概要、经过、内部备注（加密）、任务、转介、救助申请", "结案", times.case, then=GONE,
             why="她可能要用作证据；没结案的一直留着"),
        Rule(Kept.SUGGESTIONS,
             ("suggestions", "suggestion_words", "suggestion_promises", "suggestion_events"),
             "建议：类别、地区、答应了什么、办了没有（她的话跟着她的对话走）", "办好或说明办不了", times.case, then=GONE,
             why="答应过的事要对得上账；没答复的一直留着"),
        Rule(Kept.CHECK_INS, ("check_ins",), "她同意记下的情绪自测分数（加密）", "她同意", times.text, then=GONE,
             why="给接手的工作人员看；她随时可以收回"),
        Rule(Kept.VOLUNTEERS, ("volunteers", "volunteer_matches"), "志愿者：特长、地区、时间、服务过什么、多久",
             "退出（电话当时就删）", times.appointment, then=GONE, why="服务时长以后可能要证明；没退出的一直留着"),
        Rule(Kept.VOLUNTEER_CALLS, ("volunteer_calls",), "请志愿者帮忙的事", "结束", times.appointment, then=GONE,
             why="和服务时长对账；没结束的一直留着"),
        Rule(Kept.TEXT, (), "聊天原文和她的账号标识（加密）", "她最后一次写来", times.text,
             then="原文和账号标识删除，遮住姓名、电话、住址的文字留下", why="没有个案的对话，过了这么久用不着原文"),
        Rule(Kept.CONVERSATIONS, (
                 "conversations", "inbound_messages", "outbound_messages", "chat_listeners", "message_words",
                 "review_entries", "reviewed_conversations", "corrections", "review_marks", "dialogue_tests",
                 "change_set_lines", "place_misses",
             ),
             "遮过的聊天文字、听懂了什么、多快回复", "她最后一次写来", times.masked, then=GONE,
             why="改进助手和统计；已经对不上是谁"),
    )  # fmt: skip
