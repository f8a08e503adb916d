"""`waylink pathways --earlier`: a second release of a project that cannot be subtracted from the first."""

import csv
import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from schemas.digest import sha256_of_file
from tests.conftest import EXAMPLE, waylink

MINIMUM = 11


@pytest.fixture(scope="module")
def sets_only(released_coop, tmp_path_factory) -> Path:
    """A first release, of one table, as the zip archive that a server gives."""
    folder = tmp_path_factory.mktemp("first") / "sets"
    done = pathways(released_coop, folder, "--table", "set_pathway")
    assert done.returncode == 0, done.stderr
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as packed:
        for path in folder.rglob("*"):
            if path.is_file():
                packed.write(path, path.relative_to(folder).as_posix())
    return archive


def pathways(coop, out, *more, agreement=None):
    return waylink("pathways", agreement or coop.agreement, coop.run, *coop.folders, "--out", out, *more)


def people(folder: Path, table: str, key: str) -> dict[str, int]:
    with (folder / "tables" / f"{table}.csv").open(newline="") as file:
        return {row[key]: int(row["people"]) for row in csv.DictReader(file) if row["people"]}


def small_remainders(sets: dict[str, int], orders: dict[str, int]) -> list[str]:
    """The sets of which a few people are left when their shown orders are taken away."""
    named = Counter[str]()
    for pathway, number in orders.items():
        named["+".join(sorted(set(pathway.replace(">", "+").split("+"))))] += number
    return [one for one, number in sets.items() if named[one] > 0 and 0 < number - named[one] < MINIMUM]


def test_orders_cannot_be_subtracted_from_the_sets_of_an_earlier_release(released_coop, sets_only, tmp_path):
    forgetful, heedful = tmp_path / "forgetful", tmp_path / "heedful"
    assert pathways(released_coop, forgetful, "--table", "ordered_pathway").returncode == 0
    done = pathways(released_coop, heedful, "--tables", "ordered_pathway", "--earlier", sets_only)
    assert done.returncode == 0, done.stderr
    sets = people(sets_only.with_suffix(""), "set_pathway", "states")
    assert small_remainders(sets, people(forgetful, "ordered_pathway", "pathway"))
    assert not small_remainders(sets, people(heedful, "ordered_pathway", "pathway"))
    forgetful, heedful = (json.loads((folder / "manifest.json").read_text()) for folder in (forgetful, heedful))
    assert heedful["facts"]["earlier_releases"] == [sha256_of_file(sets_only.with_suffix("") / "manifest.json")]
    assert [table["name"] for table in heedful["tables"]] == ["ordered_pathway"]
    assert any("earlier releases" in sentence for sentence in heedful["checked"])
    assert any("none was given" in sentence for sentence in forgetful["not_checked"])


def test_an_earlier_release_of_another_project_is_not_taken(released_coop, sets_only, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text((EXAMPLE / "agreement.toml").read_text().replace("Coop pathways, example", "Another co-op"))
    refused = pathways(released_coop, tmp_path / "out", "--earlier", sets_only, agreement=other)
    assert refused.returncode == 4
    assert "is a release of project 'Coop pathways, example', not of 'Another co-op'" in refused.stderr


def test_what_is_no_release_or_was_altered_is_not_taken(coop_copy, tmp_path):
    nothing = tmp_path / "nothing.zip"
    nothing.write_text("no zip")
    (coop_copy.release / "tables" / "set_pathway.csv").write_text("people\n")
    for given, said in ((nothing, "is no zip archive"), (coop_copy.release, "not as its manifest says")):
        refused = pathways(coop_copy, tmp_path / "out", "--earlier", given)
        assert refused.returncode == 3
        assert said in refused.stderr
    assert not (tmp_path / "out").exists()


def test_a_table_that_the_agreement_does_not_allow_is_not_released(released_coop, tmp_path):
    refused = pathways(released_coop, tmp_path / "out", "--table", "dwell")
    assert refused.returncode == 4
    assert "does not allow table dwell" in refused.stderr
