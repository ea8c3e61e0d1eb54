"""The part of a case that is a question for an expert: whom it could go to, whom it went to, and the way to ask another."""

from typing import Any

from sanic import Request

from bot.domain.accounts import Permission
from bot.domain.case_topics import Topic
from bot.domain.volunteers import CALL_WORDS, KIND_WORDS
from bot.services.areas import area_words
from bot.services.case_reading import Shown

SHOWN = 5


async def experts_of(request: Request, case: Shown) -> dict[str, Any] | None:
    """All that `case_experts.html` shows, under the name `experts`; None for a case that is no such question."""
    services, officer = request.app.ctx.services, request.ctx.officer
    if case.topic is not Topic.EXPERT or not officer.may(Permission.RUN_SERVICES):
        return None
    calls = services.volunteers.calls
    return {
        "calls": await calls.of_case(case.id, officer), "states": CALL_WORDS, "kinds": KIND_WORDS,
        "fitting": (await calls.experts_for(case.need, case.area, officer))[:SHOWN],
        "skills": services.volunteers.skills, "area_words": lambda area: area_words(services.gazetteer, area),
    }  # fmt: skip
