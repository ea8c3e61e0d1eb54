"""Sending to a WeChat user when nobody waits for an answer: customer-service messages, with one token for all workers."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

from bot.channels.wechat.text import flatten, join
from bot.domain.messages import Message
from bot.services.late_answers import DeliveryRefused
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.wechat import WeChatStore

TOKEN_REFUSED = {40001, 40014, 42001}
TRY_AGAIN = {-1, 45009, 45011}
EARLY = timedelta(minutes=5)
"""A token is replaced this long before it ends."""
TRIES = 40
PAUSE = 0.25


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
        self._app_id = settings.wechat_app_id
        self._secret = settings.wechat_secret.get_secret_value()
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._client = httpx.AsyncClient(
            base_url=settings.wechat_api_url, timeout=5, transport=transport, trust_env=False
        )

    async def deliver(self, sender: str, message: Message) -> None:
        """Send a message in as many texts as it needs. Raises DeliveryRefused."""
        for words in join([flatten(message)]):
            await self._call(
                "/cgi-bin/message/custom/send", {"touser": sender, "msgtype": "text", "text": {"content": words}}
            )

    async def typing(self, sender: str, *, on: bool) -> None:
        """Show or hide that somebody is writing. Raises DeliveryRefused."""
        command = "Typing" if on else "CancelTyping"
        await self._call("/cgi-bin/message/custom/typing", {"touser": sender, "command": command})

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _call(self, path: str, body: dict[str, Any]) -> None:
        """One call; a refused token is fetched anew once, never in a loop."""
        for last in (False, True):
            token = await self._token()
            code = await self._post(f"{path}?access_token={token}", body)
            if code == 0:
                return
            if code not in TOKEN_REFUSED or last:
                raise DeliveryRefused(str(code), retry=code in TRY_AGAIN)
            async with self._database.write() as session:
                await WeChatStore(session, self._keyring).spoil(self._app_id, token, self._clock())

    async def _post(self, path: str, body: dict[str, Any]) -> int:
        return int((await self._json(path, body)).get("errcode", 0))

    async def _json(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = await self._client.post(path, json=body)
            response.raise_for_status()
            answer = response.json()
        except (httpx.HTTPError, ValueError) as down:
            # Neither the address (it holds the token) nor the body may reach the log.
            raise DeliveryRefused(type(down).__name__, retry=True) from None
        return answer if isinstance(answer, dict) else {}

    async def _token(self) -> str:
        """The shared token; one worker fetches, the others wait for it."""
        for _ in range(TRIES):
            now = self._clock()
            async with self._database.read() as session:
                token = await WeChatStore(session, self._keyring).token(self._app_id, now)
            if token is not None:
                return token
            async with self._database.write() as session:
                mine = await WeChatStore(session, self._keyring).may_fetch(self._app_id, now)
            if mine:
                return await self._fetch()
            await asyncio.sleep(PAUSE)
        raise DeliveryRefused("token", retry=True)

    async def _fetch(self) -> str:
        answer = await self._json(
            "/cgi-bin/stable_token",
            {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret},
        )
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            code = int(answer.get("errcode", -1))
            raise DeliveryRefused(str(code), retry=code in TRY_AGAIN)
        now = self._clock()
        lifetime = timedelta(seconds=int(answer.get("expires_in", 7200))) - EARLY
        async with self._database.write() as session:
            await WeChatStore(session, self._keyring).keep(self._app_id, token, now, lifetime)
        return token
