"""Every table, for migrations and tests."""

from bot.storage import (  # noqa: F401
    accounts,
    appointments,
    audit,
    calendars,
    case_alerts,
    case_papers,
    cases,
    console_sessions,
    conversations,
    directory,
    rota,
    wechat,
)
from bot.storage.records import Record

metadata = Record.metadata
