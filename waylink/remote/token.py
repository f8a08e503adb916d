"""The access token: read from a file or the system's keyring; never from the command line, never shown."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from schemas.errors import FileMissing
from schemas.hidden import Hidden
from server.domain.accounts import looks_like_token
from waylink.remote.address import Address
from waylink.remote.errors import BadToken, NoToken

SERVICE = "waylink"
"""The keyring's service; the user name is the server's address."""

_MOST_BYTES = 4096  # a token has about 75
_AGAIN = "get it again from whoever made it: a token's file holds one line that begins with waylink_"


class AccessToken(Hidden):
    """An access token. Shows itself to nobody but the caller of `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Take a token's text.

        Raises:
            BadToken: it has not the form of one, or a character of it was mistyped.
        """
        if not (looks_like_token(text) and text.replace("_", "").isalnum()):
            raise BadToken("is no access token, or is mistyped", fix=_AGAIN)
        self._text = text

    def reveal(self) -> str:
        """The token's text, for the one header that carries it."""
        return self._text


def read_token(path: Path) -> AccessToken:
    """The token in a file.

    Raises:
        FileMissing: it cannot be read.
        BadToken: it holds no token; never says what it holds.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8-sig").strip()
    except OSError:
        raise FileMissing("no such token file", where=str(path), fix="name another with --token-file") from None
    except UnicodeDecodeError:
        raise BadToken("is not a token file", where=str(path), fix=_AGAIN) from None
    try:
        return AccessToken(text)
    except BadToken as error:
        raise BadToken(error.what, where=str(path), fix=error.fix) from None


def token_in_keyring(server: Address) -> AccessToken:
    """The token that the system's keyring has for a server.

    Raises:
        NoToken: there is none, or there is no keyring.
        BadToken: what it has is no token.
    """
    try:
        text = _keyring().get_password(SERVICE, server.url)
    except NoToken:
        raise
    except Exception:  # a backend may raise anything, and its text may hold anything
        text = None
    if text is None:
        raise NoToken(
            "the system's keyring has no token for this server",
            where=server.url,
            fix=f"name its file with --token-file, or keep it: keyring set {SERVICE} {server.url}",
        )
    return AccessToken(text.strip())


def _keyring() -> Any:  # noqa: ANN401 (an extra that may be absent, and so has no type here)
    try:
        return import_module("keyring")
    except ImportError:
        raise NoToken(
            "no access token was named",
            fix="name its file with --token-file or WAYLINK_TOKEN_FILE, "
            "or install the keyring: pip install 'waylink[keyring]'",
        ) from None
