"""Somebody at the web API, talking to the whole running system."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.running import System


@dataclass
class Woman:
    """Keeps her conversation and what she was told last."""

    client: httpx.Client
    conversation: str | None = None
    last: dict[str, Any] = field(default_factory=dict)

    def send(self, **content: Any) -> str:
        body = {"conversation": self.conversation, "message_id": str(uuid.uuid4()), **content}
        self.last = self.client.post("/chat/api/messages", json=body).raise_for_status().json()
        self.conversation = self.last["conversation"]
        return self.last_text

    def say(self, text: str) -> str:
        return self.send(text=text)

    def press(self, title: str) -> str:
        choices = [choice for message in self.last["messages"] for choice in message["choices"]]
        return self.send(choice=next(choice["id"] for choice in choices if title in choice["title"]))

    @property
    def last_text(self) -> str:
        return "\n".join(message["text"] for message in self.last["messages"])

    @property
    def choices(self) -> list[str]:
        return [choice["title"] for message in self.last["messages"] for choice in message["choices"]]

    @property
    def places(self) -> list[dict[str, Any]]:
        return [place for message in self.last["messages"] for place in message["places"]]

    def after(self, _: str) -> list[str]:
        """The choices under the answer just given."""
        return self.choices


@pytest.fixture
def woman(system: System) -> Iterator[Woman]:
    with httpx.Client(base_url=system.url, trust_env=False, timeout=20) as client:
        yield Woman(client)
