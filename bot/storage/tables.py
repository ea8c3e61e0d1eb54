"""Every table, for migrations and tests."""

from bot.storage import accounts, appointments, calendars, conversations, directory, wechat  # noqa: F401
from bot.storage.records import Record

metadata = Record.metadata
