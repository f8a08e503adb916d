"""The receipt as a page: what leaves and what stays, in plain words; self-contained, without script, fit for print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape, unescape
from typing import Any

from encoder.errors import LeakFound
from encoder.leak_scan import texts_in
from encoder.problems import RULES

FILE_NAME = "receipt.html"

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 46rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .4rem 0; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); padding: .35rem .5rem .35rem 0; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-right: 0; }
code { font-size: .8rem; overflow-wrap: anywhere; }
.leaves { background: var(--soft); border-left: .3rem solid #c60; padding: .1rem 1rem .6rem; }
.stays { background: var(--soft); border-left: .3rem solid #286; padding: .1rem 1rem .6rem; margin-top: 1rem; }
.leaves h2, .stays h2 { margin-top: .6rem; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } tr, .leaves, .stays { break-inside: avoid; } }
"""
_MEANING = {rule.code: rule.what.replace(" ({detail})", "").format(detail="...") for rule in RULES}
_LEVEL = {
    "membership": "that a record is on your list, and nothing of time",
    "period": "in which period somebody was served, and no day",
    "day": "the days on which services began and ended",
}


def receipt_page(receipt: Mapping[str, Any]) -> str:
    """The page of a receipt; it says nothing that the receipt does not hold."""
    agreement = receipt["agreement"]
    body = [*_what_leaves(receipt), *_what_was_done(receipt)]
    title = f"Receipt: {escape(receipt['member'])}, {escape(agreement['project'])}"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def require_only_the_receipt(page: str, receipt: Mapping[str, Any]) -> None:
    """Every word of a page is the program's own or the receipt's, which is searched for values itself.

    The program's own words are those of the same page without anything that the receipt says.

    Raises:
        LeakFound: the page says something else.
    """
    own = receipt_page(_without_texts(receipt) | {"data_level": receipt["data_level"]})
    if _words(unescape(page)) - _words(own) - _words(" ".join(texts_in(receipt))):
        raise LeakFound("says something that the receipt does not", where=FILE_NAME, fix="report it, please")


_NO_WORD = "-"  # not "": what is empty is left out of a page


def _without_texts(value: Any) -> Any:  # noqa: ANN401 (what JSON has)
    if isinstance(value, Mapping):
        return {key: _without_texts(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_texts(one) for one in value]
    return _NO_WORD if isinstance(value, str) else value


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold()))


def _what_leaves(receipt: Mapping[str, Any]) -> list[str]:
    counts, agreement = receipt["counts"], receipt["agreement"]
    records = f"{counts['records_encoded']:,}"
    return [
        f"<h1>What {escape(receipt['member'])} encoded for {escape(agreement['project'])}</h1>",
        (
            f"<p>{records} records and {counts['services_kept']:,} services. Names, dates of birth and all else that "
            "says who somebody is were turned into bit patterns under a secret that only the members have.</p>"
        ),
        '<section class="leaves"><h2>What leaves</h2>',
        f"<p><b>Hashed</b>, and not readable without the secret: {_list(receipt['columns']['hashed'].values())}.</p>",
        (
            f"<p><b>In clear</b>: the services' names ({_list(receipt['service_names'])}), and "
            f"{_LEVEL.get(receipt['data_level'], escape(receipt['data_level']))}.</p>"
        ),
        "<p>The records are in random order, under random numbers.</p></section>",
        '<section class="stays"><h2>What stays with you</h2>',
        f"<p>These columns: {_list(receipt['columns']['stay'])}.</p>",
        (
            "<p>The folder <code>private</code> (which random number is which client, people who may be twice in your "
            "list, problems of the files) and the secret. Never send these.</p></section>"
        ),
    ]


def _what_was_done(receipt: Mapping[str, Any]) -> list[str]:
    counts, agreement = receipt["counts"], receipt["agreement"]
    return [
        "<h2>In numbers</h2>",
        _table(_numbers(counts)),
        "<h2>What was found in your files</h2>",
        _table((f"{_MEANING.get(code, '')} ({code})", count) for code, count in counts["warnings"].items())
        if counts["warnings"]
        else "<p>Nothing.</p>",
        "<h2>The files, to the byte</h2>",
        "".join(
            f"<p><b>{escape(name)}</b>, {file['bytes']:,} bytes<br><code>SHA-256 {escape(file['sha256'])}</code></p>"
            for name, file in receipt["files"].items()
        ),
        f"<p>Agreement <code>{escape(agreement['sha256'])}</code></p>",
        (
            f"<p>Cleaning version {escape(receipt['cleaning_version'])}; bits set: {receipt['fill']:.0%}; "
            f"{escape(', '.join(f'{name} {version}' for name, version in receipt['software'].items() if version))}.</p>"
        ),
    ]


def _numbers(counts: Mapping[str, Any]) -> list[tuple[str, int]]:
    kept_back = [(f"kept back: {reason}", count) for reason, count in counts["records_kept_back"].items()]
    rest = [
        ("their services, kept back, too", counts["services_kept_back"]),
        ("merged into another record of the same person", counts["records_merged"]),
        ("pairs of records that look like one person", counts["pairs_alike"]),
        ("rows of services left out, for their faults", counts["services_left_out"]),
    ]
    lines = [("records read", counts["rows_read"]), *kept_back, *((text, count) for text, count in rest if count)]
    return [*lines, ("records encoded", counts["records_encoded"]), ("services", counts["services_kept"])]


def _table(rows: Iterable[tuple[str, int]]) -> str:
    cells = (f'<tr><td>{escape(text)}</td><td class="number">{count:,}</td></tr>' for text, count in rows)
    return f"<table>{''.join(cells)}</table>"


def _list(names: Iterable[str]) -> str:
    return escape(", ".join(names)) or "none"
