"""Counting in the worker: known people give known tables, and who is gone is not counted."""

import io
import json
import zipfile
from functools import partial
from pathlib import Path

import pytest

from schemas import load_agreement
from schemas.digest import sha256_of
from server.actions import accounts, projects, releases, runs
from server.domain.accounts import LOCAL_OPERATOR, Role, SeatKind
from server.domain.errors import Refused
from server.domain.uploads import Part
from server.domain.votes import Vote
from server.store.audit import count_events, events_up_to
from server.store.runs import RunRow, links_blob
from server.store.uploads import UploadRow, blob_of
from tests.conftest import EXAMPLE, MEMBERS
from tests.server.conftest import AGREEMENT
from tests.server.linked import SETS, count_all, keep_linked, link_by_hand, take_back

ALL_TABLES = AGREEMENT.replace(
    '["set_pathway", "unduplicated"]',
    '["unduplicated", "set_pathway", "overlap_pairs", "ordered_pathway", "coverage_estimate"]',
)


class Counting:
    """A linked project, its release counted, and the archive opened."""

    def __init__(self, coop, toml: str = AGREEMENT) -> None:
        self.coop, self.desk = coop, coop.desk
        view = coop.approved(toml)
        self.project = view.project.id
        self.run, self.tokens = link_by_hand(coop, view.agreement, self.project)

    def propose(self) -> str:
        actor = self.coop.actors["shelter"]
        return releases.propose_release(self.desk, actor, self.project, self.run).release.id

    def count(self) -> str:
        release = self.propose()
        count_all(self.coop)
        return release

    def show(self, release: str) -> releases.ReleaseView:
        return releases.show_release(self.desk, self.coop.actors["shelter"], release)

    def archive(self, release: str) -> bytes:
        return releases.read_archive(self.desk, self.coop.actors["shelter"], release)[0]

    def files(self, release: str) -> dict[str, bytes]:
        return unpack(self.archive(release))

    def people(self, release: str) -> dict[str, str]:
        """The set_pathway table's people by set, as text."""
        lines = self.files(release)["tables/set_pathway.csv"].decode().splitlines()[1:]
        return {line.split(",")[0]: line.split(",")[1] for line in lines}

    def count_run(self, release: str) -> RunRow:
        return runs.show_run(self.desk, self.coop.actors["shelter"], self.show(release).release.count_run)

    def upload(self, member: str) -> str:
        with self.desk.reading() as session:
            return session.get_one(RunRow, self.run).uploads[member]

    def set_upload(self, member: str, **values: object) -> None:
        with self.desk.database.writing() as session:
            for name, value in values.items():
                setattr(session.get_one(UploadRow, self.upload(member)), name, value)

    def leave(self, seat: str) -> None:
        projects.leave_project(self.desk, self.coop.actors[seat], self.project)

    def actions(self) -> list[str]:
        with self.desk.reading() as session:
            return [event.action for event in events_up_to(session, count_events(session))]


def unpack(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        assert zipped.testzip() is None
        return {name: zipped.read(name) for name in zipped.namelist()}


def as_table(sets: dict[tuple[str, ...], int]) -> dict[str, str]:
    return {"+".join(sorted(members)): str(people) for members, people in sets.items()}


@pytest.fixture
def counting(coop) -> Counting:
    return Counting(coop)


@pytest.fixture
def on_sqlite(sqlite_coop) -> Counting:
    return Counting(sqlite_coop)


def test_known_people_give_the_known_table(counting):
    release = counting.count()
    assert counting.people(release) == as_table(SETS)
    assert counting.count_run(release).state == "done"
    assert counting.count_run(release).result == {"tables": ["unduplicated", "set_pathway"]}
    assert counting.actions()[-2:] == ["release.counted", "run.done"]


def test_the_manifest_proves_every_file_and_says_what_was_counted(on_sqlite):
    release = on_sqlite.count()
    files, row = on_sqlite.files(release), on_sqlite.show(release).release
    manifest = json.loads(files.pop("manifest.json"))
    assert {name: (one["sha256"], one["bytes"]) for name, one in manifest["files"].items()} == {
        name: (sha256_of(data), len(data)) for name, data in files.items()
    }
    assert manifest["facts"].pop("waylink_version")
    assert len(manifest["facts"].pop("people_digest")) == 64
    assert manifest["facts"] == {
        "run_digest": sha256_of(on_sqlite.run.encode()),
        "threshold": 0.7,
        "links": None,
        "members_counted": ["clinic", "school", "shelter"],
        "earlier_releases": [],
    }
    seats = ("clients", "clinic", "school", "shelter")
    assert manifest["approvals"] == [{"seat": seat, "of": "agreement", "vote": "approve"} for seat in seats]
    assert [(one["name"], one["as_of"]) for one in manifest["members"]] == [
        (member, "2026-11-23") for member in ("clinic", "school", "shelter")
    ]
    assert (manifest["warnings"], manifest["agreement"]["digest"]) == (
        [],
        on_sqlite.count_run(release).agreement_digest,
    )
    assert row.manifest_sha256 == sha256_of(on_sqlite.files(release)["manifest.json"])
    assert row.archive_sha256 == sha256_of(on_sqlite.archive(release))


def test_the_archive_says_neither_the_runs_id_nor_a_token(on_sqlite):
    release = on_sqlite.count()
    archive = on_sqlite.archive(release)
    assert on_sqlite.run.encode() not in archive
    for tokens in on_sqlite.tokens.values():
        for token in tokens:
            assert token.tobytes() not in archive
            assert token.tobytes().hex().encode() not in archive


def test_counting_twice_gives_the_same_numbers_and_the_second_names_the_first(on_sqlite):
    first, second = (on_sqlite.files(on_sqlite.count()) for _ in range(2))
    assert {name: data for name, data in first.items() if name.startswith(("tables/", "charts/"))} == {
        name: data for name, data in second.items() if name.startswith(("tables/", "charts/"))
    }
    assert json.loads(second["manifest.json"])["facts"]["earlier_releases"] == [sha256_of(first["manifest.json"])]


def test_every_table_of_the_agreement_is_there_and_no_other(sqlite_coop):
    counting = Counting(sqlite_coop, ALL_TABLES)
    release = counting.count()
    tables = {name for name in counting.files(release) if name.startswith("tables/") and name.endswith(".csv")}
    assert tables == {f"tables/{name}.csv" for name in counting.show(release).release.tables}
    assert len(tables) == 5
    again = counting.files(counting.count())  # made of what is counted, so nothing that an earlier release holds back
    assert "tables/coverage_estimate.csv" in again


def test_an_estimate_is_not_released_without_the_table_that_it_is_made_of(sqlite_coop):
    counting = Counting(sqlite_coop, ALL_TABLES)
    propose = partial(releases.propose_release, counting.desk, counting.coop.actors["shelter"])
    with pytest.raises(Refused, match="made of overlap_pairs"):
        propose(counting.project, counting.run, tables=["unduplicated", "coverage_estimate"])


def test_nothing_of_a_release_lies_on_disk_in_clear(on_sqlite, tmp_path):
    files = on_sqlite.files(on_sqlite.count())
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    for data in files.values():
        assert not [1 for there in written if data[:64] in there or data[-64:] in there]


# --- who is not counted ---


def test_withdrawn_records_are_not_counted(counting):
    clinic_only = counting.tokens["clinic"][: SETS["clinic",]]
    take_back(counting.desk, counting.project, "clinic", clinic_only[:5])
    assert counting.people(counting.count()) == as_table(SETS | {("clinic",): SETS["clinic",] - 5})


def test_a_record_withdrawn_at_one_member_stays_counted_at_another(on_sqlite):
    both = on_sqlite.tokens["clinic"][SETS["clinic",] : SETS["clinic",] + 4]  # at clinic and school
    take_back(on_sqlite.desk, on_sqlite.project, "clinic", both)
    expected = SETS | {("clinic", "school"): SETS["clinic", "school"] - 4, ("school",): SETS["school",] + 4}
    assert on_sqlite.people(on_sqlite.count()) == as_table(expected)


WITHOUT_CLINIC = {
    ("school",): SETS["school",] + SETS["clinic", "school"],
    ("shelter",): SETS["shelter",] + SETS["clinic", "shelter"],
    ("school", "shelter"): SETS["school", "shelter"] + SETS["clinic", "school", "shelter"],
}


def test_a_member_that_left_is_not_counted_and_the_manifest_says_so(counting):
    counting.leave("clinic")
    release = counting.count()
    assert counting.people(release) == as_table(WITHOUT_CLINIC)
    manifest = json.loads(counting.files(release)["manifest.json"])
    assert manifest["warnings"] == ["clinic has left the project and is not counted"]
    assert manifest["facts"]["members_counted"] == ["school", "shelter"]


def test_a_member_that_left_is_not_counted_even_while_its_services_are_there(on_sqlite):
    on_sqlite.leave("clinic")
    on_sqlite.set_upload("clinic", keep_services=True)
    assert on_sqlite.people(on_sqlite.count()) == as_table(WITHOUT_CLINIC)


def test_a_member_that_took_its_data_back_is_not_counted_and_the_manifest_says_so(on_sqlite):
    on_sqlite.set_upload("clinic", keep_services=False)
    release = on_sqlite.count()
    assert on_sqlite.people(release) == as_table(WITHOUT_CLINIC)
    manifest = json.loads(on_sqlite.files(release)["manifest.json"])
    assert manifest["warnings"] == ["clinic took its data back and is not counted"]


def test_a_member_that_was_left_out_of_the_run_is_named(on_sqlite):
    with on_sqlite.desk.database.writing() as session:
        run = session.get_one(RunRow, on_sqlite.run)
        run.uploads = {member: upload for member, upload in run.uploads.items() if member != "clinic"}
    manifest = json.loads(on_sqlite.files(on_sqlite.count())["manifest.json"])
    assert manifest["warnings"] == ["clinic delivered nothing and is not counted"]


# --- what cannot be counted ---


def failed(counting, release: str) -> dict:
    """The error of a count that failed, which took its release with it."""
    assert counting.show(release).release.state == "withdrawn"
    assert counting.actions()[-2:] == ["run.failed", "release.withdrawn"]
    run = counting.count_run(release)
    assert run.state == "failed"
    return run.error


def test_fewer_than_two_members_are_not_counted(counting):
    release = counting.propose()
    counting.set_upload("clinic", keep_services=False), counting.set_upload("school", keep_services=False)
    count_all(counting.coop)
    assert "fewer than two members" in failed(counting, release)["what"]


def test_link_maps_that_are_gone_are_said_to_be_gone(counting):
    counting.desk.blobs.destroy_key(links_blob(counting.run))
    error = failed(counting, counting.count())
    assert error["what"] == "the link maps of that run are deleted"
    assert error["fix"].startswith("link again")


def test_services_whose_key_is_gone_fail_the_count_and_are_not_left_out_silently(on_sqlite):
    on_sqlite.desk.blobs.destroy_key(blob_of(on_sqlite.upload("clinic"), Part.SERVICES))
    assert "key" in failed(on_sqlite, on_sqlite.count())["where"]


def test_a_set_of_few_people_is_suppressed(on_sqlite):
    rows = on_sqlite.tokens["clinic"][: SETS["clinic",] - 8]  # eight are left of those at the clinic only
    take_back(on_sqlite.desk, on_sqlite.project, "clinic", rows)
    release = on_sqlite.count()
    assert "clinic,8," not in on_sqlite.files(release)["tables/set_pathway.csv"].decode()
    assert on_sqlite.people(release).get("clinic", "") == ""


def test_a_count_after_one_that_was_stopped_before_its_end_was_said_seals_it_again(on_sqlite, monkeypatch):
    release = on_sqlite.propose()
    with monkeypatch.context() as stopped:
        stopped.setattr("server.worker.work.finish_run", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            count_all(on_sqlite.coop)
    assert not on_sqlite.show(release).ready
    on_sqlite.coop.desk.clock.wait(minutes=2)  # the lease of the worker that was stopped is over
    count_all(on_sqlite.coop)
    assert on_sqlite.show(release).ready
    assert on_sqlite.people(release) == as_table(SETS)


# --- a real co-op ---


def test_the_example_co_op_is_counted_as_by_the_commands_on_files(sqlite_coop, released_coop):
    coop, desk = sqlite_coop, sqlite_coop.desk
    accounts.create_seat(desk, LOCAL_OPERATOR, "training", SeatKind.MEMBER)
    coop.add("training", Role.STEWARD, "training")
    view = coop.propose((EXAMPLE / "agreement.toml").read_text())
    for seat in view.waiting_for:
        projects.vote_on_project(desk, coop.actors[seat], view.project.id, view.agreement.digest, Vote.APPROVE)
    assert view.agreement.digest == load_agreement(released_coop.agreement).digest
    maps, services = read_linked(released_coop)
    from linkage.link_detail import read_detail

    detail = read_detail(released_coop.run / "detail.safetensors", {name: one.tokens for name, one in maps.items()})
    links = json.loads((released_coop.run / "run.json").read_text())["links"]
    run = keep_linked(desk, view.agreement, view.project.id, maps, services, detail=detail, links=links)
    release = releases.propose_release(desk, coop.actors["shelter"], view.project.id, run).release.id
    count_all(coop)
    files = unpack(releases.read_archive(desk, coop.actors["clinic"], release)[0])
    by_commands = {f"tables/{path.name}": path.read_bytes() for path in (released_coop.release / "tables").iterdir()}
    assert {name: data for name, data in files.items() if name.startswith("tables/")} == by_commands
    assert {name for name in by_commands if name.endswith(".csv")} == {
        f"tables/{name}.csv" for name in view.agreement.tables
    }


def read_linked(coop) -> tuple[dict, dict]:
    """Each member's link map and services file, as the commands wrote them."""
    from linkage.link_map import read_link_map

    maps = {member: read_link_map(coop.run / "link_map" / f"{member}.csv") for member in MEMBERS}
    return maps, {member: (Path(coop.member(member)) / "services.safetensors").read_bytes() for member in MEMBERS}
