"""Where an answer came from, for who reviews it: actions that ran, responses by their names, and checked answers.

Rasa's collecting channel keeps what was said and drops what said it.
"""

from contextvars import ContextVar
from typing import Any, Dict, List, Optional, Text

from rasa.core.channels.channel import CollectingOutputChannel

ANSWER = "answer"
"""Under this name an action says which checked answer it uttered (`actions/knowledge.py`)."""
_ran: ContextVar[Optional[List[Text]]] = ContextVar("ran", default=None)


def note_action(name: Text) -> None:
    """An action is called. What only checks a form's slot says nothing."""
    names = _ran.get()
    if names is not None and not name.startswith(("validate_", "action_validate_")):
        names.append(name)


class SourcedChannel(CollectingOutputChannel):
    """Collects messages and, for the turn of the task that made it, their sources."""

    def __init__(self) -> None:
        super().__init__()
        self._named: List[Text] = []
        _ran.set(self._named)

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        """Note what said it, then collect it."""
        answer = message.pop(ANSWER, None)
        named = "answer:%s" % answer if answer else message.get("utter_action")
        if named:
            self._named.append(named)
        await super().send_response(recipient_id, message)

    @property
    def sources(self) -> List[Text]:
        """Each once, in the order in which they came."""
        return list(dict.fromkeys(self._named))
