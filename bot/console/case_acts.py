"""What an officer does with a case: taking, answering, handing on, closing, notes and corrections. Each act is one POST."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from typing import TypeVar

from sanic import Blueprint, HTTPResponse, Request

from bot.console.case import QUEUE, case_page, refused, seen, typed_text
from bot.console.case_papers import Trouble
from bot.console.guard import StaleForm, form, guarded
from bot.console.pages import back_to, page
from bot.domain.accounts import Permission
from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import CaseOutcome, Consent
from bot.domain.errors import BadInput, Conflict, NotFound
from bot.domain.offices import OfficeLevel
from bot.services.areas import area_code, area_words
from bot.services.case_papers import Correction
from bot.services.case_reading import Shown
from bot.services.handover import Handover

Word = TypeVar("Word", bound=StrEnum)
Act = Callable[[Handover], Awaitable[object]]
SUMMARY = ("level", "topic", "area", "place", "need", "wishes", "may_call", "safe_to_write")


def add_case_acts(console: Blueprint) -> None:
    """Routes of the acts."""
    for name, handler in (
        ("take", take), ("decline", decline), ("reply", reply), ("release", release), ("transfer", transfer),
        ("level", raise_level), ("work", send_to_work),
        ("give-back", give_back), ("close", close), ("reopen", reopen), ("note", note),
        ("correct", correct),
    ):  # fmt: skip
        console.add_route(handler, f"/cases/<case>/{name}", methods=["POST"], name=f"case_{name.replace('-', '_')}")


@guarded(Permission.TAKE_CASES)
async def take(request: Request, case: str) -> HTTPResponse:
    """接单. Who comes too late learns who was first."""
    return await _act(request, case, lambda handover: handover.take(case, request.ctx.officer), "take")


@guarded(Permission.TAKE_CASES)
async def decline(request: Request, case: str) -> HTTPResponse:
    """接不了: the next one is asked."""
    reason = form(request, "reason")
    return await _act(request, case, lambda handover: handover.decline(case, request.ctx.officer, reason), "decline")


@guarded(Permission.TAKE_CASES)
async def release(request: Request, case: str) -> HTTPResponse:
    """放回队列."""
    reason = form(request, "reason")
    return await _act(request, case, lambda handover: handover.release(case, request.ctx.officer, reason), "release")


@guarded(Permission.TAKE_CASES)
async def transfer(request: Request, case: str) -> HTTPResponse:
    """转给同事."""
    to, reason = form(request, "to"), form(request, "reason")
    return await _act(
        request, case, lambda handover: handover.transfer_to_officer(case, request.ctx.officer, to, reason), "transfer"
    )


@guarded(Permission.TAKE_CASES)
async def raise_level(request: Request, case: str) -> HTTPResponse:
    """转给社区、街镇、区、市."""

    async def hand_on(handover: Handover) -> None:
        level = _chosen(OfficeLevel, form(request, "level"))
        await handover.transfer_to_level(case, request.ctx.officer, level, form(request, "reason"))

    return await _act(request, case, hand_on, "level")


@guarded(Permission.TAKE_CASES)
async def send_to_work(request: Request, case: str) -> HTTPResponse:
    """转给她选的单位、系统的妇联, only as she asked for it herself."""

    async def hand_on(handover: Handover) -> None:
        await handover.transfer_to_federation(
            case, request.ctx.officer, form(request, "federation"), form(request, "reason"),
            she_asked=form(request, "she_asked") == "yes",
        )  # fmt: skip

    return await _act(request, case, hand_on, "work")


@guarded(Permission.TAKE_CASES)
async def give_back(request: Request, case: str) -> HTTPResponse:
    """交还助手."""
    return await _act(request, case, lambda handover: handover.give_back(case, request.ctx.officer), "give-back")


@guarded(Permission.TAKE_CASES)
async def close(request: Request, case: str) -> HTTPResponse:
    """结案."""

    async def end(handover: Handover) -> None:
        await handover.close(case, request.ctx.officer, _chosen(CaseOutcome, form(request, "outcome")))

    return await _act(request, case, end, "close")


@guarded(Permission.TAKE_CASES)
async def reopen(request: Request, case: str) -> HTTPResponse:
    """重新打开."""
    return await _act(request, case, lambda handover: handover.reopen(case, request.ctx.officer), "reopen")


@guarded(Permission.TAKE_CASES)
async def reply(request: Request, case: str) -> HTTPResponse:
    """Write to her. Whatever goes wrong, her officer gets back what she typed."""
    office, officer = request.app.ctx.services.office, request.ctx.officer
    text, key = typed_text(request, "text"), form(request, "key")
    if not key:
        raise StaleForm
    try:
        # The key names the form and what is in it: changed and sent again it is another reply.
        submit = hashlib.sha256(f"{key}\0{text}".encode()).hexdigest()
        sent = await office.handover.reply(case, officer, text, submit)
        reaches = (await office.room.reach(case, officer)).now
    except (BadInput, Conflict) as trouble:
        return await case_page(request, case, Trouble(trouble, "reply", {"text": text, "key": key}))
    except NotFound as gone:
        await refused(request, case)
        return page(request, "case_gone.html", gone.status, words=gone.words, text=text, queue=QUEUE)
    return back_to(f"{QUEUE}/{case}", said="again" if sent.again else "sent" if reaches else "kept")


@guarded(Permission.TAKE_CASES)
async def note(request: Request, case: str) -> HTTPResponse:
    """Write a private note. It has a form of its own, and nothing here can send anything to her."""
    await seen(request, case)
    text = typed_text(request, "note")
    try:
        await request.app.ctx.services.office.papers.add_note(case, request.ctx.officer, text)
    except BadInput as trouble:
        return await case_page(request, case, Trouble(trouble, "note", {"note": text}))
    return back_to(f"{QUEUE}/{case}", said="note")


@guarded(Permission.TAKE_CASES)
async def correct(request: Request, case: str) -> HTTPResponse:
    """Correct the summary: what is as it was is left alone."""
    found = await seen(request, case)
    typed = {name: typed_text(request, name) for name in SUMMARY}
    try:
        correction = _correction(request, found, typed)
        await request.app.ctx.services.office.papers.correct(case, request.ctx.officer, correction)
    except BadInput as trouble:
        return await case_page(request, case, Trouble(trouble, "correct", typed))
    return await _after(request, case, "correct")


def _correction(request: Request, found: Shown, typed: dict[str, str]) -> Correction:
    gazetteer = request.app.ctx.services.gazetteer
    known = area_words(gazetteer, found.area) if found.area else ""
    wanted = typed["area"].split(" ")[-1] if typed["area"] else ""
    return Correction(
        level=_chosen(CaseLevel, typed["level"]),
        topic=_chosen(Topic, typed["topic"]),
        area=area_code(gazetteer, wanted) if wanted and typed["area"] != known else None,
        place=_changed(typed["place"], found.place),
        need=_changed(typed["need"], found.need),
        wishes=_changed(typed["wishes"], found.wishes),
        may_call=_chosen(Consent, typed["may_call"]),
        safe_to_write=_chosen(Consent, typed["safe_to_write"]),
    )


async def _act(request: Request, case: str, act: Act, said: str) -> HTTPResponse:
    """Do it and show what came of it; refused, the page says why, and who has the case."""
    try:
        await act(request.app.ctx.services.office.handover)
    except StaleForm:
        raise
    except (BadInput, Conflict) as trouble:
        return await case_page(request, case, Trouble(trouble, said, {"reason": form(request, "reason")}))
    except NotFound:
        await refused(request, case)
        raise
    return await _after(request, case, said)


async def _after(request: Request, case: str, said: str) -> HTTPResponse:
    """The case; or the queue, when it went where she does not see it any more."""
    try:
        await request.app.ctx.services.office.reading.case(case, request.ctx.officer)
    except NotFound:
        return back_to(QUEUE, said=said)
    return back_to(f"{QUEUE}/{case}", said=said)


def _changed(text: str, known: str) -> str | None:
    return text if text != known.strip() else None


def _chosen(words: type[Word], value: str) -> Word:
    """The word that was chosen. Raises BadInput when it is none of these."""
    every: Iterable[Word] = words
    for word in every:
        if word.value == value:
            return word
    raise BadInput("请从列出的里面选一个。")
