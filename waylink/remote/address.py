"""Where the server is: an address to which a token may be sent."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from waylink.remote.errors import BadAddress, BadId

_ID = re.compile(r"[0-9a-f]{32}")
_EXAMPLE = "write it as https://waylink.example.org"


@dataclass(frozen=True)
class Address:
    """A server's address. Made by `parse_address`.

    Attributes:
        url: with scheme and host, without a slash at the end.
        secure: whether TLS protects what goes there; if not, it is this computer.
    """

    url: str
    secure: bool

    def __str__(self) -> str:
        return self.url


def parse_address(text: str) -> Address:
    """The address in a text.

    Raises:
        BadAddress: it is no address of a server; it holds a password; or it is plain http to another computer, which
            would show the access token to everybody on the way.
    """
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname or "", parts.port  # a port that is no number is a ValueError
    except ValueError:
        raise BadAddress("the server's address cannot be read", fix=_EXAMPLE) from None
    if parts.username is not None or parts.password is not None:
        raise BadAddress("the server's address holds a user name or password", fix="leave it out; tokens come by file")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise BadAddress("is not the address of a server", where=text, fix=_EXAMPLE)
    if parts.scheme == "http" and not _is_this_computer(host):
        raise BadAddress("plain http would show the access token on the way", where=text, fix="use https://")
    return Address(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", parts.scheme == "https")


def require_id(text: str, kind: str) -> str:
    """The text as an id (32 hexadecimal digits), which can stand in a path; BadId where it is none."""
    if not _ID.fullmatch(text):
        raise BadId(f"is not the id of a {kind}", where=text, fix="ids have 32 digits, 0-9 and a-f; see the list")
    return text


def _is_this_computer(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
