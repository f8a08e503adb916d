"""Cells and what the recipe makes of them: a change of any of these is a new version of cleaning.

python -m tests.encoder.cleaning.golden      writes golden.tsv anew, after CLEANING_VERSION was raised
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from encoder.cleaning.recipe import CLEANING_VERSION, Conventions, cleaner_of
from encoder.cleaning.sex import HMIS
from encoder.cleaning.whole import cleaner_of_part
from encoder.fields import Kind
from tests.encoder.cleaning.world_names import names

FILE = Path(__file__).with_name("golden.tsv")

NAME_CELLS = (
    "Annelise|O'Shaughnessy|Wyndham-Pryce|Mc Donald|Dr. Mary Ann|Smith, John Q.|SMITH JR|William (Bill)|Baby Boy|Doe|"
    "unknown|N/A|Na|xxx|8yrd|JosÃ©|Müller|Lee|Youssef|Sr. Teresa|de la Cruz|X|?|7"
)
CELLS = {
    Kind.DATE: "1/31/1980|01/31/1980 00:00|1980|05/1980|00/00/1980|02/30/1980|13/01/1980|01/01/1900|unknown|Ann",
    Kind.SEX: "Female|M|0|1|2|8|99|non-binary|trans woman|unknown|Ann",
    Kind.NUMBER: "1061|1061.0|012|12-14|44 B|0|none|main",
    Kind.STREET: "Regency Drive|W. 220 St.|123 Main Street Apt 4B|Third Ave #5|Court Street|homeless|1955|ул. Ленина",
    Kind.SSN: "212-34-5671|xxx-xx-5671|000-00-0000|666-12-3456|12345671",
    Kind.SSN_LAST_FOUR: "212-34-5671|xxx-xx-5671|5671|000-00-0000|666-12-3456",
    Kind.POSTCODE: "60614-1234|2139|00000|SW1A 1AA",
    Kind.PHONE: "(312) 855-0142|+1 312 855 0142|0000000000|12",
    Kind.MAIL: "Ann.Lee@Example.org|none@none.org|ann",
    Kind.TOWN: "St. Paul|Zürich|unknown",
    Kind.TEXT: " As Is | e\u0301",
}
WHOLE = {
    ("full_name", "first_name"): "Smith, John Q. Jr.|Maria de la Cruz|王芳|Madonna",
    ("full_name", "last_name"): "Smith, John Q. Jr.|Maria de la Cruz|王芳|Madonna",
    ("address", "street_number"): "123 Main St, Chicago|Hauptstrasse 12|W 220 St",
    ("address", "street_name"): "123 Main St, Chicago|Hauptstrasse 12|W 220 St",
}
CONVENTIONS = Conventions(date_format="%m/%d/%Y", codes=HMIS)


def lines() -> Iterator[str]:
    """One line a cell: what the field is, the cell, what is hashed, and why. The first line is the version."""
    yield f"version\t{CLEANING_VERSION}"
    listed = {kind: text.split("|") for kind, text in CELLS.items()}
    for kind in (Kind.FIRST_NAME, Kind.LAST_NAME, Kind.INITIAL):
        listed[kind] = [*NAME_CELLS.split("|"), *names()]
    for kind, cells in listed.items():
        clean = cleaner_of(kind, CONVENTIONS)
        yield from (f"{kind}\t{cell}\t{clean(cell)[0]}\t{clean(cell)[1]}" for cell in cells)
    for (source, field), text in WHOLE.items():
        clean = cleaner_of_part(source, field)
        yield from (f"{field} of {source}\t{cell}\t{clean(cell)[0]}\t{clean(cell)[1]}" for cell in text.split("|"))


if __name__ == "__main__":
    FILE.write_text("\n".join(lines()) + "\n", encoding="utf-8")
