"""The page: purpose, main findings, how to read it, a section a table, what was checked and what is not promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from linkage.release.charts.picture import Picture
from linkage.release.findings import main_findings
from linkage.release.report.elements import add, page_bytes
from linkage.release.report.sections import add_section
from linkage.release.report.style import STYLE
from linkage.release.report.words import MARKS, MODEL, NOISE, RANGE, REAL_ZERO, SIGNS, WORDS
from schemas import Agreement, ReleaseTable, Status
from schemas.table_columns import TABLE_COLUMNS, Kind
from schemas.tables import SHOWN_TO_PEOPLE


def write_report(
    tables: Mapping[str, ReleaseTable],
    agreement: Agreement,
    *,
    pictures: Mapping[str, Picture],
    checked: Sequence[str],
    not_checked: Sequence[str],
    warnings: Sequence[str],
    details: Mapping[str, str],
) -> bytes:
    """The report as UTF-8 HTML.

    Args:
        tables: the released tables, by name.
        agreement: whose purpose and rules it tells.
        pictures: of some of the tables, by the table's name.
        checked, not_checked: sentences of the disclosure check.
        warnings: sentences to heed.
        details: lines for the end of the page, such as digests.
    """
    html = Element("html", {"lang": "en"})
    _head(html, agreement)
    main = add(add(html, "body"), "main")
    _opening(main, agreement, warnings)
    _findings(main, tables)
    _contents(main, tables)
    _reading(main, tables, agreement)
    for name, table in tables.items():
        add_section(main, table, pictures.get(name))
    _sentences(main, "checked", "What was checked before release", checked)
    _sentences(main, "not-promised", "What is not promised", not_checked)
    _details(main, details)
    return page_bytes(html)


def _head(html: Element, agreement: Agreement) -> None:
    head = add(html, "head")
    add(head, "meta", charset="utf-8")
    add(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    add(head, "title", f"{agreement.project}, run {agreement.run}")
    add(head, "style", STYLE)


def _opening(main: Element, agreement: Agreement, warnings: Sequence[str]) -> None:
    header = add(main, "header")
    add(header, "h1", agreement.project)
    add(header, "p", agreement.purpose, "purpose")
    members = ", ".join(agreement.members)
    add(header, "p", f"Run {agreement.run}. Members: {members}.{_window(agreement)}", "faint")
    for warning in warnings:
        add(header, "p", f"Note: {warning}")


def _window(agreement: Agreement) -> str:
    said = ""
    if agreement.window_start is not None:
        said += f" From {agreement.window_start.isoformat()}."
    if agreement.window_end is not None:
        said += f" Until before {agreement.window_end.isoformat()}."
    if agreement.as_of is not None:
        said += f" As known on {agreement.as_of.isoformat()}."
    return said


def _findings(main: Element, tables: Mapping[str, ReleaseTable]) -> None:
    if not (sentences := main_findings(tables)):
        return
    section = add(main, "section", look="findings", id="findings")
    add(section, "h2", "In short")
    items = add(section, "ol")
    for sentence in sentences:
        add(items, "li", sentence)


def _contents(main: Element, tables: Mapping[str, ReleaseTable]) -> None:
    nav = add(main, "nav", **{"aria-labelledby": "contents"})
    add(nav, "h2", "In this report", id="contents")
    items = add(nav, "ul")
    places = {"reading": "How to read the numbers", **{name: WORDS[name].heading for name in tables}}
    places |= {"checked": "What was checked", "not-promised": "What is not promised"}
    for place, text in places.items():
        add(add(items, "li"), "a", text, href=f"#{place}")


def _reading(main: Element, tables: Mapping[str, ReleaseTable], agreement: Agreement) -> None:
    section = add(main, "section", id="reading")
    add(section, "h2", "How to read the numbers")
    words = add(section, "dl")
    small = f"1 to {agreement.minimum_cell - 1} people"
    usual = () if agreement.epsilon else (Status.SUPPRESSED,)
    for status in (*usual, Status.NOT_APPLICABLE, *_rarely(tables)):
        mark = SHOWN_TO_PEOPLE[status]
        add(words, "dt", mark)
        add(words, "dd", MARKS[mark].format(small=small, zero="" if agreement.epsilon else REAL_ZERO))
    if agreement.epsilon:
        add(words, "dt", "about")
        add(words, "dd", NOISE)
    if _has_ranges(tables):
        add(words, "dt", "1,180–1,230")  # noqa: RUF001 (a range)
        add(words, "dd", RANGE)
    if _has_estimates(tables):
        add(words, "dt", "estimate")
        add(words, "dd", MODEL)
    add(words, "dt", "> + …")
    add(words, "dd", SIGNS)


def _rarely(tables: Mapping[str, ReleaseTable]) -> list[Status]:
    """NOT_APPROVED where it occurs: most releases do not have it."""
    statuses = {cell.status for table in tables.values() for _, cells in table.rows for cell in cells}
    return [Status.NOT_APPROVED] if Status.NOT_APPROVED in statuses else []


def _has_ranges(tables: Mapping[str, ReleaseTable]) -> bool:
    return any(cell.low is not None for table in tables.values() for _, cells in table.rows for cell in cells)


def _has_estimates(tables: Mapping[str, ReleaseTable]) -> bool:
    kinds = (TABLE_COLUMNS[table.name].column(name).kind for table in tables.values() for name in table.measures)
    return Kind.ESTIMATE in kinds


def _sentences(main: Element, place: str, heading: str, sentences: Sequence[str]) -> None:
    section = add(main, "section", id=place)
    add(section, "h2", heading)
    items = add(section, "ul")
    for sentence in sentences:
        add(items, "li", sentence)


def _details(main: Element, details: Mapping[str, str]) -> None:
    section = add(main, "section", id="origin")
    add(section, "h2", "Where this comes from")
    items = add(section, "dl")
    for name, value in details.items():
        add(items, "dt", name)
        add(add(items, "dd"), "code", value)
