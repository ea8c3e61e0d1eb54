"""The log tells what broke and where, and no row of the database."""

import logging
import sys

from bot.cli.serve import LINE, Discreet

HER_WORDS = "他打我\n我叫王秀兰"


def logged(error: Exception, cause: Exception) -> str:
    """The line of the log for an error that another one caused."""
    try:
        raise error from cause
    except type(error):
        record = logging.LogRecord("bot", logging.ERROR, __file__, 1, "request failed", None, sys.exc_info())
    return Discreet(LINE).format(record)


def test_a_row_that_a_constraint_refused_is_not_logged() -> None:
    quoted = f'violates check constraint "closed_has_a_time"\nDETAIL:  Failing row contains (7, {HER_WORDS}, null).'
    told = logged(ValueError(f"{quoted}\n[SQL: UPDATE cases SET status=%(status)s]"), RuntimeError(quoted))
    told += logged(ValueError(quoted), ValueError(quoted))
    assert "王秀兰" not in told
    assert "打我" not in told
    for kept in ("request failed", "closed_has_a_time", "[SQL: UPDATE cases", "test_discreet_log.py", "The above exc"):
        assert kept in told


def test_a_trace_without_a_row_is_as_it_was() -> None:
    told = logged(ValueError("no such place"), RuntimeError("x"))
    assert told.endswith("ValueError: no such place")
