"""Run a command and say what it took: `python -m benchmarks.spent COMMAND...`, one JSON object on stdout.

A small process in between, because Linux starts a child's highest mark of memory at that of the process it came from.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def spent(command: list[str]) -> dict[str, float]:
    """Run it, its output dropped: exit status, seconds, CPU seconds, and the most bytes it had resident."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 (what the caller asks for)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return {
        "status": child.returncode,
        "seconds": time.perf_counter() - start,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_bytes": used.ru_maxrss * 1024,  # KiB on Linux
    }


if __name__ == "__main__":
    print(json.dumps(spent(sys.argv[1:])))
