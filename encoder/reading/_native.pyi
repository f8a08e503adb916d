import numpy as np
from numpy.typing import NDArray

class Csv:
    broken_row: int

    def __init__(self, delimiter: bytes, width: int, least: int, skip: int) -> None: ...
    def feed(
        self, part: bytes, last: bool
    ) -> tuple[NDArray[np.int64], list[NDArray[np.int32]], list[tuple[int, int, str]]]: ...
    def texts(self, column: int) -> list[str]: ...
