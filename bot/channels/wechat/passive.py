"""The passive reply: what is said at once, the same for every repeat, and what is left for later.

It costs no quota, so it takes as much as fits. Whole messages that do not fit stay in the outbox; of one that is
longer than a text by itself the parts already said are counted, and the outbox (or the next passive reply) goes on
from there.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.channels.wechat.text import fill, flatten, split
from bot.domain.messages import Answer, Inbound, Message
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore
from bot.storage.sealing import Keyring
from bot.storage.wechat import WeChatStore


async def passive_reply(
    database: Database, keyring: Keyring, inbound: Inbound, answer: Answer, now: datetime
) -> tuple[str, list[str]]:
    """(the text to say, "" for nothing; ids of the messages that she has wholly when she has read it: they leave the outbox).

    A holding sentence is remembered apart, so that a repeat that comes when the answer is there gets the answer.
    """
    key = f"{inbound.account}\0{inbound.message_id}\0{'holding' if answer.late else ''}"
    async with database.write() as session:
        store = WeChatStore(session, keyring)
        text, ended, advanced = await _plan(store, answer.messages)
        if not await store.say(key, text, now):  # another attempt was quicker
            return await store.said(key) or "", []
        for message_id, parts in advanced.items():
            await store.advance(message_id, parts, now)
        for message_id in ended:
            await store.finish(message_id)
        await OutboxStore(session).delivered(ended, now)
    return text, ended


async def _plan(store: WeChatStore, messages: Sequence[Message]) -> tuple[str, list[str], dict[str, int]]:
    """(text, messages that end in it, how many parts of the others she has then)."""
    parts = [split(flatten(message)) for message in messages]
    begun = [await store.progress(message.id) for message in messages]
    filled = fill([of_one[had:] for of_one, had in zip(parts, begun, strict=True)])
    ended: list[str] = []
    advanced: dict[str, int] = {}
    for message, of_one, had, taken in zip(messages, parts, begun, filled.taken, strict=True):
        if had + taken >= len(of_one):
            ended.append(message.id)
        elif taken:
            advanced[message.id] = had + taken
    return filled.text, ended, advanced
