"""What a figure was measured on, and how much memory it took: without these it says nothing."""

from __future__ import annotations

import json
import platform
import resource
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from linkage import kernel

FLAGS = ("popcnt", "avx2", "avx512f", "avx512bw", "avx512_vpopcntdq", "avx512_bitalg", "amx_int8", "asimd", "sve")
"""The instruction sets that matter here, as /proc/cpuinfo spells them."""

PACKAGES = ("waylink", "anonlink", "numpy", "faiss-cpu", "numkong", "names")


def machine() -> dict[str, object]:
    """Processor, instruction sets, kernels and versions (of the packages that are installed)."""
    model, flags = _processor()
    return {
        "processor": model,
        "architecture": platform.machine(),
        "instruction_sets": [flag for flag in FLAGS if flag in flags],
        "kernels": kernel.available(),
        "cpus_usable": kernel.usable_cpus(),
        "python": platform.python_version(),
        "versions": {name: found for name in PACKAGES if (found := installed(name))},
    }


def write_figures(document: dict[str, object], path: Path) -> None:
    """Keep what was measured, as JSON for people too."""
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def installed(package: str) -> str:
    """The installed version of a package; "" where there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def peak_memory() -> int:
    """The most memory this process ever had resident, in bytes.

    Linux's own mark is asked first: `getrusage` starts a child at what its parent had when it was started.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024  # KiB elsewhere
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def forget_peak_memory() -> int:
    """Set the mark of `peak_memory` back to what is resident now (Linux); gives that back, in bytes."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # man 5 proc: resets VmHWM
    return peak_memory()


def _processor() -> tuple[str, set[str]]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor(), set()
    fields = dict(
        [part.strip() for part in line.split(":", 1)] for line in text.split("\n\n")[0].splitlines() if ":" in line
    )
    words = fields.get("flags", fields.get("Features", "")).split()
    return fields.get("model name", platform.processor()), set(words)
