"""What leaves, shown to people: the page of the receipt, and the preview."""

from html.parser import HTMLParser

import pytest

from encoder.encode import encode_clients, write_folder
from encoder.errors import LeakFound
from encoder.preview import as_data, preview
from encoder.receipt_page import receipt_page
from tests.encoder.conftest import HEADER, PEOPLE, SERVICES


@pytest.fixture
def encoded(agreement, secret, services, write):
    people = [line.replace("1988-02-29", "1987-02-29") for line in PEOPLE]
    lines = [f"{HEADER},<b>shoe</b>", *(f"{line},42" for line in people)]
    return encode_clients(write("c.csv", lines), agreement(), "clinic", secret, services=services)


@pytest.fixture
def page(encoded, tmp_path):
    write_folder(encoded, tmp_path / "out")
    return (tmp_path / "out" / "receipt.html").read_text(encoding="utf-8")


class Tags(HTMLParser):
    """Collects what a page asks a browser for."""

    def __init__(self):
        super().__init__()
        self.names, self.addresses = set(), []

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href")]


def test_the_page_says_what_leaves_and_what_stays(page):
    text = " ".join(page.split())
    assert "What clinic encoded for Test" in text
    assert "6 records and 3 services" in text
    assert "in which period somebody was served, and no day" in text
    assert "(day centre, night beds)" in text
    assert "These columns: client_id, &lt;b&gt;shoe&lt;/b&gt;." in text
    assert "(E1303)" in text


def test_the_page_asks_for_nothing_and_runs_nothing(page):
    tags = Tags()
    tags.feed(page)
    assert not {"script", "link", "img", "iframe", "b>shoe"} & tags.names
    assert tags.addresses == []


def test_no_person_is_on_the_page_or_in_the_preview(page, encoded):
    shown = page.lower() + preview(encoded).lower() + str(as_data(encoded)).lower()
    cells = {cell.lower() for line in (*PEOPLE, *SERVICES[1:]) for cell in line.split(",") if len(cell) >= 5}
    assert {cell for cell in cells if cell in shown} == {"night beds", "day centre"}


@pytest.mark.parametrize("header", ["a\nb", "&lt;&amp;", "Größe_ß İd", 'it\'s "so"', "e\u0301 ﬁ", "x&#65;y"])
def test_a_column_may_be_called_anything(agreement, secret, services, write, tmp_path, header):
    quoted = header.replace('"', '""')
    lines = [f'{HEADER},"{quoted}"', *(f"{line},42" for line in PEOPLE)]
    made = encode_clients(write("c.csv", lines), agreement(), "clinic", secret, services=services)
    assert header in write_folder(made, tmp_path / "out")["columns"]["stay"]


def test_a_page_that_says_more_than_the_receipt_does_is_never_written(encoded, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "encoder.receipt_page._list", lambda names: "".join(f"{name}: Quillfeather" for name in names if name != "-")
    )
    with pytest.raises(LeakFound, match=r"receipt\.html") as caught:
        write_folder(encoded, tmp_path / "out")
    assert "Quillfeather" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_who_was_kept_back_is_counted_on_the_page():
    counts = {"rows_read": 9, "records_kept_back": {"opted out": 2}, "services_kept_back": 4, "records_merged": 1}
    counts |= {"pairs_alike": 3, "services_left_out": 0, "records_encoded": 6, "services_kept": 3, "warnings": {}}
    made = receipt_page(
        {
            "files": {},
            "member": "clinic",
            "agreement": {"project": "Test", "sha256": "0" * 64},
            "columns": {"hashed": {}, "stay": []},
            "service_names": [],
            "data_level": "day",
            "cleaning_version": "2",
            "counts": counts,
            "fill": 0.5,
            "software": {},
        }
    )
    assert "kept back: opted out" in made
    assert "rows of services left out" not in made


def test_the_preview_shows_columns_and_records_as_they_look(encoded):
    text = preview(encoded)
    fates = [" ".join(line.split()) for line in text.splitlines()]
    assert {"first_name hashed, as first_name", "street hashed, as street_name", "client_id stays"} <= set(fates)
    assert encoded.encodings.bits[0, :16].tobytes().hex() in text
    assert "  night beds" in text
