"""Uploads that must be refused, by name: the bytes of both files, and why the checks refuse them.

Used on the checks themselves and again over HTTP. `honest_upload` is the upload that they are made from.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from schemas.agreement import Agreement
from schemas.encodings import Bits, Encodings, Origin, write_encodings
from schemas.linkage_schema import LinkageSchema
from schemas.periods import Unit, time_index
from schemas.services import OPEN_END, Services, write_services
from server.domain.upload_checks import refusals

RECORDS = 400
KEY_CHECK, OTHER_KEY_CHECK = "5" * 64, "6" * 64
CLEANING = "1"
BITS_THROWN = 625  # person-v1's bits of all fields


@dataclass(frozen=True)
class Files:
    """The bytes of an upload's two files."""

    encodings: bytes
    services: bytes


@dataclass(frozen=True)
class Hostile(Files):
    """An upload and the class of the refusal that it must meet."""

    refused_as: type[refusals.UploadRefused]


def honest_clks(schema: LinkageSchema, records: int, rng: np.random.Generator, thrown: int = BITS_THROWN) -> Bits:
    """CLKs as people's are: so many bits thrown into the unfolded filter, folded."""
    places = schema.bits << schema.xor_folds
    flags = np.zeros((records, places), np.bool_)
    flags[np.arange(records)[:, None], rng.integers(0, places, (records, thrown))] = True
    folded = np.bitwise_xor.reduce(flags.reshape(records, 1 << schema.xor_folds, schema.bits), axis=1)
    return np.packbits(folded, axis=1)


def honest_parts(
    agreement: Agreement, member: str, *, records: int = RECORDS, seed: int = 1
) -> tuple[Encodings, Services]:
    """Encodings and services of made-up people of one member."""
    rng = np.random.default_rng([seed, *member.encode()])
    tokens = rng.integers(0, 256, (records, 16), np.uint8)
    schema = agreement.linkage_schema
    origin = Origin(member, agreement.digest, schema.digest, KEY_CHECK, CLEANING, "0.2.0")
    served = rng.integers(0, records, records + 50)
    service = rng.integers(0, 2, len(served)).astype(np.uint16)
    start = end = np.empty(0, np.int32)
    if agreement.unit is not Unit.NONE:
        first, after = (time_index(date(year, 1, 1), agreement.unit) for year in (2020, 2025))
        start = rng.integers(first, after, len(served)).astype(np.int32)
        end = np.where(rng.random(len(served)) < 0.1, OPEN_END, start + 3).astype(np.int32)
    told = replace(origin, key_check="")
    services = Services(tokens[served], service, ("beds", "meals"), agreement.unit, start, end, told)
    return Encodings(honest_clks(schema, records, rng), tokens, origin), services


def files_of(encodings: Encodings, services: Services) -> Files:
    """The two files as `waylink encode` writes them."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "encodings", Path(folder) / "services"
        write_encodings(encodings, first)
        write_services(services, second)
        return Files(first.read_bytes(), second.read_bytes())


def honest_upload(agreement: Agreement, member: str, *, records: int = RECORDS, seed: int = 1) -> Files:
    """An upload that passes every check."""
    return files_of(*honest_parts(agreement, member, records=records, seed=seed))


def hostile_uploads(agreement: Agreement, member: str, *, records: int = RECORDS) -> dict[str, Hostile]:
    """Every hostile upload by name, as `member` would send it."""
    encodings, services = honest_parts(agreement, member, records=records)
    good = files_of(encodings, services)
    made: dict[str, Hostile] = {}

    def of(
        name: str, why: type[refusals.UploadRefused], *, e: bytes = good.encodings, s: bytes = good.services
    ) -> None:
        made[name] = Hostile(e, s, why)

    for name, bits in _hostile_bits(encodings.bits).items():
        flood = name in {"duplicate flood", "a fifth and more copied"}
        why = refusals.TooManyCopies if flood else refusals.BadFill
        of(name, why, e=files_of(Encodings(bits, encodings.tokens, encodings.origin), services).encodings)
    for name, (why, origin) in _hostile_origins(encodings.origin).items():
        of(name, why, e=files_of(Encodings(encodings.bits, encodings.tokens, origin), services).encodings)
    for name, (why, edit) in _broken_files().items():
        of(name, why, e=edit(good.encodings))
        if name not in {"n is wrong", "header of 70 KB"}:
            of(f"services: {name}", why, s=edit(good.services))
    for name, tokens in _hostile_tokens(encodings.tokens).items():
        of(
            name,
            refusals.BadTokens,
            e=files_of(Encodings(encodings.bits, tokens, encodings.origin), services).encodings,
        )
    for name, (why, changed) in _hostile_services(services).items():
        of(name, why, s=files_of(encodings, changed).services)
    nobody = Encodings(encodings.bits[:0], encodings.tokens[:0], encodings.origin)
    of("no records", refusals.WrongCount, e=files_of(nobody, services).encodings)
    return made


def _hostile_bits(bits: Bits) -> dict[str, Bits]:
    n = len(bits)
    some = {
        "all ones": np.full_like(bits, 255),
        "all zeros": np.zeros_like(bits),
        "random half-full CLKs": np.random.default_rng(5).integers(0, 256, bits.shape, np.uint8),
    }
    for name, rows, value in (
        ("half of the records all ones", slice(n // 2), 255),
        ("one record all ones", slice(1), 255),
        ("one record three quarters full", slice(1), 0b11101110),
        ("duplicate flood", slice(n // 2), bits[0]),
        ("a fifth and more copied", slice(n // 2), bits[n // 2 : n // 2 * 2]),
    ):
        some[name] = bits.copy()
        some[name][rows] = value
    return some


def _hostile_origins(origin: Origin) -> dict[str, tuple[type[refusals.UploadRefused], Origin]]:
    return {
        "foreign agreement": (refusals.ForeignAgreement, replace(origin, agreement_digest="0" * 64)),
        "foreign linkage schema": (refusals.ForeignAgreement, replace(origin, schema_digest="0" * 64)),
        "foreign member": (refusals.ForeignMember, replace(origin, member=f"not {origin.member}")),
        "other secret": (refusals.OtherSecret, replace(origin, key_check=OTHER_KEY_CHECK)),
        "no key check": (refusals.OtherSecret, replace(origin, key_check="")),
        "other cleaning": (refusals.OtherCleaning, replace(origin, cleaning_version="0")),
        "markup as version": (refusals.BadHeader, replace(origin, encoder_version="<b>1</b>")),
    }


def _hostile_tokens(tokens: Bits) -> dict[str, Bits]:
    twice, zero = tokens.copy(), tokens.copy()
    twice[7] = twice[3]
    zero[5] = 0
    return {"token twice": twice, "token of zeros": zero}


def _hostile_services(services: Services) -> dict[str, tuple[type[refusals.UploadRefused], Services]]:
    unknown = services.tokens.copy()
    unknown[9, 0] ^= 1
    some: dict[str, tuple[type[refusals.UploadRefused], Services]] = {
        "services of unknown tokens": (refusals.UnknownRecords, replace(services, tokens=unknown)),
        "services of a foreign member": (refusals.ForeignMember, _told(services, member="x")),
        "services of a foreign agreement": (refusals.ForeignAgreement, _told(services, agreement_digest="0" * 64)),
        "services with a key check": (refusals.BadHeader, _told(services, key_check=KEY_CHECK)),
        "services of another version": (refusals.OtherCleaning, _told(services, cleaning_version="0")),
        "1,001 service names": (refusals.BadServiceNames, replace(services, names=tuple(map(str, range(1_001))))),
        "service name too long": (refusals.BadServiceNames, replace(services, names=("x" * 201, "y"))),
        "service name empty": (refusals.BadServiceNames, replace(services, names=("", "y"))),
        "service name with a line break": (refusals.BadServiceNames, replace(services, names=("x\n", "y"))),
        "service name twice": (refusals.BadServiceNames, replace(services, names=("x", "x"))),
    }
    if services.unit is not Unit.NONE:
        late, early = services.start.copy(), services.start.copy()
        late[3], early[3] = 10**6, -(10**6)
        ends = np.maximum(services.end, late)
        some["service in the far future"] = (refusals.BadServices, replace(services, start=late, end=ends))
        some["service in the far past"] = (refusals.BadServices, replace(services, start=early))
        other = Unit.DAY if services.unit is not Unit.DAY else Unit.MONTH
        some["times in another unit"] = (refusals.WrongUnit, replace(services, unit=other))
    return some


def _told(services: Services, **changes: str) -> Services:
    return replace(services, origin=replace(services.origin, **changes))


Edit = Callable[[bytes], bytes]


def _broken_files() -> dict[str, tuple[type[refusals.UploadRefused], Edit]]:
    """What is wrong with a file as a file."""
    return {
        "truncated": (refusals.Truncated, lambda file: file[:-1]),
        "truncated in the header": (refusals.Truncated, lambda file: file[:100]),
        "empty": (refusals.Truncated, lambda _: b""),
        "over-long": (refusals.TrailingBytes, lambda file: file + b"\0"),
        "altered bit": (refusals.Altered, lambda file: file[:-40] + bytes([file[-40] ^ 1]) + file[-39:]),
        "header bomb": (refusals.BadHeader, lambda file: b"\xff" * 8 + file[8:]),
        "header of no bytes": (refusals.BadHeader, lambda file: bytes(8) + file[8:]),
        "header of 70 KB": (refusals.BadHeader, lambda file: with_header(file, header_text(file) + b" " * 70_000)),
        "header nested deeply": (refusals.BadHeader, lambda file: with_header(file, b'{"a":' * 9_000)),
        "header no JSON": (refusals.BadHeader, lambda file: with_header(file, b"{" + header_text(file))),
        "header after a blank": (refusals.BadHeader, lambda file: with_header(file, b" " + header_text(file))),
        "header no UTF-8": (refusals.BadHeader, _swapped(b'"format"', b'"form\xfft"')),
        "header with NaN": (refusals.BadHeader, _swapped(b'"data_offsets":[0,', b'"data_offsets":[NaN,')),
        "header with a fraction": (refusals.BadHeader, _swapped(b'"data_offsets":[0,', b'"data_offsets":[0.0,')),
        "header with half a surrogate pair": (refusals.BadHeader, _edited(_surrogate)),
        "header with a huge number": (refusals.BadHeader, _swapped(b"[0,", b"[" + b"9" * 9_000 + b",")),
        "duplicate keys": (refusals.BadHeader, _swapped(b'"__metadata__":{', b'"__metadata__":{"format":"x",')),
        "label too many": (refusals.BadHeader, _edited(lambda h: h["__metadata__"].update(note="hello"))),
        "label missing": (refusals.BadHeader, _edited(lambda h: h["__metadata__"].pop("encoder_version"))),
        "no labels": (refusals.BadHeader, _edited(lambda h: h.pop("__metadata__"))),
        "label that is a list": (refusals.BadHeader, _edited(lambda h: h["__metadata__"].update(format=[]))),
        "overlapping offsets": (refusals.WrongLayout, _edited(_overlapping)),
        "offset that is true": (refusals.WrongLayout, _swapped(b'"data_offsets":[0,', b'"data_offsets":[false,')),
        "wrong dtype": (refusals.WrongLayout, _edited(lambda h: h["tokens"].update(dtype="I8"))),
        "wrong shape": (refusals.WrongLayout, _edited(lambda h: h["tokens"].update(shape=[1, 16]))),
        "negative rows": (refusals.WrongLayout, _edited(_negative_rows)),
        "tensor missing": (refusals.WrongLayout, _edited(lambda h: h.pop("tokens"))),
        "tensor too many": (refusals.WrongLayout, _edited(lambda h: h.update(more=h["tokens"]))),
        "tensor with a key too many": (refusals.WrongLayout, _edited(lambda h: h["tokens"].update(note="hello"))),
        "other kind of file": (refusals.WrongFormat, _edited(lambda h: h["__metadata__"].update(format="x"))),
        "later version": (refusals.WrongFormat, _edited(lambda h: h["__metadata__"].update(format_version="9"))),
        "digest of something else": (refusals.Altered, _edited(lambda h: h["__metadata__"].update(content_sha256="0"))),
        "n is wrong": (refusals.WrongCount, _edited(lambda h: h["__metadata__"].update(n="1"))),
    }


def header_text(file: bytes) -> bytes:
    """A safetensors file's header, as it stands."""
    return file[8 : 8 + int.from_bytes(file[:8], "little")]


def with_header(file: bytes, header: bytes) -> bytes:
    """The file with another header."""
    return len(header).to_bytes(8, "little") + header + file[8 + len(header_text(file)) :]


def _swapped(old: bytes, new: bytes) -> Edit:
    def edit(file: bytes) -> bytes:
        header = header_text(file)
        assert old in header
        return with_header(file, header.replace(old, new, 1))

    return edit


def _edited(change: Callable[[dict[str, Any]], object]) -> Edit:
    def edit(file: bytes) -> bytes:
        header = json.loads(header_text(file))
        change(header)
        return with_header(file, json.dumps(header).encode())

    return edit


def _surrogate(header: dict[str, Any]) -> None:
    header["__metadata__"]["member"] = "\ud800"


def _overlapping(header: dict[str, Any]) -> None:
    first, last = header["tokens"]["data_offsets"]
    header["tokens"]["data_offsets"] = [first - 1, last - 1]


def _negative_rows(header: dict[str, Any]) -> None:
    for name in header.keys() - {"__metadata__"}:
        header[name]["shape"][0] = -1
