"""Keeps that a search for a place found nothing good enough, so that somebody can see where places are missing."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from bot.domain.accounts import branch
from bot.language.wishes import read_wishes
from bot.services.place_search import Outcome, PlaceAnswer
from bot.storage.database import Database
from bot.storage.unmet import Missed, PlaceMiss, PlaceMissStore

log = logging.getLogger(__name__)

LONGEST_WISHES = 200


class UnmetPlaces:
    """Called by the actions that look for places."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def note(self, conversation: str, answer: PlaceAnswer, text: str) -> bool:
        """Whether something was kept. Of her words only the known names of rooms and things are.

        A database that cannot write now is no reason to leave her without an answer: then nothing is kept.
        """
        missed = missed_by(answer)
        if missed is None:
            return False
        wishes = read_wishes(text).facilities if "facilities" in answer.relaxed else frozenset()
        names = [*sorted(wishes), *(["hours"] if {"hours", "door"} & set(answer.relaxed) else [])]
        miss = PlaceMiss(
            at=self._clock(), missed=missed, kind=answer.kind, wishes=",".join(names)[:LONGEST_WISHES],
            area=branch(answer.place),
        )  # fmt: skip
        try:
            async with self._database.write() as session:
                return await PlaceMissStore(session).note(conversation, miss)
        except SQLAlchemyError:
            log.exception("a search that found nothing was not kept")
            return False


def missed_by(answer: PlaceAnswer) -> Missed | None:
    """What was wrong with the answer, or None."""
    if answer.outcome is Outcome.NOTHING:
        return Missed.NOTHING
    if answer.outcome is Outcome.OUTSIDE:
        return Missed.OUTSIDE
    return Missed.WISHES if answer.outcome is Outcome.FOUND and answer.relaxed else None
