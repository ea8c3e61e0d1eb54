"""Conversations kept as tests: what she wrote (masked), and how it has to be understood, as stories that Rasa's format knows.

The running service writes nothing into the repository: a test is a row, and `python -m bot export-dialogue-tests DIR` writes
the files. A kept conversation goes when hers goes; a file that was exported does not, which the page says before it is kept.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from bot.domain.accounts import Officer
from bot.domain.errors import BadInput
from bot.domain.reviews import read_entities
from bot.language.masking import mask
from bot.services.reading import is_typed
from bot.services.review_access import talk_of
from bot.services.understood import understood
from bot.storage.conversations import InboundMessage
from bot.storage.database import Database
from bot.storage.reviews import Correction, ReviewStore
from bot.storage.talks import TalkStore

LONGEST_NAME = 80
MOST_STEPS = 30


@dataclass(frozen=True, slots=True)
class KeptTalk:
    """One test. `steps`: {"user", "intent", "entities", "risk"} each, in order; `kept_at` is UTC."""

    id: str
    name: str
    steps: tuple[Mapping[str, Any], ...]
    kept_at: datetime


class DialogueTests:
    """Every method but the export raises NotFound for what is not the reviewer's to see."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, talk: str, name: str, by: Officer) -> int:
        """Keep what she typed, understood as this reviewer judged it, or as it was understood where she said nothing → steps.

        Raises BadInput without a name, without a word of hers, or when something was not understood and she said nothing of it.
        """
        name = mask(" ".join(name.split()))[:LONGEST_NAME]
        if not name:
            raise BadInput("请给这个测试起个名字，例如：问离婚后又问抚养费。")
        async with self._database.write() as session:
            conversation, store = await talk_of(session, talk, by), TalkStore(session)
            rows = [row for row in (await store.window(conversation)).heard if is_typed(row)][:MOST_STEPS]
            judged = {row.inbound_id: row for row in await ReviewStore(session).of_talk(conversation.id, by.id)}
            steps = [_step(row, judged.get(row.id)) for row in rows]
            if not steps:
                raise BadInput("这段对话里没有她自己写的话，存不成测试。")
            written = json.dumps(steps, ensure_ascii=False)
            await store.keep_dialogue_test(conversation, name, written, by.id, self._clock())
            return len(steps)

    async def drop(self, talk: str, by: Officer) -> None:
        """It is no test any more."""
        async with self._database.write() as session:
            await TalkStore(session).drop_dialogue_test(await talk_of(session, talk, by))

    async def every(self) -> list[KeptTalk]:
        """All that are kept, oldest first; for the command line."""
        async with self._database.read() as session:
            rows = await TalkStore(session).dialogue_tests()
        return [KeptTalk(row.public_id, row.name, tuple(json.loads(row.steps)), row.at) for row in rows]


def _step(row: InboundMessage, own: Correction | None) -> Mapping[str, Any]:
    heard = understood(row)
    wanted = (own.intent if own else None) or heard.intent
    if not wanted or (own and own.new_intent_wish):
        raise BadInput("有一句话还没有定下意图，请先判好每一句再存。")
    entities = read_entities(own.entities) if own else None
    return {
        "user": row.masked,
        "intent": wanted,
        "entities": [{one.name: row.masked[one.start : one.end]} for one in (entities or heard.entities)],
        "risk": ((own.risk if own else None) or heard.risk).value,
    }


def story_file(kept: KeptTalk) -> str:
    """The test as a file: `user`, `intent`, `entities` as in Rasa's test stories; the risk of each step is metadata."""
    story = {
        "version": "3.1",
        "stories": [
            {
                "story": kept.name,
                "metadata": {"kept": kept.kept_at.date().isoformat(), "risk": [step["risk"] for step in kept.steps]},
                "steps": [_story_step(step) for step in kept.steps],
            }
        ],
    }
    return yaml.safe_dump(story, allow_unicode=True, sort_keys=False, width=120)


def _story_step(step: Mapping[str, Any]) -> dict[str, Any]:
    """Without entities when there are none, as Rasa's own files have it."""
    return {name: step[name] for name in ("user", "intent", "entities") if step[name]}


def read_story(text: str) -> list[tuple[str, Sequence[tuple[str, str, str]]]]:
    """(story, its steps as (what she writes, intent, risk)) of a file that `story_file` wrote."""
    return [
        (
            story["story"],
            [
                (step["user"], step["intent"], risk)
                for step, risk in zip(story["steps"], story["metadata"]["risk"], strict=True)
            ],
        )
        for story in yaml.safe_load(text)["stories"]
    ]
