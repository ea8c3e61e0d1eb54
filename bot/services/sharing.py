"""What other systems may have of ours, put together once a process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.language.places import Gazetteer
from bot.services.api_clients import ApiClients
from bot.services.audit import Audit
from bot.services.hsds import Hsds
from bot.services.webhooks import Webhooks
from bot.storage.database import Database
from bot.storage.sealing import Keyring


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who may read, the directory for them, and cases handed to other systems."""

    clients: ApiClients
    hsds: Hsds
    webhooks: Webhooks

    @classmethod
    def furnish(
        cls,
        database: Database,
        keyring: Keyring,
        gazetteer: Gazetteer,
        audit: Audit,
        webhooks: Webhooks,
        *,
        clock: Callable[[], datetime],
    ) -> "Sharing":
        """Put the parts together; nothing is opened."""
        return cls(ApiClients(database, keyring, audit, clock=clock), Hsds(database, gazetteer), webhooks)
