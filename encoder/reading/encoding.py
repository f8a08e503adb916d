"""Bytes -> UTF-8: which encoding a text file is in, decided over the whole file and told where it is assumed."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator

from encoder import problems as rules
from encoder.problems import Problems
from encoder.reading.source import Source

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NUL = 0
_MOSTLY = 0.8  # of Western text in UTF-16, nearly every second byte is zero, and nearly no other
_TELLING = 1 << 16  # bytes looked at for that

_WESTERN = re.compile(rb"[\x80-\xff]")
_WESTERN_SIGNS = frozenset(
    b"\x85\x8a\x8c\x8e\x91\x92\x93\x94\x96\x97\x9a\x9c\x9e\x9f\xa0\xa1\xaa\xab\xb0\xb4\xb7\xba\xbb\xbf"
) | frozenset(range(0xC0, 0x100)) - {0xD7, 0xF7}
"""Bytes that are letters or punctuation of names and addresses in Windows' Western encoding (cp1252)."""

_RUN = re.compile(rb"[\xc0-\xff]{3,}")
_ODD_SHARE = 0.1
"""More signs that no Western text has, or letters in foreign runs, and the bytes are of another encoding: names in
Cyrillic, Greek or Chinese have accented letters only when read as Western, and old DOS and Mac files have signs."""


def encoding_of(source: Source, problems: Problems) -> str | None:
    """The encoding of a text file, by a pass over all of it; None, with a problem noted, where there is none.

    A byte order mark is believed; else UTF-8 where all of it is; else UTF-16 where every second byte is zero; else
    cp1252, which is told, if that gives letters.
    """
    head = source.head()
    encoding = next((name for mark, name in _BOMS if head.startswith(mark)), "") or _unmarked_utf16(head) or "utf-8"
    if not head.strip(b" \t\r\n\v\f\0") or not head.removeprefix(codecs.BOM_UTF8).strip():
        problems.add(rules.EMPTY_FILE, source.name)
        return None
    if encoding in ("utf-16-le", "utf-16-be"):
        problems.add(rules.UTF16_ASSUMED, source.name)
    fault = _fault(source, encoding)
    if fault is None:
        return encoding
    if encoding == "utf-8" and fault is rules.ENCODING_UNKNOWN and _is_western(source):
        problems.add(rules.WESTERN_ASSUMED, source.name)
        return "cp1252"
    problems.add(fault, source.name)
    return None


def utf8_parts(source: Source, encoding: str) -> Iterator[bytes]:
    """The file's text in UTF-8, without a byte order mark, a part at a time."""
    if encoding == "utf-8":
        yield from source.parts()
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    for part in source.parts():
        yield decoder.decode(part).encode("utf-8")


def _unmarked_utf16(head: bytes) -> str:
    looked_at = head[:_TELLING]
    first, second = looked_at[0::2].count(_NUL), looked_at[1::2].count(_NUL)
    most = _MOSTLY * (len(looked_at) // 2)
    if second > most and first < second / 8:
        return "utf-16-le"
    return "utf-16-be" if first > most and second < first / 8 else ""


def _fault(source: Source, encoding: str) -> rules.Rule | None:
    """Why a file cannot be read in an encoding; None where it can."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for part in source.parts():
            if encoding.startswith("utf-8") and b"\0" in part:
                return rules.NUL_BYTE
            text = decoder.decode(part)
            if "\0" in text:
                return rules.NUL_BYTE
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return rules.ENCODING_UNKNOWN
    return None


def _is_western(source: Source) -> bool:
    """Whether the bytes over 127, read as cp1252, are letters and punctuation as Western languages have them."""
    found: Counter[int] = Counter()
    in_runs = 0
    for part in source.parts():
        found.update(b"".join(_WESTERN.findall(part)))
        in_runs += sum(map(len, _RUN.findall(part)))
    total = found.total()
    odd = sum(count for byte, count in found.items() if byte not in _WESTERN_SIGNS)
    return odd + in_runs <= _ODD_SHARE * total
