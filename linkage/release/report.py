"""The report: one HTML page for people who decide. Self-contained, no script, in plain words.

Built as elements, never as text, so that every name is escaped by construction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring  # writes only: nothing is parsed

from schemas import Agreement, Cell, ReleaseTable, Status
from schemas.tables import SHOWN_TO_PEOPLE

STYLE = """
:root { color-scheme: light dark; --ink: #1b2733; --faint: #5d6b79; --line: #d5dce2; --paper: #ffffff;
  --stripe: #f1f4f6; --mark: #1f6f8b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --faint: #a3b0bc; --line: #44525f; --paper: #151c22;
  --stripe: #1d262e; --mark: #63b3cf; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.5;
  font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; border-top: 2px solid var(--mark); padding-top: .6rem; }
p, ul { max-width: 44rem; } ul { padding-left: 1.2rem; } li { margin: .25rem 0; }
.purpose { font-size: 1.1rem; } .faint { color: var(--faint); }
.key { border-left: 4px solid var(--mark); background: var(--stripe); padding: .6rem 1rem; max-width: 46rem; }
.key p { margin: .3rem 0; }
figure { margin: 1rem 0; } figcaption { color: var(--faint); margin-top: .3rem; }
.scroll { overflow-x: auto; } .scroll svg { max-width: max(100%, 46rem); height: auto; }
table { border-collapse: collapse; font-size: .92rem; }
th, td { padding: .3rem .7rem; text-align: left; vertical-align: bottom; border-bottom: 1px solid var(--line); }
tbody tr:nth-child(even) { background: var(--stripe); }
tbody th { font-weight: normal; overflow-wrap: break-word; min-width: 6rem; }
th.number, td.number { text-align: right; white-space: nowrap; }
td.number { font-variant-numeric: tabular-nums; } td.none { color: var(--faint); }
code { font-size: .85em; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; } dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; }
  th, td { padding: .3rem .5rem; } }
@media print { :root { color-scheme: light; --ink: #000; --faint: #444; --line: #bbb; --paper: #fff; --stripe: #f3f3f3;
  --mark: #000; } .scroll { overflow: visible; } .scroll svg { max-width: 100%; } table { font-size: .8rem; }
  th, td { padding: .2rem .4rem; }
  tr, figure { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; } }
"""

HEADINGS: Mapping[str, str] = {
    "unduplicated": "How many different people",
    "set_pathway": "Which combinations",
    "overlap_pairs": "How much two have in common",
    "ordered_pathway": "In which order",
}
EXPLAINED: Mapping[str, str] = {
    "unduplicated": "Records are lines on a member's list with a service that counts here; people are those records "
    "after the ones that belong to one person are counted once. The last line counts everybody once over all members: "
    "the sum of people is what adding up the members' own numbers would say, and the reduction is by how much that is "
    "too many.",
    "set_pathway": "Every person is in exactly one line: the line of all the places that person was at. So the lines "
    "can be added up. Someone at shelter and clinic is in “clinic+shelter”, not in “clinic”.",
    "overlap_pairs": "People who were at both places, wherever else they were, so the lines cannot be added up. "
    "The Jaccard share is the people at both, of all people at either.",
    "ordered_pathway": "Every person is in exactly one line. “shelter>clinic” means shelter first, clinic "
    "later; “clinic+shelter” means that both began in the same period. Each place is named once, when it first "
    "began. Rare orders are together in the last line.",
}
COLUMNS: Mapping[str, str] = {
    "states": "exactly at",
    "a": "A",
    "b": "B",
    "people_a": "people at A",
    "people_b": "people at B",
    "duplicate_share": "entered more than once",
    "sum_of_people": "sum of people",
    "share_of_a": "share of A",
    "share_of_b": "share of B",
    "jaccard": "Jaccard share",
}
SHARES = frozenset({"duplicate_share", "reduction", "share_of_a", "share_of_b", "jaccard"})


def write_report(
    tables: Mapping[str, ReleaseTable],
    agreement: Agreement,
    *,
    pictures: Mapping[str, Element],
    checked: Sequence[str],
    not_checked: Sequence[str],
    details: Mapping[str, str],
) -> bytes:
    """The report as UTF-8 HTML.

    Args:
        tables: the released tables, by name.
        agreement: whose purpose and rules it tells.
        pictures: an `svg` element for some of the tables, by the table's name.
        checked, not_checked: sentences of the disclosure check.
        details: lines for the end of the page, such as digests.
    """
    html = Element("html", {"lang": "en"})
    _head(html, agreement)
    main = SubElement(SubElement(html, "body"), "main")
    _introduction(main, agreement)
    for name, table in tables.items():
        _section(main, table, pictures.get(name))
    _sentences(main, "What was checked before release", checked)
    _sentences(main, "What is not promised", not_checked)
    _details(main, details)
    return b"<!DOCTYPE html>\n" + bytes(tostring(html, encoding="UTF-8", method="html")) + b"\n"


def _head(html: Element, agreement: Agreement) -> None:
    head = SubElement(html, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    SubElement(head, "meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"})
    SubElement(head, "title").text = f"{agreement.project}, run {agreement.run}"
    SubElement(head, "style").text = STYLE


def _introduction(main: Element, agreement: Agreement) -> None:
    SubElement(main, "h1").text = agreement.project
    SubElement(main, "p", {"class": "purpose"}).text = agreement.purpose
    members = ", ".join(agreement.members)
    SubElement(main, "p", {"class": "faint"}).text = f"Run {agreement.run}. Members: {members}.{_window(agreement)}"
    key = SubElement(main, "div", {"class": "key"})
    least, hidden, none = (
        agreement.minimum_cell,
        SHOWN_TO_PEOPLE[Status.SUPPRESSED],
        SHOWN_TO_PEOPLE[Status.NOT_APPLICABLE],
    )
    _mark(
        key,
        hidden,
        f" is a number that is not shown: it is 1 to {least - 1} people, or it would give such a number "
        "away. Which of the two is not told. It is not zero.",
    )
    _mark(key, none, " has no meaning in that place. A 0 is a real zero.")


def _window(agreement: Agreement) -> str:
    said = ""
    if agreement.window_start is not None:
        said += f" From {agreement.window_start.isoformat()}."
    if agreement.window_end is not None:
        said += f" Until before {agreement.window_end.isoformat()}."
    if agreement.as_of is not None:
        said += f" As known on {agreement.as_of.isoformat()}."
    return said


def _mark(parent: Element, mark: str, meaning: str) -> None:
    line = SubElement(parent, "p")
    strong = SubElement(line, "strong")
    strong.text, strong.tail = mark, meaning


def _section(main: Element, table: ReleaseTable, picture: Element | None) -> None:
    section = SubElement(main, "section", {"id": table.name})
    SubElement(section, "h2").text = HEADINGS.get(table.name, table.title)
    SubElement(section, "p").text = EXPLAINED.get(table.name, table.title)
    if picture is not None:
        figure = SubElement(section, "figure")
        SubElement(figure, "div", {"class": "scroll"}).append(picture)
        SubElement(
            figure, "figcaption"
        ).text = "A bar is one line of the table below; the filled dots under it say which places. Hatched: not shown."
    _table(section, table)


def _table(section: Element, table: ReleaseTable) -> None:
    grid = SubElement(SubElement(section, "div", {"class": "scroll"}), "table")
    head = SubElement(SubElement(grid, "thead"), "tr")
    for name in table.keys:
        SubElement(head, "th", {"scope": "col"}).text = COLUMNS.get(name, name)
    for name in table.measures:
        SubElement(head, "th", {"scope": "col", "class": "number"}).text = COLUMNS.get(name, name)
    body = SubElement(grid, "tbody")
    for keys, cells in table.rows:
        row = SubElement(body, "tr")
        for key in keys:
            SubElement(row, "th", {"scope": "row"}).text = key
        for name, cell in zip(table.measures, cells, strict=True):
            look = "number" if cell.value is not None else "number none"
            SubElement(row, "td", {"class": look}).text = _shown(cell, is_share=name in SHARES)


def _shown(cell: Cell, *, is_share: bool) -> str:
    if cell.value is None:
        return SHOWN_TO_PEOPLE[cell.status]
    return f"{cell.value:.1%}" if is_share else f"{cell.value:,}"


def _sentences(main: Element, heading: str, sentences: Sequence[str]) -> None:
    SubElement(main, "h2").text = heading
    listed = SubElement(main, "ul")
    for sentence in sentences:
        SubElement(listed, "li").text = sentence


def _details(main: Element, details: Mapping[str, str]) -> None:
    SubElement(main, "h2").text = "Where this comes from"
    listed = SubElement(main, "dl")
    for name, value in details.items():
        SubElement(listed, "dt").text = name
        SubElement(SubElement(listed, "dd"), "code").text = value
