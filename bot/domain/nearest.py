"""The nearest of many points: exact on the sphere, by a k-d tree over unit vectors (a chord grows with its arc)."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bot.domain.geography import EARTH_RADIUS_M, Point

FIRST_LOOK = 16


class NearestIndex:
    """Built once over (n,) latitudes and longitudes in degrees; queries are read-only."""

    def __init__(
        self, latitudes: Sequence[float] | NDArray[np.float64], longitudes: Sequence[float] | NDArray[np.float64]
    ) -> None:
        self.size = len(latitudes)
        self._tree = cKDTree(_unit_vectors(np.asarray(latitudes), np.asarray(longitudes))) if self.size else None

    def nearest(self, point: Point, wanted: int, keep: Callable[[int], bool] | None = None) -> list[tuple[int, float]]:
        """(position, metres) of the nearest `wanted` that `keep` accepts, nearest first."""
        if self._tree is None:
            return []
        centre = _unit_vectors(np.array([point.latitude]), np.array([point.longitude]))[0]
        look = wanted if keep is None else max(FIRST_LOOK, wanted)
        while True:
            look = min(look, self.size)
            chords, positions = self._tree.query(centre, k=look)
            pairs = zip(np.atleast_1d(positions).tolist(), np.atleast_1d(chords).tolist(), strict=True)
            found = [(at, _arc(chord)) for at, chord in pairs if keep is None or keep(at)][:wanted]
            if len(found) == wanted or look == self.size:
                return found
            look *= 8


def _unit_vectors(latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    lat, lon = np.radians(latitudes), np.radians(longitudes)
    vectors: NDArray[np.float64] = np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
    return vectors


def _arc(chord: float) -> float:
    return 2 * EARTH_RADIUS_M * float(np.arcsin(min(1.0, chord / 2)))
