"""Coordinates are converted exactly, and back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.geography import Point, bd09_to_wgs84, distance_m, gcj02_to_wgs84, wgs84_to_gcj02

# Check values of the reference: (WGS-84, GCJ-02).
VECTORS = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]
CHINA = st.tuples(st.floats(18, 53), st.floats(74, 134))


@pytest.mark.parametrize(("wgs", "gcj"), VECTORS)
def test_the_reference_values_come_out(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    made = wgs84_to_gcj02(Point(*wgs))
    assert (made.latitude, made.longitude) == pytest.approx(gcj, abs=1e-12)


@given(CHINA)
def test_there_and_back_is_the_same_place(at: tuple[float, float]) -> None:
    point = Point(*at)
    assert distance_m(gcj02_to_wgs84(wgs84_to_gcj02(point)), point) < 0.001


def test_outside_china_nothing_is_moved() -> None:
    assert wgs84_to_gcj02(Point(48.85, 2.35)) == Point(48.85, 2.35)


def test_baidu_lies_beside_gcj02() -> None:
    tianjin = bd09_to_wgs84(Point(39.1333, 117.2100))
    assert 500 < distance_m(tianjin, Point(39.1333, 117.2100)) < 2000


def test_a_quarter_of_the_equator() -> None:
    assert distance_m(Point(0, 0), Point(0, 90)) == pytest.approx(math.pi / 2 * 6_371_008.8)
