"""Who works at the console, what each role may do, and for which branch of the area.

Least privilege: who manages accounts opens no sealed text, who reads the audit log sees nothing else, and who reviews
conversations sees masked text only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

STEP_UP_LIFETIME = timedelta(minutes=5)
"""How long a second factor that was just given opens sealed text."""
LEVELS = (2, 4, 6, 9)
"""Digits of a division code that name province, city, district and town; all twelve name a village."""
CODE_DIGITS = 12


class Role(StrEnum):
    """What an account is for; one each."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    ADMIN = "admin"


ROLE_WORDS: Mapping[Role, str] = {
    Role.OFFICER: "工作人员",
    Role.SUPERVISOR: "负责人",
    Role.REVIEWER: "质检员",
    Role.AUDITOR: "审计员",
    Role.ADMIN: "账号管理员",
}


class Permission(StrEnum):
    """One thing that may be done at the console."""

    SEE_CASES = "see_cases"
    TAKE_CASES = "take_cases"
    ASSIGN_CASES = "assign_cases"
    OPEN_SEALED = "open_sealed"
    KEEP_CALENDAR = "keep_calendar"
    KEEP_ROTA = "keep_rota"
    KEEP_DIRECTORY = "keep_directory"
    RUN_SERVICES = "run_services"
    REVIEW = "review"
    TEACH = "teach"
    SEE_FIGURES = "see_figures"
    EXPORT = "export"
    READ_AUDIT = "read_audit"
    MANAGE_ACCOUNTS = "manage_accounts"


_OFFICER = frozenset(
    {
        Permission.SEE_CASES,
        Permission.TAKE_CASES,
        Permission.OPEN_SEALED,
        Permission.KEEP_CALENDAR,
        Permission.RUN_SERVICES,
        Permission.SEE_FIGURES,
        Permission.EXPORT,
    }
)
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.OFFICER: _OFFICER,
    Role.SUPERVISOR: _OFFICER
    | {Permission.ASSIGN_CASES, Permission.KEEP_ROTA, Permission.KEEP_DIRECTORY, Permission.TEACH},
    Role.REVIEWER: frozenset({Permission.REVIEW, Permission.TEACH, Permission.SEE_FIGURES, Permission.EXPORT}),
    Role.AUDITOR: frozenset({Permission.READ_AUDIT, Permission.EXPORT}),
    Role.ADMIN: frozenset({Permission.MANAGE_ACCOUNTS}),
}
"""`EXPORT` is of what the role may see anyway, and every export is logged. `RUN_SERVICES`: activities, mobile
service, volunteers and suggestions of her branch. `TEACH`, of staff for the whole area: to propose
what the assistant learns, and to approve what another person proposed."""
AT_WORK = frozenset(
    {Permission.SEE_CASES, Permission.TAKE_CASES, Permission.ASSIGN_CASES, Permission.OPEN_SEALED}
)  # fmt: skip
"""Whoever works for a federation in a system or a company has no more than this, and of no case but those that came there:
calendars, figures and suggestions are of women who live near, and none of her employer's business."""


def may(role: Role, permission: Permission) -> bool:
    """Whether the role holds the permission."""
    return permission in PERMISSIONS[role]


def branch(code: str) -> str:
    """The prefix that a division's whole branch shares: 120113000000 → 120113. "" for the whole area.

    Raises ValueError when `code` is neither a division code nor such a prefix.
    """
    if code and not (code.isascii() and code.isdecimal() and len(code) in (*LEVELS, CODE_DIGITS)):
        raise ValueError(f"not a division code: {code!r}")
    if len(code) < CODE_DIGITS:
        return code
    return next((code[:digits] for digits in LEVELS if not code[digits:].strip("0")), code)


def in_scope(scope: str, division_code: str) -> bool:
    """Whether a division lies in the branch; `scope` "" covers everything, and only that covers an unknown place ("")."""
    return division_code.startswith(scope)


@dataclass(frozen=True, slots=True)
class Officer:
    """Who is signed in. `id` is the account's public id; `area` is her account's scope: a branch, "" for all.

    `federation`: the federation at work for which she takes cases, "" for an office of the area tree.
    """

    id: str
    login: str
    name: str
    role: Role
    area: str
    stepped_up_at: datetime
    federation: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether her role holds the permission."""
        return may(self.role, permission) and (not self.federation or permission in AT_WORK)

    def covers(self, division_code: str) -> bool:
        """Whether the place is in her branch."""
        return in_scope(self.area, division_code)

    def is_fresh(self, now: datetime) -> bool:
        """Whether she gave her second factor within the last five minutes."""
        return now - self.stepped_up_at <= STEP_UP_LIFETIME
