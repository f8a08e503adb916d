"""Encodings and services on disk: what is written is read back, and nothing else."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from schemas import (
    Encodings,
    Origin,
    Services,
    Unit,
    parse_encodings,
    parse_services,
    read_encodings,
    read_services,
    write_encodings,
    write_services,
)
from schemas.errors import BrokenFile, FileMissing
from schemas.services import OPEN_END

ORIGIN = Origin("clinic", "a" * 64, "b" * 64, "c" * 64, "1", "0.1.0")


def encodings(n: int, width: int = 128) -> Encodings:
    rng = np.random.default_rng(n)
    return Encodings(rng.integers(0, 256, (n, width), np.uint8), rng.integers(0, 256, (n, 16), np.uint8), ORIGIN)


def services(n: int = 3) -> Services:
    tokens = np.arange(16 * n, dtype=np.uint8).reshape(n, 16)
    start = np.arange(n, dtype=np.int32)
    end = start + 2
    end[-1] = OPEN_END
    return Services(tokens, np.zeros(n, np.uint16), ("Übernachtung",), Unit.MONTH, start, end, ORIGIN)


@pytest.mark.parametrize("n", [0, 1, 257])
@pytest.mark.parametrize("width", [1, 3, 128])
def test_encodings_are_read_as_they_were_written(tmp_path, n, width):
    path = tmp_path / "encodings.safetensors"
    written = encodings(n, width)
    write_encodings(written, path)
    read = read_encodings(path)
    assert np.array_equal(read.bits, written.bits)
    assert np.array_equal(read.tokens, written.tokens)
    assert read.origin == ORIGIN
    assert read.bits_per_record == 8 * width


@pytest.mark.parametrize("made", [encodings(0), encodings(5, 3), services()])
def test_the_file_is_the_one_that_safetensors_itself_makes(tmp_path, made):
    path = tmp_path / "file"
    (write_encodings if isinstance(made, Encodings) else write_services)(made, path)
    ours = path.read_bytes()
    size = 8 + int.from_bytes(ours[:8], "little")
    header = json.loads(ours[8:size])
    theirs = save(load(ours), header["__metadata__"])
    assert theirs[size:] == ours[size:]
    assert json.loads(theirs[8:size]) == header  # safetensors writes the metadata in another order every time
    assert list(json.loads(theirs[8:size])) == list(header)


def test_services_are_read_as_they_were_written(tmp_path):
    path = tmp_path / "services.safetensors"
    write_services(services(), path)
    read = read_services(tmp_path)
    assert read.names == ("Übernachtung",)
    assert read.unit is Unit.MONTH
    assert read.end.tolist() == services().end.tolist()


def test_services_without_time_have_no_start_and_end(tmp_path):
    none = np.empty(0, np.int32)
    timeless = Services(services().tokens, np.zeros(3, np.uint16), ("a",), Unit.NONE, none, none, ORIGIN)
    write_services(timeless, tmp_path / "services.safetensors")
    assert len(read_services(tmp_path).start) == 0


@pytest.mark.parametrize("n", [0, 1, 257])
def test_encodings_are_read_from_bytes_as_from_their_file(tmp_path, n):
    write_encodings(encodings(n), tmp_path / "encodings.safetensors")
    read = parse_encodings((tmp_path / "encodings.safetensors").read_bytes(), "clinic")
    assert np.array_equal(read.bits, encodings(n).bits)
    assert np.array_equal(read.tokens, encodings(n).tokens)
    assert read.origin == ORIGIN


def test_services_are_read_from_bytes_as_from_their_file(tmp_path):
    write_services(services(), tmp_path / "services.safetensors")
    read = parse_services((tmp_path / "services.safetensors").read_bytes(), "clinic")
    for name in ("tokens", "service", "start", "end"):
        assert np.array_equal(getattr(read, name), getattr(services(), name))
    assert (read.names, read.unit, read.origin) == (("Übernachtung",), Unit.MONTH, ORIGIN)


@given(position=st.integers(0, 10**6), flip=st.integers(1, 255))
def test_any_altered_byte_is_noticed_in_bytes_too(tmp_path_factory, position, flip):
    path = tmp_path_factory.mktemp("altered") / "services.safetensors"
    write_services(services(), path)
    data = bytearray(path.read_bytes())
    data[position % len(data)] ^= flip
    with pytest.raises(BrokenFile):
        parse_services(bytes(data), "clinic")


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 100, -1])
def test_truncated_or_longer_bytes_are_noticed(tmp_path, kept):
    path = tmp_path / "encodings.safetensors"
    write_encodings(encodings(4), path)
    for data in (path.read_bytes()[:kept], path.read_bytes() + bytes(kept + 2)):
        with pytest.raises(BrokenFile, match="clinic"):
            parse_encodings(data, "clinic")


def test_bytes_of_services_are_no_encodings(tmp_path):
    write_services(services(), tmp_path / "services.safetensors")
    with pytest.raises(BrokenFile, match="waylink-encodings"):
        parse_encodings((tmp_path / "services.safetensors").read_bytes(), "clinic")


def test_services_that_end_before_they_start_are_refused():
    good = services()
    with pytest.raises(BrokenFile, match="ends before"):
        Services(good.tokens, good.service, good.names, good.unit, good.start, good.start - 1)


@given(position=st.integers(0, 10**6), flip=st.integers(1, 255))
def test_any_altered_byte_is_noticed(tmp_path_factory, position, flip):
    path = tmp_path_factory.mktemp("altered") / "encodings.safetensors"
    write_encodings(encodings(4, 16), path)
    data = bytearray(path.read_bytes())
    data[position % len(data)] ^= flip
    path.write_bytes(data)
    with pytest.raises(BrokenFile):
        read_encodings(path)


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 100, -1])
def test_a_truncated_file_is_noticed(tmp_path, kept):
    path = tmp_path / "encodings.safetensors"
    write_encodings(encodings(4), path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(BrokenFile):
        read_encodings(path)


def test_a_services_file_is_no_encodings_file(tmp_path):
    write_services(services(), tmp_path / "encodings.safetensors")
    with pytest.raises(BrokenFile, match="waylink-encodings"):
        read_encodings(tmp_path)


def test_a_missing_file_is_told_as_such(tmp_path):
    with pytest.raises(FileMissing):
        read_encodings(tmp_path)


def test_two_records_never_share_a_token(tmp_path):
    once = encodings(2)
    write_encodings(Encodings(once.bits, once.tokens[[0, 0]], ORIGIN), tmp_path / "encodings.safetensors")
    with pytest.raises(BrokenFile, match="same token"):
        read_encodings(tmp_path)


def test_the_wrong_shapes_make_no_encodings():
    with pytest.raises(BrokenFile):
        Encodings(np.zeros((2, 8), np.uint8), np.zeros((3, 16), np.uint8))
    with pytest.raises(BrokenFile):
        Encodings(np.zeros((2, 8), np.int8), np.zeros((2, 16), np.uint8))  # type: ignore[arg-type]


def test_the_header_says_what_the_design_promises(tmp_path):
    path = tmp_path / "encodings.safetensors"
    write_encodings(encodings(5), path)
    header = json.loads(_header(path))["__metadata__"]
    assert header["format"] == "waylink-encodings"
    assert (header["n"], header["l"], header["key_check"]) == ("5", "1024", ORIGIN.key_check)
    assert {"agreement_digest", "schema_digest", "encoder_version", "format_version"} <= header.keys()


def _header(path: Path) -> bytes:
    data = path.read_bytes()
    return data[8 : 8 + int.from_bytes(data[:8], "little")]
