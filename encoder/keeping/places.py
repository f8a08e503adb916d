"""Where a secret is kept: a file, the system's keyring, or a person's paper; never argv, never a variable."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from encoder.errors import BadSecret, SecretMissing
from encoder.keeping.words import WORDS, find_word, secret_of_words
from encoder.secret import Secret, others_can_read, read_secret, secret_line, secret_of_line

if TYPE_CHECKING:
    from schemas.console import Console

PROMPT, KEYRING = "prompt", "keyring"
SERVICE = "waylink secret"
"""The keyring's service; the user name is the name that the secret was given."""

DEFAULT_NAME = "members"

_AT_ONCE = 4  # words that are read over the phone in one breath
_SHORTEST = 3  # letters of a word of the list


def secret_at(where: str, console: Console) -> Secret:
    """The secret at a place: `keyring` or `keyring:NAME`, `prompt`, or a file's path.

    Raises:
        InputMissing, SecretMissing: there is none.
        BadSecret: what is there is none; never says what it is.
    """
    place, _, name = where.partition(":")
    if place == KEYRING:
        return secret_in_keyring(name or DEFAULT_NAME)
    if where == PROMPT:
        return typed_secret(console)
    if others_can_read(Path(where)):
        console.remark(f"warning: others on this computer can read {where}; make it yours alone (chmod 600)")
    return read_secret(Path(where))


def secret_in_keyring(name: str) -> Secret:
    """The secret that the system's keyring has under a name."""
    keyring = _keyring()
    try:
        line = keyring.get_password(SERVICE, name)
    except keyring.errors.KeyringError:
        raise _no_keyring() from None
    if line is None:
        fix = f"keep it there: waylink secret keep FILE --name {name}"
        raise SecretMissing("there is no secret of that name", where=f"keyring:{name}", fix=fix)
    return secret_of_line(line, where=f"keyring:{name}")


def keep_in_keyring(secret: Secret, name: str) -> None:
    """Put a secret into the system's keyring, in the place of one that has the same name and is the same.

    Raises:
        SecretMissing: there is no keyring.
        BadSecret: another secret has the name.
    """
    keyring = _keyring()
    try:
        there = keyring.get_password(SERVICE, name)
        if there is not None and there.strip() != secret_line(secret):
            fix = "give it another: --name NAME"
            raise BadSecret("another secret has that name", where=f"keyring:{name}", fix=fix)
        keyring.set_password(SERVICE, name, secret_line(secret))
    except keyring.errors.KeyringError:
        raise _no_keyring() from None


def typed_secret(console: Console) -> Secret:
    """The secret whose words a person types, four at a time and unseen; a word that is none is asked for again.

    Raises:
        SecretMissing: nobody is at the terminal.
        BadSecret: the words do not belong together.
    """
    if not console.asks:
        fix = "run it in a terminal, or name the secret's file: --secret FILE"
        raise SecretMissing("nobody is there to type the secret's words", where="--secret prompt", fix=fix)
    words: list[str] = []
    while len(words) < WORDS:
        until = min(len(words) + _AT_ONCE, WORDS)
        typed = console.hidden(f"words {len(words) + 1} to {until} of {WORDS} (not shown): ").split()
        wrong = [place for place, word in enumerate(typed, len(words) + 1) if not _is_word(word)]
        if len(typed) != until - len(words):
            console.remark(f"that were {len(typed)} words, not {until - len(words)}; these again")
        elif wrong:
            console.remark(f"not on the list: word {', '.join(map(str, wrong))}; these again")
        else:
            words += typed
    return secret_of_words(words)


def _is_word(text: str) -> bool:
    return len(text) >= _SHORTEST and find_word(text) is not None


def _keyring() -> Any:  # noqa: ANN401 (an extra that may be absent, and so has no type here)
    try:
        return import_module("keyring")
    except ImportError:
        raise _no_keyring() from None


def _no_keyring() -> SecretMissing:
    return SecretMissing(
        "the system's keyring cannot be used",
        where=KEYRING,
        fix="install it: pip install 'waylink[keyring]'; or name the secret's file: --secret FILE",
    )
