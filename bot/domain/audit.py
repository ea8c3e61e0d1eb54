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
    ACCOUNT_INVITED = "account_invited"
    ACCOUNT_ACTIVATED = "account_activated"
    ACCOUNT_RESET = "account_reset"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"


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
    Act.ACCOUNT_INVITED: "新建账号",
    Act.ACCOUNT_ACTIVATED: "激活账号",
    Act.ACCOUNT_RESET: "重置账号",
    Act.ACCOUNT_CHANGED: "修改账号",
    Act.ACCOUNT_DISABLED: "停用账号",
    Act.ACCOUNT_ENABLED: "启用账号",
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
