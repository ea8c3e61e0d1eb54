"""Finding conversations: by filter and words, what is most worth a look, filters kept by name, and the list as a file."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sanic import Blueprint, HTTPResponse, Request

from bot.console.case_search import areas, whole
from bot.console.guard import form, guarded
from bot.console.pages import back_to, page
from bot.console.spreadsheet import export
from bot.domain.accounts import Permission
from bot.domain.case_topics import TOPIC_WORDS
from bot.domain.errors import NotFound
from bot.domain.review_filter import BAND_WORDS, WHOSE_WORDS, read_filter, without, write_filter
from bot.domain.worth_a_look import REASON_WORDS, reasons_in
from bot.services.areas import area_words
from bot.services.intent_names import intent_groups, intent_name
from bot.services.review import Row
from bot.services.understood import RISK_WORDS

LONGEST_KEY = 80
CHANNELS = {"web": "网页", "wechat": "微信"}
RISKS = {level.value: f"{words}以上" for level, words in RISK_WORDS.items() if level.rank} | {"emergency": "危险"}
QUESTIONS = {
    "fallback": ("没听懂", "听懂了"),
    "handed_over": ("转过人工", "没转人工"),
    "unanswered": ("还没人答", "都答了"),
    "unhelped": ("她说没帮上", "没说没帮上"),
    "reviewed": ("看过的", "没看过的"),
}
"""What can be asked with yes and no."""
NAMES = {
    "text": "有", "whose": "谁说的", "since": "从", "until": "到", "area": "地区", "channel": "来自", "topic": "主题",
    "intent": "意图", "band": "最低把握", "risk": "风险", "shortest": "她说的条数 ≥", "longest": "她说的条数 ≤",
}  # fmt: skip
HEADER = (
    "对话编号", "最后说话", "开始", "来自", "地区", "主题", "意图", "最低把握", "风险", "她说的条数", "为什么值得看",
    "转过人工", "看过", "内容（已遮盖）",
)  # fmt: skip


def add_review(console: Blueprint) -> None:
    """Routes of finding; reading one conversation is `bot.console.reading`."""
    console.add_route(review, "/review")
    console.add_route(worth_a_look, "/review/worth-a-look")
    console.add_route(export_review, "/review/export")
    console.add_route(save_filter, "/review/filters/save", methods=["POST"])
    console.add_route(drop_filter, "/review/filters/<kept>/drop", methods=["POST"])


@guarded(Permission.REVIEW)
async def review(request: Request) -> HTTPResponse:
    """The list."""
    services, officer = request.app.ctx.services, request.ctx.officer
    wanted = read_filter(_asked(request))
    found = await services.review.find(officer, wanted, request.args.get("after", "")[:LONGEST_KEY])
    asked = write_filter(wanted)
    return page(
        request, "review.html", rows=found.rows, after=found.after, asked=asked,
        typed={name: asked.get(name, "") for name in _names()},
        conditions=[(name, _condition(request, name, word), without(asked, name)) for name, word in asked.items()],
        saved=await services.review.saved(officer), channels=CHANNELS, topics=TOPIC_WORDS, intents=intent_groups(),
        bands=BAND_WORDS, risks=RISKS, whose=WHOSE_WORDS, questions=QUESTIONS, may_export=officer.may(Permission.EXPORT),
        areas=areas(services.gazetteer, officer, wanted.area), whole=whole(officer, services.gazetteer),
        is_first=not request.args.get("after"), **_shown(request),
    )  # fmt: skip


@guarded(Permission.REVIEW)
async def worth_a_look(request: Request) -> HTTPResponse:
    """What is most worth a look, and why."""
    found, after = await request.app.ctx.services.review.worth_a_look(
        request.ctx.officer, request.args.get("after", "")[:LONGEST_KEY]
    )
    return page(request, "review_worth.html", found=found, after=after, **_shown(request))


@guarded(Permission.REVIEW)
async def export_review(request: Request) -> HTTPResponse:
    """What the filter finds, as a file; masked, like the page."""
    if not request.ctx.officer.may(Permission.EXPORT):
        raise NotFound
    found = await request.app.ctx.services.review.export(request.ctx.officer, read_filter(_asked(request)))
    shown = _shown(request)
    return await export(request, "对话", HEADER, (_line(one, shown) for one in found))


@guarded(Permission.REVIEW)
async def save_filter(request: Request) -> HTTPResponse:
    """Keep a filter under a name."""
    wanted = read_filter({name: form(request, name) for name in _names()})
    await request.app.ctx.services.review.save(request.ctx.officer, form(request, "name"), wanted)
    return back_to("/console/review", **write_filter(wanted))


@guarded(Permission.REVIEW)
async def drop_filter(request: Request, kept: str) -> HTTPResponse:
    """Let go of one."""
    await request.app.ctx.services.review.drop(request.ctx.officer, kept)
    return back_to("/console/review")


def _names() -> tuple[str, ...]:
    return (*NAMES, *QUESTIONS)


def _asked(request: Request) -> Mapping[str, str]:
    return {name: request.args.get(name, "")[:100] for name in _names()}


def _shown(request: Request) -> dict[str, Any]:
    """What lists need to say things in words."""
    services = request.app.ctx.services
    return {
        "zone": ZoneInfo(request.app.ctx.settings.timezone),
        "area": lambda code: area_words(services.gazetteer, code) if code else "不明",
        "topic_words": TOPIC_WORDS, "risk_words": list(RISK_WORDS.values()), "reasons_in": reasons_in,
        "reason_words": REASON_WORDS, "channel_words": CHANNELS, "intent_name": intent_name,
    }  # fmt: skip


def _condition(request: Request, name: str, word: str) -> str:
    """One condition in words: 「主题：婚姻财产」."""
    if name in QUESTIONS:
        return QUESTIONS[name][0 if word == "1" else 1]
    if name == "area":
        word = area_words(request.app.ctx.services.gazetteer, word)
    known: Mapping[str, Mapping[Any, str]] = {
        "channel": CHANNELS, "topic": TOPIC_WORDS, "band": BAND_WORDS, "risk": RISKS, "whose": WHOSE_WORDS,
    }  # fmt: skip
    if name == "intent":
        word = intent_name(word)
    return f"{NAMES[name]}：{known.get(name, {}).get(word, word)}"


def _line(one: Row, shown: Mapping[str, Any]) -> tuple[object, ...]:
    entry, zone = one.entry, shown["zone"]
    return (
        one.conversation, entry.last_at.astimezone(zone), entry.first_at.astimezone(zone),
        CHANNELS.get(entry.channel, entry.channel), shown["area"](entry.area), TOPIC_WORDS[entry.topic],
        "、".join(intent_name(intent) for intent in entry.intents.strip("|").split("|") if intent),
        None if entry.lowest_confidence is None else round(entry.lowest_confidence, 2), shown["risk_words"][entry.risk],
        entry.messages, "；".join(REASON_WORDS[reason] for reason in reasons_in(entry.reasons)), entry.handed_over,
        one.reviewed, one.line,
    )  # fmt: skip
