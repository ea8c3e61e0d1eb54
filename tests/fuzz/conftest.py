"""The console as its own tests have it."""

from tests.console.conftest import gazetteer, office, room

__all__ = ["gazetteer", "office", "room"]
