"""What was freed goes back to the system."""

import subprocess
import sys

import pytest

from encoder.freed_memory import give_back_memory
from tests.conftest import ROOT

MEBIBYTES_FREED = 100
PROBE = f"""
from pathlib import Path
from encoder.freed_memory import give_back_memory

def resident():
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) >> 10

blocks = [bytearray(64 << 10) for _ in range({MEBIBYTES_FREED} << 4)]  # each too small to be the system's own block
last = bytearray(64 << 10)  # above them all: the heap cannot shrink by itself
del blocks
before = resident()
give_back_memory()
print(before - resident())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc keeps it, and has the call")
def test_what_the_c_library_keeps_for_later_is_given_back():
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, cwd=ROOT)
    assert int(done.stdout) >= MEBIBYTES_FREED * 0.9, done.stderr


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_nothing_is_called(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr("encoder.freed_memory.ctypes", None)  # any use of it would fail
    give_back_memory()
