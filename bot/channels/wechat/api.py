"""Tencent's account API: one stable access token for all workers, renewed once when it is refused."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

from bot.services.late_answers import DeliveryRefused
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.sealing import CannotOpen, Keyring
from bot.storage.wechat import WeChatStore

log = logging.getLogger(__name__)

TOKEN_REFUSED = {40001, 40014, 42001}
EARLY, SHORTEST = timedelta(minutes=5), timedelta(minutes=1)
"""A token is replaced so long before it ends, and kept so long at least."""
TRIES = 40
PAUSE = 0.25


class AccountApi:
    """Calls of one account. Addresses hold the token, bodies hold words: neither is ever logged."""

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

    async def call(self, path: str, body: dict[str, Any]) -> int:
        """One call → Tencent's errcode, 0 for success. Raises like `ask`."""
        return (await self.ask(path, body))[0]

    async def ask(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """One call → (errcode, all of the answer). A refused token is fetched anew once, never in a loop.

        Raises DeliveryRefused(retry=True) when Tencent cannot be reached, answers nonsense, or gives no token.
        """
        token = await self._token()
        code, answer = await self._post(path, token, body)
        if code not in TOKEN_REFUSED:
            return code, answer
        async with self._database.write() as session:
            await WeChatStore(session, self._keyring).spoil(self._app_id, token, self._clock())
        return await self._post(path, await self._token(), body)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _post(self, path: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = await self._json(f"{path}?access_token={token}", body)
        return _number(answer.get("errcode", 0)), answer

    async def _json(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = await self._client.post(path, json=body)
            response.raise_for_status()
            answer = response.json()
        except (httpx.HTTPError, ValueError) as down:
            raise DeliveryRefused(type(down).__name__, retry=True) from None
        if not isinstance(answer, dict):
            raise DeliveryRefused("nonsense", retry=True)
        return answer

    async def _token(self) -> str:
        """The shared token; one worker fetches, the others wait for it."""
        for _ in range(TRIES):
            now = self._clock()
            token = await self._kept(now)
            if token is not None:
                return token
            async with self._database.write() as session:
                mine = await WeChatStore(session, self._keyring).may_fetch(self._app_id, now)
            if mine:
                return await self._fetch()
            await asyncio.sleep(PAUSE)
        raise DeliveryRefused("token", retry=True)

    async def _kept(self, now: datetime) -> str | None:
        try:
            async with self._database.read() as session:
                return await WeChatStore(session, self._keyring).token(self._app_id, now)
        except CannotOpen:
            async with self._database.write() as session:
                await WeChatStore(session, self._keyring).spoil(self._app_id, None, now)
            return None

    async def _fetch(self) -> str:
        """`stable_token` in its normal mode: asking again gives the same token and ends no other's."""
        answer = await self._json(
            "/cgi-bin/stable_token",
            {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret},
        )
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            code = _number(answer.get("errcode", -1))
            # The account's settings are wrong (40164: our address is not on its list), not the message: keep trying.
            log.warning("WeChat gives no access token: %s", code)
            raise DeliveryRefused(str(code), retry=True)
        lifetime = max(timedelta(seconds=_number(answer.get("expires_in", 7200))) - EARLY, SHORTEST)
        async with self._database.write() as session:
            await WeChatStore(session, self._keyring).keep(self._app_id, token, self._clock(), lifetime)
        return token


def _number(value: object) -> int:
    """A number of Tencent's, or DeliveryRefused."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise DeliveryRefused("nonsense", retry=True)
    return value
