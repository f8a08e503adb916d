"""The memory of a server's processes, as Linux tells it: resident, and its share of what processes have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KIB = 1024


@dataclass(frozen=True)
class Footprint:
    """Bytes.

    Attributes:
        rss: resident; what two processes share counts in both.
        pss: the same, with shared pages divided among those who share them.
    """

    rss: int
    pss: int

    def in_mb(self) -> dict[str, float]:
        """In 10^6 bytes."""
        return {"rss": round(self.rss / 1e6, 1), "pss": round(self.pss / 1e6, 1)}


def footprint(pid: int) -> Footprint:
    """What a process has in memory now."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    return Footprint(_kib(rollup, "Rss:") * KIB, _kib(rollup, "Pss:") * KIB)


def peak(pid: int) -> int:
    """The most that a process had resident since `forget_peak`, in bytes."""
    return _kib(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), "VmHWM:") * KIB


def forget_peak(pid: int) -> int:
    """Set a process' peak back to what is resident now; gives that back, in bytes."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="utf-8")  # man 5 proc: resets VmHWM
    return peak(pid)


def processes_of(api: int) -> dict[str, int]:
    """The pids of a server's processes: the API's, which is given, and its workers'."""
    workers = sorted(pid for pid, parent in _parents().items() if parent == api)
    return {"api": api} | {f"worker {number}": pid for number, pid in enumerate(workers, 1)}


def _parents() -> dict[int, int]:
    found: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(path.parent.name)] = int(path.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except OSError:  # it ended meanwhile
            continue
    return found


def _kib(text: str, label: str) -> int:
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(label))
