"""The leak scan: it finds a value in every place and form, and finds none where there is none."""

import base64
import json
import random
import string

import numpy as np
import pytest
from safetensors.numpy import save_file

import encoder.encode as pipeline
from benchmarks.leaks import leaks
from encoder.encode import encode_clients, write_folder
from encoder.errors import LeakFound
from encoder.leak_scan import _PART_BYTES as PART
from encoder.leak_scan import require_no_leak
from tests.encoder.conftest import HEADER, PEOPLE

VALUE = "Quillfeather"
FORMS = {
    "as it is": VALUE,
    "upper case": VALUE.upper(),
    "within": f"x{VALUE}y",
    "backwards": VALUE[::-1],
    "hexadecimal": VALUE.encode().hex(),
    "base64": base64.b64encode(VALUE.encode()).decode(),
    "base64 after one byte": base64.b64encode(b"a" + VALUE.encode()).decode(),
    "base64 after two bytes": base64.b64encode(b"ab" + VALUE.encode() + b"c").decode(),
}


def files_of(tmp_path, *, text="", payload=b"", name="", seed=3):
    """A receipt with a text and a name in it, and a file of random bytes with others among them."""
    (tmp_path / "receipt.json").write_text(json.dumps({"said": [{"more": text}], "names": [name]}))
    data = bytearray(random.Random(seed).randbytes(300_000))  # noqa: S311 (the same in every run is the point)
    data[137_001 : 137_001 + len(payload)] = payload
    save_file({"bits": np.frombuffer(bytes(data), np.uint8)}, tmp_path / "e.safetensors", {"names": json.dumps([name])})
    return [tmp_path / "receipt.json", tmp_path / "e.safetensors"]


def scan(files, *values, named=()):
    require_no_leak(files, [list(values)], set(named))


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_value_in_a_text_is_found_in_every_form_and_not_repeated(tmp_path, form):
    with pytest.raises(LeakFound, match=r"receipt\.json") as caught:
        scan(files_of(tmp_path, text=form), "Someone", VALUE)
    assert VALUE.lower() not in str(caught.value).lower()


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_value_among_random_bytes_is_found_in_every_form(tmp_path, form):
    with pytest.raises(LeakFound, match=r"e\.safetensors"):
        scan(files_of(tmp_path, payload=form.encode()), "Someone", VALUE)


@pytest.mark.parametrize("place", [PART - 5, PART - len(VALUE), PART, PART + 251, 2 * PART - 7])
def test_a_value_across_the_parts_that_are_read_is_found(tmp_path, place):
    data = bytearray(2 * PART + 600)
    data[place : place + len(VALUE)] = VALUE.encode()
    save_file({"bits": np.frombuffer(bytes(data), np.uint8)}, tmp_path / "e.safetensors")
    with pytest.raises(LeakFound):
        scan([tmp_path / "e.safetensors"], VALUE)
    scan([tmp_path / "e.safetensors"], "Quillfeathers")


def test_a_value_in_what_a_binary_file_says_of_itself_is_found(tmp_path):
    with pytest.raises(LeakFound, match=r"e\.safetensors"):
        scan(files_of(tmp_path, name="Lee4")[1:], "Lee4")


def test_short_values_are_sought_in_texts_and_shorter_ones_not(tmp_path):
    with pytest.raises(LeakFound):
        scan(files_of(tmp_path, text="by Wu Li"), "wu l")
    scan(files_of(tmp_path, text="by Wu Li"), "wu", "Li")


def test_letters_of_any_script_are_found_in_texts(tmp_path):
    with pytest.raises(LeakFound):
        scan(files_of(tmp_path, text="für ОЛЬГА"), "Ольга")


def test_a_service_may_be_called_like_somebody_but_hold_no_number_of_anybody(tmp_path):
    files = files_of(tmp_path, name="Hope House for C-000417")
    named = ["Hope House for C-000417"]
    scan(files, "Hope", "House", named=named)
    with pytest.raises(LeakFound):
        scan(files, "C-000417", named=named)


def test_every_value_of_random_letters_is_found_and_none_that_is_not_there(tmp_path):
    rng = random.Random(5)  # noqa: S311 (as above)
    word = lambda: "".join(rng.choices(string.ascii_letters, k=rng.randrange(8, 20)))  # noqa: E731
    for seed in range(20):
        there, others = word(), [word() for _ in range(300)]
        files = files_of(tmp_path, payload=there.encode(), seed=seed)
        scan(files, *others)
        with pytest.raises(LeakFound):
            scan(files, *others, there.swapcase())


@pytest.fixture
def encode(agreement, secret, clients, services):
    return lambda file=clients: encode_clients(file, agreement(), "clinic", secret, services=services)


def test_an_encoding_passes(encode, tmp_path):
    write_folder(encode(), tmp_path / "out")


def test_a_fault_that_would_let_a_name_out_stops_the_folder(encode, tmp_path, monkeypatch):
    honest = pipeline.receipt
    monkeypatch.setattr(pipeline, "receipt", lambda *given: {**honest(*given), "note": "for wyndham-pryce"})
    with pytest.raises(LeakFound):
        write_folder(encode(), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".out")]


def test_a_fault_that_would_let_plain_values_out_as_bits_stops_the_folder(encode, tmp_path):
    made = encode()
    made.encodings.bits[2, :20] = np.frombuffer(b"driftstone drive 777", np.uint8)
    with pytest.raises(LeakFound):
        write_folder(made, tmp_path / "out")


def test_files_of_all_kinds_of_people_pass(encode, write, tmp_path):
    """Numbers as ids, dates as names of receipts' counts, words of the receipt as names: 10 files of 40 people."""
    rng = random.Random(11)  # noqa: S311 (as above)
    words = (
        "Counts",
        "Files",
        "Member",
        "Warnings",
        "Python",
        "Period",
        "Columns",
        "Hashed",
        "Person",
        "Level",
        "Month",
    )
    for number in range(10):
        rows = [
            f"{1000 * number + row},{rng.choice(words)},A,{rng.choice(words)}{rng.choice('abcdefgh')},"
            f"19{rng.randrange(40, 99)}-0{rng.randrange(1, 9)}-11,Male,{rng.randrange(1, 9999)},{rng.choice(words)} st"
            for row in range(40)
        ]
        write_folder(encode(write("c.csv", [HEADER, *PEOPLE, *rows])), tmp_path / f"out{number}")


def test_random_lists_of_any_script_do_not_leak(tmp_path):
    assert leaks(40, tmp_path) == 0
