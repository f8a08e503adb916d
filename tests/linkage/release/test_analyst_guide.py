"""The analyst's guide: its example release is as it would be made now, and its answers are what its code prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from schemas.tables import Status
from tests.linkage.release.make_example import FOLDER, example_files

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "guides" / "analyst.md").read_text("utf-8")
DBT = ROOT / "examples" / "dbt"


def block(language: str) -> tuple[str, str]:
    """The guide's code in a language, and what it says that it prints."""
    found = re.search(rf"```{language}\n(.*?)```\n+```text\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    return found[1], found[2].strip()


def test_the_example_release_is_as_it_would_be_made_now() -> None:
    made = example_files()
    assert {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*")} == set(made)
    for name, data in made.items():
        if not name.startswith(("tables/", "charts/")):  # the others say by which agreement and waylink it was made
            continue
        assert (FOLDER / name).read_bytes() == data, "python -m tests.linkage.release.make_example"


def test_the_answer_in_pandas() -> None:
    code, answer = block("python")
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ran.stdout.strip(), ran.stderr) == (answer, "")


def test_the_answer_in_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    code, answer = block("sql")
    monkeypatch.chdir(ROOT)
    with duckdb.connect() as database:
        assert " ".join(map(str, database.execute(code).fetchone() or ())) == answer


def test_the_answer_in_r() -> None:
    if shutil.which("Rscript") is None and os.environ.get("CI") != "true":
        pytest.skip("R is not installed")
    code, answer = block("r")
    ran = subprocess.run(["Rscript", "--vanilla", "-e", code], cwd=ROOT, capture_output=True, text=True)
    assert (ran.stdout.strip(), ran.returncode) == (answer, 0), ran.stderr


@pytest.mark.parametrize("status", Status)
def test_every_status_is_explained(status: Status) -> None:
    assert f"`{status}`" in GUIDE


def test_dbt_s_sources_are_tables_of_the_release_with_their_columns() -> None:
    (source,) = yaml.safe_load((DBT / "models" / "sources.yml").read_text("utf-8"))["sources"]
    for table in source["tables"]:
        header = (FOLDER / "tables" / f"{table['name']}.csv").read_text("utf-8").splitlines()[0].split(",")
        assert {column["name"] for column in table["columns"]} <= set(header)
        accepted = [
            test["accepted_values"]["arguments"]["values"]
            for column in table["columns"]
            for test in column["data_tests"]
            if isinstance(test, dict)
        ]
        assert accepted == [[status.value for status in (*_WITH, *_WITHOUT)]]


_WITH = (Status.OK, Status.ROUNDED, Status.NOISED)
_WITHOUT = (Status.SUPPRESSED, Status.NOT_APPLICABLE, Status.NOT_APPROVED)


def test_dbt_builds_the_model(tmp_path: Path) -> None:
    """Runs where dbt is installed; its pins contradict ours, so it is in no group of pyproject.toml."""
    dbt = os.environ.get("WAYLINK_DBT") or shutil.which("dbt")
    if dbt is None:
        pytest.skip("dbt is not installed; WAYLINK_DBT names it")
    shutil.copytree(DBT, tmp_path / "dbt")
    places = {"WAYLINK_RELEASE": str(FOLDER), "WAYLINK_DBT_DATABASE": str(tmp_path / "out.duckdb")}
    ran = subprocess.run(
        [dbt, "build", "--profiles-dir", "."],
        cwd=tmp_path / "dbt",
        capture_output=True,
        text=True,
        env=os.environ | places | {"DO_NOT_TRACK": "1"},
    )
    assert ran.returncode == 0, ran.stdout
    with duckdb.connect(tmp_path / "out.duckdb", read_only=True) as database:
        assert database.execute("select * from shelter_first").fetchone() == (880, 124, 0)
