"""A faster way to call the action server.

Rasa validates each answer of an action with `jsonschema.validate`, which checks the schema itself every time. Here the
validator is built once; the same answers are accepted and refused. Our actions read slots and the latest message, so
neither the domain nor the session's past events travel with a call: it costs the same in the hundredth turn as in the first.
"""

from functools import lru_cache
from typing import Any, Dict, Text

import rasa
from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

from engine.sources import note_action


@lru_cache(maxsize=1)
def _validator():
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def validate_action_result(self: RemoteAction, result: Dict[Text, Any]) -> bool:
    """True, or jsonschema's ValidationError."""
    for error in _validator().iter_errors(result):
        raise ValidationError(f"the action server's answer cannot be used: {error.message}")
    return True


def action_call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> Dict[Text, Any]:
    """The request for one action. An empty domain tells rasa-sdk that none is wanted."""
    note_action(self._name)
    state = tracker.current_state(EventVerbosity.NONE)
    state["events"] = []
    return {
        "next_action": self._name,
        "sender_id": tracker.sender_id,
        "tracker": state,
        "version": rasa.__version__,
        "domain": {},
    }


def install() -> None:
    """Use both for every action of this process."""
    RemoteAction._action_call_format = action_call_format
    RemoteAction._validate_action_result = validate_action_result
