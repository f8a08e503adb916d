"""A small HMIS CSV export of FY2026, of invented people: what each test changes of it is an argument."""

import zipfile

PERSONAL = "DateCreated,DateUpdated,UserID,DateDeleted,ExportID"
STAMP = "2024-07-01 08:00:00,2024-07-02 09:00:00,u1,{deleted},e1"


def stamped(line, deleted=""):
    """A line with the five columns that end every HMIS file."""
    return f"{line},{STAMP.format(deleted=deleted)}"


EXPORT = [
    "ExportID,SourceType,SourceID,CSVVersion,ExportStartDate,ExportEndDate,HashStatus",
    "e1,1,s1,2026 v1.0,2024-01-01,2024-12-31,{hash_status}",
]
ORGANIZATION = [
    f"OrganizationID,OrganizationName,VictimServiceProvider,OrganizationCommonName,{PERSONAL}",
    stamped("o1,Harbour House,0,"),
    stamped("o2,Second House,{victims},"),
]
PROJECT = [
    f"ProjectID,OrganizationID,ProjectName,ProjectType,{PERSONAL}",
    stamped("p1,o1,Harbour beds,0"),
    stamped("p2,o1,Harbour nights,1"),
    stamped("p3,o2,Second rent,13"),
    stamped("p4,o2,Second street,4"),
]
_QUALITY = "NameDataQuality,SSN,SSNDataQuality,DOB,DOBDataQuality"
CLIENT = [
    f"PersonalID,FirstName,MiddleName,LastName,NameSuffix,{_QUALITY},Sex,VeteranStatus,{PERSONAL}",
    stamped("C1,Annelise,K,Quillfeather,,1,536221234,1,1941-04-26,1,0,0"),
    stamped("C2,Bartholomew,,Osterhagen,Jr,1,xxxxx4321,2,1960-12-31,1,1,1"),
    stamped("C3,Chiamaka,C,Vandersloot,,1,,99,1979-07-06,1,0,0"),
    stamped("C4,Dragoslav,,Wyndham,,1,,8,1988-02-29,1,99,0"),
    stamped("C5,Euphemia,Jane,Shaughnessy,,1,,9,2001-11-13,1,0,0", "2024-06-01 10:00:00"),
]
ENROLLMENT = [
    f"EnrollmentID,PersonalID,ProjectID,EntryDate,HouseholdID,RelationshipToHoH,MoveInDate,{PERSONAL}",
    stamped("n1,C1,p1,2024-01-05,h1,1,"),
    stamped("n2,C1,p3,2024-03-01,h1,1,2024-03-15"),
    stamped("n3,C2,p2,2024-02-10,h2,1,"),
    stamped("n4,C3,p4,2024-05-05,h3,1,"),
    stamped("n5,C4,p1,2024-06-06,h4,1,", "2024-06-07 10:00:00"),
]
EXIT = [
    f"ExitID,EnrollmentID,PersonalID,ExitDate,Destination,{PERSONAL}",
    stamped("x1,n1,C1,2024-02-28,421"),
    stamped("x3,n3,C2,2024-02-20,116", "2024-03-01 10:00:00"),
]
FILES = {
    "Export.csv": EXPORT,
    "Organization.csv": ORGANIZATION,
    "Project.csv": PROJECT,
    "Client.csv": CLIENT,
    "Enrollment.csv": ENROLLMENT,
    "Exit.csv": EXIT,
}
"""File name -> its lines; `{hash_status}` and `{victims}` are filled in."""


def texts(files=FILES, *, hash_status="1", victims="0"):
    """File name -> content."""
    filled = {"{hash_status}": hash_status, "{victims}": victims}
    made = {}
    for name, lines in files.items():
        content = "\r\n".join([*lines, ""])
        for sign, value in filled.items():
            content = content.replace(sign, value)
        made[name] = content
    return made


def write_folder_export(path, **how):
    """Write the export as a folder."""
    path.mkdir()
    for name, content in texts(**how).items():
        (path / name).write_text(content, encoding="utf-8", newline="")
    return path


def write_zip_export(path, folder="", **how):
    """Write the export as a zip archive, its files under `folder`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in texts(**how).items():
            archive.writestr(folder + name, content)
    return path


def with_lines(**lines):
    """The export's files with other lines: `Client=[...]`; None leaves a file out."""
    changed = {**FILES, **{f"{name}.csv": value for name, value in lines.items()}}
    return {name: value for name, value in changed.items() if value is not None}
