"""Small members' files, an agreement and a secret, all invented."""

import random

import pytest

from encoder.secret import Secret
from schemas.agreement import load_agreement

AGREEMENT = """
project = "Test"
purpose = "tests"
members = ["clinic", "shelter"]
data_level = "{level}"
{period}
tables = ["unduplicated"]
linkage_schema = "{schema}"
"""

HEADER = "client_id,first_name,mi,last_name,birth_date,sex,house_no,street"
PEOPLE = [
    "C-0001,Annelise,K,Quillfeather,1941-04-26,Female,7001,driftstone drive",
    "C-0002,Bartholomew,,Osterhagen,1960-12-31,Male,12115,lavender court",
    "C-0003,Chiamaka,C,Vandersloot,1979-07-06,Female,3050,king george avenue",
    "C-0004,Dragoslav,,Wyndham-Pryce,1988-02-29,Male,44,old mill lane",
    "C-0005,Euphemia,Jane,O'Shaughnessy,2001-11-13,Female,9,harbour view",
    "C-0006,Fitzgerald,T,Zimmermannova,1955-05-05,Male,610,orchard parade",
]
SERVICES = [
    "client_id,service,entry,exit",
    "C-0001,night beds,2024-01-05,2024-02-20",
    "C-0002,day centre,2024-03-14,",
    "C-0001,day centre,2024-06-30,2024-07-01",
]


@pytest.fixture
def secret():
    return Secret(b"\x07" * 32)


@pytest.fixture
def source():
    """Random bytes that are the same in every run of the tests."""
    return random.Random(7).randbytes  # noqa: S311 (the same in every run is the point)


@pytest.fixture
def agreement(tmp_path):
    def make(level="period", schema="person-v1"):
        path = tmp_path / "agreement.toml"
        period = 'period = "month"' if level == "period" else ""
        path.write_text(AGREEMENT.format(level=level, period=period, schema=schema), encoding="utf-8")
        return load_agreement(path)

    return make


@pytest.fixture
def write(tmp_path):
    """Write a file of lines (or bytes) and give its path."""

    def make(name, content):
        path = tmp_path / name
        data = content if isinstance(content, bytes) else ("\n".join(content) + "\n").encode()
        path.write_bytes(data)
        return path

    return make


@pytest.fixture
def clients(write):
    return write("clients.csv", [HEADER, *PEOPLE])


@pytest.fixture
def services(write):
    return write("services.csv", SERVICES)
