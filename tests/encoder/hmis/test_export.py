"""An HMIS export: clients and services in one go; folder and archive are the same to it."""

from datetime import date

import pytest

from encoder.encode import encode_clients, write_folder
from encoder.errors import ProblemsFound
from encoder.hmis.codes import PROJECT_TYPES
from encoder.hmis.export import find_export, is_export
from encoder.hmis.tables import read_export
from encoder.mapping.mapper import Mapper
from encoder.mapping.mapping_file import GivenColumns
from encoder.problems import Problems
from schemas.console import SILENT
from schemas.receipt import read_receipt
from schemas.services import OPEN_END
from tests.encoder.hmis.made import CLIENT, ENROLLMENT, stamped, with_lines, write_folder_export, write_zip_export


def tables_of(path):
    problems = Problems()
    export = find_export(path, problems)
    return *read_export(export, problems, SILENT), problems


def cells(table, header):
    return list(table.column(header).values())


@pytest.fixture
def encode(tmp_path, agreement, secret, source):
    def run(path=None, level="day", **options):
        path = path or write_folder_export(tmp_path / "export")
        return encode_clients(path, agreement(level), "shelter", secret, token_source=source, **options)

    return run


def day(text):
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def served(made):
    owner = {token.tobytes(): client for client, token in zip(made.ids, made.tokens, strict=True)}
    rows = made.services
    return {
        (owner[token.tobytes()], rows.names[service], start, end)
        for token, service, start, end in zip(rows.tokens, rows.service, rows.start, rows.end, strict=True)
    }


def test_clients_and_services_are_encoded_in_one_go(encode, tmp_path):
    made = encode()
    write_folder(made, tmp_path / "out")
    receipt = read_receipt(tmp_path / "out")
    assert sorted(made.ids) == ["C1", "C2", "C3", "C4"]
    assert receipt["counts"]["services_kept"] == 4
    assert receipt["columns"]["hashed"]["first_name"] == "FirstName"


def test_a_service_is_the_type_of_its_project_from_entry_to_exit(encode):
    assert served(encode()) == {
        ("C1", "emergency shelter", day("2024-01-05"), day("2024-02-28")),
        ("C1", "rapid re-housing", day("2024-03-01"), OPEN_END),
        ("C2", "emergency shelter", day("2024-02-10"), OPEN_END),
        ("C3", "street outreach", day("2024-05-05"), OPEN_END),
    }


def test_a_mapping_can_name_services_by_their_project(encode):
    made = encode(mapper=Mapper(GivenColumns(services={"service": "ProjectName"})))
    assert set(made.services.names) == {"Harbour beds", "Harbour nights", "Second rent", "Second street"}


def test_folder_and_archive_give_the_same_clks(encode, tmp_path):
    folder = encode(write_folder_export(tmp_path / "export"))
    archive = encode(write_zip_export(tmp_path / "export.zip", folder="HMIS 2024/"))
    assert {row.tobytes() for row in folder.encodings.bits} == {row.tobytes() for row in archive.encodings.bits}


def test_deleted_rows_are_left_out_and_counted(tmp_path):
    clients, services, problems = tables_of(write_folder_export(tmp_path / "export"))
    assert cells(clients, "PersonalID") == ["C1", "C2", "C3", "C4"]
    assert cells(services, "PersonalID") == ["C1", "C1", "C2", "C3"]
    assert cells(services, "ExitDate") == ["2024-02-28", "", "", ""]  # the exit of n3 is deleted
    assert [(problem.code, problem.what.split()[0]) for problem in problems.listed] == [("E1551", "1")] * 3


def test_services_of_deleted_clients_are_told_as_any_of_unknown_ones(encode, tmp_path):
    lines = [*ENROLLMENT, stamped("n6,C5,p1,2024-05-05,h5,1,")]
    made = encode(write_folder_export(tmp_path / "export", files=with_lines(Enrollment=lines)))
    assert made.summary.warnings["E1401"] == 1


def test_sex_goes_by_hmis_codes_and_not_by_iso_s(tmp_path):
    clients, _, _ = tables_of(write_folder_export(tmp_path / "export"))
    assert cells(clients, "Sex") == ["female", "male", "female", ""]


def test_sex_of_older_exports_is_in_the_columns_of_gender(tmp_path):
    head = "PersonalID,FirstName,LastName,DOB,Woman,Man,NonBinary,Transgender,GenderNone"
    rows = ["1,0,0,0,", "0,1,0,1,", "0,0,1,0,", "1,1,0,0,", "0,0,0,0,99"]
    lines = [head, *(f"C{row},Ann,Li,1980-01-01,{flags}" for row, flags in enumerate(rows))]
    clients, _, _ = tables_of(write_folder_export(tmp_path / "export", files=with_lines(Client=lines)))
    assert cells(clients, "Sex") == ["female", "male", "other", "other", ""]


def test_every_project_type_of_the_standard_has_a_name_and_others_keep_their_number(tmp_path):
    head = "ProjectID,OrganizationID,ProjectName,ProjectType"
    projects = [head, *(f"p{code},o1,x,{code}" for code in (*PROJECT_TYPES, "15"))]
    enrollments = ["EnrollmentID,PersonalID,ProjectID,EntryDate"]
    enrollments += [f"n{code},C1,p{code},2024-01-01" for code in (*PROJECT_TYPES, "15")]
    files = with_lines(Project=projects, Enrollment=enrollments)
    _, services, _ = tables_of(write_folder_export(tmp_path / "export", files=files))
    assert cells(services, "service") == [*PROJECT_TYPES.values(), "project type 15"]


def test_names_are_never_read_of_an_export_that_may_not_be_encoded(tmp_path):
    path = write_folder_export(tmp_path / "export", hash_status="4")
    (path / "Client.csv").write_bytes(b"PK")  # reading it would be a fault of its own
    problems = Problems()
    assert read_export(find_export(path, problems), problems, SILENT) is None
    assert [problem.code for problem in problems.listed] == ["E1501"]


def test_rows_are_told_with_their_own_file(encode, tmp_path):
    lines = [*CLIENT[:2], stamped("C6,Fitz,,Zimmer,,1,,99,1955-02-30,1,1,0"), *CLIENT[2:]]
    made = encode(write_folder_export(tmp_path / "export", files=with_lines(Client=lines)))
    (problem,) = [problem for problem in made.problems if problem.code == "E1303"]
    assert (problem.file, problem.row, problem.column) == ("export/Client.csv", 3, "DOB")


def test_own_services_can_stand_in_for_the_export_s(encode, write):
    made = encode(services=write("services.csv", ["id,service,from,to", "C1,meals,2024-01-01,"]))
    assert made.services.names == ("meals",)


def test_a_level_with_time_needs_no_services_beside_an_export(encode):
    assert len(encode(level="period").services) == 4


def test_strict_does_not_stop_at_what_was_left_out(encode):
    assert encode(strict=True).summary.records == 4


def test_a_folder_without_clients_is_no_export(tmp_path):
    (tmp_path / "Export.csv").write_text("x")
    assert not is_export(tmp_path)


def test_a_list_with_a_client_twice_is_refused_as_any_other(encode, tmp_path):
    path = write_folder_export(tmp_path / "export", files=with_lines(Client=[*CLIENT, CLIENT[1]]))
    with pytest.raises(ProblemsFound, match="E1204"):
        encode(path)
