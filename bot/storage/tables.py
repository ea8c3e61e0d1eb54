"""Every table, for migrations and tests."""

from bot.storage import (  # noqa: F401
    accounts,
    api_clients,
    appointments,
    audit,
    calendars,
    case_alerts,
    case_papers,
    cases,
    console_sessions,
    conversations,
    directory,
    figures,
    holds,
    listening,
    message_words,
    privacy,
    reminders,
    retention,
    review_entries,
    reviews,
    rota,
    saved_filters,
    suggestions,
    teaching,
    unmet,
    waiting_list,
    webhooks,
    wechat,
)
from bot.storage.records import Record

metadata = Record.metadata
