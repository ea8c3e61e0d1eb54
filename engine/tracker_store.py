"""Rasa's SQL tracker store, kept short: a long session is folded into its slots and its last turns.

Rasa reads a conversation's every event for every message, so that the hundredth turn costs several times the first
(half of the engine's time, by py-spy). Nothing here reads further back than the last turns: rules look at the latest
message, forms and actions at slots. What she wrote is kept by the bot, sealed; the engine need not remember it.
"""

import json
from functools import lru_cache
from typing import Any, Dict, List, Optional, Text, Type

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import event as listening

MOST_EVENTS = 80
"""Some ten turns; a session that has more is folded."""
KEPT_TURNS = 5
"""More than `engine.asides` looks back for the answer that a half sentence goes on from."""
BEFORE = 0.001
"""Seconds between what is put first and the first event that is kept: Rasa reads from the latest session start on."""

resolve_slowly = Event.resolve_by_type


@lru_cache(maxsize=None)
def resolve_by_type(type_name: Text, default: Optional[Type[Event]] = None) -> Optional[Type[Event]]:
    """As Rasa does, which walks through all classes of events for each event that it reads."""
    return resolve_slowly(type_name, default)


class ShortTrackerStore(SQLTrackerStore):
    """`tracker_store: type: engine.tracker_store.ShortTrackerStore` with the settings of Rasa's own."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        Event.resolve_by_type = staticmethod(resolve_by_type)
        super().__init__(*arguments, **settings)
        if self.engine.dialect.name == "sqlite":
            listening.listen(self.engine, "connect", _relaxed)
            self.engine.dispose()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Add what is new, or put the folded session in the place of the long one; a form under way is never folded."""
        if len(tracker.events) <= MOST_EVENTS or tracker.active_loop_name:
            await super().save(tracker)
            return
        await self.stream_events(tracker)
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter_by(sender_id=tracker.sender_id).delete()
            session.add_all(self._row(tracker.sender_id, event.as_dict()) for event in folded(tracker))
            session.commit()

    def _row(self, sender_id: Text, data: Dict[Text, Any]) -> Any:
        return self.SQLEvent(
            sender_id=sender_id,
            type_name=data["event"],
            timestamp=data["timestamp"],
            intent_name=data.get("parse_data", {}).get("intent", {}).get("name"),
            action_name=data.get("name"),
            data=json.dumps(data),
        )


def folded(tracker: DialogueStateTracker) -> List[Event]:
    """A session that starts with the slots as they are now and goes on with the last turns."""
    events = list(tracker.events)
    turns = [at for at, event in enumerate(events) if isinstance(event, UserUttered)]
    kept = events[turns[-KEPT_TURNS] :] if len(turns) >= KEPT_TURNS else events
    at = kept[0].timestamp - BEFORE
    slots = [
        SlotSet(name, slot.value, timestamp=at)
        for name, slot in tracker.slots.items()
        if slot.value is not None and slot.value != slot.initial_value
    ]
    start = [ActionExecuted(ACTION_SESSION_START_NAME, timestamp=at), SessionStarted(timestamp=at)]
    return [*start, *slots, ActionExecuted(ACTION_LISTEN_NAME, timestamp=at), *kept]


def _relaxed(connection: Any, _: Any) -> None:
    """A crash of the machine may cost the engine its last turn's slots, never a word of hers: those are the bot's."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
