"""An upload is accepted only if every check passes; each hostile one is refused for its own reason."""

import json
import subprocess
import sys
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.agreement import load_agreement, parse_agreement
from schemas.encodings import Encodings, write_encodings
from schemas.errors import DataFault
from schemas.services import write_services
from server.domain.errors import ServerError
from server.domain.upload_checks import SharedMarks, UploadLimits, check_upload, refusals
from tests.conftest import MEMBERS
from tests.linkage.coops import small_agreement
from tests.server.hostile import (
    CLEANING,
    KEY_CHECK,
    RECORDS,
    Files,
    files_of,
    honest_parts,
    honest_upload,
    hostile_uploads,
    with_header,
)

MONTHLY = small_agreement()
TIMELESS = parse_agreement("""
project = "Small"
purpose = "Tests"
members = ["east", "west"]
data_level = "membership"
tables = ["unduplicated"]
""")
SHARED = SharedMarks(KEY_CHECK, CLEANING)
HOSTILE = hostile_uploads(MONTHLY, "east")
TIMELESS_HOSTILE = hostile_uploads(TIMELESS, "east")
MEMORY_MIB = 64
DEFAULT = UploadLimits()


def in_pieces(data: bytes, size: int = 65_536):
    for start in range(0, len(data), size):
        yield data[start : start + size]


def check(files: Files, agreement=MONTHLY, member="east", shared=SHARED, limits=DEFAULT, size=65_536):
    return check_upload(
        in_pieces(files.encodings, size),
        in_pieces(files.services, size),
        agreement,
        member,
        shared=shared,
        limits=limits,
    )


@pytest.mark.parametrize("shared", [None, SHARED])
def test_an_honest_upload_is_accepted(shared):
    checked = check(honest_upload(MONTHLY, "east"), shared=shared)
    assert (checked.records, checked.services) == (RECORDS, RECORDS + 50)
    assert (checked.key_check, checked.cleaning_version) == (KEY_CHECK, CLEANING)
    assert checked.service_names == ("beds", "meals")
    assert 0.3 < checked.fill < 0.4


def test_an_honest_upload_without_times_is_accepted():
    assert check(honest_upload(TIMELESS, "east"), TIMELESS).services == RECORDS + 50


@pytest.mark.parametrize("size", [1, 7, 1_000, 10**7])
def test_the_size_of_the_pieces_changes_nothing(size):
    files = honest_upload(MONTHLY, "east", records=40)
    assert check(files, size=size) == check(files)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_upload_is_refused_for_its_own_reason(name):
    with pytest.raises(refusals.UploadRefused) as refused:
        check(HOSTILE[name])
    assert type(refused.value) is HOSTILE[name].refused_as
    assert isinstance(refused.value, ServerError)
    assert isinstance(refused.value, DataFault)
    assert refused.value.where.startswith(("encodings", "services"))
    assert refused.value.fix


@pytest.mark.parametrize("name", TIMELESS_HOSTILE)
def test_a_hostile_upload_without_times_is_refused_for_its_own_reason(name):
    with pytest.raises(TIMELESS_HOSTILE[name].refused_as):
        check(TIMELESS_HOSTILE[name], TIMELESS)


def test_every_reason_has_a_hostile_upload():
    met = {one.refused_as for one in HOSTILE.values()}
    assert set(refusals.UploadRefused.__subclasses__()) - met == {refusals.TooMany}


def test_a_refusal_repeats_no_token_and_no_bits():
    tokens = honest_parts(MONTHLY, "east")[0].tokens
    for files in HOSTILE.values():
        with pytest.raises(refusals.UploadRefused) as refused:
            check(files)
        text = json.dumps(refused.value.as_dict())
        assert not any(token.tobytes().hex() in text for token in tokens)


def test_what_the_header_shows_is_refused_before_any_content():
    def only_the_header(data):
        yield data[: 8 + int.from_bytes(data[:8], "little")]
        pytest.fail("read on after the header")

    for name in ("foreign agreement", "foreign member", "other secret", "other cleaning", "wrong dtype", "n is wrong"):
        with pytest.raises(HOSTILE[name].refused_as):
            check_upload(only_the_header(HOSTILE[name].encodings), [], MONTHLY, "east", shared=SHARED)


def test_the_first_upload_needs_a_key_check_too():
    with pytest.raises(refusals.OtherSecret):
        check(HOSTILE["no key check"], shared=None)


def test_an_upload_over_the_limit_is_refused():
    files = honest_upload(MONTHLY, "east")
    assert check(files, limits=UploadLimits(RECORDS, RECORDS + 50)).records == RECORDS
    with pytest.raises(refusals.TooMany, match="encodings"):
        check(files, limits=UploadLimits(records=RECORDS - 1))
    with pytest.raises(refusals.TooMany, match="services"):
        check(files, limits=UploadLimits(services=RECORDS + 49))


@pytest.mark.parametrize("copies", [20, 21])
def test_twenty_records_may_share_a_clk_in_any_file(copies):
    encodings, services = honest_parts(MONTHLY, "east")
    bits = encodings.bits.copy()
    bits[:copies] = bits[0]
    files = files_of(replace(encodings, bits=bits), services)
    if copies == 20:
        assert check(files).records == RECORDS
    else:
        with pytest.raises(refusals.TooManyCopies, match="one CLK 21 times"):
            check(files)


@pytest.mark.parametrize("pairs", [RECORDS // 5, RECORDS // 5 + 1])
def test_a_fifth_of_the_records_may_be_copies(pairs):
    encodings, services = honest_parts(MONTHLY, "east")
    bits = encodings.bits.copy()
    bits[:pairs] = bits[pairs : 2 * pairs]
    files = files_of(replace(encodings, bits=bits), services)
    if pairs == RECORDS // 5:
        assert check(files).records == RECORDS
    else:
        with pytest.raises(refusals.TooManyCopies, match=f"{pairs} of {RECORDS}"):
            check(files)


def test_records_with_nothing_in_them_match_nobody_and_are_accepted():
    encodings, services = honest_parts(MONTHLY, "east")
    bits = encodings.bits.copy()
    bits[: RECORDS // 4] = 0
    assert check(files_of(replace(encodings, bits=bits), services)).records == RECORDS


def test_a_member_without_services_is_accepted():
    encodings, services = honest_parts(MONTHLY, "east")
    few = {name: getattr(services, name)[:0] for name in ("tokens", "service", "start", "end")}
    none = replace(services, names=(), **few)
    assert check(files_of(encodings, none)).services == 0


def with_services_as_written(services, **changes):
    """A services file with faults that the class itself refuses: every array as given."""
    for name, array in changes.items():
        object.__setattr__(services, name, array)
    return services


@pytest.mark.parametrize("fault", ["backwards", "nameless"])
def test_services_that_no_encoder_writes_are_refused(fault):
    encodings, services = honest_parts(MONTHLY, "east")
    end, service = services.end.copy(), services.service.copy()
    end[5], service[5] = services.start[5] - 1, 2
    changes = {"end": end} if fault == "backwards" else {"service": service}
    files = files_of(encodings, with_services_as_written(services, **changes))
    with pytest.raises(refusals.BadServices, match="end before" if fault == "backwards" else "without a name"):
        check(files)


@pytest.mark.parametrize("kind", ["encodings", "services"])
def test_a_header_that_says_the_same_in_other_spaces_is_accepted(kind):
    files = honest_upload(MONTHLY, "east")
    file = getattr(files, kind)
    header = json.loads(file[8 : 8 + int.from_bytes(file[:8], "little")])
    spaced = with_header(file, json.dumps(header, indent=1).encode() + b"  ")
    assert check(replace(files, **{kind: spaced})) == check(files)


def test_the_examples_five_members_are_accepted(encoded_coop):
    agreement, shared = load_agreement(encoded_coop.agreement), None
    for member in MEMBERS:
        folder = encoded_coop.member(member)
        files = Files(*((folder / f"{name}.safetensors").read_bytes() for name in ("encodings", "services")))
        checked = check(files, agreement, member, shared)
        shared = SharedMarks(checked.key_check, checked.cleaning_version)
        assert 0.34 < checked.fill < 0.39


@pytest.mark.parametrize("kind", ["encodings", "services"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 10**7), flip=st.integers(1, 255))
def test_any_altered_byte_is_refused(kind, position, flip):
    files = honest_upload(MONTHLY, "east", records=30)
    data = bytearray(getattr(files, kind))
    data[position % len(data)] ^= flip
    if json_means_the_same(getattr(files, kind), bytes(data)):
        return
    with pytest.raises(refusals.UploadRefused):
        check(replace(files, **{kind: bytes(data)}))


def json_means_the_same(one: bytes, other: bytes) -> bool:
    """Whether two files differ in white space of the header only."""
    try:
        first, second = (json.loads(f[8 : 8 + int.from_bytes(f[:8], "little")]) for f in (one, other))
    except (ValueError, RecursionError):
        return False
    size = int.from_bytes(one[:8], "little")
    return first == second and one[:8] == other[:8] and one[8 + size :] == other[8 + size :]


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=2_000), announced=st.integers(0, 2_000))
def test_noise_is_refused_and_breaks_nothing(data, announced):
    for file in (data, announced.to_bytes(8, "little") + data, announced.to_bytes(8, "little") + b"{" + data):
        with pytest.raises(refusals.UploadRefused):
            check(Files(file, b""))


MEASURE = """
import json, re, sys
from pathlib import Path
from schemas.agreement import load_agreement, parse_agreement
from server.domain.upload_checks import check_upload

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

def pieces(path):
    with open(path, "rb") as file:
        while piece := file.read(65536):
            yield piece

folder = Path(sys.argv[1])
agreement = load_agreement(folder / "agreement.toml")
before = peak()
checked = check_upload(pieces(folder / "e"), pieces(folder / "s"), agreement, "east")
print(json.dumps([checked.records, checked.services, peak() - before]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_a_million_records_are_checked_in_less_than_64_mib(tmp_path):
    text = (resources.files("schemas") / "presets" / "person-v1.json").read_text()
    schema = json.loads(text)
    schema["clkConfig"]["l"] = 256  # CLKs of 32 bytes, as full as those of 1024 bits
    for feature in schema["features"]:
        feature["hashing"]["strategy"]["bitsPerFeature"] //= 4
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    plain = 'project = "Big"\npurpose = "Tests"\nmembers = ["east", "west"]\ndata_level = "period"\nperiod = "month"\n'
    more = 'tables = ["unduplicated"]\nlinkage_schema = "schema.json"\n'
    (tmp_path / "agreement.toml").write_text(plain + more)
    agreement = load_agreement(tmp_path / "agreement.toml")
    n, rng = 1_000_000, np.random.default_rng(1)
    encodings, services = honest_parts(agreement, "east", records=10)
    bits = rng.integers(0, 256, (n, 32), np.uint8) & rng.integers(0, 256, (n, 32), np.uint8)
    tokens = rng.integers(0, 256, (n, 16), np.uint8)
    write_encodings(Encodings(bits, tokens, encodings.origin), tmp_path / "e")
    start = np.full(n, 600, np.int32)
    served = replace(services, tokens=tokens, service=np.zeros(n, np.uint16), start=start, end=start)
    write_services(served, tmp_path / "s")
    done = subprocess.run([sys.executable, "-c", MEASURE, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    records, count, kib = json.loads(done.stdout)
    assert (records, count) == (n, n)
    assert kib < MEMORY_MIB * 1024
