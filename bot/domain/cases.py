"""A case: what a person takes over, who has it, and which step may follow which.

            open              alert                take
   (none) ──────► WAITING ◄──────────► ALERTED ──────────► TAKEN ──── close ───► CLOSED
              ▲       expired, declined      ▲               │ ▲ │                  │
              │       or withdrawn           │               │ │ └─ refer, reply,   │
              │                              │               │ │    give back       │
              └──── release, transfer, ──────┼───────────────┘ │                    │
              │     the officer is away      │                 └─ reopened by ──────┤
              │                              │                    an officer        │
              └─────────── she writes again: reopened ──────────────────────────────┘

WAITING may be taken too, by any officer who may see it. She can leave WAITING and ALERTED, which closes the case unless she
is in danger. What is not drawn is refused. Who *speaks* is another matter: `conversation.owner`, one row with a version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.case_topics import CaseLevel
from bot.domain.working_hours import WorkingHours


class CaseStatus(StrEnum):
    """Where a case stands. `WAITING`: nobody is asked at this moment; `ALERTED`: one officer is, until a deadline."""

    WAITING = "waiting"
    ALERTED = "alerted"
    TAKEN = "taken"
    CLOSED = "closed"


STATUS_WORDS: Mapping[CaseStatus, str] = {
    CaseStatus.WAITING: "等待",
    CaseStatus.ALERTED: "已提醒",
    CaseStatus.TAKEN: "处理中",
    CaseStatus.CLOSED: "已结案",
}
UNTAKEN = frozenset({CaseStatus.WAITING, CaseStatus.ALERTED})


class OpenReason(StrEnum):
    """Why a case was opened."""

    ASKED = "asked"
    URGENT = "urgent"
    EMERGENCY = "emergency"
    NOT_UNDERSTOOD = "not_understood"
    OFFICER = "officer"
    REVIEW = "review"
    APPLIED = "applied"
    EXPERT = "expert"


REASON_WORDS: Mapping[OpenReason, str] = {
    OpenReason.ASKED: "她要找人",
    OpenReason.URGENT: "有危险",
    OpenReason.EMERGENCY: "现在有危险",
    OpenReason.NOT_UNDERSTOOD: "助手两次没听懂",
    OpenReason.OFFICER: "工作人员新建",
    OpenReason.REVIEW: "质检员转来",
    OpenReason.APPLIED: "她申请救助",
    OpenReason.EXPERT: "她有问题要问专家",
}
BY_TALK = frozenset({OpenReason.APPLIED, OpenReason.EXPERT})
"""Opened for what she asked of the assistant: it goes on speaking with her."""


class CaseAct(StrEnum):
    """What happened to a case, as its history keeps it."""

    OPENED = "opened"
    RAISED = "raised"
    ALERTED = "alerted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    TAKEN = "taken"
    REPLIED = "replied"
    RELEASED = "released"
    AWAY = "away"
    REMOVED = "removed"
    TRANSFERRED = "transferred"
    REFERRED = "referred"
    GIVEN_BACK = "given_back"
    EXCLUDED = "excluded"
    CHOSEN = "chosen"
    LEFT = "left"
    CLOSED = "closed"
    REOPENED = "reopened"
    REOPENED_BY_OFFICER = "reopened_by_officer"
    EDITED = "edited"
    RATED = "rated"


ACT_WORDS: Mapping[CaseAct, str] = {
    CaseAct.OPENED: "建个案",
    CaseAct.RAISED: "升级",
    CaseAct.ALERTED: "提醒",
    CaseAct.DECLINED: "接不了",
    CaseAct.EXPIRED: "超时没接",
    CaseAct.WITHDRAWN: "收回提醒",
    CaseAct.TAKEN: "接单",
    CaseAct.REPLIED: "回复",
    CaseAct.RELEASED: "放回队列",
    CaseAct.AWAY: "离岗，自动放回队列",
    CaseAct.REMOVED: "按她的意思换人",
    CaseAct.TRANSFERRED: "转交",
    CaseAct.REFERRED: "转介",
    CaseAct.GIVEN_BACK: "交还助手",
    CaseAct.EXCLUDED: "她不要找的人",
    CaseAct.CHOSEN: "她选的妇联",
    CaseAct.LEFT: "她不等了",
    CaseAct.CLOSED: "结案",
    CaseAct.REOPENED: "她又写来，重新打开",
    CaseAct.REOPENED_BY_OFFICER: "重新打开",
    CaseAct.EDITED: "修改概要",
    CaseAct.RATED: "她的评价",
}
MOVES: Mapping[CaseAct, tuple[frozenset[CaseStatus], CaseStatus]] = {
    CaseAct.ALERTED: (frozenset({CaseStatus.WAITING}), CaseStatus.ALERTED),
    CaseAct.DECLINED: (frozenset({CaseStatus.ALERTED}), CaseStatus.WAITING),
    CaseAct.EXPIRED: (frozenset({CaseStatus.ALERTED}), CaseStatus.WAITING),
    CaseAct.WITHDRAWN: (frozenset({CaseStatus.ALERTED}), CaseStatus.WAITING),
    CaseAct.TAKEN: (UNTAKEN, CaseStatus.TAKEN),
    CaseAct.RELEASED: (frozenset({CaseStatus.TAKEN}), CaseStatus.WAITING),
    CaseAct.AWAY: (frozenset({CaseStatus.TAKEN}), CaseStatus.WAITING),
    CaseAct.REMOVED: (frozenset({CaseStatus.TAKEN}), CaseStatus.WAITING),
    CaseAct.TRANSFERRED: (frozenset({CaseStatus.TAKEN}), CaseStatus.WAITING),
    CaseAct.LEFT: (UNTAKEN, CaseStatus.CLOSED),
    CaseAct.CLOSED: (frozenset({CaseStatus.TAKEN}), CaseStatus.CLOSED),
    CaseAct.REOPENED: (frozenset({CaseStatus.CLOSED}), CaseStatus.WAITING),
    CaseAct.REOPENED_BY_OFFICER: (frozenset({CaseStatus.CLOSED}), CaseStatus.TAKEN),
}
"""Act → (from which status, to which). Acts that are not here change no status."""


def status_after(status: CaseStatus, act: CaseAct) -> CaseStatus | None:
    """Where the act leads, or None when it is not possible now."""
    given, then = MOVES[act]
    return then if status in given else None


class AlertOutcome(StrEnum):
    """What came of asking one officer. `RELEASED` marks who gave the case away: she is not asked again at once."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"


class CaseOutcome(StrEnum):
    """How a case ended."""

    RESOLVED = "resolved"
    ADVISED = "advised"
    REFERRED = "referred"
    UNREACHABLE = "unreachable"
    NOT_WANTED = "not_wanted"
    LEFT = "left"


OUTCOME_WORDS: Mapping[CaseOutcome, str] = {
    CaseOutcome.RESOLVED: "已解决",
    CaseOutcome.ADVISED: "已解答",
    CaseOutcome.REFERRED: "已转介",
    CaseOutcome.UNREACHABLE: "联系不上",
    CaseOutcome.NOT_WANTED: "本人不需要了",
    CaseOutcome.LEFT: "本人没有等",
}
BY_OFFICER = frozenset(CaseOutcome) - {CaseOutcome.LEFT}


class OutsideBody(StrEnum):
    """Where a case can be referred to outside the Federation."""

    POLICE = "police"
    COURT = "court"
    LEGAL_AID = "legal_aid"
    HOSPITAL = "hospital"
    CIVIL_AFFAIRS = "civil_affairs"


BODY_WORDS: Mapping[OutsideBody, str] = {
    OutsideBody.POLICE: "派出所",
    OutsideBody.COURT: "法院",
    OutsideBody.LEGAL_AID: "法律援助",
    OutsideBody.HOSPITAL: "医院",
    OutsideBody.CIVIL_AFFAIRS: "民政",
}


class Consent(StrEnum):
    """What she said to a question; mostly nothing."""

    UNKNOWN = "unknown"
    YES = "yes"
    NO = "no"


class Helped(StrEnum):
    """Her answer, once, after closing."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


HELPED_WORDS: Mapping[Helped, str] = {Helped.YES: "有帮助", Helped.PARTLY: "帮了一部分", Helped.NO: "没帮上"}


class TaskKind(StrEnum):
    """What is still to be done for her."""

    FOLLOW_UP = "follow_up"
    RETURN_VISIT = "return_visit"


TASK_WORDS: Mapping[TaskKind, str] = {TaskKind.FOLLOW_UP: "跟进", TaskKind.RETURN_VISIT: "回访"}


class ExclusionKind(StrEnum):
    """Whom she does not want: a level of offices, people of a surname, one officer or one federation at work (by public id)."""

    LEVEL = "level"
    SURNAME = "surname"
    OFFICER = "officer"
    FEDERATION = "federation"


@dataclass(frozen=True, slots=True)
class CaseRules:
    """The numbers of the settings.

    `again`: how long after everyone was asked the round begins anew. `away`: how long an officer may be gone while she waits.
    """

    hours: WorkingHours
    red: timedelta = timedelta(minutes=2)
    orange: timedelta = timedelta(minutes=15)
    yellow: timedelta = timedelta(hours=4)
    again: timedelta = timedelta(minutes=15)
    acknowledge: timedelta = timedelta(minutes=10)
    presence: timedelta = timedelta(minutes=2)
    away: timedelta = timedelta(minutes=5)
    reopen: timedelta = timedelta(hours=24)

    def deadline(self, level: CaseLevel, now: datetime) -> datetime:
        """Until when somebody should have the case: yellow counts working hours, the others the clock."""
        if level is CaseLevel.YELLOW:
            return self.hours.after(now, self.yellow)
        return now + (self.red if level is CaseLevel.RED else self.orange)
