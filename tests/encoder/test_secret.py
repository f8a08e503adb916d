"""The secret: made once, read with its checksum, shown to nobody."""

import copy
import pickle
import stat
from hashlib import sha256

import pytest

from encoder.errors import BadSecret, InputMissing
from encoder.secret import Secret, key_check, new_secret, others_can_read, read_secret, secret_line
from schemas.digest import sha256_of
from schemas.errors import OutputExists

VALUE = sha256(b"a secret of the tests").digest()
AGREEMENT, SCHEMA = sha256_of(b"agreement"), sha256_of(b"schema")


def made(tmp_path):
    path = tmp_path / "secret"
    new_secret(path, lambda size: VALUE[:size])
    return path


def test_a_new_secret_is_read_back(tmp_path):
    assert read_secret(made(tmp_path)).reveal() == VALUE


def test_two_new_secrets_differ(tmp_path):
    new_secret(tmp_path / "a")
    new_secret(tmp_path / "b")
    assert read_secret(tmp_path / "a").reveal() != read_secret(tmp_path / "b").reveal()


def test_its_file_is_its_owner_s_alone(tmp_path):
    assert stat.S_IMODE(made(tmp_path).stat().st_mode) == 0o600


def test_its_file_is_one_line_that_says_what_it_is(tmp_path):
    (line,) = made(tmp_path).read_text().splitlines()
    assert line.startswith("waylink-secret-1:")


def test_another_file_is_never_overwritten(tmp_path):
    path = made(tmp_path)
    with pytest.raises(OutputExists):
        new_secret(path)


@pytest.mark.parametrize("show", [repr, str, "{}".format, ascii])
def test_a_secret_does_not_show_itself(show):
    text = show(Secret(b"open sesame"))
    assert "sesame" not in text
    assert b"open sesame".hex() not in text


@pytest.mark.parametrize("carry", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_pickled_or_copied(carry):
    with pytest.raises(TypeError):
        carry(Secret(VALUE))


def test_a_secret_has_no_dictionary_to_print():
    with pytest.raises(TypeError):
        vars(Secret(VALUE))


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.replace("0", "f", 1),
        lambda line: line[:-3],
        lambda line: line.replace("waylink-secret-1", "waylink-secret-9"),
        lambda _: "correct horse battery staple",
        lambda _: "",
        lambda _: "\udcff\udcfe",
    ],
    ids=["digit", "cut", "version", "words", "empty", "binary"],
)
def test_a_file_that_is_no_secret_is_refused_without_its_content(tmp_path, change):
    path = tmp_path / "changed"
    content = change(made(tmp_path).read_text().strip())
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(BadSecret) as caught:
        read_secret(path)
    assert VALUE.hex()[8:] not in str(caught.value)
    assert "horse" not in str(caught.value)


def test_a_short_secret_is_refused_although_its_checksum_is_right(tmp_path):
    (tmp_path / "short").write_text(secret_line(Secret(b"weak")))
    with pytest.raises(BadSecret, match="256"):
        read_secret(tmp_path / "short")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputMissing, match="nowhere"):
        read_secret(tmp_path / "nowhere")


def test_the_key_check_is_equal_for_equal_things():
    assert key_check(Secret(VALUE), AGREEMENT, SCHEMA, "1") == key_check(Secret(VALUE), AGREEMENT, SCHEMA, "1")


@pytest.mark.parametrize(
    "other",
    [
        (Secret(b"x" * 32), AGREEMENT, SCHEMA, "1"),
        (Secret(VALUE), SCHEMA, SCHEMA, "1"),
        (Secret(VALUE), AGREEMENT, AGREEMENT, "1"),
        (Secret(VALUE), AGREEMENT, SCHEMA, "2"),
    ],
    ids=["secret", "agreement", "schema", "cleaning"],
)
def test_the_key_check_differs_where_anything_differs(other):
    assert key_check(*other) != key_check(Secret(VALUE), AGREEMENT, SCHEMA, "1")


def test_a_secret_that_others_can_read_is_noticed(tmp_path):
    new_secret(tmp_path / "secret.txt")
    assert not others_can_read(tmp_path / "secret.txt")
    (tmp_path / "secret.txt").chmod(0o644)
    assert others_can_read(tmp_path / "secret.txt")
