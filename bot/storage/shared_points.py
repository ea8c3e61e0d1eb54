"""Her exact point, kept only from the message that brought it to the lookup that needs it."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.geography import Point
from bot.storage.conversations import SharedPoint
from bot.storage.records import new_public_id
from bot.storage.sealing import Keyring

LIFETIME = timedelta(minutes=10)
PURPOSE = "shared point"


class SharedPointStore:
    """Puts a point down under a random key, and hands it out once."""

    def __init__(self, session: AsyncSession, keyring: Keyring) -> None:
        self._session = session
        self._keyring = keyring

    async def put(self, point: Point, now: datetime) -> str:
        """Return the key. Forgets what nobody came for."""
        await self._session.execute(delete(SharedPoint).where(SharedPoint.expires_at < now))
        sealed = self._keyring.seal(f"{point.latitude!r},{point.longitude!r}", PURPOSE)
        row = SharedPoint(public_id=new_public_id(), sealed=sealed, expires_at=now + LIFETIME)
        self._session.add(row)
        await self._session.flush()
        return row.public_id

    async def take(self, key: str, now: datetime) -> Point | None:
        """Return the point and delete it; None when it was taken before or is too old."""
        sealed = await self._session.scalar(
            delete(SharedPoint)
            .where(SharedPoint.public_id == key, SharedPoint.expires_at >= now)
            .returning(SharedPoint.sealed)
        )
        if sealed is None:
            return None
        latitude, longitude = self._keyring.open(sealed, PURPOSE).split(",")
        return Point(float(latitude), float(longitude))
