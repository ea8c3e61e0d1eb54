"""Points on the earth. Inside, every point is WGS-84; other systems are converted where they enter and leave."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees, WGS-84."""

    latitude: float
    longitude: float
