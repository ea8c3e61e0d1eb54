"""台账: the people in an officer's care, or in her whole branch's for a supervisor, with what is due next."""

from datetime import timedelta
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request

from bot.console.fields import read_page
from bot.console.guard import guarded
from bot.console.pages import page
from bot.console.spreadsheet import export
from bot.domain.accounts import Permission
from bot.domain.care import CareFilter, Due
from bot.domain.case_topics import LEVEL_WORDS, TOPIC_WORDS, CaseLevel, Topic
from bot.domain.cases import HELPED_WORDS, OUTCOME_WORDS, STATUS_WORDS, TASK_WORDS, Helped
from bot.domain.errors import BadInput, NotFound
from bot.services.areas import area_code, area_words
from bot.services.care_list import Person

A_PAGE = 50
MOST_EXPORTED = 5000
LATELY = {"open": None, "30": 30, "90": 90, "365": 365, "any": None}
STATE_WORDS = {"90": "在办和近 90 天结案", "open": "在办", "30": "在办和近 30 天结案", "365": "在办和近一年结案",
               "any": "在办和所有结案", "closed": "只看结案"}  # fmt: skip
USUAL = "90"
DUE_WORDS = {Due.OVERDUE: "有过期的", Due.TODAY: "今天要办", Due.WEEK: "七天内要办", Due.NONE: "没有安排"}
FILTERS = ("q", "state", "officer", "area", "topic", "level", "due", "helped")
HEADER = ("级别", "类别", "状态", "地区", "需要", "负责人", "下一件事", "哪天以前", "未办事项", "下次预约", "最近联系",
          "谁联系谁", "建案", "结案", "结果", "有没有帮到")  # fmt: skip


def add_care_list(console: Blueprint) -> None:
    """Routes of the list."""
    console.add_route(people, "/people")
    console.add_route(export_people, "/people/export")


@guarded(Permission.SEE_CASES)
async def people(request: Request) -> HTTPResponse:
    """A page of them: what is due soonest first."""
    services, officer, asked = request.app.ctx.services, request.ctx.officer, _asked(request)
    number, refused, found = read_page(request.args.get("page", "")), None, []
    try:
        wanted = _wanted(request, asked)
        found = await services.office.care.page(officer, wanted, offset=(number - 1) * A_PAGE, limit=A_PAGE + 1)
    except BadInput as wrong:
        refused = wrong
    return page(
        request, "people.html", refused.status if refused else 200, rows=found[:A_PAGE], more=len(found) > A_PAGE,
        number=number, asked=asked, refused=refused,
        query=urlencode({name: value for name, value in asked.items() if value}),
        staff=await services.office.rota.staff(officer) if officer.may(Permission.ASSIGN_CASES) else [],
        states=STATE_WORDS, due_words=DUE_WORDS, task_kinds=TASK_WORDS, levels=LEVEL_WORDS, topics=TOPIC_WORDS,
        helped_words=HELPED_WORDS, case_states=STATUS_WORDS, outcomes=OUTCOME_WORDS,
        area_words=lambda area: area_words(services.gazetteer, area) if area else "",
    )  # fmt: skip


@guarded(Permission.SEE_CASES)
async def export_people(request: Request) -> HTTPResponse:
    """The same list as a file, whole; masked as on the page."""
    services, officer = request.app.ctx.services, request.ctx.officer
    if not officer.may(Permission.EXPORT):
        raise NotFound
    found = await services.office.care.page(officer, _wanted(request, _asked(request)), limit=MOST_EXPORTED)
    return await export(request, "台账", HEADER, [_row(one, area_words(services.gazetteer, one.area)) for one in found])


def _row(one: Person, area: str) -> tuple[object, ...]:
    return (
        LEVEL_WORDS[one.level], TOPIC_WORDS[one.topic], STATUS_WORDS[one.status], area if one.area else one.place,
        one.need, one.officer_name, TASK_WORDS[one.next_kind] if one.next_kind else "",
        f"{one.next_due_at:%Y-%m-%d}" if one.next_due_at else "", one.tasks, one.next_visit_at, one.contact_at,
        ("她写来" if one.contact_by_her else "我们回复") if one.contact_at else "", one.opened_at, one.closed_at,
        OUTCOME_WORDS[one.outcome] if one.outcome else "", HELPED_WORDS[one.helped] if one.helped else "",
    )  # fmt: skip


def _asked(request: Request) -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:60] for name in FILTERS}


def _wanted(request: Request, asked: dict[str, str]) -> CareFilter:
    """The filters as they were written. Raises BadInput for an area that is none."""
    services = request.app.ctx.services
    state = asked["state"] if asked["state"] in STATE_WORDS else USUAL
    days = LATELY.get(state)
    return CareFilter(
        officer=asked["officer"],
        area=area_code(services.gazetteer, asked["area"]) if asked["area"] else "",
        topic=Topic(asked["topic"]) if asked["topic"] in set(Topic) else None,
        level=CaseLevel(asked["level"]) if asked["level"] in set(CaseLevel) else None,
        due=Due(asked["due"]) if asked["due"] in set(DUE_WORDS) else None,
        helped=Helped(asked["helped"]) if asked["helped"] in set(Helped) else None,
        closed={"open": False, "closed": True}.get(state),
        closed_since=services.availability.now() - timedelta(days=days) if days else None,
        words=asked["q"],
    )
