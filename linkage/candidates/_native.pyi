from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_Records = NDArray[np.uint32]

class Search:
    records: int
    first_right: int

    def __init__(self, lists: Sequence[NDArray[np.uint8]], apart: bool, threshold: float, threads: int) -> None: ...
    def popcounts(self) -> _Records: ...
    def distances(self, left: _Records, right: _Records) -> NDArray[np.uint64]: ...
    def run(
        self, positions: _Records, key_bits: int, radius: int, limit: int, popular: int, threads: int
    ) -> list[tuple[int, int, int, _Records, _Records, _Records, _Records]]: ...
    def pairs(self) -> tuple[_Records, _Records, NDArray[np.float64]]: ...
