from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

def greedy(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    records: int,
    member: NDArray[np.int64],
    merge_threshold: float,
    deduplicated: bool,
    told: Callable[[], object],
) -> NDArray[np.int64]: ...
def average(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    score: NDArray[np.float64],
    records: int,
    member: NDArray[np.int64],
    threshold: float,
    missing_score: float,
    threads: int,
    told: Callable[[], object],
) -> NDArray[np.int64]: ...
