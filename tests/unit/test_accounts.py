"""Who may do what, and where: the whole table, written out."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.accounts import PERMISSIONS, ROLE_WORDS, Officer, Permission, Role, branch, in_scope, may

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TABLE = """
                  officer  supervisor  reviewer  auditor  admin
see_cases         yes      yes         -         -        -
take_cases        yes      yes         -         -        -
assign_cases      -        yes         -         -        -
open_sealed       yes      yes         -         -        -
keep_calendar     yes      yes         -         -        -
keep_rota         -        yes         -         -        -
keep_directory    -        yes         -         -        -
run_services      yes      yes         -         -        -
review            -        -           yes       -        -
teach             -        yes         yes       -        -
see_figures       yes      yes         yes       -        -
export            yes      yes         yes       yes      -
read_audit        -        -           -         yes      -
manage_accounts   -        -           -         -        yes
"""


def rows() -> list[tuple[Role, Permission, bool]]:
    head, *lines = TABLE.strip().splitlines()
    roles = [Role(name) for name in head.split()]
    return [
        (role, Permission(line.split()[0]), word == "yes")
        for line in lines
        for role, word in zip(roles, line.split()[1:], strict=True)
    ]


@pytest.mark.parametrize(("role", "permission", "allowed"), rows())
def test_a_role_may_do_exactly_what_the_table_says(role: Role, permission: Permission, allowed: bool) -> None:
    assert may(role, permission) is allowed


def test_the_table_knows_every_role_and_permission() -> None:
    assert {(role, permission) for role, permission, _ in rows()} == {(r, p) for r in Role for p in Permission}
    assert set(PERMISSIONS) == set(ROLE_WORDS) == set(Role)


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("", ""),  # the whole area
        ("120000000000", "12"),  # a province
        ("120100000000", "1201"),  # a city
        ("120113000000", "120113"),  # a district
        ("120110000000", "120110"),  # a district whose own digits end in zero
        ("120116100000", "120116100"),  # a town whose own digits end in zeros
        ("120113001002", "120113001002"),  # a village
        ("120113", "120113"),  # a prefix stays
    ],
)
def test_a_code_is_cut_to_what_its_branch_shares(code: str, prefix: str) -> None:
    assert branch(code) == prefix


@pytest.mark.parametrize(
    "code", ["1", "12011", "1201130010", "北辰区", "12011３", "-1"]
)  # no level ends there, or no digits
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="division code"):
        branch(code)


@pytest.mark.parametrize(
    ("scope", "division", "inside"),
    [
        ("", "120113001002", True),  # the whole area holds everything
        ("", "", True),  # also what has no known place
        ("120113", "120113001002", True),  # a village of the district
        ("120113", "120113000000", True),  # the district itself
        ("120113", "120114001002", False),  # the district next to it
        ("120113001", "120113000000", False),  # the district lies above the town
        ("120113001", "120113002001", False),  # the town next to it
        ("120113001002", "120113001002", True),  # a village
        ("120110", "120111000000", False),  # not by the digits before the zero
        ("120113", "", False),  # an unknown place belongs to the whole area only
    ],
)
def test_a_branch_holds_what_lies_below_it(scope: str, division: str, inside: bool) -> None:
    assert in_scope(scope, division) is inside
    assert Officer("id", "li", "李", Role.OFFICER, scope, NOW).covers(division) is inside


@pytest.mark.parametrize(("minutes", "fresh"), [(0, True), (5, True), (5.1, False)])
def test_a_second_factor_stays_fresh_for_five_minutes(minutes: float, fresh: bool) -> None:
    assert Officer("id", "li", "李", Role.OFFICER, "", NOW).is_fresh(NOW + timedelta(minutes=minutes)) is fresh
