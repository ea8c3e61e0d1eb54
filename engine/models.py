"""Another model for the running engine: read beside the one that answers, then put in its place between two turns.

Reading goes on in a thread. A turn that has begun holds the agent it began with and ends on it; the next one finds the new
one. Trackers and locks are shared, so that a form under way goes on, and a conversation's turns stay one after the other.
"""

import asyncio
import copy
import os
import re
import time
from pathlib import Path
from typing import Any, Dict, Optional, Text

from rasa.core.agent import Agent
from rasa.core.nlg import TemplatedNaturalLanguageGenerator

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
KEPT = "kept"
SUFFIX = ".tar.gz"


class Unusable(Exception):
    """A model that cannot be had; `status` and `code` are told."""

    def __init__(self, status: int, code: Text) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Models:
    """The models in the folder `kept` beside the live one. One is read at a time."""

    def __init__(self, folder: Optional[Path] = None) -> None:
        self._folder = (folder or Path(os.environ.get("BOT_MODELS_FOLDER") or "models")) / KEPT
        self._reading = asyncio.Lock()

    async def use(self, app: Any, name: Any) -> Dict[Text, Any]:
        """Put the model of this name into `app.ctx.agent` → its id, the former one's, and the seconds that reading took.

        Raises Unusable: no such model (404), another one is being read (409), it cannot be read (422). Then nothing changed.
        """
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise Unusable(400, "model")
        if not (self._folder / f"{name}{SUFFIX}").is_file():
            raise Unusable(404, "no_such_model")
        if self._reading.locked():
            raise Unusable(409, "another_is_read")
        async with self._reading:
            began = time.monotonic()
            loop = asyncio.get_event_loop()
            new = await loop.run_in_executor(None, self._read, app.ctx.agent, self._folder / f"{name}{SUFFIX}")
            former, app.ctx.agent = model_of(app.ctx.agent), new
            return {"model": model_of(new), "former": former, "seconds": round(time.monotonic() - began, 3)}

    def _read(self, agent: Agent, file: Path) -> Agent:
        new = beside(agent)
        try:
            new.load_model(file)
        except Exception as broken:
            raise Unusable(422, "cannot_be_read") from broken
        return new


def beside(agent: Agent) -> Agent:
    """An agent without a model on the same trackers and locks. The store is copied (not what it holds), because it knows its
    model's domain."""
    store = agent.tracker_store
    return Agent(
        generator=None if isinstance(agent.nlg, TemplatedNaturalLanguageGenerator) else agent.nlg,
        tracker_store=copy.copy(getattr(store, "_tracker_store", store)),  # Rasa wraps it anew
        lock_store=agent.lock_store,
        action_endpoint=agent.action_endpoint,
        http_interpreter=agent.http_interpreter,
    )


def model_of(agent: Optional[Agent]) -> Text:
    """The id that training gave the model; "" without one."""
    return (agent.model_id or "") if agent is not None else ""
