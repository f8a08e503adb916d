"""The pipeline: what a member's folder holds, what it never holds, and when there is none."""

import csv
import json
import re
import stat
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from encoder import encode_table
from encoder.encode import encode_clients, write_folder
from encoder.errors import ProblemsFound, ServicesNeeded
from encoder.secret import Secret
from schemas import Unit, load_agreement, read_encodings, read_services
from schemas.digest import sha256_of, sha256_of_file
from schemas.encodings import token_text
from schemas.errors import MemberNotNamed, OutputExists
from schemas.receipt import read_receipt
from schemas.services import OPEN_END
from tests.encoder.conftest import HEADER, PEOPLE, SERVICES

COOP = Path(__file__).parents[2] / "examples" / "coop"
DATED = "C-0001,Annelise,K,Quillfeather,1941-04-31,Female,7001,driftstone drive"


@pytest.fixture
def encode(agreement, secret, source, clients, services):
    def run(client_file=clients, level="period", service_file=services, **options):
        service_file = None if level == "membership" and service_file is services else service_file
        options = {"token_source": source, "services": service_file, **options}
        return encode_clients(client_file, agreement(level), "clinic", secret, **options)

    return run


@pytest.fixture
def folder(encode, tmp_path):
    def make(*arguments, **options):
        write_folder(encode(*arguments, **options), tmp_path / "out")
        return tmp_path / "out"

    return make


def clks(encoded):
    return {row.tobytes() for row in encoded.encodings.bits}


def tokens(folder):
    with (folder / "private" / "tokens.csv").open(newline="", encoding="utf-8") as file:
        return {row["token"]: row["client_id"] for row in csv.DictReader(file)}


def test_the_folder_holds_what_leaves_the_receipt_and_what_stays(folder):
    out = folder()
    assert {path.relative_to(out).as_posix() for path in out.rglob("*")} == {
        "encodings.safetensors",
        "services.safetensors",
        "receipt.json",
        "receipt.html",
        "private",
        "private/tokens.csv",
        "private/problems.csv",
        "private/duplicates.csv",
    }


def test_private_files_are_their_owner_s_alone(folder):
    out = folder()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (out / "private").iterdir()} == {0o600}


def test_the_receipt_proves_the_files_that_leave(folder):
    out = folder()
    receipt = read_receipt(out)
    assert set(receipt["files"]) == {"encodings.safetensors", "services.safetensors"}
    for name, entry in receipt["files"].items():
        assert entry == {"bytes": (out / name).stat().st_size, "sha256": sha256_of_file(out / name)}


def test_the_receipt_says_what_was_done(folder, write, agreement):
    receipt = read_receipt(
        folder(write("c.csv", [HEADER + ",shoe", DATED + ",1", *(line + ",2" for line in PEOPLE[1:])]))
    )
    assert receipt["member"] == "clinic"
    assert receipt["agreement"]["sha256"] == agreement().digest
    assert receipt["linkage_schema"]["sha256"] == agreement().linkage_schema.digest
    assert receipt["counts"] == {
        "rows_read": 6,
        "records_encoded": 6,
        "records_kept_back": {},
        "services_kept_back": 0,
        "pairs_alike": 0,
        "records_merged": 0,
        "warnings": {"E1303": 1},
        "services_kept": 3,
        "services_left_out": 0,
    }
    assert receipt["columns"]["stay"] == ["client_id", "shoe"]
    assert receipt["columns"]["hashed"]["middle_initial"] == "mi"
    assert 0.1 < receipt["fill"] < 0.6


def test_the_bits_are_those_of_the_cleaned_table_under_the_bound_schema(encode, agreement, secret):
    cleaned = {
        "first_name": ["annelise", "bartholomew", "chiamaka", "dragoslav", "euphemia", "fitzgerald"],
        "middle_initial": ["k", "", "c", "", "j", "t"],
        "last_name": ["quillfeather", "osterhagen", "vanderslut", "windhamprice", "oshaughnessi", "zimmermannova"],
        "birth_date": ["19410426", "19601231", "19790706", "19880229", "20011113", "19550505"],
        "sex": ["f", "m", "f", "m", "f", "m"],
        "street_number": ["7001", "12115", "3050", "44", "9", "610"],
        "street_name": [
            "driftstone dr",
            "lavender ct",
            "king george ave",
            "old mill ln",
            "harbour view",
            "orchard parade",
        ],
    }
    bound = agreement().linkage_schema.bound_to(agreement().digest)
    expected = encode_table(pd.DataFrame(cleaned), bound, secret.reveal()).bits
    made = encode()
    row = {token.tobytes(): place for place, token in enumerate(made.encodings.tokens)}
    order = [row[token.tobytes()] for token in made.tokens]
    np.testing.assert_array_equal(made.encodings.bits[order], expected)


def test_under_another_title_the_same_people_have_other_clks_and_another_key_check(
    clients, services, agreement, secret, source
):
    one = agreement()
    text = one.canonical.decode()
    other = replace(one, digest=sha256_of(text.replace(one.project, f"{one.project} too").encode()))
    made = [
        encode_clients(clients, terms, "clinic", secret, services=services, token_source=source)
        for terms in (one, other)
    ]
    assert not clks(made[0]) & clks(made[1])
    assert made[0].encodings.origin.key_check != made[1].encodings.origin.key_check


def test_rows_leave_in_another_order_than_the_file_s(encode):
    made = encode()
    assert made.encodings.tokens.tolist() != made.tokens.tolist()
    assert sorted(made.encodings.tokens.tolist()) == sorted(made.tokens.tolist())


def test_the_same_people_in_another_order_of_rows_and_columns_give_the_same_clks(encode, write):
    columns = [1, 0, 7, 3, 2, 5, 6, 4]
    lines = [HEADER, *reversed(PEOPLE)]
    turned = [";".join(line.split(",")[place] for place in columns) for line in lines]
    assert clks(encode(write("turned.csv", turned))) == clks(encode())


@pytest.mark.parametrize("other", ["secret", "run"])
def test_another_secret_or_agreement_gives_other_clks_and_key_check(encode, agreement, clients, services, other):
    secret = Secret(b"\x07" * 32 if other == "run" else b"\x08" * 32)
    level = "day" if other == "run" else "period"
    made = encode_clients(clients, agreement(level), "clinic", secret, services=services)
    assert not clks(made) & clks(encode())
    assert made.encodings.origin.key_check != encode().encodings.origin.key_check


def test_a_record_s_services_carry_its_token_at_the_agreement_s_unit(folder):
    out = folder()
    served, owner = read_services(out), tokens(out)
    rows = {
        (owner[token_text(token)], served.names[service], int(start), int(end))
        for token, service, start, end in zip(served.tokens, served.service, served.start, served.end, strict=True)
    }
    january = (2024 - 1970) * 12
    assert rows == {
        ("C-0001", "night beds", january, january + 1),
        ("C-0002", "day centre", january + 2, OPEN_END),
        ("C-0001", "day centre", january + 5, january + 6),
    }
    assert served.unit is Unit.MONTH
    assert served.names == ("day centre", "night beds")
    assert served.origin.key_check == ""


def test_without_a_service_column_the_service_is_the_member(encode, write):
    made = encode(service_file=write("s.csv", ["id,from,to", "C-0001,2024-01-31,"]))
    assert made.services.names == ("clinic",)


def test_services_with_warnings_are_left_out_and_counted(encode, write):
    rows = ["C-0099,beds,2024-01-01,", "C-0003,beds,2024-02-02,2024-01-01"]
    made = encode(service_file=write("s.csv", [*SERVICES, *rows]))
    assert len(made.services) == 3
    assert made.summary.services_left_out == 2
    assert made.summary.warnings == {"E1401": 1, "E1402": 1}


def test_a_level_with_time_needs_services(encode):
    with pytest.raises(ServicesNeeded, match="day"):
        encode(level="day", service_file=None)


def test_membership_without_services_says_each_record_was_served_by_the_member(encode):
    made = encode(level="membership")
    assert made.services.names == ("clinic",)
    assert made.services.start.size == 0
    assert sorted(made.services.tokens.tolist()) == sorted(made.tokens.tolist())


def test_membership_with_services_has_each_client_and_service_once_and_needs_no_dates(encode, write):
    lines = ["client_id,service", "C-0001,beds", "C-0001,beds", "C-0001,meals"]
    made = encode(level="membership", service_file=write("s.csv", lines))
    assert len(made.services) == 2
    assert made.services.start.size == 0


def test_services_leave_in_a_random_order(encode, write):
    lines = [SERVICES[0], *(f"C-000{1 + i % 6},beds,{2000 + i}-01-01," for i in range(20))]
    made = encode(level="day", service_file=write("s.csv", lines))
    assert made.services.start.tolist() != sorted(made.services.start.tolist())


def test_a_member_that_is_not_in_the_agreement_encodes_nothing(agreement, clients, secret):
    with pytest.raises(MemberNotNamed):
        encode_clients(clients, agreement("membership"), "pantry", secret)


def test_strict_makes_a_warning_stop_the_encoding(encode, write):
    path = write("c.csv", [HEADER, DATED, *PEOPLE[1:]])
    assert encode(path).summary.warnings == {"E1303": 1}
    with pytest.raises(ProblemsFound):
        encode(path, strict=True)


def test_of_a_bad_date_the_month_is_left_and_the_record_goes_on(encode, write):
    bad = write("bad.csv", [HEADER, DATED, *PEOPLE[1:]])
    empty = write("empty.csv", [HEADER, DATED.replace("1941-04-31", "1941-04"), *PEOPLE[1:]])
    assert clks(encode(bad)) == clks(encode(empty))


def test_a_cell_that_does_not_fit_the_schema_s_format_is_emptied(agreement, write, secret):
    text = {"type": "string", "maxLength": 13}
    feature = {"hashing": {"comparison": {"type": "ngram", "n": 2}, "strategy": {"bitsPerFeature": 50}}, "format": text}
    features = [{"identifier": "surname", **feature}, {"identifier": "shoe", "ignored": True}]
    schema = {"version": 3, "clkConfig": {"l": 256, "kdf": {"type": "HKDF"}}, "features": features}
    under = agreement("membership", write("own.json", [json.dumps(schema)]).name)
    lines = [HEADER, *(line.replace("Quillfeather", "Quill-Featherstone") for line in PEOPLE)]
    made = encode_clients(write("c.csv", lines), under, "clinic", secret)
    assert made.summary.warnings == {"E1307": 1, "E1308": 1}
    assert made.summary.hashed == {"surname": "last_name"}
    assert int((~made.encodings.bits.any(axis=1)).sum()) == 1


def test_problems_are_written_for_the_steward_with_their_rows(folder, write):
    out = folder(write("c.csv", [HEADER, DATED, *PEOPLE[1:]]))
    with (out / "private" / "problems.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["file"], row["row"], row["column"], row["code"]) == ("c.csv", "2", "birth_date", "E1303")
    assert "1941" not in "".join(row.values())


def test_client_ids_with_commas_and_quotes_come_back_from_the_token_file(folder, write):
    lines = [HEADER, *(line.replace("C-0003", '"C,""3"') for line in PEOPLE)]
    assert 'C,"3' in tokens(folder(write("c.csv", lines))).values()


def test_nothing_is_written_where_a_folder_is_already_there(encode, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    with pytest.raises(OutputExists):
        write_folder(encode(), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]


def test_no_input_value_is_in_any_file_that_leaves(folder):
    out = folder()
    values = {cell.casefold() for line in PEOPLE for cell in line.split(",") if len(cell) >= 4}
    values |= {word for value in values for word in value.split() if len(word) >= 4}
    open_files = [path for path in out.iterdir() if path.is_file()]
    assert len(open_files) == 4
    content = b"".join(path.read_bytes() for path in open_files).lower()
    content = re.sub(rb"[0-9a-f]{64}", b"", content)  # digests have any four digits by chance
    content = re.sub(rb"<head>.*</head>", b"", content, flags=re.DOTALL)  # the page's looks: "view" is in "viewport"
    assert [value for value in values if value.encode() in content] == []


def test_no_date_is_in_the_services_file_at_the_level_of_months(folder):
    content = (folder() / "services.safetensors").read_bytes()
    assert [day for line in SERVICES[1:] for day in line.split(",")[2:] if day and day.encode() in content] == []


def test_the_largest_member_of_the_example_is_encoded_in_time(tmp_path, secret):
    agreement = load_agreement(COOP / "agreement.toml")
    before = time.perf_counter()
    made = encode_clients(
        COOP / "pantry_clients.csv", agreement, "pantry", secret, services=COOP / "pantry_services.csv"
    )
    write_folder(made, tmp_path / "out")
    assert time.perf_counter() - before < 1.5  # half a second on two cores of 2020; the bound is the design's
    assert len(read_encodings(tmp_path / "out")) == 3_892


@pytest.mark.parametrize("member", ["clinic", "pantry", "school", "shelter", "training"])
def test_every_member_of_the_example_loses_few_cells(member, secret):
    agreement = load_agreement(COOP / "agreement.toml")
    made = encode_clients(
        COOP / f"{member}_clients.csv", agreement, member, secret, services=COOP / f"{member}_services.csv"
    )
    assert sum(made.summary.warnings.values()) < 0.02 * made.summary.records
    assert made.summary.services_left_out == 0
