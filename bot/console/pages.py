"""What pages share: the templates, Chinese words for days and statuses, and errors as pages."""

import logging
from asyncio import CancelledError
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import HTTPResponse, Request, html, redirect
from sanic.exceptions import SanicException

from bot.domain.accounts import ROLE_WORDS, Officer, Permission
from bot.domain.appointments import APPOINTMENT_WORDS, KIND_WORDS, moment_words
from bot.domain.errors import BadInput, BotError, NotAllowed, NotFound
from bot.domain.schedules import WEEKDAYS
from bot.domain.workdays import holiday_name, is_announced, is_make_up_day, is_workday
from bot.services.availability import FreeSlot

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parent

NAVIGATION = (
    ("/console/cases", "个案", Permission.SEE_CASES),
    ("/console/tasks", "待办", Permission.SEE_CASES),
    ("/console/people", "台账", Permission.SEE_CASES),
    ("/console/aid", "救助", Permission.SEE_CASES),
    ("/console/rota", "值班", Permission.SEE_CASES),
    ("/console/federations", "妇联组织", Permission.SEE_CASES),
    ("/console/calendar", "日历", Permission.KEEP_CALENDAR),
    ("/console/coming", "接下来谁来", Permission.KEEP_CALENDAR),
    ("/console/reminders", "打电话提醒", Permission.KEEP_CALENDAR),
    ("/console/suggestions", "建议", Permission.RUN_SERVICES),
    ("/console/volunteers", "志愿者", Permission.RUN_SERVICES),
    ("/console/activities", "活动", Permission.RUN_SERVICES),
    ("/console/mobile", "流动服务", Permission.RUN_SERVICES),
    ("/console/review", "对话", Permission.REVIEW),
    ("/console/figures", "数据", Permission.SEE_FIGURES),
    ("/console/teaching", "教学", Permission.TEACH),
    ("/console/audit", "操作记录", Permission.READ_AUDIT),
    ("/console/retention", "保留期限", Permission.READ_AUDIT),
    ("/console/accounts", "账号", Permission.MANAGE_ACCOUNTS),
    ("/console/retention", "保留期限", Permission.MANAGE_ACCOUNTS),
)
"""Main pages in their order, and what each asks for."""
ENTRANCE = "/console/enter"


def home_of(officer: Officer | None) -> str:
    """The first page that she may open."""
    return next((path for path, _, needed in NAVIGATION if officer and officer.may(needed)), ENTRANCE)


def page(request: Request, name: str, status: int = 200, **values: Any) -> HTTPResponse:
    """A template with the officer, her form token and `values` in it."""
    officer = getattr(request.ctx, "officer", None)
    seen = {
        "officer": officer,
        "home": home_of(officer),
        "navigation": [(path, name) for path, name, needed in NAVIGATION if officer and officer.may(needed)],
        "form_token": getattr(request.ctx, "form_token", ""),
        "here": request.path,
        "back": f"{request.path}?{request.query_string}".rstrip("?") if request.method == "GET" else home_of(officer),
        "duty": getattr(request.ctx, "duty", None),
    }
    return html(templates().get_template(name).render(**seen, **values), status=status)


def back_to(path: str, **query: str) -> HTTPResponse:
    """After an act: the page that shows what came of it."""
    return redirect(f"{path}?{urlencode(query)}" if query else path, status=303)


def error_page(request: Request, error: BaseException) -> HTTPResponse:
    """Whatever goes wrong in the console is a page: the words, and what can be done next."""
    if isinstance(error, NotAllowed):
        return redirect(ENTRANCE, status=303)
    if isinstance(error, BotError):
        return page(request, "problem.html", error.status, words=error.words)
    if isinstance(error, SanicException) and error.status_code < 500:
        known = NotFound if error.status_code == 404 else BadInput
        return page(request, "problem.html", error.status_code, words=known.default_words)
    if not isinstance(error, CancelledError):  # she has gone on to another page; nobody reads this one
        log.error("console request failed: %s", type(error).__name__, exc_info=error)
    return page(request, "problem.html", 500, words="系统出了点问题，什么都没有改动。请稍后再试。")


@lru_cache(maxsize=1)
def templates() -> Environment:
    """Every value is escaped; a name that is not given is an error."""
    made = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)
    made.globals |= {"kinds": KIND_WORDS, "statuses": APPOINTMENT_WORDS, "roles": ROLE_WORDS}
    made.filters |= {
        "day": day_words,
        "mark": day_mark,
        "clock": clock,
        "moment": moment_words,
        "visit_code": visit_code,
        "offer": offer_words,
        "offer_code": offer_code,
    }
    return made


def day_words(day: date) -> str:
    """「11月28日 周六」"""
    return f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"


def day_mark(day: date) -> str:
    """「国庆节放假」「调休上班」; "" of an ordinary day, weekends among them."""
    if is_make_up_day(day):
        return "调休上班"
    name = holiday_name(day)
    if not name or is_workday(day):
        return ""
    return "放假（调休）" if name == "调休" else f"{name}放假"


def unannounced(days: list[date]) -> tuple[int, ...]:
    """Years among these days whose moved days are not known yet."""
    return tuple(year for year in sorted({day.year for day in days}) if not is_announced(year))


def clock(span: timedelta) -> str:
    """「40 分钟」「1 小时 30 分钟」「28 天」"""
    minutes = int(span.total_seconds()) // 60
    days, rest = divmod(minutes, 24 * 60)
    if days and not rest:
        return f"{days} 天"
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} 小时"] if hours else []
    return " ".join([*parts, f"{minutes} 分钟"] if minutes or not hours else parts)


def visit_code(visits: list[tuple[str, datetime]]) -> str:
    """(service, local start) of each visit, as one value of a form or an address."""
    return ",".join(f"{service}@{starts_at:%Y-%m-%dT%H:%M}" for service, starts_at in visits)


def offer_words(free: FreeSlot) -> str:
    """One line an officer can read out; a second service of the same day is told by its hour."""
    day = free.starts_at.date()
    return "，然后 ".join(
        f"{moment_words(visit.starts_at) if at == 0 or visit.starts_at.date() != day else f'{visit.starts_at:%H:%M}'} "
        f"{visit.place}{'（示例）' if visit.synthetic and '示例' not in visit.place else ''}"
        for at, visit in enumerate(free.visits)
    )


def offer_code(free: FreeSlot) -> str:
    """The same offer as a value of a form."""
    return visit_code([(visit.service, visit.starts_at) for visit in free.visits])
