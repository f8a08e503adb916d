"""Releases by command, against a server of the contract: nothing is kept that is not what its manifest says."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.accounts import Role, new_token
from tests.waylink.remote.contract_server import (
    PROJECT,
    RELEASE,
    RUN,
    ContractServer,
    manifest_of,
    manifest_sha256,
    release_body,
    zip_of,
)
from tests.waylink.remote.serving import Terminal, served

FILES = {
    "tables/set_pathway.csv": b"a,b\r\n1,2\r\n",
    "report.html": b"<p>report</p>",
    "charts/set_pathway.svg": b"<svg/>",
}


@pytest.fixture
def contract() -> ContractServer:
    archive = zip_of(FILES)
    return ContractServer(archive=archive, release=release_body(manifest_sha256=manifest_sha256(archive)))


@pytest.fixture
def waylink(monkeypatch, capsys, contract, tmp_path) -> Iterator[Terminal]:
    (tmp_path / "clinic").write_text(new_token(Role.STEWARD, lambda n: b"\x01" * n).reveal())
    (tmp_path / "clinic").chmod(0o600)
    with served(contract.app()) as address:
        yield Terminal(monkeypatch, capsys, address, tmp_path)


def gives(contract: ContractServer, archive: bytes) -> None:
    contract.archive = archive
    contract.release = release_body(manifest_sha256=manifest_sha256(archive))


def found_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_is_downloaded_whole(waylink, tmp_path):
    out = tmp_path / "release"
    said = waylink("clinic", "release", "download", RELEASE, "--out", out, "--json").data
    assert {name: data for name, data in found_in(out).items() if name != "manifest.json"} == FILES
    assert said["files"] == sorted([*FILES, "manifest.json"])
    assert said["report"] == str(out / "report.html")


def test_a_release_that_waylink_itself_wrote_is_taken(waylink, contract, released_coop, tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in found_in(released_coop.release).items():
            archive.writestr(name, content)
    gives(contract, data.getvalue())
    assert waylink("clinic", "release", "download", RELEASE, "--out", tmp_path / "out").status == 0
    assert found_in(tmp_path / "out") == found_in(released_coop.release)


def named(name: str) -> bytes:
    return zip_of(FILES | {name: b"evil"})


def with_manifest(**changes: object) -> bytes:
    return zip_of(FILES, manifest_of(FILES) | changes)


def twice() -> bytes:
    data = io.BytesIO(zip_of(FILES))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(data, "a") as archive:
        archive.writestr("report.html", b"another")
    return data.getvalue()


def encrypted() -> bytes:
    data = bytearray(zip_of({"report.html": FILES["report.html"]}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def other_method() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("manifest.json", json.dumps(manifest_of({})))
    return data.getvalue()


HOSTILE = {
    "a name that leads up": lambda: named("../evil.txt"),
    "a name that leads up further in": lambda: named("tables/../../evil.txt"),
    "a name from the root": lambda: named("/evil.txt"),
    "a drive": lambda: named("C:evil.txt"),
    "a backslash": lambda: named("..\\evil.txt"),
    "a hidden name": lambda: named(".evil"),
    "a folder": lambda: named("tables/"),
    "a name with an end in it": lambda: named("evil\x00.txt"),
    "the same name in capitals": lambda: named("REPORT.html"),
    "a name twice": twice,
    "encrypted": encrypted,
    "a changed file": lambda: zip_of(FILES | {"report.html": b"<p>repOrt</p>"}, manifest_of(FILES)),
    "a longer file": lambda: zip_of(FILES | {"report.html": b"<p>report</p>\n"}, manifest_of(FILES)),
    "a missing file": lambda: zip_of({"report.html": FILES["report.html"]}, manifest_of(FILES)),
    "an extra file": lambda: zip_of(FILES | {"extra.txt": b"x"}, manifest_of(FILES)),
    "another format": lambda: with_manifest(format="other"),
    "an unknown key": lambda: with_manifest(more=1),
    "a manifest that lists itself": lambda: with_manifest(
        files=manifest_of(FILES)["files"] | {"manifest.json": {"sha256": "0" * 64, "bytes": 3}}
    ),
    "a file under another method": other_method,
}


@pytest.mark.parametrize("fault", HOSTILE)
@pytest.mark.parametrize("command", [("download",), ("review", "--approve", "--yes")])
def test_an_archive_that_is_not_what_its_manifest_says_leaves_nothing(waylink, contract, tmp_path, fault, command):
    before = found_in(tmp_path)
    gives(contract, HOSTILE[fault]())
    said = waylink("clinic", "release", command[0], RELEASE, "--out", tmp_path / "out", *command[1:])
    assert said.status == 3, said.err
    assert found_in(tmp_path) == before
    assert contract.asked == []


@pytest.mark.parametrize("archive", [b"", b"PK", b"no zip at all", zip_of(FILES)[:-30]])
def test_bytes_that_are_no_zip_leave_nothing(waylink, contract, tmp_path, archive):
    contract.archive = archive
    assert waylink("clinic", "release", "download", RELEASE, "--out", tmp_path / "out").status == 3
    assert not (tmp_path / "out").exists()


def test_an_archive_without_a_manifest_leaves_nothing(waylink, contract, tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("report.html", "x")
    contract.archive = data.getvalue()
    said = waylink("clinic", "release", "download", RELEASE, "--out", tmp_path / "out")
    assert said.status == 3
    assert "no manifest" in said.err


def test_more_than_any_release_has_is_not_unpacked(waylink, contract, tmp_path, monkeypatch):
    monkeypatch.setattr("waylink.remote.release_archive.MOST_BYTES", 10_000)
    gives(contract, zip_of({"report.html": bytes(1_000_000)}))
    said = waylink("clinic", "release", "download", RELEASE, "--out", tmp_path / "out")
    assert said.status == 3
    assert "larger than any release" in said.err


@pytest.mark.parametrize("digest", ["sha-256=:AAAA:", "md5=:AAAA:"])
def test_an_archive_that_did_not_arrive_as_it_was_sent_is_refused(waylink, contract, tmp_path, digest):
    contract.digest = digest
    said = waylink("clinic", "release", "download", RELEASE, "--out", tmp_path / "out")
    assert said.status == 3
    assert "did not arrive whole" in said.err


def test_another_manifest_than_the_reviewers_are_shown_is_refused(waylink, contract, tmp_path):
    contract.release = release_body(manifest_sha256="0" * 64)
    assert waylink("clinic", "release", "review", RELEASE, "--out", tmp_path / "out", "--approve", "--yes").status == 3
    assert contract.asked == []


def test_nothing_is_downloaded_over_something_else(waylink, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("mine")
    assert waylink("clinic", "release", "download", RELEASE, "--out", out).status == 2
    assert waylink("clinic", "release", "review", RELEASE, "--out", out, "--approve", "--yes").status == 2
    assert found_in(out) == {"mine": b"mine"}


def test_who_looked_first_votes_on_what_is_there_already(waylink, contract, tmp_path):
    out = tmp_path / "out"
    looked = waylink("clinic", "release", "review", RELEASE, "--out", out)
    assert looked.status == 0
    assert str(out / "report.html") in looked.out
    assert contract.asked == []
    assert waylink("clinic", "release", "review", RELEASE, "--out", out, "--decline", "--yes").status == 0
    own = manifest_sha256(contract.archive)
    assert contract.asked == [("POST", f"releases/{RELEASE}/reviews", {"manifest_sha256": own, "vote": "decline"})]


def test_a_vote_needs_a_yes(waylink, contract, tmp_path):
    assert waylink("clinic", "release", "review", RELEASE, "--out", tmp_path / "out", "--approve").status == 2
    assert contract.asked == []


def test_a_vote_is_one_way(waylink, contract):
    assert waylink("clinic", "release", "review", RELEASE, "--approve", "--decline", "--yes").status == 2
    assert contract.asked == []


def test_a_review_without_a_named_folder_goes_to_one_of_the_releases_name(waylink, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    looked = waylink("clinic", "release", "review", RELEASE, "--json").data
    assert looked["vote"] is None
    assert (tmp_path / looked["out"] / "report.html").is_file()


def test_a_release_is_proposed_for_the_readers_that_are_named(waylink, contract):
    waylink("clinic", "release", "propose", PROJECT, RUN, "--reader", "ann", "--reader", "bob")
    assert contract.asked == [("POST", f"projects/{PROJECT}/releases", {"run": RUN, "readers": ["ann", "bob"]})]


def test_a_release_of_some_of_the_tables_is_proposed(waylink, contract):
    waylink("clinic", "release", "propose", PROJECT, RUN, "--table", "unduplicated, set_pathway", "--tables", "lag")
    tables = ["unduplicated", "set_pathway", "lag"]
    assert contract.asked == [("POST", f"projects/{PROJECT}/releases", {"run": RUN, "readers": [], "tables": tables})]


@pytest.mark.parametrize("verb", ["publish", "withdraw"])
def test_publishing_and_withdrawing_ask_for_just_that(waylink, contract, verb):
    assert waylink("clinic", "release", verb, RELEASE).status == 0
    assert contract.asked == [("POST", f"releases/{RELEASE}/{verb}", None)]


def test_votes_are_shown_when_the_server_shows_them(waylink, contract):
    assert "votes" not in waylink("clinic", "release", "show", RELEASE).out
    contract.release = release_body(votes={"clinic": "approve", "clients": "decline"}, reviews_cast=3)
    assert "clients (decline), clinic (approve)" in waylink("clinic", "release", "show", RELEASE).out


def test_the_list_shows_how_many_have_reviewed(waylink):
    said = waylink("clinic", "release", "list")
    assert RELEASE in said.out
    assert "0 of 3" in said.out
