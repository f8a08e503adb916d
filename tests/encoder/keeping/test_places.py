"""Where a secret is kept: the keyring and a person's paper; what is weak is refused wherever it is found."""

import hashlib
import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest
from typer.testing import CliRunner

from encoder.cli import app
from encoder.errors import BadSecret, InputMissing, SecretMissing
from encoder.keeping.places import keep_in_keyring, secret_at, typed_secret
from encoder.keeping.strength import looks_random
from encoder.keeping.words import words_of
from encoder.secret import Secret, new_secret, read_secret, secret_line, secret_of_line
from tests.conftest import waylink

VALUE = hashlib.sha256(b"a secret of the tests").digest()
OTHER = hashlib.sha256(b"another").digest()


class Person:
    """A console with somebody at it, who types what is to be typed."""

    def __init__(self, *typed):
        self.typed, self.remarks, self.prompts = list(typed), [], []
        self.said = []

    asks = True

    def hidden(self, prompt):
        self.prompts.append(prompt)
        return self.typed.pop(0)

    def remark(self, text):
        self.remarks.append(text)

    def result(self, text, data):
        self.said.append((text, data))

    def for_command(self, json):
        self.asks = not json
        return self


@pytest.fixture
def keyring(monkeypatch):
    """A system's keyring that is a dictionary."""
    kept = {}
    module = ModuleType("keyring")
    module.errors = SimpleNamespace(KeyringError=type("KeyringError", (Exception,), {}))
    module.get_password = lambda service, name: kept.get((service, name))
    module.set_password = lambda service, name, text: kept.__setitem__((service, name), text)
    module.kept = kept
    monkeypatch.setitem(sys.modules, "keyring", module)
    return module


def typed(value, in_a_line=4):
    words = words_of(Secret(value))
    return [" ".join(words[start : start + in_a_line]) for start in range(0, len(words), in_a_line)]


def test_what_the_keyring_keeps_it_gives_back(keyring):
    keep_in_keyring(Secret(VALUE), "coop")
    assert secret_at("keyring:coop", Person()).reveal() == VALUE
    assert list(keyring.kept) == [("waylink secret", "coop")]


def test_the_keyring_s_secret_is_never_replaced_by_another(keyring):  # noqa: ARG001
    keep_in_keyring(Secret(VALUE), "members")
    keep_in_keyring(Secret(VALUE), "members")
    with pytest.raises(BadSecret, match="another secret"):
        keep_in_keyring(Secret(OTHER), "members")
    assert secret_at("keyring", Person()).reveal() == VALUE


def test_a_secret_that_the_keyring_does_not_have_is_told_with_the_way_to_keep_it(keyring):  # noqa: ARG001
    with pytest.raises(SecretMissing, match="waylink secret keep FILE --name coop"):
        secret_at("keyring:coop", Person())


def test_a_locked_keyring_is_told(keyring):
    def locked(service, name):
        raise keyring.errors.KeyringError(f"{service} {name}")

    keyring.get_password = locked
    with pytest.raises(SecretMissing, match="cannot be used"):
        secret_at("keyring", Person())


def test_without_the_keyring_s_package_its_name_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SecretMissing, match=r"waylink\[keyring\]"):
        secret_at("keyring", Person())


def test_a_file_is_read_as_ever(tmp_path):
    new_secret(tmp_path / "s", lambda _: VALUE)
    assert secret_at(str(tmp_path / "s"), Person()).reveal() == VALUE
    with pytest.raises(InputMissing):
        secret_at(str(tmp_path / "nowhere"), Person())


def test_a_secret_is_typed_four_words_at_a_time():
    person = Person(*typed(VALUE))
    assert typed_secret(person).reveal() == VALUE
    assert person.prompts[0].startswith("words 1 to 4 of 26")
    assert person.prompts[-1].startswith("words 25 to 26 of 26")


def test_a_word_that_is_none_is_asked_for_again_and_not_repeated():
    lines = typed(VALUE)
    person = Person("shelters " + lines[0].split(" ", 1)[1], lines[0].rsplit(" ", 1)[0], *lines)
    assert typed_secret(person).reveal() == VALUE
    assert person.remarks == ["not on the list: word 1; these again", "that were 3 words, not 4; these again"]


def test_nobody_there_to_type_is_told():
    person = Person()
    person.asks = False
    with pytest.raises(SecretMissing, match="--secret FILE"):
        secret_at("prompt", person)


def called(person, *arguments):
    return CliRunner().invoke(app, ["secret", *map(str, arguments)], obj=person, catch_exceptions=False)


def test_over_the_phone_one_steward_s_secret_becomes_the_other_s(tmp_path):
    new_secret(tmp_path / "mine", lambda _: VALUE)
    reader = Person()
    called(reader, "words", tmp_path / "mine")
    said = [part for part in reader.remarks[0].split("\n", 1)[1].split() if not part.isdecimal()]
    assert said == words_of(Secret(VALUE))
    writer = Person(*(" ".join(said[start : start + 4]) for start in range(0, 26, 4)))
    called(writer, "from-words", tmp_path / "theirs")
    assert read_secret(tmp_path / "theirs").reveal() == VALUE
    assert not any(word in str(writer.said + writer.remarks) for word in said if len(word) > 5)


def test_words_go_to_a_screen_and_to_nothing_else(tmp_path):
    new_secret(tmp_path / "s")
    done = waylink("secret", "words", tmp_path / "s")
    assert (done.returncode, done.stdout) == (2, "")
    assert not any(word in done.stderr.split() for word in words_of(read_secret(tmp_path / "s")) if len(word) > 5)


def test_keep_puts_it_into_the_keyring(keyring, tmp_path):
    new_secret(tmp_path / "s", lambda _: VALUE)
    called(Person(), "keep", tmp_path / "s", "--name", "coop")
    assert keyring.kept == {("waylink secret", "coop"): secret_line(Secret(VALUE))}


@pytest.mark.parametrize(
    "value",
    [
        bytes(32),
        b"\xff" * 32,
        b"\x7f\x80" * 16,
        bytes(range(32)),
        bytes(range(0, 160, 5)),
        b"correct horse battery staple 123",
        b"This phrase is thirty-two bytes.",
        (b"12345678" * 4),
    ],
    ids=["zeros", "ones", "pair", "count", "steps", "phrase", "sentence", "digits"],
)
def test_a_weak_secret_is_refused_though_its_checksum_is_right(value):
    with pytest.raises(BadSecret, match="weak") as caught:
        secret_of_line(secret_line(Secret(value)), where="file")
    assert value.hex() not in str(caught.value)


def test_random_secrets_are_not_taken_for_weak():
    assert all(looks_random(hashlib.sha256(b"%d" % number).digest()) for number in range(20_000))


def test_a_broken_source_of_random_bytes_makes_no_secret(tmp_path):
    with pytest.raises(BadSecret, match="source of random bytes"):
        new_secret(tmp_path / "s", lambda size: b"\0" * size)
    assert not (tmp_path / "s").exists()


def test_the_help_knows_no_option_that_takes_the_secret_itself():
    text = subprocess.run([sys.executable, "-m", "waylink", "encode", "--help"], capture_output=True, text=True).stdout
    assert "its file, `keyring:NAME` or" in " ".join(text.split())
