"""Who is asked next, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.cases import MOVES, AlertOutcome, CaseAct, CaseStatus, ExclusionKind, status_after
from bot.domain.offices import OfficeLevel, climb, level_of, office_at
from bot.domain.rota import Asked, Candidate, next_to_ask, offices_for

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
AGAIN = timedelta(minutes=15)
VILLAGE = "120113001001"
NEAR = Candidate("near", "王近", VILLAGE, 0, NOW - timedelta(hours=1))
STAND_IN = Candidate("stand_in", "李替", VILLAGE, 1, NOW - timedelta(hours=1))
TOWN = Candidate("town", "赵街", "120113001", 0, NOW - timedelta(hours=1))
DISTRICT = Candidate("district", "钱区", "120113", 0, NOW - timedelta(hours=1))
CITY = Candidate("city", "孙市", "12", 0, NOW - timedelta(hours=1))
OTHER = Candidate("other", "周别", "120113002", 0, NOW - timedelta(hours=1))
EVERYBODY = [CITY, OTHER, DISTRICT, TOWN, STAND_IN, NEAR]


def asked(who: Candidate, outcome: AlertOutcome = AlertOutcome.EXPIRED, minutes: float = 5) -> Asked:
    return Asked(who.officer, NOW - timedelta(minutes=minutes + 2), NOW - timedelta(minutes=minutes), outcome)


@pytest.mark.parametrize(
    ("before", "chosen"),
    [
        ([], NEAR),  # her own community first
        ([asked(NEAR)], STAND_IN),  # then who stands in there
        ([asked(NEAR), asked(STAND_IN)], TOWN),  # then up
        ([asked(NEAR), asked(STAND_IN), asked(TOWN)], DISTRICT),
        ([asked(NEAR), asked(STAND_IN), asked(TOWN), asked(DISTRICT)], CITY),
        ([asked(one) for one in EVERYBODY], None),  # everybody a moment ago: it waits
        ([asked(one, minutes=30 if one is TOWN else 20) for one in EVERYBODY], TOWN),  # then who passed longest ago
        ([asked(one, AlertOutcome.DECLINED, 30) for one in EVERYBODY if one is not CITY] + [asked(CITY)], None),
        ([asked(NEAR, AlertOutcome.WITHDRAWN)], NEAR),  # she was asked and it was taken back: as if she was not
        ([asked(NEAR, AlertOutcome.RELEASED)], STAND_IN),  # who gave it away is not asked at once
        ([asked(NEAR, AlertOutcome.DECLINED, 70)], STAND_IN),  # she came on duty anew, but others were never asked
        ([asked(one, AlertOutcome.DECLINED, 70) for one in EVERYBODY], NEAR),  # everybody came anew: from the start
    ],
)
def test_up_the_tree(before: list[Asked], chosen: Candidate | None) -> None:
    offices = offices_for(VILLAGE, VILLAGE)
    assert next_to_ask(EVERYBODY, before, (), offices=offices, now=NOW, again=AGAIN) == chosen


@pytest.mark.parametrize(
    ("exclusions", "chosen"),
    [
        ([(ExclusionKind.LEVEL, "community")], TOWN),  # 「别找我们社区的人」
        ([(ExclusionKind.LEVEL, "community"), (ExclusionKind.LEVEL, "town")], DISTRICT),
        ([(ExclusionKind.SURNAME, "王")], STAND_IN),  # 「别找王主任」
        ([(ExclusionKind.OFFICER, "near")], STAND_IN),
        ([(ExclusionKind.LEVEL, level.value) for level in OfficeLevel], None),
    ],
)
def test_never_whom_she_ruled_out(exclusions: list[tuple[ExclusionKind, str]], chosen: Candidate | None) -> None:
    offices = offices_for(VILLAGE, VILLAGE)
    assert next_to_ask(EVERYBODY, [], exclusions, offices=offices, now=NOW, again=AGAIN) == chosen


@pytest.mark.parametrize(
    ("area", "route_from", "chosen"),
    [
        ("120113001", "120113001", TOWN),  # only the street is known
        ("120113002005", "120113002005", OTHER),
        ("120114", "120114", CITY),  # nobody in her own district
        ("120113001001", "120113", DISTRICT),  # handed to the district: it begins there
        ("120113001001", "1201", CITY),
        ("", "", CITY),  # an unknown place: from the top
        ("13", "13", None),  # outside the branch of everybody
    ],
)
def test_where_it_begins(area: str, route_from: str, chosen: Candidate | None) -> None:
    offices = offices_for(area, route_from)
    assert next_to_ask(EVERYBODY, [], (), offices=offices, now=NOW, again=AGAIN) == chosen


def test_who_had_it_before_is_asked_first_wherever_she_is() -> None:
    offices = offices_for(VILLAGE, VILLAGE)
    for one in (CITY, OTHER, STAND_IN):
        assert next_to_ask(EVERYBODY, [], (), offices=offices, preferred=one.officer, now=NOW, again=AGAIN) == one


def test_the_way_up() -> None:
    assert climb("120113001001") == ("120113001001", "120113001", "120113", "1201", "12", "")
    assert climb("120113001000") == climb("120113001")
    assert climb("") == ("",)
    assert [level_of(office).value for office in climb("120113001001")] == [
        "community", "town", "district", "city", "city", "city",
    ]  # fmt: skip
    assert office_at("120113001001", OfficeLevel.TOWN) == "120113001"
    assert office_at("120113", OfficeLevel.TOWN) is None


def test_what_is_not_drawn_is_refused() -> None:
    assert status_after(CaseStatus.CLOSED, CaseAct.TAKEN) is None
    assert status_after(CaseStatus.ALERTED, CaseAct.CLOSED) is None
    assert status_after(CaseStatus.WAITING, CaseAct.TAKEN) is CaseStatus.TAKEN
    reached = {then for _, then in MOVES.values()}
    assert reached == set(CaseStatus)
