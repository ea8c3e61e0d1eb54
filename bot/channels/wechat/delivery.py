"""Sending to a WeChat user when nobody waits for an answer: customer-service messages, counted and in order."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from bot.channels.wechat.api import AccountApi
from bot.channels.wechat.text import flatten, split
from bot.domain.messages import Message
from bot.services.late_answers import DeliveryRefused
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.wechat import WeChatStore

QUOTA_USED, SILENT_TOO_LONG, NO_FOLLOWER = 45047, 45015, 43004
TRY_AGAIN = {
    -1,  # Tencent is busy
    45009,  # the day's calls are used up
    45011,  # too many calls this minute
}
"""Everything else waits until she writes: 40003 unknown openid, 43004 no follower, 45002 too long, 45015 silent for
48 hours, 45047 quota used, 48001 not authorised, 48002 she turned it off, 48004 banned, 50002 limited, 87014 content."""


class WeChatDelivery:
    """The delivery port of the WeChat channel."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        keyring: Keyring,
        *,
        clock: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self.api = AccountApi(settings, database, keyring, clock=clock, transport=transport)

    async def deliver(self, sender: str, message: Message) -> None:
        """Send what she has not had of a message, in as many texts as it needs. Raises DeliveryRefused.

        After a refusal half-way the next try goes on where this one stopped. A text whose answer was lost on the
        way is sent again: twice is better than not at all.
        """
        parts = split(flatten(message))
        async with self._database.read() as session:
            begun = await WeChatStore(session, self._keyring).progress(message.id)
        for number, words in enumerate(parts[begun:], start=begun + 1):
            await self._refuse_over_quota(sender)
            await self._send(sender, words)
            async with self._database.write() as session:
                store = WeChatStore(session, self._keyring)
                await store.spend(sender, self._clock())
                if number < len(parts):
                    await store.advance(message.id, number, self._clock())
                else:
                    await store.finish(message.id)

    async def typing(self, sender: str, *, on: bool) -> None:
        """Show or hide that somebody is writing. Raises DeliveryRefused (45080: nothing was said for 30 seconds)."""
        command = "Typing" if on else "CancelTyping"
        await self._call("/cgi-bin/message/custom/typing", {"touser": sender, "command": command})

    async def quota_left(self, sender: str, now: datetime) -> int:
        """How many texts may still be sent to her before she writes again; 0 when she is not known to have written."""
        async with self._database.read() as session:
            return max(await WeChatStore(session, self._keyring).windows(sender, now), default=0)

    async def close(self) -> None:
        """Close the connections."""
        await self.api.close()

    async def _refuse_over_quota(self, sender: str) -> None:
        """Ask Tencent only while something remains. When nothing is known of her, Tencent decides."""
        async with self._database.read() as session:
            windows = await WeChatStore(session, self._keyring).windows(sender, self._clock())
        if windows and not any(windows):
            raise DeliveryRefused(str(QUOTA_USED), retry=False)

    async def _send(self, sender: str, words: str) -> None:
        body = {"touser": sender, "msgtype": "text", "text": {"content": words}}
        await self._call("/cgi-bin/message/custom/send", body)

    async def _call(self, path: str, body: dict[str, Any]) -> None:
        code = await self.api.call(path, body)
        if code == 0:
            return
        async with self._database.write() as session:
            store = WeChatStore(session, self._keyring)
            if code == QUOTA_USED:
                await store.exhaust(body["touser"])
            elif code in {SILENT_TOO_LONG, NO_FOLLOWER}:
                await store.close_windows(body["touser"])
        raise DeliveryRefused(str(code), retry=code in TRY_AGAIN)
