"""What is written down of every act that matters, and how each row is chained to the one before."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

FIRST = "0" * 64
"""What the first row is chained to."""
LONGEST_REASON = 200


class Act(StrEnum):
    """The word of the code for an act. Never rename one: the rows that hold it cannot be changed."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    STEPPED_UP = "stepped_up"
    STEP_UP_FAILED = "step_up_failed"
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    ACCESS_DENIED = "access_denied"
    SEALED_OPENED = "sealed_opened"
    PHONE_SEEN = "phone_seen"
    EXPORTED = "exported"
    IMPORTED = "imported"
    MOBILE_PLANNED = "mobile_planned"
    MOBILE_CHANGED = "mobile_changed"
    MOBILE_CANCELLED = "mobile_cancelled"
    API_CLIENT_ADDED = "api_client_added"
    API_CLIENT_REVOKED = "api_client_revoked"
    WEBHOOK_ADDED = "webhook_added"
    WEBHOOK_REVOKED = "webhook_revoked"
    CASE_SENT = "case_sent"
    ACCOUNT_INVITED = "account_invited"
    ACCOUNT_ACTIVATED = "account_activated"
    ACCOUNT_RESET = "account_reset"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    CASE_OPENED = "case_opened"
    CASE_TAKEN = "case_taken"
    CASE_RELEASED = "case_released"
    CASE_TRANSFERRED = "case_transferred"
    CASE_REFERRED = "case_referred"
    CASE_CLOSED = "case_closed"
    CASE_REOPENED = "case_reopened"
    CASE_RETURNED_TO_BOT = "case_returned_to_bot"
    HOLD_SET = "hold_set"
    HOLD_LIFTED = "hold_lifted"
    DELETION_ASKED = "deletion_asked"
    DELETION_WITHDRAWN = "deletion_withdrawn"
    RECORDS_DELETED = "records_deleted"
    RECORDS_COPIED = "records_copied"
    RETENTION_RAN = "retention_ran"
    TEACHING_PROPOSED = "teaching_proposed"
    TEACHING_APPROVED = "teaching_approved"
    TEACHING_REFUSED = "teaching_refused"
    MODEL_TRAINED = "model_trained"
    MODEL_PROMOTED = "model_promoted"
    MODEL_ROLLED_BACK = "model_rolled_back"
    SUGGESTIONS_MERGED = "suggestions_merged"
    SUGGESTION_PROMISED = "suggestion_promised"
    SUGGESTION_DONE = "suggestion_done"
    SUGGESTION_DECLINED = "suggestion_declined"
    SUGGESTION_PUBLISHED = "suggestion_published"
    SUGGESTION_HIDDEN = "suggestion_hidden"
    VOLUNTEER_ACCEPTED = "volunteer_accepted"
    VOLUNTEER_PAUSED = "volunteer_paused"
    VOLUNTEER_ENDED = "volunteer_ended"
    VOLUNTEERS_CALLED = "volunteers_called"
    VOLUNTEERS_ASKED = "volunteers_asked"
    VOLUNTEER_HOURS_RECORDED = "volunteer_hours_recorded"
    VOLUNTEER_CALL_CLOSED = "volunteer_call_closed"
    ACTIVITY_PUBLISHED = "activity_published"
    ACTIVITY_CHANGED = "activity_changed"
    ACTIVITY_CANCELLED = "activity_cancelled"
    AID_MOVED = "aid_moved"
    FEDERATION_CHANGED = "federation_changed"
    FEDERATION_REMOVED = "federation_removed"


ACT_WORDS: Mapping[Act, str] = {
    Act.SIGNED_IN: "登录",
    Act.SIGN_IN_FAILED: "登录失败",
    Act.SIGNED_OUT: "退出",
    Act.STEPPED_UP: "再次验证",
    Act.STEP_UP_FAILED: "再次验证失败",
    Act.RECOVERY_CODE_USED: "用了备用码",
    Act.PASSWORD_CHANGED: "改密码",
    Act.ACCESS_DENIED: "越权被拒",
    Act.SEALED_OPENED: "打开原文",
    Act.PHONE_SEEN: "看预约电话",
    Act.EXPORTED: "导出",
    Act.IMPORTED: "导入",
    Act.MOBILE_PLANNED: "排流动服务路线",
    Act.MOBILE_CHANGED: "改流动服务站点",
    Act.MOBILE_CANCELLED: "取消流动服务站点",
    Act.API_CLIENT_ADDED: "给外部系统开放接口",
    Act.API_CLIENT_REVOKED: "收回外部系统的接口",
    Act.WEBHOOK_ADDED: "登记对方系统的地址",
    Act.WEBHOOK_REVOKED: "停用对方系统的地址",
    Act.CASE_SENT: "转介单发到对方系统",
    Act.ACCOUNT_INVITED: "新建账号",
    Act.ACCOUNT_ACTIVATED: "激活账号",
    Act.ACCOUNT_RESET: "重置账号",
    Act.ACCOUNT_CHANGED: "修改账号",
    Act.ACCOUNT_DISABLED: "停用账号",
    Act.ACCOUNT_ENABLED: "启用账号",
    Act.CASE_OPENED: "建个案",
    Act.CASE_TAKEN: "接单",
    Act.CASE_RELEASED: "放回队列",
    Act.CASE_TRANSFERRED: "转交",
    Act.CASE_REFERRED: "转介",
    Act.CASE_CLOSED: "结案",
    Act.CASE_REOPENED: "重新打开",
    Act.CASE_RETURNED_TO_BOT: "交还机器人",
    Act.HOLD_SET: "证据保全",
    Act.HOLD_LIFTED: "解除保全",
    Act.DELETION_ASKED: "本人要求删除记录",
    Act.DELETION_WITHDRAWN: "本人收回删除要求",
    Act.RECORDS_DELETED: "按本人要求删除记录",
    Act.RECORDS_COPIED: "本人取走自己的记录",
    Act.RETENTION_RAN: "到期清理",
    Act.TEACHING_PROPOSED: "提出教学改动",
    Act.TEACHING_APPROVED: "批准教学改动",
    Act.TEACHING_REFUSED: "不批准教学改动",
    Act.MODEL_TRAINED: "开始训练模型",
    Act.MODEL_PROMOTED: "模型上线",
    Act.MODEL_ROLLED_BACK: "退回旧模型",
    Act.SUGGESTIONS_MERGED: "合并建议",
    Act.SUGGESTION_PROMISED: "答应一条建议",
    Act.SUGGESTION_DONE: "建议办好了",
    Act.SUGGESTION_DECLINED: "说明建议办不了",
    Act.SUGGESTION_PUBLISHED: "公开一条建议",
    Act.SUGGESTION_HIDDEN: "收回公开的建议",
    Act.VOLUNTEER_ACCEPTED: "接纳志愿者（或恢复）",
    Act.VOLUNTEER_PAUSED: "暂停志愿者",
    Act.VOLUNTEER_ENDED: "请志愿者退出",
    Act.VOLUNTEERS_CALLED: "发起志愿求助",
    Act.VOLUNTEERS_ASKED: "问志愿者来不来",
    Act.VOLUNTEER_HOURS_RECORDED: "记志愿服务时长",
    Act.VOLUNTEER_CALL_CLOSED: "结束志愿求助",
    Act.ACTIVITY_PUBLISHED: "发布活动",
    Act.ACTIVITY_CHANGED: "改已发布的活动",
    Act.ACTIVITY_CANCELLED: "取消活动",
    Act.AID_MOVED: "登记救助申请的进展",
    Act.FEDERATION_CHANGED: "改妇联组织名录",
    Act.FEDERATION_REMOVED: "从妇联组织名录里删除",
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One act. `actor` is an account's public id ("": nobody known, or the command line, which `source` tells).

    `source` is the network address it came from. `act` is a plain word only in rows that tell of an act which the code no
    longer knows. `reason` is short and holds nothing that tells who a woman is.
    """

    act: Act | str
    actor: str = ""
    object_kind: str = ""
    object_id: str = ""
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """How far the chain holds: `rows` good rows, the last of them with `hash`. `broken_at`: None when all of it holds."""

    rows: int
    hash: str
    broken_at: int | None = None
    words: str = ""


def link(key: bytes, previous: str, sequence: int, at: datetime, deed: Deed) -> str:
    """The row's hash (64 hex digits): HMAC-SHA-256 over the hash before it and everything that the row says."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    row = [sequence, moment, deed.actor, deed.act, deed.object_kind, deed.object_id, deed.reason, deed.source]
    text = previous + "\n" + json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
