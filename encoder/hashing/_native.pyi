import numpy as np
from numpy.typing import NDArray

def cut(texts: list[str], n: int, positional: bool, token: NDArray[np.int32]) -> list[str]: ...
def most_bits(
    first: NDArray[np.int64],
    token: NDArray[np.int32],
    least: NDArray[np.int32],
    extra: NDArray[np.int32],
    most: NDArray[np.int32],
) -> None: ...

class Filters:
    def __init__(self, bits: int, folds: int) -> None: ...
    def add(
        self,
        codes: NDArray[np.int32],
        first: NDArray[np.int64],
        token: NDArray[np.int32],
        least: NDArray[np.int32],
        extra: NDArray[np.int32],
        place: NDArray[np.int64],
        positions: NDArray[np.uint32],
    ) -> None: ...
    def write(self, to: NDArray[np.int64], out: NDArray[np.uint8]) -> None: ...
