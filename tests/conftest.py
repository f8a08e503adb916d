"""What several rooms' tests share: the example co-op encoded, linked and released once, by the real commands."""

from __future__ import annotations

import gc
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from encoder.secret import Secret, write_secret
from waylink.demo import DemoFolder

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "coop"
MEMBERS = ("clinic", "pantry", "school", "shelter", "training")

COOPS_SECRET = hashlib.sha256(b"the example's members, 4").digest()
"""Always the same: with another secret a few links are others, and with them which counts are shown."""

FEW_COLLECTIONS = (20_000, 20, 20)
"""As many new objects before garbage is sought as make the search a small part of the tests' time; 700 are usual."""


def pytest_collection_finish() -> None:
    """All that was imported stays: it need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*FEW_COLLECTIONS)


def waylink(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, in a process of its own."""
    command = [sys.executable, "-m", "waylink", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd or ROOT)


class Coop(DemoFolder):
    """A co-op on disk, laid out as the demo's."""

    @property
    def agreement(self) -> Path:
        return EXAMPLE / "agreement.toml"

    @property
    def folders(self) -> list[Path]:
        return [self.member(member) for member in MEMBERS]

    def encode(self, name: str) -> subprocess.CompletedProcess[str]:
        files = (EXAMPLE / f"{name}_clients.csv", "--services", EXAMPLE / f"{name}_services.csv")
        who = ("--agreement", self.agreement, "--member", name, "--secret", self.secret)
        return waylink("encode", *files, *who, "--out", self.member(name))


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """How far off a linkage may be is found by three draws: for tests of how it runs, and not of what it finds."""
    monkeypatch.setattr("linkage.clustering.threshold.RESAMPLES", 3)
    monkeypatch.setattr("linkage.linkage_error.rates.DRAWS", 3)


@pytest.fixture(scope="session")
def encoded_coop(tmp_path_factory: pytest.TempPathFactory) -> Coop:
    """The example's five members, encoded. Not to be changed: see `coop_copy`."""
    coop = Coop(tmp_path_factory.mktemp("coop"))
    write_secret(Secret(COOPS_SECRET), coop.secret)
    for done in map(coop.encode, MEMBERS):
        assert done.returncode == 0, done.stderr
    return coop


@pytest.fixture(scope="session")
def released_coop(encoded_coop: Coop) -> Coop:
    """The example linked and released. Not to be changed: see `coop_copy`."""
    coop = encoded_coop
    linked = waylink("link", coop.agreement, *coop.folders, "--out", coop.run)
    assert linked.returncode == 0, linked.stderr
    released = waylink("pathways", coop.agreement, coop.run, *coop.folders, "--out", coop.release)
    assert released.returncode == 0, released.stderr
    return coop


@pytest.fixture
def coop_copy(released_coop: Coop, tmp_path: Path) -> Coop:
    """The released example in a folder of its own, to break."""
    shutil.copytree(released_coop.root, tmp_path / "coop")
    return Coop(tmp_path / "coop")
