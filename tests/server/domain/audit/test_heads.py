"""A head is signed by the log's key alone, and is kept in a file."""

import copy
import json
import pickle
from dataclasses import asdict, replace

import pytest
from nacl.signing import VerifyKey

from schemas.errors import CannotWrite, FileMissing
from server.domain.audit.errors import LogAltered, UnfitHead, UnfitKey
from server.domain.audit.heads import head_from, is_signed, read_head, sign_head, write_head
from server.domain.audit.keys import LogKey, is_signature, log_id, public_key_from
from server.domain.audit.merkle import EMPTY_ROOT, Frontier
from server.domain.audit.verify import verify_head
from tests.server.domain.audit.logs import KEY, OTHER_KEY, example_events, head_of, moment


def test_a_head_says_size_and_root_and_is_signed():
    head = head_of(example_events(7))
    verify_head(KEY.public, head)
    assert (head.size, head.log_id) == (7, log_id(KEY.public))


def test_the_signature_is_what_the_description_says_it_is():
    head = head_of(example_events(3))
    fields = asdict(head)
    signature = bytes.fromhex(fields.pop("signature"))
    message = b"waylink audit head 1\0" + json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    assert VerifyKey(KEY.public).verify(message, signature) == message


def test_a_log_without_events_has_a_head():
    head = sign_head(KEY, Frontier(), at=moment(0), last_at=None)
    assert is_signed(KEY.public, head)
    assert (head.size, head.tree_root, head.at) == (0, EMPTY_ROOT, moment(0))


def test_a_head_is_never_older_than_the_last_event():
    assert sign_head(KEY, Frontier(), at=moment(0), last_at=moment(60)).at == moment(60)
    assert sign_head(KEY, Frontier(), at=moment(90), last_at=moment(60)).at == moment(90)
    with pytest.raises(UnfitHead):
        sign_head(KEY, Frontier(), at="", last_at=moment(60))


@pytest.mark.parametrize(
    "changes",
    [
        {"size": 8},
        {"root": "0" * 64},
        {"at": moment(10**6)},
        {"log_id": log_id(OTHER_KEY.public)},
        {"signature": "0" * 128},
        {"signature": "f" * 128},
    ],
)
def test_every_field_is_under_the_signature(changes):
    with pytest.raises(LogAltered) as caught:
        verify_head(KEY.public, replace(head_of(example_events(7)), **changes))
    assert caught.value.check == 5


def test_another_key_s_head_is_not_this_log_s():
    head = head_of(example_events(7), OTHER_KEY)
    assert not is_signed(KEY.public, head)
    assert not is_signed(OTHER_KEY.public, replace(head, log_id=log_id(KEY.public)))


def test_a_head_that_the_key_signed_under_another_log_s_name_is_not_this_log_s():
    head = replace(head_of(example_events(7)), log_id=log_id(OTHER_KEY.public))
    fields = asdict(head)
    del fields["signature"]
    message = b"waylink audit head 1\0" + json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    assert not is_signed(KEY.public, replace(head, signature=KEY.sign(message).hex()))


def test_a_key_that_is_no_point_signs_nothing():
    assert not is_signature(b"\0" * 32, b"", b"\0" * 64)
    assert not is_signature(b"short", b"", b"\0" * 64)
    assert not is_signature(KEY.public, b"", b"short")


def test_the_key_shows_itself_to_nobody():
    seed = bytes(range(32))
    assert seed.hex() not in repr(KEY) + str(KEY)
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            attempt(KEY)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length):
    with pytest.raises(UnfitKey):
        LogKey(bytes(length))


def test_a_public_key_is_read_back_from_its_digits():
    assert public_key_from(KEY.public.hex()) == KEY.public
    for text in ("", KEY.public.hex().upper(), KEY.public.hex()[:-1], KEY.public.hex() + "\n"):
        with pytest.raises(UnfitKey):
            public_key_from(text)


def test_a_kept_head_is_read_back_and_replaced_by_a_newer_one(tmp_path):
    path = tmp_path / "kept.json"
    for size in (3, 5):
        head = head_of(example_events(size))
        write_head(path, head)
        assert read_head(path) == head
    assert [file.name for file in tmp_path.iterdir()] == ["kept.json"]


def test_a_head_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(CannotWrite):
        write_head(tmp_path / "no such folder" / "kept.json", head_of([]))
    (tmp_path / "kept.json").mkdir()
    with pytest.raises(CannotWrite):
        write_head(tmp_path / "kept.json", head_of([]))
    assert [file.name for file in tmp_path.iterdir()] == ["kept.json"]


def test_a_kept_head_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(FileMissing):
        read_head(tmp_path / "kept.json")


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1]", b"{}", b"[" * 4000, b'{"size":1}', b"x" * 10_000])
def test_a_file_that_is_no_kept_head_is_refused_by_its_path(tmp_path, content):
    path = tmp_path / "kept.json"
    path.write_bytes(content)
    with pytest.raises(UnfitHead) as caught:
        read_head(path)
    assert caught.value.where == str(path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", -1),
        ("size", True),
        ("size", "7"),
        ("root", "AB" * 32),
        ("at", "yesterday"),
        ("log_id", None),
        ("signature", "0" * 127),
    ],
)
def test_a_head_s_field_without_its_form_is_refused_by_name(field, value):
    with pytest.raises(UnfitHead) as caught:
        head_from(asdict(head_of([])) | {field: value})
    assert caught.value.where == field
