"""The zones import what the house allows, and the check itself can fail."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ZONES = ("schemas", "encoder", "linkage", "server", "waylink")
LINT = """
import sys
sys.path[:0] = sys.argv[1:]
from importlinter.cli import lint_imports
sys.exit(lint_imports(no_cache=True))
"""


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the zones in a folder; -S keeps an editable install from answering for them."""
    paths = [folder, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return subprocess.run([sys.executable, "-S", "-c", LINT, *paths], cwd=folder, capture_output=True, text=True)


def test_the_import_rules_are_kept():
    checked = lint(ROOT)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("server/looks.py", "import encoder.secret"),
        ("linkage/looks.py", "import encoder"),
        ("encoder/looks.py", "import linkage"),
        ("schemas/looks.py", "import linkage"),
        ("linkage/looks.py", "import time"),
        ("linkage/looks.py", "import sqlite3"),
        ("encoder/looks.py", "import socket"),
        ("linkage/looks.py", "import clkhash"),
        ("server/domain/looks.py", "import server.store"),
        ("server/domain/looks.py", "import sqlalchemy"),
        ("server/api/looks.py", "import server.store.runs"),
        ("server/store/looks.py", "import server.actions"),
    ],
)
def test_a_breach_is_found(tmp_path, file, line):
    for zone in ZONES:
        shutil.copytree(ROOT / zone, tmp_path / zone, ignore=shutil.ignore_patterns("__pycache__", "native"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / file).write_text(line + "\n")
    checked = lint(tmp_path)
    assert checked.returncode != 0
    assert "BROKEN" in checked.stdout
