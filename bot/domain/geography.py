"""Points on the earth. Inside, every point is WGS-84; other systems are converted where they enter and leave.

The GCJ-02 formula and its check values: docs of the coordinate in WeChat's location messages; see tests for the vectors.
"""

import math
from dataclasses import dataclass

EARTH_RADIUS_M = 6_371_008.8
SEMI_MAJOR = 6_378_245.0
ECCENTRICITY = 0.006_693_421_622_965_943
BD_TURN = math.pi * 3000 / 180


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees, WGS-84."""

    latitude: float
    longitude: float


def distance_m(one: Point, other: Point) -> float:
    """Great-circle metres."""
    lat1, lat2 = math.radians(one.latitude), math.radians(other.latitude)
    dlon = math.radians(other.longitude - one.longitude)
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(dlon / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def in_china(point: Point) -> bool:
    """The box within which GCJ-02 differs from WGS-84."""
    return 0.8293 <= point.latitude <= 55.8271 and 72.004 <= point.longitude <= 137.8347


def wgs84_to_gcj02(point: Point) -> Point:
    """What Chinese maps show for a point; unchanged outside China."""
    if not in_china(point):
        return point
    x, y = point.longitude - 105.0, point.latitude - 35.0
    wave = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    latitude = math.radians(point.latitude)
    magic = 1 - ECCENTRICITY * math.sin(latitude) ** 2
    root = math.sqrt(magic)
    north = math.degrees(north / (SEMI_MAJOR * (1 - ECCENTRICITY) / (magic * root)))
    east = math.degrees(east / (SEMI_MAJOR / root * math.cos(latitude)))
    return Point(point.latitude + north, point.longitude + east)


def gcj02_to_wgs84(point: Point) -> Point:
    """The inverse, by iteration: going there and back misses by less than a millimetre."""
    guess = point
    for _ in range(8):
        there = wgs84_to_gcj02(guess)
        guess = Point(
            guess.latitude + point.latitude - there.latitude, guess.longitude + point.longitude - there.longitude
        )
    return guess


def bd09_to_wgs84(point: Point) -> Point:
    """Baidu's system, which is GCJ-02 turned and shifted once more."""
    x, y = point.longitude - 0.0065, point.latitude - 0.006
    radius = math.hypot(x, y) - 0.00002 * math.sin(y * BD_TURN)
    angle = math.atan2(y, x) - 0.000003 * math.cos(x * BD_TURN)
    return gcj02_to_wgs84(Point(radius * math.sin(angle), radius * math.cos(angle)))
