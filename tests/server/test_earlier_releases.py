"""What earlier releases of a project told is part of the check of a new one, whatever became of them."""

import csv
import io
import json

import pytest

from schemas.digest import sha256_of
from server.actions import projects, releases
from server.domain.errors import Refused
from server.store.releases import release_blob, told_blob
from tests.server.linked import SETS, count_all, link_by_hand, take_back
from tests.server.test_execute_count import Counting, unpack

FEW = 8
"""As many people are left of those at the clinic only."""


class Story(Counting):
    """Releases of one project, of chosen tables."""

    def release(self, *tables: str) -> str:
        actor = self.coop.actors["shelter"]
        view = releases.propose_release(self.desk, actor, self.project, self.run, tables=tables)
        count_all(self.coop)
        return view.release.id

    def people_in(self, release: str, table: str) -> dict[str, int | None]:
        rows = csv.DictReader(io.StringIO(self.files(release)[f"tables/{table}.csv"].decode(), newline=""))
        return {next(iter(row.values())): int(row["people"]) if row["people"] else None for row in rows}

    def manifest(self, release: str) -> dict:
        return json.loads(self.files(release)["manifest.json"])

    def few_at_the_clinic(self) -> None:
        take_back(self.desk, self.project, "clinic", self.tokens["clinic"][: SETS["clinic",] - FEW])


@pytest.fixture
def story(sqlite_coop) -> Story:
    return Story(sqlite_coop)


def test_tables_that_are_released_one_by_one_cannot_be_put_together(story):
    story.few_at_the_clinic()
    sets = story.people_in(story.release("set_pathway"), "set_pathway")
    people = story.people_in(story.release("unduplicated"), "unduplicated")
    assert sets["clinic"] is None
    assert people["all members"] is None  # less the sets that are shown it would tell of the others


@pytest.mark.parametrize("end", ["withdrawn", "lost"])
def test_a_release_that_was_withdrawn_is_not_forgotten_but_one_that_is_lost_is_said_to_be(story, end):
    story.few_at_the_clinic()
    first = story.release("set_pathway")
    named = sha256_of(story.files(first)["manifest.json"])
    releases.withdraw_release(story.desk, story.coop.actors["shelter"], first)
    assert not story.desk.blobs.has_key(release_blob(first))
    if end == "lost":
        story.desk.blobs.destroy_key(told_blob(first))
    second = story.release("unduplicated")
    shown, manifest = story.people_in(second, "unduplicated"), story.manifest(second)
    assert (shown["all members"] is None) == (end == "withdrawn")
    assert manifest["facts"]["earlier_releases"] == ([named] if end == "withdrawn" else [])
    assert any("restored from a backup: 1" in one for one in manifest["not_checked"]) == (end == "lost")


def test_a_withdrawal_of_three_people_between_two_runs_does_not_show(story):
    before = story.people_in(story.release(), "set_pathway")
    both = story.tokens["clinic"][SETS["clinic",] : SETS["clinic",] + 3]  # at clinic and school; the school keeps them
    take_back(story.desk, story.project, "clinic", both)
    view = projects.show_project(story.desk, story.coop.actors["shelter"], story.project)
    story.run, _ = link_by_hand(story.coop, view.agreement, story.project)
    second = story.release()
    now = story.people_in(second, "set_pathway")
    assert {one for one in before if now[one] is None} >= {"school", "clinic+school"}
    assert all(now[one] in (None, people) for one, people in before.items())
    assert story.people_in(second, "unduplicated")["clinic"] is None


def test_what_was_told_goes_with_the_project(story):
    first = story.release("set_pathway")
    assert story.desk.blobs.has_key(told_blob(first))
    projects.close_project(story.desk, story.coop.actors["shelter"], story.project)
    assert not story.desk.blobs.has_key(told_blob(first))


def test_a_release_of_some_tables_has_those_and_no_other(story):
    release = story.release("unduplicated")
    files = unpack(story.archive(release))
    assert [name for name in files if name.endswith(".csv")] == ["tables/unduplicated.csv"]
    assert story.show(release).release.tables == ["unduplicated"]
    assert story.manifest(release)["parameters"]["tables"] == ["unduplicated"]


def test_a_table_that_the_agreement_does_not_allow_is_refused(story):
    with pytest.raises(Refused, match="does not allow table dwell") as refused:
        story.release("unduplicated", "dwell")
    assert refused.value.rule == "agreed-tables"
