"""A conversation read and corrected by a reviewer: every act is a form, and the script only presses them faster."""

from functools import wraps
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sanic import Blueprint, HTTPResponse, Request, json

from bot.console.guard import Handler, form, guarded, source
from bot.console.pages import back_to, page
from bot.console.reading_form import LONGEST_TEXT, entity_field, read_judgement
from bot.domain.accounts import Permission
from bot.domain.case_topics import TOPIC_WORDS
from bot.domain.errors import BadInput, BotError, NotFound
from bot.domain.review_filter import READERS, read_filter
from bot.domain.reviews import MarkKind
from bot.services.intent_names import ENTITY_WORDS, intent_groups
from bot.services.review_access import OutOfScope
from bot.services.understood import RISK_WORDS

TALKS = "/console/review"
CARRIED = frozenset(READERS) | {"list"}
"""Names in the address that belong to the list which she came from: they travel along. `list`: 「worth」 is the queue."""
LISTS = {"worth": "/console/review/worth-a-look"}
SAID = {
    "judged": "记下了。",
    "withdrawn": "撤回了您的判断。",
    "marked": "记下了。",
    "unmarked": "去掉了。",
    "reviewed": "这段标为看完了。",
    "unreviewed": "这段标为没看完。",
    "case": "已经请当地的工作人员来看，她不会收到通知。",
    "case_again": "这段对话已经有个案在办，您写的话加进去了。",
    "kept": "存成了对话测试。",
    "dropped": "不再是对话测试。",
    "end": "列表到头了。",
}


def add_reading(console: Blueprint) -> None:
    """Routes of one conversation."""
    console.add_route(talk_page, "/review/<talk>")
    console.add_route(next_talk, "/review/next")
    for act in (judge, withdraw, mark, unmark, reviewed, case, keep, original):
        console.add_route(act, f"/review/<talk>/{act.__name__}", methods=["POST"])


def reviewing(handler: Handler) -> Handler:
    """A route of reviewers; who reaches for a conversation outside of her branch is written down and told NotFound."""

    @wraps(handler)
    async def checked(request: Request, **path: str) -> HTTPResponse | None:
        try:
            return await handler(request, **path)
        except OutOfScope as refused:
            talk = path.get("talk") or request.args.get("after", "")
            await request.app.ctx.services.audit.denied(request.ctx.officer, "conversation", talk, source(request))
            raise NotFound from refused

    return guarded(Permission.REVIEW)(checked)


@reviewing
async def talk_page(request: Request, talk: str) -> HTTPResponse:
    """The conversation."""
    return await _page(request, talk)


@reviewing
async def next_talk(request: Request) -> HTTPResponse:
    """The conversation after this one in the list that she came from."""
    services, officer, carried = request.app.ctx.services, request.ctx.officer, _carried(request)
    after = request.args.get("after", "")[:40]
    if not after:
        return back_to("/console/review", **carried)
    place = await services.review_desk.reading.place(after, officer)
    if carried.get("list") == "worth":
        found = [one.listed.conversation for one in (await services.review.worth_a_look(officer, place))[0]]
    else:
        rows = (await services.review.find(officer, read_filter(carried), place)).rows
        found = [one.conversation for one in rows]
    if not found:
        return back_to(LISTS.get(carried.get("list", ""), "/console/review"), **carried, said="end")
    return back_to(f"{TALKS}/{found[0]}", **carried)


@reviewing
async def judge(request: Request, talk: str) -> HTTPResponse:
    """What is right about a message."""
    desk, message = request.app.ctx.services.review_desk, form(request, "message", 40)
    line = await desk.reading.message(talk, message, request.ctx.officer)
    try:
        await desk.corrections.judge(talk, message, read_judgement(request, line.text), request.ctx.officer)
    except BadInput as refused:
        if _is_scripted(request):
            return json({"error": refused.words}, refused.status)
        return await _page(request, talk, refused)
    if not _is_scripted(request):
        return _done(request, talk, "judged", message)
    return json(_as_json(await desk.reading.message(talk, message, request.ctx.officer)))


@reviewing
async def withdraw(request: Request, talk: str) -> HTTPResponse:
    """Her judgement is taken back."""
    message = form(request, "message", 40)
    await request.app.ctx.services.review_desk.corrections.withdraw(talk, message, request.ctx.officer)
    return _done(request, talk, "withdrawn", message)


@reviewing
async def mark(request: Request, talk: str) -> HTTPResponse:
    """A flag, a tag or a note, on a message or on the whole."""
    kind, message = form(request, "kind"), form(request, "message", 40)
    if kind not in set(MarkKind):
        raise BadInput
    marks = request.app.ctx.services.review_desk.marks
    await marks.mark(talk, message, MarkKind(kind), form(request, "words", LONGEST_TEXT), request.ctx.officer)
    return await _marked(request, talk, "marked", message)


@reviewing
async def unmark(request: Request, talk: str) -> HTTPResponse:
    """Take one away."""
    await request.app.ctx.services.review_desk.marks.unmark(talk, form(request, "mark", 40), request.ctx.officer)
    return await _marked(request, talk, "unmarked", form(request, "message", 40))


@reviewing
async def reviewed(request: Request, talk: str) -> HTTPResponse:
    """She is through with it (and goes on to the next), or takes that back."""
    done = form(request, "done") == "1"
    await request.app.ctx.services.review_desk.marks.set_reviewed(talk, request.ctx.officer, done=done)
    if done and form(request, "next") == "1":
        return back_to("/console/review/next", after=talk, **_carried(request))
    return _done(request, talk, "reviewed" if done else "unreviewed")


@reviewing
async def case(request: Request, talk: str) -> HTTPResponse:
    """Ask the officer on duty to look."""
    why = form(request, "why", LONGEST_TEXT)
    new = await request.app.ctx.services.review_desk.marks.send_to_officer(talk, why, request.ctx.officer)
    return _done(request, talk, "case" if new else "case_again")


@reviewing
async def keep(request: Request, talk: str) -> HTTPResponse:
    """Keep it as a test of the talk, or no longer."""
    tests = request.app.ctx.services.review_desk.tests
    if form(request, "drop") == "1":
        await tests.drop(talk, request.ctx.officer)
        return _done(request, talk, "dropped")
    try:
        await tests.keep(talk, form(request, "name"), request.ctx.officer)
    except BadInput as refused:
        return await _page(request, talk, refused)
    return _done(request, talk, "kept")


@reviewing
async def original(request: Request, talk: str) -> HTTPResponse:
    """One message as she wrote it, for who may open sealed text; shown once and kept on no page."""
    message = form(request, "message", 40)
    try:
        text = await request.app.ctx.services.review_desk.reading.open_message(
            talk, message, request.ctx.officer, form(request, "reason"), source=source(request)
        )
    except NotFound:
        raise
    except BotError as refused:
        return await _page(request, talk, refused)
    return await _page(request, talk, opened=(message, text))


async def _page(
    request: Request, talk: str, refused: BotError | None = None, opened: tuple[str, str] = ("", "")
) -> HTTPResponse:
    services, officer = request.app.ctx.services, request.ctx.officer
    read = await services.review_desk.reading.talk(talk, officer, request.args.get("start", "")[:40])
    query = urlencode(_carried(request))
    return page(
        request, "reading.html", refused.status if refused else 200, refused=refused, talk=read, opened=opened,
        path=f"{TALKS}/{talk}", query=query, list_path=LISTS.get(request.args.get("list", ""), TALKS),
        said=SAID.get(request.args.get("said", ""), ""),
        groups=intent_groups(), entities=ENTITY_WORDS, risks=RISK_WORDS, topics=TOPIC_WORDS, entity_field=entity_field,
        zone=ZoneInfo(request.app.ctx.settings.timezone), may_open=officer.may(Permission.OPEN_SEALED),
    )  # fmt: skip


def _carried(request: Request) -> dict[str, str]:
    """The list's filter in this address."""
    return {name: request.args.get(name, "")[:200] for name in request.args if name in CARRIED}


def _done(request: Request, talk: str, said: str, message: str = "") -> HTTPResponse:
    response = back_to(f"{TALKS}/{talk}", **_carried(request), **_window(request), said=said)
    if message.replace("-", "").replace("_", "").isalnum():
        response.headers["location"] += f"#m-{message}"
    return response


def _window(request: Request) -> dict[str, str]:
    start = request.args.get("start", "")[:40]
    return {"start": start} if start else {}


async def _marked(request: Request, talk: str, said: str, message: str) -> HTTPResponse:
    """The page again; for the script the marks of the message as they are now."""
    if not (message and _is_scripted(request)):
        return _done(request, talk, said, message)
    line = await request.app.ctx.services.review_desk.reading.message(talk, message, request.ctx.officer)
    listed = [{"id": one.id, "kind": one.kind, "text": one.text, "by": one.by, "own": one.own} for one in line.marks]
    return json({"marks": listed})


def _is_scripted(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _as_json(line: Any) -> dict[str, Any]:
    """What the script shows after a message was judged."""
    return {
        "own": [list(part) for part in line.own.words] if line.own else [],
        "state": line.own.state_words if line.own else "",
        "others": [
            {"reviewer": one.reviewer, "words": [list(part) for part in one.words], "state": one.state_words}
            for one in line.others
        ],
    }
