"""One case: who she is with, the conversation as she sees it, and what an officer can do next."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from bot.console.case_aid import aid_of
from bot.console.case_experts import experts_of
from bot.console.case_papers import Trouble, papers_of
from bot.console.guard import form, guarded, source
from bot.console.pages import page
from bot.domain.accounts import Officer, Permission
from bot.domain.case_topics import LEVEL_WORDS, TOPIC_WORDS
from bot.domain.cases import BY_OFFICER, HELPED_WORDS, OUTCOME_WORDS, STATUS_WORDS, UNTAKEN, CaseStatus, Consent
from bot.domain.errors import NotFound
from bot.domain.messages import Owner
from bot.domain.offices import OFFICE_WORDS, OfficeLevel, office_at
from bot.domain.risk import RiskKind
from bot.services.areas import area_words, office_words
from bot.services.canned_answers import canned_answers, canned_text
from bot.services.case_history import RISKS, WHY_WORDS
from bot.services.case_lines import Transcript
from bot.services.case_reading import Shown
from bot.services.case_words import when
from bot.services.handover import LONGEST_REPLY

QUEUE = "/console/cases"
LONGEST_TYPED = 20_000
"""More than can be sent is read all the same: what she typed is shown to her again, whole."""
OWNER_WORDS = {Owner.BOT: "智能助手", Owner.QUEUE: "排队，等人接", Owner.OFFICER: "工作人员"}
DANGER_WORDS = {
    RiskKind.VIOLENCE: "有人伤害她",
    RiskKind.SUICIDE: "轻生",
    RiskKind.CHILD: "孩子有危险",
    RiskKind.SEXUAL: "性侵害",
    RiskKind.PERPETRATOR: "写的人动过手",
}
CONSENT_WORDS = {Consent.UNKNOWN: "没说", Consent.YES: "可以", Consent.NO: "不可以"}
SAID = {
    "take": "您接了这个个案。她已经知道有人接上了。",
    "decline": "好，已经请下一位。",
    "sent": "已发给她。",
    "again": "这一条刚才已经发过，没有再发一次。",
    "kept": "现在送不到她那里：已经存好，她下次写来时一起送到。",
    "release": "已放回队列，她已经知道在另请人。",
    "transfer": "已经请那位同事来接。",
    "level": "已经转过去，正在请那里的人。",
    "work": "已经转给她选的妇联；那里没人接，会再请她辖区的妇联。",
    "give-back": "已交还助手；您一回复，就又是您在跟她说。",
    "close": "已结案。她会被问一次有没有帮到。",
    "reopen": "已重新打开，由您负责。",
    "note": "备注记好了，只有工作人员看得到。",
    "correct": "概要改好了。",
    "aid": "救助申请记好了。",
    "aid-told": "记好了，她的对话里会有一句“有消息了”（不写是什么事，手机不响）。",
}


@dataclass(frozen=True, slots=True)
class Possible:
    """Which acts make sense now. The services decide; what is not offered here would be refused there."""

    take: bool
    decline: bool
    reply: bool
    hand_on: bool
    give_back: bool
    reopen: bool


def add_case(console: Blueprint) -> None:
    """Routes that read a case."""
    console.add_route(show, "/cases/<case>", name="case_show")
    console.add_route(parts, "/cases/<case>/parts", name="case_parts")


@guarded(Permission.SEE_CASES)
async def show(request: Request, case: str) -> HTTPResponse:
    """The whole page. `canned` puts one of the usual answers into the reply box."""
    return await case_page(request, case)


@guarded(Permission.SEE_CASES, touch=False)
async def parts(request: Request, case: str) -> HTTPResponse:
    """What may have changed meanwhile, for the script of a page that is open; it puts these in place of the old ones."""
    found = await seen(request, case)
    return page(request, "case_parts.html", **await _living(request, found), trouble=None)


async def seen(request: Request, case: str) -> Shown:
    """The case, if it is hers to see. Raises NotFound; that somebody asked for one that is not hers is written down."""
    services, officer = request.app.ctx.services, request.ctx.officer
    try:
        found: Shown = await services.office.reading.case(case, officer)
    except NotFound:
        await refused(request, case)
        raise
    return found


async def refused(request: Request, case: str) -> None:
    """Write down that she asked for a case that is there and not hers."""
    services = request.app.ctx.services
    if await services.office.room.is_there(case):
        await services.audit.denied(request.ctx.officer, "case", case, source(request))


async def case_page(request: Request, case: str, trouble: Trouble | None = None) -> HTTPResponse:
    """The page; with `trouble`, what was refused and all that she had typed."""
    found, services, officer = await seen(request, case), request.app.ctx.services, request.ctx.officer
    office, typed = services.office, trouble.typed if trouble else {}
    return page(
        request, "case.html", trouble.error.status if trouble else 200,
        **await _living(request, found),
        notes=await office.papers.notes(case, officer),
        check_ins=await services.check_ins.of_case(case, officer), history=await office.reading.history(case, officer),
        earlier=await office.reading.earlier(case, officer), canned=canned_answers(), longest=LONGEST_REPLY,
        chosen=canned_text(request.args.get("canned", "")), key=typed.get("key") or secrets.token_urlsafe(12),
        said=SAID.get(request.args.get("said", ""), ""), trouble=trouble, typed=typed,
        levels=LEVEL_WORDS, topics=TOPIC_WORDS, consents=CONSENT_WORDS, papers=await papers_of(request, found),
        aid=await aid_of(request, found), experts=await experts_of(request, found),
    )  # fmt: skip


async def _living(request: Request, found: Shown) -> dict[str, Any]:
    """What changes while the page is open: who has her, the lines, whether words can reach her, what can be done."""
    services, officer = request.app.ctx.services, request.ctx.officer
    office = services.office
    mark = await office.room.mark(found.id, officer)  # first: what comes while we read is then read once more
    talk: Transcript = await office.reading.transcript(found.id, officer)
    now: datetime = office.room.now()
    return {
        "case": found, "path": f"{QUEUE}/{found.id}", "mark": mark, "talk": talk, "now": now,
        "reach": await office.room.reach(found.id, officer), "possible": possible(found, talk, officer),
        "on_duty": await office.rota.is_there(officer), "fresh": officer.is_fresh(now),
        "when": lambda moment: when(moment, now, now.tzinfo or moment.tzinfo),
        "area": area_words(services.gazetteer, found.area) if found.area else "",
        "colleagues": [(one.id, one.name, office_words(services.gazetteer, one.office))
                       for one in await office.room.colleagues(found.id, officer)],
        "levels_up": [(level.value, words) for level, words in OFFICE_WORDS.items() if _known(found.area, level)],
        "at_work": await office.federation_desk.at_work(officer) if possible(found, talk, officer).hand_on else [],
        "outcomes": [(outcome.value, OUTCOME_WORDS[outcome]) for outcome in OUTCOME_WORDS if outcome in BY_OFFICER],
        "words": {
            "owner": OWNER_WORDS, "risk": RISKS, "danger": DANGER_WORDS, "consent": CONSENT_WORDS,
            "status": STATUS_WORDS, "outcome": OUTCOME_WORDS, "helped": HELPED_WORDS, "why": WHY_WORDS,
            "level": LEVEL_WORDS, "topic": TOPIC_WORDS,
        },
    }  # fmt: skip


def _known(area: str, level: OfficeLevel) -> bool:
    return bool(area) and office_at(area, level) is not None


def possible(found: Shown, talk: Transcript, officer: Officer) -> Possible:
    """What she may do with the case as it stands."""
    mine = found.status is CaseStatus.TAKEN and found.officer == officer.id
    untaken, able = found.status in UNTAKEN, officer.may(Permission.TAKE_CASES)
    hand_on = able and found.status is CaseStatus.TAKEN and (mine or officer.may(Permission.ASSIGN_CASES))
    return Possible(
        take=able and untaken,
        decline=able and found.status is CaseStatus.ALERTED and found.alerted == officer.id,
        reply=able and bool(found.conversation) and (mine or untaken),
        hand_on=hand_on,
        give_back=hand_on and bool(found.conversation) and talk.owner is not Owner.BOT,
        reopen=able and found.status is CaseStatus.CLOSED,
    )


def typed_text(request: Request, name: str) -> str:
    """What she typed into a box of several lines, with the line ends that we count."""
    return form(request, name, LONGEST_TYPED).replace("\r\n", "\n")
