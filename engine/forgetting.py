"""Forgetting what the engine keeps: one conversation wholly, or all that were silent for long; and no bytes left behind.

SQLite leaves the bytes of a deleted row in the file until they are written over. `install` makes it write zeros instead.
"""

from typing import Any, Dict, List, Text

import sqlalchemy as sa
from rasa.core.agent import Agent
from sqlalchemy import event
from sqlalchemy.engine import Engine

MOST = 500
"""Conversations of one call."""


def install() -> None:
    """Every SQLite connection of this process overwrites what it deletes."""
    event.listen(Engine, "connect", _overwrite)


def _overwrite(connection: Any, _: Any) -> None:
    if type(connection).__module__.partition(".")[0] == "sqlite3":
        cursor = connection.cursor()
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()


async def forget_conversation(agent: Agent, conversation: Text) -> int:
    """Delete a conversation's tracker, while no turn of it is under way; how many events went."""
    async with agent.lock_store.lock(conversation):
        return _delete(agent, [conversation])


async def purge_silent(agent: Agent, before: float, limit: int, dry: bool) -> int:
    """Delete (or only count) conversations whose last event is older than `before` (seconds since 1970); how many.

    A conversation that speaks again between the look and the lock is left alone.
    """
    if dry:
        return len(_silent(agent, before, None))
    gone = 0
    for conversation in _silent(agent, before, min(limit, MOST)):
        async with agent.lock_store.lock(conversation):
            if conversation in _silent(agent, before, None, conversation):
                gone += bool(_delete(agent, [conversation]))
    return gone


def _store(agent: Agent) -> Any:
    store = agent.tracker_store
    return getattr(store, "_tracker_store", store)  # Rasa wraps its stores to survive their failures


def _delete(agent: Agent, conversations: List[Text]) -> int:
    store = _store(agent)
    with store.session_scope() as session:
        rows = session.query(store.SQLEvent).filter(store.SQLEvent.sender_id.in_(conversations))
        gone = rows.delete(synchronize_session=False)
        session.commit()
    return int(gone)


def _silent(agent: Agent, before: float, limit: Any, conversation: Text = "") -> List[Text]:
    store = _store(agent)
    with store.session_scope() as session:
        rows = session.query(store.SQLEvent.sender_id)
        if conversation:
            rows = rows.filter(store.SQLEvent.sender_id == conversation)
        rows = rows.group_by(store.SQLEvent.sender_id).having(sa.func.max(store.SQLEvent.timestamp) < before)
        return [row[0] for row in rows.order_by(sa.func.max(store.SQLEvent.timestamp)).limit(limit)]


def purge_wish(body: Dict[Text, Any]) -> Any:
    """(before, limit, dry) of a request, or None when it is not a wish for purging."""
    before, limit, dry = body.get("before"), body.get("limit", MOST), body.get("dry", False)
    whole = isinstance(limit, int) and not isinstance(limit, bool) and limit > 0
    if isinstance(before, bool) or not isinstance(before, (int, float)) or not whole or not isinstance(dry, bool):
        return None
    return float(before), limit, dry
