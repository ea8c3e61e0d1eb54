"""Whatever stands in forms, addresses, cookies and settings: it is read, or refused in words of ours."""

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from bot.console import fields
from bot.domain import addresses, audit, periods, review_filter
from bot.domain.accounts import CODE_DIGITS, branch
from bot.domain.appointments import AppointmentStatus, BookedAppointment, PlannedVisit
from bot.domain.errors import BadInput
from bot.domain.review_filter import read_filter, write_filter
from bot.domain.reviews import read_entities
from bot.domain.schedules import read_days, read_hours
from bot.domain.workdays import is_workday
from bot.domain.working_hours import WorkingHours
from bot.language.places import Gazetteer
from bot.services.areas import area_code, area_named, area_words
from bot.services.calendar_file import calendar_file
from bot.services.review import read_key
from bot.services.sample_directory import PLACES
from bot.services.second_factor import is_totp, matching_step, new_secret, plain
from bot.services.webhooks import signed
from bot.storage.message_search import wanted_words
from tests.fuzz.budget import WORDS, budget

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
FORM_READERS: tuple[tuple[Callable[[str], object], type[Exception]], ...] = (
    (fields.read_day, BadInput), (fields.read_time, BadInput), (fields.read_phone, BadInput), (fields.read_number, BadInput),
    (lambda text: fields.read_visits(text, ZONE), BadInput), (fields.read_page, BadInput), (branch, ValueError),
    (read_hours, ValueError), (read_days, ValueError), (periods.month_named, BadInput), (read_key, BadInput),
    (lambda text: WorkingHours.read(text, ZONE, is_workday), ValueError), (addresses.read_network, ValueError),
)  # fmt: skip


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@budget(300)
@given(WORDS)
@example("9" * 5000)
@example("08:30-12:00," * 1000)
@example("甲站@2026-11-28T09:00,乙站@2026-11-28T10:00,丙站@2026-11-28T11:00")
def test_a_field_is_read_or_refused_in_its_own_words(words: str) -> None:
    for read, refusal in FORM_READERS:
        with contextlib.suppress(refusal):
            read(words)


@budget(150)
@given(st.sampled_from(("morning", "afternoon", "day", "own", "")), WORDS, WORDS, st.booleans())
def test_a_stretch_of_a_form_ends_after_it_begins_or_is_refused(part: str, begins: str, ends: str, opens: bool) -> None:
    with contextlib.suppress(BadInput):
        first, last = fields.read_span(part, date(2026, 11, 28), date(2026, 11, 28), (begins, ends), ZONE, opens=opens)
        assert first.tzinfo is not None
        assert isinstance(last - first, timedelta)


@budget(150)
@given(st.dictionaries(st.sampled_from(sorted(review_filter.READERS)), WORDS))
def test_a_filter_is_read_and_written_the_same(written: dict[str, str]) -> None:
    wanted = read_filter(written)
    assert read_filter(write_filter(wanted)) == wanted


@budget(300)
@given(WORDS, st.booleans())
def test_nothing_that_is_looked_for_reaches_a_query_language(words: str, sqlite: bool) -> None:
    wanted = wanted_words(words, None, sqlite=sqlite)
    assert wanted is None or set(wanted.query) <= set('0123456789ABCDEF"*&AND ' + "'<->:()")


@budget(80)
@given(words=st.one_of(WORDS, st.from_regex(r"[0-9]{1,12}", fullmatch=True)))
def test_an_area_is_one_of_ours_or_refused(gazetteer: Gazetteer, words: str) -> None:
    for read in (area_code, area_named):
        with contextlib.suppress(BadInput):
            code = read(gazetteer, words)
            assert len(code) <= CODE_DIGITS
            assert area_words(gazetteer, code)


@budget(200)
@given(WORDS)
def test_a_code_from_a_telephone_is_right_or_wrong(words: str) -> None:
    assert is_totp(words) == (len(plain(words)) == 6 and plain(words).isascii() and plain(words).isdecimal())
    if not is_totp(words):
        assert matching_step(new_secret(), words, NOW) is None


@budget(200)
@given(WORDS, st.lists(WORDS, max_size=4))
def test_a_forged_way_never_hides_who_asks(peer: str, lines: list[str]) -> None:
    trusted = [addresses.read_network("127.0.0.1")]
    assert addresses.origin("203.0.113.9", lines, trusted) == "203.0.113.9"
    assert isinstance(addresses.place(addresses.origin(peer, lines, trusted)), str)


@budget(200)
@given(st.ip_addresses())
def test_what_is_inside_is_never_outside(address: object) -> None:
    found = ip_address(str(address))
    if found.is_loopback or found.is_link_local or found.is_private or found.is_multicast:
        assert not addresses.is_outside(found)


@budget(100)
@given(WORDS, WORDS, st.sampled_from(AppointmentStatus))
def test_a_calendar_file_is_one_and_nothing_is_put_into_it(place: str, address: str, status: AppointmentStatus) -> None:
    visit = PlannedVisit("s", "legal", place, address, NOW, NOW + timedelta(hours=1))
    made = BookedAppointment("a", "K7", status, (visit,), remind=True)
    [event] = Calendar.from_ical(calendar_file(made, NOW, with_place=True)).walk("VEVENT")
    assert set(event) <= {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "CLASS", "LOCATION"}


@budget(100)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_two_bodies_never_have_one_signature(one: bytes, other: bytes) -> None:
    secret = "whsec_" + "YQ" * 16 + "YWFh"
    signatures = [signed(secret, "msg", NOW, body)["webhook-signature"] for body in (one, other)]
    assert (signatures[0] == signatures[1]) == (one == other)


@budget(150)
@given(WORDS)
def test_stored_marks_that_cannot_be_read_are_a_value_error(words: str) -> None:
    with contextlib.suppress(ValueError, TypeError, KeyError):
        read_entities(words)


@budget(60)
@given(WORDS, WORDS, WORDS)
def test_the_chain_of_the_log_tells_fields_apart(actor: str, kind: str, name: str) -> None:
    first = audit.link(b"k" * 32, "", 1, NOW, audit.Deed(audit.Act.EXPORTED, actor, kind, name))
    moved = audit.link(b"k" * 32, "", 1, NOW, audit.Deed(audit.Act.EXPORTED, actor + kind, "", name))
    assert (first == moved) == (kind == "")
