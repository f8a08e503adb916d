import numpy as np
from numpy.typing import NDArray

def available() -> tuple[str, ...]: ...
def scan(
    implementation: str,
    left: NDArray[np.uint8],
    right: NDArray[np.uint8],
    threshold: float,
    inside: bool,
    threads: int,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]: ...
