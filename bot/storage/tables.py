"""Every table, for migrations and tests."""

from bot.storage import (  # noqa: F401
    accounts,
    appointments,
    calendars,
    conversations,
    directory,
    reminders,
    waiting_list,
    wechat,
)
from bot.storage.records import Record

metadata = Record.metadata
