"""The base install stays small: what it needs, as the metadata of what is installed says."""

import subprocess
import sys

import pytest

from benchmarks.install import base_install
from linkage import packages
from linkage.errors import LinkingNotInstalled
from tests.conftest import ROOT

COOP = ROOT / "examples" / "coop"
EXTRA = ("anonlink", "highspy", "nacl", "pandas", "scipy")

MOST_BYTES = 130_000_000
MOST_PACKAGES = 26  # waylink itself, and 25


def test_the_base_install_is_small():
    installed = base_install()
    assert len(installed) <= MOST_PACKAGES
    assert {"waylink", "numpy", "clkhash", "cryptography"} <= {one.name for one in installed}
    assert all(one.size > 0 for one in installed if one.name != "waylink")  # the sizes are there to be counted
    assert sum(one.size for one in installed) < MOST_BYTES


def test_extras_are_not_in_the_base_install():
    assert not {"scipy", "pandas", "anonlink", "highspy", "pynacl", "fastapi", "psycopg", "pytest", "pyarrow"} & {
        one.name for one in base_install()
    }


@pytest.mark.parametrize(
    "words",
    [
        [
            "encode",
            COOP / "shelter_clients.csv",
            "--services",
            COOP / "shelter_services.csv",
            "--agreement",
            COOP / "agreement.toml",
            "--member",
            "shelter",
        ],
        ["show", ROOT / "examples" / "release"],
    ],
    ids=["encode", "show"],
)
def test_members_commands_need_no_more_than_the_base(tmp_path, words):
    """As though the extras were not installed: importing them fails."""
    if words[0] == "encode":
        run([sys.executable, "-m", "waylink", "secret", "new", "secret.txt"], tmp_path)
        words = [*words, "--secret", "secret.txt", "--out", "encoded"]
    program = f"import sys; sys.modules.update(dict.fromkeys({EXTRA!r})); from waylink.cli import main; main()"
    done = run([sys.executable, "-c", program, *map(str, words)], tmp_path)
    assert done.returncode == 0, done.stderr


def test_linking_without_its_packages_says_what_to_install(monkeypatch):
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name == "scipy" else name)
    with pytest.raises(LinkingNotInstalled, match=r"not installed \(scipy\)") as refused:
        packages.require_packages()
    assert "pip install 'waylink[link]'" in refused.value.fix


def run(command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
