"""Bad input: a clear message, the right exit status, and nothing half-written."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from schemas import Encodings, read_encodings, write_encodings
from schemas.digest import sha256_of_file
from tests.conftest import EXAMPLE, Coop, waylink

USAGE, DATA, NOT_ALLOWED = 2, 3, 4

GOOD_CLIENTS = (EXAMPLE / "school_clients.csv").read_text().splitlines(keepends=True)
HEADER, ROWS = GOOD_CLIENTS[0], GOOD_CLIENTS[1:]


def encode(tmp_path: Path, coop: Coop, clients: bytes, *more: str, member: str = "school"):
    file = tmp_path / "clients.csv"
    file.write_bytes(clients)
    services = EXAMPLE / "school_services.csv"
    who = ("--agreement", coop.agreement, "--member", member, "--secret", coop.secret)
    return waylink("encode", file, "--services", services, *who, *more, "--out", tmp_path / "out")


def refused(done, status: int, *words: str) -> None:
    assert done.returncode == status, done.stderr
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert "unexpected" not in done.stderr


LISTED = "out-problems.csv"
"""Where the faults that stop an encoding are listed: beside the folder that is not made."""


def nothing_written(folder: Path, *, but: tuple[str, ...] = ()) -> None:
    assert sorted(entry.name for entry in folder.iterdir()) == sorted(but)


@pytest.mark.parametrize(
    ("clients", "word"),
    [
        (b"", "empty"),
        (HEADER.encode(), "header"),
        (HEADER.replace("STUDENT_LAST", "x").encode() + "".join(ROWS[:50]).encode(), "last_name"),
        ((HEADER + "".join(ROWS[:20]) + "SC1,too,short\n" + ROWS[21]).encode(), "22"),
        ((HEADER + ROWS[0] + ROWS[0]).encode(), "E"),
        (b"\xff\xfe\x00garbage\x81", "UTF-8"),
    ],
    ids=["empty", "header only", "missing column", "ragged row", "client id twice", "not text"],
)
def test_a_broken_client_file_is_refused(tmp_path, encoded_coop, clients, word):
    refused(encode(tmp_path, encoded_coop, clients), DATA, word)
    nothing_written(tmp_path, but=("clients.csv", LISTED))


def test_a_column_of_the_wrong_kind_is_refused(tmp_path, encoded_coop):
    header = HEADER.replace("BIRTHDATE", "B").replace("STUDENT_LAST", "BIRTHDATE").replace("B,", "STUDENT_LAST,", 1)
    swapped = "".join([header, *ROWS[:100]])
    refused(encode(tmp_path, encoded_coop, swapped.encode()), DATA)
    nothing_written(tmp_path, but=("clients.csv", LISTED))


def test_a_byte_order_mark_does_no_harm(tmp_path, encoded_coop):
    done = encode(tmp_path, encoded_coop, b"\xef\xbb\xbf" + "".join(GOOD_CLIENTS).encode())
    assert done.returncode == 0, done.stderr


def test_strict_makes_a_bad_cell_an_error(tmp_path, encoded_coop):
    refused(encode(tmp_path, encoded_coop, "".join(GOOD_CLIENTS).encode(), "--strict"), DATA)
    nothing_written(tmp_path, but=("clients.csv", LISTED))


def test_a_member_that_the_agreement_does_not_name_is_not_allowed(tmp_path, encoded_coop):
    done = encode(tmp_path, encoded_coop, "".join(GOOD_CLIENTS).encode(), member="hospital")
    refused(done, NOT_ALLOWED, "hospital", "clinic, pantry, school, shelter, training")
    nothing_written(tmp_path, but=("clients.csv",))


def test_a_folder_that_is_there_is_not_overwritten(tmp_path, encoded_coop):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").write_text("mine")
    refused(encode(tmp_path, encoded_coop, "".join(GOOD_CLIENTS).encode()), USAGE, "nothing is overwritten")
    assert (tmp_path / "out" / "a").read_text() == "mine"


@pytest.mark.parametrize("missing", ["clients", "agreement", "secret"])
def test_a_file_that_is_not_there_is_named(tmp_path, encoded_coop, missing):
    files = {
        "clients": EXAMPLE / "school_clients.csv",
        "agreement": encoded_coop.agreement,
        "secret": encoded_coop.secret,
    }
    files[missing] = tmp_path / "nowhere"
    services = ("--services", EXAMPLE / "school_services.csv", "--member", "school", "--out", tmp_path / "out")
    done = waylink(
        "encode", files["clients"], "--agreement", files["agreement"], "--secret", files["secret"], *services
    )
    refused(done, USAGE, "nowhere")
    nothing_written(tmp_path)


def link(coop: Coop, tmp_path: Path, *folders: Path, agreement: Path | None = None):
    return waylink("link", agreement or coop.agreement, *(folders or coop.folders), "--out", tmp_path / "linked")


def changed_agreement(tmp_path: Path, old: str, new: str) -> Path:
    text = (EXAMPLE / "agreement.toml").read_text()
    assert old in text
    (tmp_path / "agreement.toml").write_text(text.replace(old, new))
    return tmp_path / "agreement.toml"


def test_encodings_of_another_agreement_are_not_allowed(coop_copy, tmp_path):
    other = changed_agreement(tmp_path, "2025-q1", "2025-q2")
    refused(link(coop_copy, tmp_path, agreement=other), NOT_ALLOWED, "another agreement")
    assert not (tmp_path / "linked").exists()


def test_an_agreement_with_a_wrong_value_names_its_line(coop_copy, tmp_path):
    other = changed_agreement(tmp_path, '"average"', '"best"')
    refused(link(coop_copy, tmp_path, agreement=other), DATA, "line 14", "clustering", '"average", "greedy"')


def test_members_with_different_secrets_are_told_apart(coop_copy, tmp_path):
    shutil.rmtree(coop_copy.member("school"))
    coop_copy.secret.unlink()
    assert waylink("secret", "new", coop_copy.secret).returncode == 0
    assert coop_copy.encode("school").returncode == 0
    refused(link(coop_copy, tmp_path), DATA, "secret", "school", "clinic, pantry, shelter, training")
    assert not (tmp_path / "linked").exists()


@pytest.mark.parametrize("file", ["encodings.safetensors", "services.safetensors"])
@pytest.mark.parametrize("harm", ["truncated", "altered", "gone"])
def test_a_harmed_file_is_noticed(coop_copy, tmp_path, file, harm):
    path = coop_copy.member("clinic") / file
    data = bytearray(path.read_bytes())
    if harm == "truncated":
        path.write_bytes(data[: len(data) // 2])
    elif harm == "altered":
        data[-1] ^= 1
        path.write_bytes(data)
    else:
        path.unlink()
    refused(link(coop_copy, tmp_path), USAGE if harm == "gone" else DATA, file)
    assert not (tmp_path / "linked").exists()


def test_an_altered_file_with_a_mended_receipt_is_noticed_too(coop_copy, tmp_path):
    folder = coop_copy.member("clinic")
    path = folder / "encodings.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    receipt = json.loads((folder / "receipt.json").read_text())
    receipt["files"]["encodings.safetensors"]["sha256"] = sha256_of_file(path)
    (folder / "receipt.json").write_text(json.dumps(receipt))
    refused(link(coop_copy, tmp_path), DATA, "altered")


def test_a_receipt_that_does_not_list_the_encodings_is_refused(coop_copy, tmp_path):
    path = coop_copy.member("clinic") / "receipt.json"
    receipt = json.loads(path.read_text())
    del receipt["files"]["encodings.safetensors"]
    path.write_text(json.dumps(receipt))
    refused(link(coop_copy, tmp_path), DATA, "does not list encodings.safetensors")


def test_the_same_folder_twice_is_refused(coop_copy, tmp_path):
    folder = coop_copy.member("clinic")
    refused(link(coop_copy, tmp_path, folder, folder), USAGE, "each once")


def test_one_member_alone_is_refused(coop_copy, tmp_path):
    refused(link(coop_copy, tmp_path, coop_copy.member("clinic")), USAGE, "two members")


def test_a_folder_that_is_no_members_folder_is_named(coop_copy, tmp_path):
    (tmp_path / "empty").mkdir()
    refused(link(coop_copy, tmp_path, tmp_path / "empty", coop_copy.member("clinic")), USAGE, "receipt.json")


def exchange_bits(folder: Path, bits: np.ndarray) -> None:
    """Give a member's records other CLKs, as a member with other people would have them."""
    path = folder / "encodings.safetensors"
    old = read_encodings(path)
    write_encodings(Encodings(bits, old.tokens, old.origin), path)
    receipt = json.loads((folder / "receipt.json").read_text())
    receipt["files"]["encodings.safetensors"]["sha256"] = sha256_of_file(path)
    (folder / "receipt.json").write_text(json.dumps(receipt))


def test_members_without_anyone_in_common_are_told_so(coop_copy, tmp_path):
    folder = coop_copy.member("school")
    old = read_encodings(folder / "encodings.safetensors").bits
    rng = np.random.default_rng(1)
    strangers = np.packbits(rng.random((len(old), 1024)) < 0.36, axis=1)
    exchange_bits(folder, strangers)
    refused(link(coop_copy, tmp_path, folder, coop_copy.member("clinic")), DATA, "no person was found at two members")
    assert not (tmp_path / "linked").exists()


def test_a_run_of_other_encodings_is_not_counted(coop_copy, tmp_path):
    shutil.rmtree(coop_copy.member("school"))
    assert coop_copy.encode("school").returncode == 0
    done = waylink("pathways", coop_copy.agreement, coop_copy.run, *coop_copy.folders, "--out", tmp_path / "release")
    refused(done, NOT_ALLOWED, "other encodings")
    assert not (tmp_path / "release").exists()


def test_an_altered_link_map_is_not_counted(coop_copy, tmp_path):
    path = coop_copy.run / "link_map" / "clinic.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    done = waylink("pathways", coop_copy.agreement, coop_copy.run, *coop_copy.folders, "--out", tmp_path / "release")
    refused(done, DATA, "clinic.csv")


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x")])
def test_what_the_linker_keeps_beside_link_maps_is_not_counted_when_altered_or_gone(coop_copy, tmp_path, harm):
    harm(coop_copy.run / "detail.safetensors")
    done = waylink("pathways", coop_copy.agreement, coop_copy.run, *coop_copy.folders, "--out", tmp_path / "release")
    refused(done, DATA, "detail.safetensors", "link again")


def test_a_folder_that_is_no_run_is_named(coop_copy, tmp_path):
    done = waylink("pathways", coop_copy.agreement, tmp_path, *coop_copy.folders, "--out", tmp_path / "release")
    refused(done, USAGE, "run.json")


def test_a_folder_given_twice_is_not_counted(coop_copy, tmp_path):
    folders = [coop_copy.member("clinic"), *coop_copy.folders]
    done = waylink("pathways", coop_copy.agreement, coop_copy.run, *folders, "--out", tmp_path / "release")
    refused(done, NOT_ALLOWED, "other encodings")


def test_a_run_is_scored_with_all_its_members(coop_copy):
    done = waylink("score", EXAMPLE / "truth.csv", coop_copy.run, *coop_copy.folders[1:])
    refused(done, USAGE, "it linked clinic, pantry", "the folders given are of pantry")


def test_an_output_that_cannot_be_written_is_a_usage_error(coop_copy, tmp_path):
    (tmp_path / "file").write_text("no folder")
    words = ("link", coop_copy.agreement, *coop_copy.folders[:2], "--out", tmp_path / "file" / "run")
    refused(waylink(*words), USAGE, "cannot be written")


def test_errors_are_json_where_json_was_asked_for(coop_copy, tmp_path):
    done = waylink("link", coop_copy.agreement, coop_copy.member("clinic"), "--out", tmp_path / "x", "--json")
    assert done.returncode == USAGE
    assert json.loads(done.stdout)["error"] == "BadInput"


def test_a_command_called_wrongly_is_a_usage_error():
    assert waylink("link").returncode == USAGE
    assert waylink("lnik").returncode == USAGE
